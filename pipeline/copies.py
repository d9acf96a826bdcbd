"""Copies of one text: exact and near duplicates, and texts contained in longer ones, from shared shingles."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

# A multiplier of full period for mixing token ids into one 64-bit shingle (Steele and Vigna 2022).
_MULTIPLIER = np.uint64(0xD1342543DE82EF95)
MAX_HOLDERS = 60


def shingle_matrix(token: np.ndarray, article: np.ndarray, n_articles: int, size: int, sample: int = 1) -> sparse.csr_matrix:
    """0/1 matrix articles x shingles of `size` tokens, of those shingles that at least two articles hold.

    token, article: int arrays of equal length in order of articles. Shingles in more than `MAX_HOLDERS` articles are set
    phrases and left out. With `sample` k, one shingle in k is kept (by hash), the same in all articles.
    """
    if len(token) < size:
        return sparse.csr_matrix((n_articles, 0), dtype=np.float32)
    with np.errstate(over="ignore"):
        mixed = np.zeros(len(token) - size + 1, dtype=np.uint64)
        for k in range(size):
            mixed = (mixed + token[k : len(token) - size + 1 + k].astype(np.uint64) + np.uint64(1)) * _MULTIPLIER
            mixed ^= mixed >> np.uint64(32)
    owner = article[: len(mixed)]
    keep = owner == article[size - 1 :]
    if sample > 1:
        keep &= (mixed >> np.uint64(40)) % np.uint64(sample) == 0
    mixed, owner = mixed[keep], owner[keep]
    order = np.lexsort((owner, mixed))
    mixed, owner = mixed[order], owner[order]
    first = np.ones(len(mixed), dtype=bool)
    first[1:] = (mixed[1:] != mixed[:-1]) | (owner[1:] != owner[:-1])
    mixed, owner = mixed[first], owner[first]
    starts = np.flatnonzero(np.r_[True, mixed[1:] != mixed[:-1]]) if len(mixed) else np.array([], dtype=int)
    holders = np.diff(np.r_[starts, len(mixed)])
    column = np.repeat(np.arange(len(starts)), holders)
    shared = np.repeat((holders >= 2) & (holders <= MAX_HOLDERS), holders)
    _, column = np.unique(column[shared], return_inverse=True)
    width = int(column.max()) + 1 if len(column) else 0
    return sparse.csr_matrix((np.ones(len(column), dtype=np.float32), (owner[shared], column)), shape=(n_articles, width))


def copy_pairs(
    token: np.ndarray, article: np.ndarray, n_articles: int, size: int, containment: float, least: int = 10
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs (i < j) of copies and the share of the shorter article's shingles that the other holds.

    Containment (Broder 1997), not resemblance, so that an agency text inside a longer article is found. Articles with fewer
    than `least` shingles are compared with nothing. At least `least` shared shingles are needed.
    """
    lengths = np.bincount(article, minlength=n_articles)
    shingles = np.maximum(lengths - size + 1, 0)
    matrix = shingle_matrix(token, article, n_articles, size)
    shared = sparse.triu(matrix @ matrix.T, k=1).tocoo()
    shorter = np.minimum(shingles[shared.row], shingles[shared.col])
    share = shared.data / np.maximum(shorter, 1)
    keep = (shorter >= least) & (shared.data >= least) & (share >= containment)
    order = np.lexsort((shared.col[keep], shared.row[keep]))
    return shared.row[keep][order], shared.col[keep][order], np.minimum(share[keep][order], 1.0)


def copy_groups(n_articles: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Group (the row of its first article) of each article: connected components of the pairs."""
    graph = sparse.coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n_articles, n_articles))
    _, label = connected_components(graph, directed=False)
    first = np.full(label.max(initial=-1) + 1, n_articles)
    np.minimum.at(first, label, np.arange(n_articles))
    return first[label]
