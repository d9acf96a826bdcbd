"""Copies of one text: near-duplicates, and texts contained in longer ones, changed, cut or reordered.

Two steps. Candidates: pairs of articles that share enough short shingles (`pipeline.shingles`). Verification: the shared shingles
are chained along both texts, as in seed-and-chain alignment of sequences (Li 2018, minimap2), and what counts is the share of the
shorter article's own words that lie in such chains. A few shared names, set phrases and quotations make no chain of own words;
a text with every fourth word changed still does.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from pipeline.shingles import candidate_pairs, shingle_numbers

# A chain goes on while the next shared shingle starts within GAP tokens and the shift between the texts changes by at most DRIFT.
GAP, DRIFT = 20, 8
# A chain must hold this many matched tokens: a sentence with every fourth word changed has more, a name with its title fewer.
LEAST_CHAIN = 7
# Articles with fewer own words than this are judged on quoted ones too.
LEAST_OWN = 15
# Passages with fewer words than SCANT in common must make up this share of the shorter article and agree so closely word for word.
SCANT, SCANT_SHARE, SCANT_IDENTICAL, LEAST_COMMON = 30, 0.7, 0.75, 10
# Where fewer words than FEW are in common, containment times word-for-word agreement must reach this, within an outlet and across:
# an outlet's short notices are often made by one pattern without being made from each other.
FEW, FEW_WITHIN, FEW_ACROSS = 150, 0.48, 0.35
# A text that consists of quotations is a copy with less of its own words in common, where its words of all voices have more.
QUOTED_OWN, QUOTED_ALL = 0.75, 1.5
# Words that open an article.
OPENING = 40
# Candidates share this many distinct shingles, and this share of those of the article with fewer.
LEAST_SHARED, CANDIDATE_SHARE = 4, 0.06
# Above this many shingles only every k-th (by number, the same in all articles) is used to find candidates, never to verify.
MOST_SHINGLES = 60_000_000
# Articles whose seeds are kept at hand.
MOST_KEPT = 50_000


class Pairs(NamedTuple):
    """Pairs of copies (rows of articles, left < right), sorted.

    containment: share of the shorter article's own words in common passages; resemblance: the same share of both together;
    identical: share of the words in the common passages that stand in both word for word; opening: share of the first `OPENING`
    words of one of them, that of which more do, in common passages.
    """

    left: np.ndarray
    right: np.ndarray
    containment: np.ndarray
    resemblance: np.ndarray
    identical: np.ndarray
    opening: np.ndarray


class Seeds(NamedTuple):
    """An article's shingles that occur once in it: sorted numbers and the token at which each starts."""

    number: np.ndarray
    at: np.ndarray


def unique_seeds(number: np.ndarray, at: np.ndarray) -> Seeds:
    """Shingles that occur once: the others do not say which occurrence answers which."""
    number, first, count = np.unique(number, return_index=True, return_counts=True)
    once = count == 1
    return Seeds(number[once], at[first[once]])


