"""Rates and contrasts whose unit is the copy group, not the word.

The one estimator of the project: a ratio of sums, R = sum y / sum x over an outlet's units, with the variance of its residuals
e = y - R x clustered by unit (Cochran 1977, ch. 6; Liang and Zeger 1986). A unit is a copy group within an outlet: its
articles' counts are added up first. Everything is computed from five sums per outlet and measure, so that one pass over a
sparse matrix serves the estimates, every contrast and every shuffle of the null panel.

With n units, S_y = sum y and so on:

    R = S_y / S_x
    var(log R) = n / (n - 1) * (S_yy - 2 R S_xy + R^2 S_xx) / S_y^2
    df = S_x^2 / S_xx - 1        (effective units, Kish 1965, less one)

Contrasts compare log R of two disjoint sets; their degrees of freedom are Welch's (1947).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse, stats


class Moments(NamedTuple):
    """Sums over units, arrays (sets, measures): y, x, y*y, x*y, x*x; n: units with x > 0."""

    y: np.ndarray
    x: np.ndarray
    yy: np.ndarray
    xy: np.ndarray
    xx: np.ndarray
    n: np.ndarray

    def __sub__(self, other: Moments) -> Moments:  # type: ignore[override]
        """Moments of a set without one of its subsets."""
        return Moments(*(a - b for a, b in zip(self, other, strict=True)))


class Estimates(NamedTuple):
    """Arrays of one shape: estimate and interval (NaN where undefined), standard error of the log, degrees of freedom, p."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    log_se: np.ndarray
    df: np.ndarray
    p: np.ndarray


def unit_sums(values: np.ndarray | sparse.csr_matrix, unit: np.ndarray, n_units: int) -> np.ndarray | sparse.csr_matrix:
    """Sum rows (articles) into units; unit: int array, one entry a row."""
    member = sparse.csr_matrix((np.ones(len(unit)), (unit, np.arange(len(unit)))), shape=(n_units, len(unit)))
    return member @ values


def _dense(values: np.ndarray | sparse.spmatrix) -> np.ndarray:
    return values.toarray() if sparse.issparse(values) else np.asarray(values)


def moments(sets: np.ndarray | sparse.csr_matrix, y: np.ndarray | sparse.csr_matrix, x: np.ndarray) -> Moments:
    """Moments of every set of units.

    sets: (sets, units) of 0/1; y: (units, measures), dense or sparse; x: (units, measures) or (units, 1), the exposure.
    """
    x = np.asarray(x, dtype=float)
    if sparse.issparse(y):
        scaled = sparse.csr_matrix(sparse.diags(x[:, 0]) @ y)
        squared = y.multiply(y)
    else:
        y = np.asarray(y, dtype=float)
        scaled, squared = y * x, y * y
    result = [_dense(sets @ part).astype(float) for part in (y, x, squared, scaled, x * x, (x > 0).astype(float))]
    shape = result[0].shape
    return Moments(*(np.broadcast_to(part, shape) for part in result))


def _log_ratio(m: Moments) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """R, log R, var(log R) and df of every set and measure; NaN without hits or with fewer than two units."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(m.x > 0, m.y / m.x, np.nan)
        residual = np.maximum(m.yy - 2 * rate * m.xy + rate**2 * m.xx, 0.0)
        variance = np.where((m.n > 1) & (m.y > 0), m.n / (m.n - 1) * residual / m.y**2, np.nan)
        df = np.maximum(m.x**2 / m.xx - 1, 1.0)
        return rate, np.where(m.y > 0, np.log(rate), np.nan), variance, df


def rates(m: Moments, level: float = 0.95) -> Estimates:
    """Rate of each set with a t interval on the log scale.

    Without a hit the rate is 0 and the upper end the exact Poisson one (Garwood 1936): a lower bound on what can't be excluded,
    since clustering can't be seen in zeros. p is NaN.
    """
    rate, log_rate, variance, df = _log_ratio(m)
    se = np.sqrt(variance)
    t = stats.t.ppf((1 + level) / 2, df)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = np.exp(log_rate - t * se), np.exp(log_rate + t * se)
        none = (m.y == 0) & (m.x > 0)
        low = np.where(none, 0.0, low)
        high = np.where(none, -np.log((1 - level) / 2) / m.x, high)
    return Estimates(rate, low, high, se, df, np.full(rate.shape, np.nan))


def contrasts(a: Moments, b: Moments, level: float = 0.95) -> Estimates:
    """Ratio of the rates of sets `a` to those of sets `b` (disjoint), with interval and two-sided p on the log scale."""
    _, log_a, var_a, df_a = _log_ratio(a)
    _, log_b, var_b, df_b = _log_ratio(b)
    difference, variance = log_a - log_b, var_a + var_b
    with np.errstate(divide="ignore", invalid="ignore"):
        df = variance**2 / (var_a**2 / df_a + var_b**2 / df_b)
        se = np.sqrt(variance)
        t = stats.t.ppf((1 + level) / 2, df)
        p = 2 * stats.t.sf(np.abs(difference) / se, df)
        return Estimates(
            np.exp(difference), np.exp(difference - t * se), np.exp(difference + t * se), se, df, np.where(se > 0, p, np.nan)
        )


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """Adjusted p-values (Benjamini and Hochberg 1995) along the last axis; NaN entries are no tests and stay NaN."""
    p = np.asarray(p, dtype=float)
    filled = np.where(np.isnan(p), 2.0, p)
    order = np.argsort(filled, axis=-1, kind="stable")
    ranked = np.take_along_axis(filled, order, axis=-1)
    tests = np.sum(~np.isnan(p), axis=-1, keepdims=True)
    rank = np.arange(1, p.shape[-1] + 1)
    scaled = np.where(ranked <= 1, ranked * tests / rank, np.inf)
    adjusted = np.minimum(np.minimum.accumulate(scaled[..., ::-1], axis=-1)[..., ::-1], 1.0)
    out = np.empty_like(adjusted)
    np.put_along_axis(out, order, adjusted, axis=-1)
    return np.where(np.isnan(p), np.nan, out)
