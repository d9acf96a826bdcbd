"""Rates and contrasts whose unit is the copy group, not the word.

The one estimator of the project: a ratio of sums, R = sum y / sum x over an outlet's units, with the variance of its residuals
e = y - R x clustered by unit (Cochran 1977, ch. 6; Liang and Zeger 1986). A unit is a copy group (or a story) within an outlet:
its articles' counts are added up first. Everything is computed from sums of powers per outlet and measure, so that one pass
serves the estimates, every contrast and every shuffle of the null panel.

With n units, S_y = sum y and so on:

    R = S_y / S_x
    var(log R) = sum e^2 / (1 - h) / S_y^2,    h = sum e^2 x / (S_x sum e^2)
    1 / df = 1 / (S_x^2 / S_xx - 1) + max(G - n / S_y, 0) * W / (2 n),    W = 1.5
    G = (n - 1) / ((n - 2) (n - 3)) * ((n + 1) (K - 3) + 6),    K = n sum e^4 / (sum e^2)^2

h is the leverage x / S_x of the units, averaged as it weighs on the variance: with equal exposures 1 / (1 - h) is n / (n -
1), with unequal ones it is the first order of CR2 (Bell and McCaffrey 2002). The first term of df is the effective number of
units (Kish 1965) less one. The second is Satterthwaite's (1946): a variance estimated from n values of excess kurtosis G
(Fisher's unbiased form) is itself more uncertain than a normal one's. W is above 1 because G comes out too small in small
samples of heavy tails, and G counts only beyond the n / S_y of a Poisson count, which the scale takes care of.

Rates: with the inflation phi = max(S_y var(log R), 1) of the variance over that of a Poisson count, the interval is symmetrical on
the scale R^lambda,

    lambda = 2 / (3 phi) - 1/3,    R (1 +- lambda t se)^(1 / lambda),    |lambda| t se <= 1/2

on which the third derivative of the (quasi-)likelihood of a count with variance mu + c mu^2 vanishes, so that it is close to
normal (Sprott 1973; Wedderburn 1974): 1/3 for a Poisson count (Wilson and Hilferty 1931), 0, the log, at phi = 2, towards -1/3
for a gamma variable. In df, max(G - n / S_y, 0) is raised to `EXPECTED_EXCESS` (phi - 1) n / S_y, half the excess that a negative
binomial count of that inflation has beyond a Poisson one: a sample without its rare large values shows too little.

Contrasts compare log R of two disjoint sets; their degrees of freedom are Welch's (1947). An outlet that happened to have no
article with very many hits has a low rate and a variance that is far too small; so each variance is drawn towards that of the
other set at the same exposures, as if `BORROWED` of its units (at most a fifth of all) had been seen here. Where one cluster (an
agency text, a story) has units in both sets, the covariance of its residuals is taken off the variance
(`shared_covariance`). With few hits the log scale gives way to the test of pipeline/few_hits.py (`few_hits` says where).

benchmarks/simulation_inference.py shows the coverage that results.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse, special

from pipeline.estimates import Estimates, Moments
from pipeline.few_hits import few_hit_contrasts

# Chosen by benchmarks/simulation_inference.py: 1 is too little for lognormal rates, 2 costs power.
KURTOSIS_WEIGHT = 1.5
BORROWED = 15.0
# Half the excess kurtosis of a negative binomial count, over (inflation - 1) n / S_y.
EXPECTED_EXCESS = 3.0
FEW_HITS = 25.0
# Ends of a rate's interval further apart than this tell nothing.
TELLING = 1000.0

_LOG = 1e-9
_FURTHEST = 0.5


def unit_sums(values: np.ndarray | sparse.csr_matrix, unit: np.ndarray, n_units: int) -> np.ndarray | sparse.csr_matrix:
    """Sum rows (articles) into units; unit: int array, one entry a row."""
    member = sparse.csr_matrix((np.ones(len(unit)), (unit, np.arange(len(unit)))), shape=(n_units, len(unit)))
    return member @ values


def moments(sets: np.ndarray | sparse.csr_matrix, y: np.ndarray, x: np.ndarray) -> Moments:
    """Moments of every set of units.

    sets: (sets, units) of 0/1; y: (units, measures); x: (units, measures) or (units, 1), the exposure.
    """
    y, x = np.asarray(y, dtype=float), np.asarray(x, dtype=float)
    yy, xy, xx = y * y, x * y, x * x
    powers = (y, x, yy, xy, xx, yy * y, xy * y, xy * x, xx * x, yy * yy, xy * yy, xy * xy, xx * xy, xx * xx, (x > 0).astype(float))
    parts = [np.asarray(sets @ part, dtype=float) for part in powers]
    return Moments(*(np.broadcast_to(part, parts[0].shape) for part in parts))


def moments_of_layers(y: np.ndarray, x: np.ndarray) -> Moments:
    """Moments of sets with units of their own: y, x (sets, units, measures), 0 where a set has no such unit."""
    every = np.ones((1, y.shape[1]))
    # Set by set: a layer fits into the processor's cache, the whole doesn't.
    each = [moments(every, one, other) for one, other in zip(y, x, strict=True)]
    return Moments(*(np.concatenate(field) for field in zip(*each, strict=True)))


class _Log(NamedTuple):
    """Arrays (sets, measures): R, log R, var(log R) and excess kurtosis of the residuals; NaN without hits or with one unit."""

    rate: np.ndarray
    log: np.ndarray
    variance: np.ndarray
    excess: np.ndarray


def _log_rates(m: Moments) -> _Log:
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(m.x > 0, m.y / m.x, np.nan)
        residual = np.maximum(m.yy - 2 * rate * m.xy + rate**2 * m.xx, 0.0)
        fourth = m.yyyy - 4 * rate * m.xyyy + 6 * rate**2 * m.xxyy - 4 * rate**3 * m.xxxy + rate**4 * m.xxxx
        rounding = residual <= 1e-12 * m.yy
        leverage = np.where(rounding, 1 / m.n, (m.xyy - 2 * rate * m.xxy + rate**2 * m.xxx) / (m.x * residual))
        variance = np.where((m.n > 1) & (m.y > 0), residual / (1 - np.minimum(leverage, 0.9)) / m.y**2, np.nan)
        kurtosis = np.where(rounding, 3.0, m.n * fourth / residual**2)
        excess = (m.n - 1) / np.maximum((m.n - 2) * (m.n - 3), 1.0) * ((m.n + 1) * (kurtosis - 3) + 6) - m.n / m.y
        return _Log(rate, np.where(m.y > 0, np.log(rate), np.nan), variance, excess)


def _degrees(m: Moments, excess: np.ndarray) -> np.ndarray:
    """Degrees of freedom of a variance from units of this excess kurtosis (beyond that of Poisson counts)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        df = 1 / (1 / np.maximum(m.x**2 / m.xx - 1, 1.0) + KURTOSIS_WEIGHT * np.maximum(excess, 0.0) / (2 * m.n))
    return np.maximum(df, 1.0)