def chained(
    left: Seeds, right: Seeds, size: int, n_left: int, n_right: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Tokens in common passages: masks (in passage left, matched left, in passage right, matched right), one entry a token."""
    in_left, matched_left = np.zeros(n_left + 1, dtype=np.int32), np.zeros(n_left, dtype=bool)
    in_right, matched_right = np.zeros(n_right + 1, dtype=np.int32), np.zeros(n_right, dtype=bool)
    _, i, j = np.intersect1d(left.number, right.number, assume_unique=True, return_indices=True)
    if len(i):
        a, b = left.at[i], right.at[j]
        order = np.argsort(a)
        a, b = a[order], b[order]
        shift = b - a
        breaks = np.r_[True, (np.diff(a) > GAP) | (np.abs(np.diff(shift)) > DRIFT)]
        chain = np.cumsum(breaks) - 1
        # New tokens that each seed adds to its chain.
        added = np.where(breaks, size, np.minimum(np.diff(a, prepend=a[0]), size))
        held = np.bincount(chain, weights=added)
        keep = held[chain] >= LEAST_CHAIN
        for seeds, span, matched in ((a, in_left, matched_left), (b, in_right, matched_right)):
            low = np.full(len(held), len(span), dtype=np.int64)
            high = np.zeros(len(held), dtype=np.int64)
            np.minimum.at(low, chain, seeds)
            np.maximum.at(high, chain, seeds + size)
            long = held >= LEAST_CHAIN
            np.add.at(span, low[long], 1)
            np.add.at(span, high[long], -1)
            for k in range(size):
                matched[seeds[keep] + k] = True
    return np.cumsum(in_left[:-1]) > 0, matched_left, np.cumsum(in_right[:-1]) > 0, matched_right


class _Common(NamedTuple):
    """Words of one article of a pair: own ones in common passages, matched among these, all own ones; the same of all voices."""

    own: int
    matched: int
    total: int
    common: int
    words: int


def _common_words(passage: np.ndarray, matched: np.ndarray, counts: np.ndarray, formula: np.ndarray) -> _Common:
    said = ~formula
    if counts.sum() < LEAST_OWN:
        counts = said
    return _Common(*(int(mask.sum()) for mask in (passage & counts, matched & passage & counts, counts, passage & said, said)))


def _opening_share(passage: np.ndarray, formula: np.ndarray) -> float:
    first = np.flatnonzero(~formula)[:OPENING]
    return float(passage[first].mean()) if len(first) else 0.0


def copy_pairs(
    token: np.ndarray,
    article: np.ndarray,
    own: np.ndarray,
    formula: np.ndarray,
    outlet: np.ndarray,
    size: int,
    containment: float,
) -> Pairs:
    """Pairs of articles of which the shorter shares at least `containment` of its own words with the other.

    Containment (Broder 1997), not resemblance, so that an agency text inside a longer article is found. Words in quotation marks
    (`own` False) do not count: two reports of one speech are no copies of each other. Nor do words in an
    outlet's formulas (`formula` True, see `pipeline.shingles.formula_tokens`).

    token, article, own, formula: one entry a token, in order of articles; outlet: code of each article; size: tokens in a shingle.
    """
    n_articles = len(outlet)
    bounds = np.searchsorted(article, np.arange(n_articles + 1))
    number, position = shingle_numbers(token, article, size)
    counts = own & ~formula
    fresh = ~formula[position]
    number, position = number[fresh], position[fresh]
    owner = article[position]
    step = max(1, -(-len(number) // MOST_SHINGLES))
    sampled = (number >> np.uint64(40)) % np.uint64(step) == 0
    left, right = candidate_pairs(number[sampled], owner[sampled], n_articles, max(2, LEAST_SHARED // step), CANDIDATE_SHARE)

    starts = np.searchsorted(owner, np.arange(n_articles + 1))
    seeds: dict[int, Seeds] = {}

    def seeds_of(row: int) -> Seeds:
        known = seeds.get(row)
        if known is None:
            if len(seeds) >= MOST_KEPT:
                seeds.clear()
            part = slice(starts[row], starts[row + 1])
            known = seeds[row] = unique_seeds(number[part], position[part] - bounds[row])
        return known

    rows: list[tuple[int, int, float, float, float, float]] = []
    for i, j in zip(left.tolist(), right.tolist(), strict=True):
        a, b = slice(bounds[i], bounds[i + 1]), slice(bounds[j], bounds[j + 1])
        passages = chained(seeds_of(i), seeds_of(j), size, a.stop - a.start, b.stop - b.start)
        one = _common_words(*passages[:2], counts[a], formula[a])
        other = _common_words(*passages[2:], counts[b], formula[b])
        shorter = min(one, other, key=lambda words: words.total)
        share = shorter.own / max(shorter.total, 1)
        identical = (one.matched + other.matched) / max(one.own + other.own, 1)
        any_share = shorter.common / max(shorter.words, 1)
        enough = share >= containment or (share >= QUOTED_OWN * containment and any_share >= min(QUOTED_ALL * containment, 1))
        if shorter.common < SCANT:
            enough &= shorter.common >= LEAST_COMMON and share >= SCANT_SHARE and identical >= SCANT_IDENTICAL
        elif shorter.common < FEW:
            enough &= share * identical >= (FEW_WITHIN if outlet[i] == outlet[j] else FEW_ACROSS)
        if enough:
            opening = max(_opening_share(passages[0], formula[a]), _opening_share(passages[2], formula[b]))
            rows.append((i, j, share, (one.own + other.own) / max(one.total + other.total, 1), identical, opening))
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    return Pairs(
        np.array(columns[0], dtype=np.int64),
        np.array(columns[1], dtype=np.int64),
        *(np.array(column, dtype=float) for column in columns[2:]),
    )


def copy_groups(n_articles: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Group (the row of its first article) of each article: connected components of the pairs."""
    graph = sparse.coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n_articles, n_articles))
    _, label = connected_components(graph, directed=False)
    first = np.full(label.max(initial=-1) + 1, n_articles)
    np.minimum.at(first, label, np.arange(n_articles))
    return first[label]
