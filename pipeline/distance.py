"""How far apart two outlets' wordings are, free of the bias that makes small outlets look different.

Leave-out estimate of the polarization of Gentzkow, Shapiro and Taddy (2019, sec. 4.2): the probability with which one who knows both
outlets' shares q of the words, but hears a single word, names the outlet it came from,

    pi = 1/2 sum_j q_Aj rho_j + 1/2 sum_j q_Bj (1 - rho_j),    rho_j = q_Aj / (q_Aj + q_Bj)

With q and rho from the same texts pi is above 1/2 even for two halves of one outlet. So the words of each unit (copy group) are judged by the
rho of all units but itself. 0.5 means no difference. The interval treats each unit's score, weighted by its words, as one observation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse, stats


class Distance(NamedTuple):
    """Leave-out probability with interval, and the biased plug-in value beside it."""

    value: float
    low: float
    high: float
    plug_in: float


def _scores(mine: sparse.csr_matrix, own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Words of each unit times the leave-out probability that they are its own outlet's, summed; (units,)."""
    size = np.asarray(mine.sum(axis=1)).ravel()
    row = np.repeat(np.arange(mine.shape[0]), np.diff(mine.indptr))
    rest = (own[mine.indices] - mine.data) / (own.sum() - size)[row]
    against = other[mine.indices] / other.sum()
    total = rest + against
    rho = np.divide(rest, total, out=np.full(len(total), 0.5), where=total > 0)
    return np.bincount(row, weights=mine.data * rho, minlength=mine.shape[0])


def distance(one: sparse.csr_matrix, other: sparse.csr_matrix, level: float = 0.95) -> Distance:
    """Distance of two outlets from their counts (units, words)."""
    sums = [np.asarray(part.sum(axis=0)).ravel().astype(float) for part in (one, other)]
    value = variance = 0.0
    parts = []
    for mine, (own, rival) in ((one, (sums[0], sums[1])), (other, (sums[1], sums[0]))):
        size = np.asarray(mine.sum(axis=1)).ravel().astype(float)
        score = _scores(mine, own, rival)
        mean = score.sum() / size.sum()
        n = int((size > 0).sum())
        part = n / (n - 1) * ((score - mean * size) ** 2).sum() / size.sum() ** 2
        value, variance = value + mean / 2, variance + part / 4
        parts.append((part, size.sum() ** 2 / (size**2).sum() - 1))
    df = sum(part for part, _ in parts) ** 2 / sum(part**2 / max(df, 1) for part, df in parts)
    half = float(stats.t.ppf((1 + level) / 2, df) * variance**0.5)
    shares = [part / part.sum() for part in sums]
    total = shares[0] + shares[1]
    plug_in = 0.5 * float(np.divide(shares[0] ** 2 + shares[1] ** 2, total, out=np.zeros(len(total)), where=total > 0).sum())
    return Distance(float(value), float(value - half), float(value + half), plug_in)


def draw_map(value: np.ndarray) -> np.ndarray:
    """Coordinates (outlets, 2) by classical scaling (Torgerson 1952) of 2 pi - 1, taken as squared distances; value: (outlets, outlets)."""
    squared = np.maximum(2 * value - 1, 0.0)
    np.fill_diagonal(squared, 0.0)
    centring = np.eye(len(value)) - 1 / len(value)
    roots, vectors = np.linalg.eigh(-0.5 * centring @ squared @ centring)
    order = np.argsort(roots)[::-1][:2]
    points = vectors[:, order] * np.sqrt(np.maximum(roots[order], 0.0))
    # An eigenvector has no sign of its own: let the point farthest out lie on the positive side.
    return points * np.where(points[np.abs(points).argmax(axis=0), np.arange(points.shape[1])] < 0, -1.0, 1.0)
