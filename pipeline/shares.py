"""Shares of classes per outlet from coded articles with known probabilities, helped by predictions (never a count of predictions).

Prediction-powered estimate (Angelopoulos et al. 2023; power tuning, Angelopoulos, Duchi and Zrnic 2023): for a class, with 0/1
labels Y of the n coded articles, predictions f of them made by models that did not see them (Zrnic and Candes 2024), and
predictions f of all N relevant articles of the outlet,

    share = mean(Y) + lambda * (mean_all(f) - mean_coded(f))
    var   = var_coded(Y - lambda f) / n + lambda^2 var_all(f) / N,   lambda = cov(Y, f) / ((1 + n/N) var(f)), kept in [0, 1]

Means of coded articles are weighted by 1 / inclusion probability. Variances are between copy groups. The interval is
Clopper-Pearson's for the effective number of groups share * (1 - share) / var (Korn and Graubard 1998), so that 0 of n has an
upper end above 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special


class Share(NamedTuple):
    """A share, its interval and variance; weight: lambda; labels: coded articles; groups: copy groups; effective: groups' worth."""

    value: float
    low: float
    high: float
    variance: float
    weight: float
    labels: int
    groups: int
    effective: float


def clustered_mean_variance(values: np.ndarray, weights: np.ndarray, group: np.ndarray) -> tuple[float, float]:
    """Weighted mean and its variance between groups: n/(n-1) * sum_g (sum_i w_i (v_i - mean))^2 / (sum w)^2."""
    total = weights.sum()
    mean = float((weights * values).sum() / total)
    _, member = np.unique(group, return_inverse=True)
    n = member.max() + 1
    if n < 2:
        return mean, float("nan")
    sums = np.bincount(member, weights=weights * (values - mean))
    return mean, float(n / (n - 1) * (sums**2).sum() / total**2)


def korn_graubard(share: float, variance: float, n: float, level: float) -> tuple[float, float, float]:
    """Interval of a share and the effective sample size, at most n."""
    effective = n
    if variance > 0 and 0 < share < 1:
        effective = min(share * (1 - share) / variance, n)
    successes = share * effective
    tail = (1 - level) / 2
    low = 0.0 if successes <= 0 else float(special.betaincinv(successes, effective - successes + 1, tail))
    high = 1.0 if successes >= effective else float(special.betaincinv(successes + 1, effective - successes, 1 - tail))
    return low, high, effective


def estimate_share(
    labels: np.ndarray,
    probability: np.ndarray,
    coded_group: np.ndarray,
    coded_prediction: np.ndarray | None,
    all_prediction: np.ndarray | None,
    all_group: np.ndarray,
    level: float = 0.95,
) -> Share:
    """Share of a class in one outlet (see the module).

    labels: 0/1 of the n coded articles; probability: their inclusion probabilities; coded_prediction (n) and
    all_prediction (N): predicted probabilities of the class, or None for an estimate from the labels alone.
    """
    weights = 1 / probability
    labels = labels.astype(float)
    n = len(np.unique(coded_group))
    weight = 0.0
    value, variance = clustered_mean_variance(labels, weights, coded_group)
    if coded_prediction is not None and all_prediction is not None and len(labels) > 2 and np.var(coded_prediction) > 0:
        covariance = np.cov(labels, coded_prediction)[0, 1]
        spread = np.var(all_prediction, ddof=1)
        if spread > 0:
            weight = float(np.clip(covariance / ((1 + len(labels) / len(all_prediction)) * spread), 0, 1))
        rest, rest_variance = clustered_mean_variance(labels - weight * coded_prediction, weights, coded_group)
        whole, whole_variance = clustered_mean_variance(all_prediction, np.ones(len(all_prediction)), all_group)
        value, variance = rest + weight * whole, rest_variance + weight**2 * whole_variance
    value = float(np.clip(value, 0, 1))
    low, high, effective = korn_graubard(value, variance, n, level)
    return Share(value, low, high, variance, weight, len(labels), n, effective)


def share_difference(one: Share, others: list[Share], sizes: list[int], level: float = 0.95) -> tuple[float, float, float, float]:
    """Difference of a share and the mean of others weighted by their outlets' articles: value, low, high, two-sided p.

    Recovered from the shares' own intervals (MOVER, Zou and Donner 2008), so that a share of 0 or 1 does not pass for certain:
    low = d - sqrt((p1 - l1)^2 + sum w^2 (u2 - p2)^2), and the other way round. p is that of the level at which the end facing 0
    would reach it, on the normal scale.
    """
    weight = np.array(sizes, dtype=float) / sum(sizes)
    value = one.value - float(weight @ [other.value for other in others])
    below = np.hypot(one.value - one.low, np.sqrt(weight**2 @ [(other.high - other.value) ** 2 for other in others]))
    above = np.hypot(one.high - one.value, np.sqrt(weight**2 @ [(other.value - other.low) ** 2 for other in others]))
    facing = below if value > 0 else above
    if not facing > 0:
        return value, value - below, value + above, float("nan")
    z = special.ndtri((1 + level) / 2)
    return value, float(value - below), float(value + above), float(2 * special.ndtr(-abs(value) * z / facing))
