"""Intervals of proportions."""

from __future__ import annotations

from statistics import NormalDist


def wilson_interval(share: float, n: float, level: float) -> tuple[float, float]:
    """Wilson's (1927) score interval of a share among n (above 0; may be an effective number).

    It holds the share, and stays in 0 to 1, whatever rounding does.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5 / (1 + z**2 / n)
    return min(max(middle - half, 0.0), share), max(min(middle + half, 1.0), share)
