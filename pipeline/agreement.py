"""Agreement of two codings: Krippendorff's alpha with a bootstrap interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def krippendorff_alpha(first: Sequence[str], second: Sequence[str]) -> float:
    """Nominal alpha of two complete codings (Krippendorff 2004) by its closed form; 1.0 when both used one and the same class only.

    1 - (2n - 1) D / sum over pairs of classes, D: share of articles coded differently.
    """
    classes = sorted(set(first) | set(second))
    codes = np.array([[classes.index(a), classes.index(b)] for a, b in zip(first, second, strict=True)])
    return float(_alphas(codes[None], len(classes))[0])


def _alphas(drawn: np.ndarray, classes: int) -> np.ndarray:
    """Alpha of each of several codings: class numbers (codings, articles, 2)."""
    n = drawn.shape[1]
    observed = (drawn[:, :, 0] != drawn[:, :, 1]).mean(axis=1)
    counts = np.stack([(drawn == k).sum(axis=(1, 2)) for k in range(classes)], axis=1)
    expected = 1 - (counts * (counts - 1)).sum(axis=1) / (2 * n * (2 * n - 1))
    return np.where(expected > 0, 1 - observed / np.where(expected > 0, expected, 1), 1.0)


def alpha_interval(
    first: Sequence[str], second: Sequence[str], resamples: int, seed: int, level: float = 0.95
) -> tuple[float, float]:
    """Percentile bootstrap interval of nominal alpha over articles, each alpha by its closed form."""
    classes = sorted(set(first) | set(second))
    codes = np.array([[classes.index(a), classes.index(b)] for a, b in zip(first, second, strict=True)])
    n = len(codes)
    draw = np.random.default_rng(seed).integers(0, n, size=(resamples, n))
    alpha = _alphas(codes[draw], len(classes))
    low, high = np.quantile(alpha, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