def _half_width(df: np.ndarray, level: float | None) -> np.ndarray | float:
    """Half an interval in standard errors; NaN without a level."""
    return np.nan if level is None else special.stdtrit(df, (1 + level) / 2)


def ratios(m: Moments, level: float | None = 0.95) -> Estimates:
    """Ratio of sums of each set with a t interval on the log scale (NaN without a level), and p of the test that it is 1."""
    rate, log_rate, variance, excess = _log_rates(m)
    df, se = _degrees(m, excess), np.sqrt(variance)
    half = _half_width(df, level) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(se > 0, 2 * special.stdtr(df, -np.abs(log_rate) / se), np.nan)
    return Estimates(rate, np.exp(log_rate - half), np.exp(log_rate + half), se, df, p)


def rates(m: Moments, level: float = 0.95) -> Estimates:
    """Rate of each set with a t interval on the scale R^lambda that suits its overdispersion (see the module).

    Without a hit the rate is 0 and the upper end the exact Poisson one (Garwood 1936): a lower bound on what can't be excluded,
    since clustering can't be seen in zeros. p is NaN.
    """
    rate, _, variance, excess = _log_rates(m)
    with np.errstate(divide="ignore", invalid="ignore"):
        inflation = np.maximum(variance * m.y, 1.0)
        df = _degrees(m, np.maximum(excess, EXPECTED_EXCESS * (inflation - 1) * m.n / m.y))
        se = np.sqrt(variance)
        half = _half_width(df, level) * se
        power = np.clip(2 / (3 * inflation) - 1 / 3, -_FURTHEST / half, _FURTHEST / half)
        # At 0 the scale is the log.
        power = np.where(np.abs(power) < _LOG, _LOG, power)
        low, high = (rate * (1 + side * power * half) ** (1 / power) for side in (-1, 1))
        none = (m.y == 0) & (m.x > 0)
        low = np.where(none, 0.0, low)
        high = np.where(none, -np.log((1 - level) / 2) / m.x, high)
    return Estimates(rate, low, high, se, df, np.full(rate.shape, np.nan))


