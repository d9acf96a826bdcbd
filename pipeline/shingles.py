"""Shingles: runs of tokens as 64-bit numbers, and which articles share enough of them to be worth a closer look."""

from __future__ import annotations

import numpy as np
from scipy import sparse

# A multiplier of full period for mixing token ids into one 64-bit shingle (Steele and Vigna 2022).
_MULTIPLIER = np.uint64(0xD1342543DE82EF95)

# A shingle in up to this many articles speaks for each pair of them; in more, only for neighbours in the order of articles, so that
# work grows with the number of holders and not with its square. A text in many outlets is still found: it stays connected.
PAIRED_HOLDERS = 16
CHUNK = 4096
# Numbers are first counted in up to this many slots.
MOST_COUNTERS = 2**25
# An outlet's formula: this many words, in this many of its articles, over more days than this, at most this share of an article.
FORMULA_SIZE, FORMULA_HOLDERS, FORMULA_DAYS, FORMULA_MOST = 8, 3, 7, 0.6


def shingle_numbers(token: np.ndarray, article: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers (uint64) of all runs of `size` tokens within an article, and the position of each run's first token.

    token, article: int arrays of equal length, in order of articles.
    """
    n = len(token) - size + 1
    if n <= 0:
        return np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)
    mixed = np.zeros(n, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for k in range(size):
            mixed = (mixed + token[k : n + k].astype(np.uint64) + np.uint64(1)) * _MULTIPLIER
            mixed ^= mixed >> np.uint64(32)
    position = np.flatnonzero(article[:n] == article[size - 1 :])
    return mixed[position], position


def _may_recur(number: np.ndarray, times: int) -> np.ndarray:
    """Where a number may stand `times` times or more: counted by its last bits, which a few different numbers share.

    Much cheaper than sorting numbers of which most stand once.
    """
    slots = 1 << min(len(number), MOST_COUNTERS - 1).bit_length()
    slot = (number & np.uint64(slots - 1)).astype(np.int64)
    return np.bincount(slot, minlength=slots)[slot] >= times


def formula_tokens(token: np.ndarray, article: np.ndarray, outlet: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Tokens (bool) in an outlet's formulas: the same words again and again over weeks (see `FORMULA_SIZE`).

    Background blocks, recurring appeals and notices are the outlet's furniture: they say nothing of one article's being made from
    another. Copies and updates of one text appear within days and are none.

    token, article: int arrays in order of articles; outlet: code of each article; day: of each article, NaN where unknown (such
    articles count for nothing here).
    """
    number, position = shingle_numbers(token, article, FORMULA_SIZE)
    owner = article[position]
    dated = ~np.isnan(day[owner])
    index = np.flatnonzero(dated)
    index = index[_may_recur(number[index], FORMULA_HOLDERS)]
    index = index[np.lexsort((owner[index], outlet[owner[index]], number[index]))]
    key, holder = number[index], owner[index]
    group = np.cumsum(np.r_[True, (key[1:] != key[:-1]) | (outlet[holder[1:]] != outlet[holder[:-1]])]) - 1 if len(index) else index
    fresh = np.r_[True, (group[1:] != group[:-1]) | (holder[1:] != holder[:-1])] if len(index) else index
    held = np.bincount(group, weights=fresh)
    low, high = np.full(len(held), np.inf), np.full(len(held), -np.inf)
    np.minimum.at(low, group, day[holder])
    np.maximum.at(high, group, day[holder])
    formula = (held >= FORMULA_HOLDERS) & (high - low > FORMULA_DAYS)
    mask = np.zeros(len(article) + FORMULA_SIZE, dtype=bool)
    starts = position[index[formula[group]]]
    for k in range(FORMULA_SIZE):
        mask[starts + k] = True
    mask = mask[: len(article)]
    # An article that is mostly formula is a copy printed again, not a notice.
    share = np.bincount(article, weights=mask, minlength=len(day)) / np.maximum(np.bincount(article, minlength=len(day)), 1)
    return mask & (share <= FORMULA_MOST)[article]


def _distinct(number: np.ndarray, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct (number, owner), sorted."""
    order = np.lexsort((owner, number))
    number, owner = number[order], owner[order]
    first = np.ones(len(number), dtype=bool)
    first[1:] = (number[1:] != number[:-1]) | (owner[1:] != owner[:-1])
    return number[first], owner[first]


def _count_pairs(left: np.ndarray, right: np.ndarray, n_articles: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    key, count = np.unique(left.astype(np.int64) * n_articles + right, return_counts=True)
    return key // n_articles, key % n_articles, count


def candidate_pairs(
    number: np.ndarray, owner: np.ndarray, n_articles: int, least: int, share: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (i < j) of articles that share at least `least` shingles and `share` of the distinct shingles of the one with fewer.

    number, owner: a shingle and its article, in any order. Cost: linear in the shingles, with the factor `PAIRED_HOLDERS`.
    """
    again = _may_recur(number, 2)
    sizes = np.bincount(owner[~again], minlength=n_articles)
    number, owner = _distinct(number[again], owner[again])
    sizes += np.bincount(owner, minlength=n_articles)
    starts = np.flatnonzero(np.r_[True, number[1:] != number[:-1]]) if len(number) else np.empty(0, dtype=np.int64)
    holders = np.diff(np.r_[starts, len(number)])
    column = np.repeat(np.arange(len(starts)), holders)
    held = np.repeat(holders, holders)

    few = (held >= 2) & (held <= PAIRED_HOLDERS)
    _, narrow = np.unique(column[few], return_inverse=True)
    width = int(narrow.max()) + 1 if len(narrow) else 0
    matrix = sparse.csr_matrix((np.ones(len(narrow), dtype=np.int32), (owner[few], narrow)), shape=(n_articles, width))

    # Neighbours among the holders of frequent shingles.
    many = np.flatnonzero(held > PAIRED_HOLDERS)
    beside = many[1:][(column[many[1:]] == column[many[:-1]])]
    a, b, beside_count = _count_pairs(owner[beside - 1], owner[beside], n_articles)
    frequent = sparse.csr_matrix((beside_count, (a, b)), shape=(n_articles, n_articles))

    found: list[tuple[np.ndarray, np.ndarray]] = []
    transposed = matrix.T.tocsr()
    for first in range(0, n_articles, CHUNK):
        shared = ((matrix[first : first + CHUNK] @ transposed) + frequent[first : first + CHUNK]).tocoo()
        row = shared.row.astype(np.int64) + first
        keep = (shared.col > row) & (shared.data >= least)
        keep &= shared.data >= share * np.minimum(sizes[row], sizes[shared.col])
        found.append((row[keep], shared.col[keep].astype(np.int64)))
    left = np.concatenate([f[0] for f in found]) if found else np.empty(0, dtype=np.int64)
    right = np.concatenate([f[1] for f in found]) if found else np.empty(0, dtype=np.int64)
    order = np.lexsort((right, left))
    return left[order], right[order]
