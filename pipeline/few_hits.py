"""Contrasts of rates where hits are few: a permutation test by its exact moments, and the interval that inverts it.

With few hits the log of a rate is far from normal, is undefined without a hit, and its variance can't be estimated. The test
then conditions on the hits as they lie in the units of both sets, and asks how they would fall if units were dealt at random.
For a ratio theta of the rate of set A to that of set B, the exposures of A count theta-fold; with the pooled rate R = y / x of
both, residuals e = y - R x of the n units, and f the share of A in the exposure,

    T = sum_A e,    var(T) = f (1 - f) sum e^2 n / (n - 1)
    skewness(T) = (1 - 2 f) / sqrt(f (1 - f)) * sqrt(n (n - 1)) / (n - 2) * sum e^3 / (sum e^2)^1.5

At theta = 1 and equal exposures these are the exact moments of T over all ways to deal the units (Fisher 1935; Mielke and
Berry 2007, *Permutation Methods*, for the Pearson III distribution that has them); with unequal exposures a unit falls into A
by its share of the words. p is twice the smaller tail; a continuous tail at the observed count is close to the mid-p of the
discrete one (Lancaster 1961). On the side where the smaller set runs out of hits, the skewness is held below what would leave
no probability there: |skewness| <= 3/2 sqrt(var(T)) / (f y), f the smaller share. The interval holds every theta that the
same test doesn't reject at 1 - level, so it excludes 1 exactly when p < 1 - level. Nothing is drawn at random: the result is
the same in every run.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from pipeline.estimates import Estimates, Moments
from pipeline.keyness import normal_deviate

# Of the variance, what is left at least when clusters in both sets take off theirs.
_LEAST = 0.05
_REACH = 8.0
_STEPS = 12


def deviate(a: Moments, b: Moments, log_ratio: np.ndarray, shared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Normal deviate of the test that the log ratio of rates of `a` to `b` is `log_ratio`, and the variance of T.

    shared: addition to the variance of the log ratio by clusters with several units. NaN where nothing varies or there are
    fewer than three units.
    """
    theta = np.exp(log_ratio)
    x_a = theta * a.x
    x, y, n = x_a + b.x, a.y + b.y, a.n + b.n
    with np.errstate(divide="ignore", invalid="ignore"):
        share, rate = x_a / x, y / x
        # Exposures of A times theta are residuals at theta times the rate.
        squared = sum(m.yy - 2 * r * m.xy + r**2 * m.xx for m, r in ((a, theta * rate), (b, rate)))
        cubed = sum(m.yyy - 3 * r * m.xyy + 3 * r**2 * m.xxy - r**3 * m.xxx for m, r in ((a, theta * rate), (b, rate)))
        usable = (squared > 1e-12 * (a.yy + b.yy)) & (n > 2)
        squared = np.where(usable, squared, np.nan)
        both = share * (1 - share)
        variance = both * squared * n / (n - 1)
        skew = (1 - 2 * share) / np.sqrt(both) * np.sqrt(n * (n - 1)) / (n - 2) * cubed / squared**1.5
        variance = np.maximum(variance + shared * (both * y) ** 2, _LEAST * variance)
        z = (a.y - rate * x_a) / np.sqrt(variance)
        # The smaller set can't have fewer hits than none.
        return normal_deviate(z, skew, np.minimum(share, 1 - share) * y / np.sqrt(variance)), variance


def _end(a: Moments, b: Moments, centre: np.ndarray, shared: np.ndarray, quantile: float) -> np.ndarray:
    """The log ratio at which the deviate, which falls as the ratio rises, is `quantile`: bisection, then a straight line."""
    above = centre - _REACH if quantile > 0 else centre
    below = above + _REACH
    for _ in range(_STEPS):
        middle = (above + below) / 2
        higher = deviate(a, b, middle, shared)[0] > quantile
        above, below = np.where(higher, middle, above), np.where(higher, below, middle)
    larger, smaller = deviate(a, b, above, shared)[0], deviate(a, b, below, shared)[0]
    part = (larger - quantile) / (larger - smaller)
    return above + (below - above) * np.where(np.isfinite(part), np.clip(part, 0, 1), 0.5)


def _ends(a: Moments, b: Moments, level: float, shared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper end of the interval of the ratio."""
    far = special.ndtri((1 + level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.log((a.y + 0.5) / a.x) - np.log((b.y + 0.5) / b.x)
        low = np.where(a.y > 0, np.exp(_end(a, b, centre, shared, far)), 0.0)
        return low, np.where(b.y > 0, np.exp(_end(a, b, centre, shared, -far)), np.inf)


def few_hit_contrasts(a: Moments, b: Moments, level: float | None, shared: np.ndarray) -> Estimates:
    """Ratio of the rates of sets `a` to those of sets `b` with test-inverting interval and p; all arrays of one shape.

    Without a hit in `a` the ratio and its lower end are 0, without one in `b` the ratio and its upper end infinite. log_se is that
    of the log ratio if rates are equal, df infinite. level: None leaves out the interval (NaN), nearly all of the work.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (a.y / a.x) / (b.y / b.x)
        observed, variance = deviate(a, b, np.zeros_like(ratio), shared)
        p = 2 * special.ndtr(-np.abs(observed))
        share = a.x / (a.x + b.x)
        log_se = np.sqrt(variance) / (share * (1 - share) * (a.y + b.y))
    low, high = (np.nan, np.nan) if level is None else _ends(a, b, level, shared)
    known = ~np.isnan(p)
    parts = (ratio, *(np.where(known, part, np.nan) for part in (low, high, log_se)), np.full(p.shape, np.inf), p)
    return Estimates(*parts)