def bounded_rates(m: Moments, level: float = 0.95) -> Estimates:
    """`rates` of counts that are parts of their exposure (hits of words, kinds of attributions): no upper end is above 1, and there
    is no interval (NaN) where its ends would be more than `TELLING` times apart.

    Many hits of a single unit tell nothing of their spread and would leave it there.
    """
    found = rates(m, level)
    with np.errstate(invalid="ignore"):
        vague = (m.y > 0) & (found.high > TELLING * found.low)
    low, high = np.where(vague, np.nan, found.low), np.minimum(found.high, np.maximum(found.value, 1.0))
    return found._replace(low=low, high=np.where(vague, np.nan, high))


def _lend(m: Moments, variance: np.ndarray, other: Moments, others: np.ndarray) -> np.ndarray:
    """The variance drawn towards that of the other set at the same exposures."""
    lent = np.minimum(BORROWED, m.n / 4)
    with np.errstate(divide="ignore", invalid="ignore"):
        # The variance of one unit of mean square size makes the two comparable.
        here, there = m.xx / m.x**2, other.xx / other.x**2
        return (m.n * variance + lent * others / there * here) / (m.n + lent)


def contrasts(a: Moments, b: Moments, level: float | None = 0.95, shared: np.ndarray | float = 0.0) -> Estimates:
    """Ratio of the rates of sets `a` to those of sets `b` (disjoint), with interval and two-sided p.

    On the log scale with t; by `few_hit_contrasts` where fewer than `FEW_HITS` hits are expected in one of the sets, or none are
    found. shared: what clusters with several units add to the variance, see `shared_covariance`. level: None leaves out the
    interval (NaN).
    """
    _, log_a, own_a, excess_a = _log_rates(a)
    _, log_b, own_b, excess_b = _log_rates(b)
    var_a, var_b = _lend(a, own_a, b, own_b), _lend(b, own_b, a, own_a)
    difference, apart = log_a - log_b, var_a + var_b
    shared = np.broadcast_to(np.asarray(shared, dtype=float), apart.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = apart**2 / (var_a**2 / _degrees(a, excess_a) + var_b**2 / _degrees(b, excess_b))
        se = np.sqrt(np.maximum(apart + shared, 0.0))
        half = _half_width(df, level) * se
        p = np.where(se > 0, 2 * special.stdtr(df, -np.abs(difference) / se), np.nan)
    found = Estimates(np.exp(difference), np.exp(difference - half), np.exp(difference + half), se, df, p)
    few = few_hits(a, b)
    if not few.any():
        return found
    exact = few_hit_contrasts(a[few], b[few], level, shared[few])
    for part, other in zip(found, exact, strict=True):
        part[few] = other
    return found


def few_hits(a: Moments, b: Moments) -> np.ndarray:
    """Where a contrast has too few hits for the log scale: a rule that doesn't depend on which units are whose.

    Fewer than `FEW_HITS` would be expected in one of the sets at equal rates; or one has none, which has no log.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = (a.y + b.y) * np.minimum(a.x, b.x) / (a.x + b.x)
    able = (a.n > 1) & (b.n > 1) & (a.y + b.y > 0)
    return able & ((expected < FEW_HITS) | (a.y == 0) | (b.y == 0))


def influences(in_a: np.ndarray, in_b: np.ndarray, y: np.ndarray, x: np.ndarray, a: Moments, b: Moments) -> np.ndarray:
    """What each unit adds to log R_a - log R_b, to first order: e / S_y in `a`, - e / S_y in `b`, else 0; (tests, units,
    measures).

    in_a, in_b: (tests, units) 0/1; y, x: (units, measures) or x (units, 1); a, b: moments (tests, measures) of the whole sets.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        each = [member[:, :, None] * (y - (m.y / m.x)[:, None] * x) / m.y[:, None] for member, m in ((in_a, a), (in_b, b))]
        # A set without a hit has no residuals.
        each = [np.where(m.y[:, None] > 0, part, 0.0) for part, m in zip(each, (a, b), strict=True)]
    return each[0] - each[1]


def shared_covariance(cluster: np.ndarray, influence: np.ndarray) -> np.ndarray:
    """Addition to the variance of log R_a - log R_b, (tests, measures), by clusters that hold several units.

    sum_g (sum_{i in g} u_i)^2 - sum_i u_i^2, with u the influences (tests, units, measures) of the units whose cluster isn't
    theirs alone; cluster: (units,), sorted.
    """
    if len(cluster) == 0:
        return np.zeros((influence.shape[0], influence.shape[2]))
    starts = np.flatnonzero(np.r_[True, cluster[1:] != cluster[:-1]])
    sums = np.add.reduceat(influence, starts, axis=1)
    return np.einsum("tgm,tgm->tm", sums, sums) - np.einsum("tum,tum->tm", influence, influence)


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
