"""How far apart two outlets' wordings are, free of the bias that makes small outlets look different.

Leave-out estimate of the polarization of Gentzkow, Shapiro and Taddy (2019, sec. 4.2): the probability with which one who
knows both outlets' shares q of the words, but hears a single word, names the outlet it came from,

    pi = 1/2 sum_j q_Aj rho_j + 1/2 sum_j q_Bj (1 - rho_j),    rho_j = q_Aj / (q_Aj + q_Bj)

With q and rho from the same texts pi is above 1/2 even for two halves of one outlet. So the words of each unit (copy group)
are judged by the rho of all units but itself. 0.5 means no difference. The interval is that of the first-order influence of
each unit, with d(2 pi) / d q_Aj = 1 - 2 (1 - rho_j)^2: a unit moves its outlet's words and what they are taken to tell.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse, special


class Distance(NamedTuple):
    """Leave-out probability with interval, and the biased plug-in value beside it."""

    value: float
    low: float
    high: float
    plug_in: float


def _scores(mine: sparse.csr_matrix, own: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each unit, summed over its words: rho without the unit, and the derivative of 2 pi by the outlet's share of the
    word.
    """
    size = np.asarray(mine.sum(axis=1)).ravel()
    row = np.repeat(np.arange(mine.shape[0]), np.diff(mine.indptr))
    rest = (own[mine.indices] - mine.data) / (own.sum() - size)[row]
    total = rest + other[mine.indices] / other.sum()
    rho = np.divide(rest, total, out=np.full(len(total), 0.5), where=total > 0)
    score, slope = (np.bincount(row, weights=mine.data * part, minlength=mine.shape[0]) for part in (rho, 1 - 2 * (1 - rho) ** 2))
    return score, slope


def distance(one: sparse.csr_matrix, other: sparse.csr_matrix, level: float = 0.95) -> Distance:
    """Distance of two outlets from their counts (units, words)."""
    sums = [np.asarray(part.sum(axis=0)).ravel().astype(float) for part in (one, other)]
    value, variances, freedoms = 0.0, [], []
    for mine, own, rival in ((one, *sums), (other, *sums[::-1])):
        size = np.asarray(mine.sum(axis=1)).ravel().astype(float)
        score, slope = _scores(mine, own, rival)
        value += score.sum() / size.sum() / 2
        n = int((size > 0).sum())
        residual = slope - slope.sum() / size.sum() * size
        variances.append(n / (n - 1) * (residual**2).sum() / size.sum() ** 2 / 4)
        freedoms.append(max(size.sum() ** 2 / (size**2).sum() - 1, 1))
    variance = sum(variances)
    df = variance**2 / sum(part**2 / freedom for part, freedom in zip(variances, freedoms, strict=True)) if variance > 0 else np.inf
    half = float(special.stdtrit(df, (1 + level) / 2) * variance**0.5)
    shares = [part / part.sum() for part in sums]
    total = shares[0] + shares[1]
    plug_in = 0.5 * float(np.divide(shares[0] ** 2 + shares[1] ** 2, total, out=np.zeros(len(total)), where=total > 0).sum())
    return Distance(float(value), float(value - half), float(value + half), plug_in)


def draw_map(value: np.ndarray) -> np.ndarray:
    """Coordinates (outlets, 2) by classical scaling (Torgerson 1952) of 2 pi - 1, taken as squared distances.

    value: (outlets, outlets).
    """
    squared = np.maximum(2 * value - 1, 0.0)
    np.fill_diagonal(squared, 0.0)
    centring = np.eye(len(value)) - 1 / len(value)
    roots, vectors = np.linalg.eigh(-0.5 * centring @ squared @ centring)
    order = np.argsort(roots)[::-1][:2]
    points = vectors[:, order] * np.sqrt(np.maximum(roots[order], 0.0))
    # An eigenvector has no sign of its own: let the point farthest out lie on the positive side.
    return points * np.where(points[np.abs(points).argmax(axis=0), np.arange(points.shape[1])] < 0, -1.0, 1.0)
