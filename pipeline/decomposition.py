"""How much of a difference in rates is quoting more or less, and how much is wording, voice by voice.

An outlet's overall rate is the sum over voices v of the share s_v of its tokens in v times the rate r_v there. The difference
between two outlets' rates splits, without remainder and without an order, into (Kitagawa 1955)

    composition: sum over v of (s_A,v - s_B,v) (r_A,v + r_B,v) / 2        how much is quoted
    wording of v: (r_A,v - r_B,v) (s_A,v + s_B,v) / 2                      what is said in this voice

Intervals: delete-one-unit jackknife (units: copy groups within outlets), normal.
"""

from __future__ import annotations

import numpy as np
from scipy import special


def components(hits_a: np.ndarray, tokens_a: np.ndarray, hits_b: np.ndarray, tokens_b: np.ndarray) -> np.ndarray:
    """Composition and, for each voice, wording: arrays (..., voices) in, (..., 1 + voices) out; their sum is the difference."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rate_a = np.where(tokens_a > 0, hits_a / tokens_a, 0.0)
        rate_b = np.where(tokens_b > 0, hits_b / tokens_b, 0.0)
    share_a = tokens_a / tokens_a.sum(axis=-1, keepdims=True)
    share_b = tokens_b / tokens_b.sum(axis=-1, keepdims=True)
    composition = ((share_a - share_b) * (rate_a + rate_b) / 2).sum(axis=-1, keepdims=True)
    wording = (rate_a - rate_b) * (share_a + share_b) / 2
    return np.concatenate([composition, wording], axis=-1)


def decompose(
    hits: np.ndarray, tokens: np.ndarray, inside: np.ndarray, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Components of the difference between the units inside a set and all others, with interval ends.

    hits, tokens: (units, voices); inside: mask of units. Returns three arrays (1 + voices): value, low, high.
    """
    sums = [part[mask].sum(axis=0) for mask in (inside, ~inside) for part in (hits, tokens)]
    value = components(*(part.astype(float) for part in sums))
    variance = np.zeros_like(value)
    for first, mask in ((0, inside), (2, ~inside)):
        n = int(mask.sum())
        if n < 2:
            return value, np.full_like(value, np.nan), np.full_like(value, np.nan)
        without = [np.broadcast_to(part, (n, len(part))).astype(float) for part in sums]
        without[first] = sums[first] - hits[mask]
        without[first + 1] = sums[first + 1] - tokens[mask]
        left = components(*without)
        variance += (n - 1) / n * ((left - left.mean(axis=0)) ** 2).sum(axis=0)
    half = special.ndtri((1 + level) / 2) * np.sqrt(variance)
    return value, value - half, value + half
