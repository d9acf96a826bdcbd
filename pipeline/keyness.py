"""Keyness: which terms set an outlet's own words apart, with error rates that hold on articles.

Effect: log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, eq. 15 and 16): with counts y and
totals n of the outlet (A) and the others (B), and prior parameters alpha = a0 * (share of the term in the whole corpus),

    delta = log[(y_A + alpha) / (n_A + a0 - y_A - alpha)] - log[(y_B + alpha) / (n_B + a0 - y_B - alpha)]

Test: a score test of equal rates whose variance is that between units (copy groups), not between words. With the pooled
share p = (y_A + y_B) / (n_A + n_B), residuals e = y - p x of the units and V_A, V_B their sums of squares,

    T = (1 - f) * sum_A e - f * sum_B e,   f = n_A / (n_A + n_B)
    var(T) = (1 - f)^2 V*_A + f^2 V*_B,    z = T / sqrt(var(T))

V* moves V towards what the pooled variance implies, (V_A + V_B) * share of x, as if `BORROWED` further units had been seen:
an outlet in which a term stands in no unit, or in one, says nothing of its own variance. The interval of delta is
test-based (Miettinen 1976): it excludes 0 exactly when p < 1 - level.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse, stats

from pipeline.inference import Moments, moments

BORROWED = 2.0


class Keyness(NamedTuple):
    """Arrays (outlets, terms): effect with interval, z, two-sided p."""

    effect: np.ndarray
    low: np.ndarray
    high: np.ndarray
    z: np.ndarray
    p: np.ndarray


def log_odds(y_a: np.ndarray, n_a: np.ndarray, y_b: np.ndarray, n_b: np.ndarray, alpha: np.ndarray, a0: float) -> np.ndarray:
    """Log-odds ratio with an informative Dirichlet prior (see the module); all arrays broadcast."""
    return np.log((y_a + alpha) / (n_a + a0 - y_a - alpha)) - np.log((y_b + alpha) / (n_b + a0 - y_b - alpha))


def score_z(a: Moments, b: Moments, present_a: np.ndarray, present_b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """z and degrees of freedom of the score test; present: units of each set in which the term stands."""
    y, x = a.y + b.y, a.x + b.x
    with np.errstate(divide="ignore", invalid="ignore"):
        p = y / x
        f = a.x / x
        ss_a = np.maximum(a.yy - 2 * p * a.xy + p**2 * a.xx, 0.0)
        ss_b = np.maximum(b.yy - 2 * p * b.xy + p**2 * b.xx, 0.0)
        pooled = ss_a + ss_b
        v_a = (present_a * ss_a + BORROWED * pooled * f) / (present_a + BORROWED)
        v_b = (present_b * ss_b + BORROWED * pooled * (1 - f)) / (present_b + BORROWED)
        statistic = (1 - f) * (a.y - p * a.x) - f * (b.y - p * b.x)
        part_a, part_b = (1 - f) ** 2 * v_a, f**2 * v_b
        variance = part_a + part_b
        df_a, df_b = np.maximum(a.x**2 / a.xx - 1, 1), np.maximum(b.x**2 / b.xx - 1, 1)
        df = variance**2 / (part_a**2 / df_a + part_b**2 / df_b)
        return np.where(variance > 0, statistic / np.sqrt(variance), np.nan), df


def keyness(
    sets: np.ndarray | sparse.csr_matrix, y: sparse.csr_matrix, x: np.ndarray, a0: float, level: float = 0.95
) -> tuple[Keyness, Moments, np.ndarray]:
    """Keyness of each set of units against all units of the other sets.

    sets: (outlets, units) 0/1, disjoint; y: (units, terms) counts; x: (units, 1) tokens. Returns the keyness, the moments and
    the number of units (outlets, terms) in which each term stands.
    """
    m = moments(sets, y, x)
    present = (sets @ (y > 0).astype(np.float64)).astype(float)
    present = present.toarray() if sparse.issparse(present) else np.asarray(present)
    whole = Moments(*(np.broadcast_to(part.sum(axis=0), part.shape) for part in m))
    others = whole - m
    z, df = score_z(m, others, present, present.sum(axis=0) - present)
    alpha = a0 * whole.y / whole.x
    effect = log_odds(m.y, m.x, others.y, others.x, alpha, a0)
    p = 2 * stats.t.sf(np.abs(z), df)
    t = stats.t.ppf((1 + level) / 2, df)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = t * np.where(np.abs(z) > 1e-9, np.abs(effect / z), np.nan)
    return Keyness(effect, effect - half, effect + half, z, p), m, present
