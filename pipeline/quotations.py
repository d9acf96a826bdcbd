"""Shared quotations: one utterance quoted in several texts, which makes a story common but no text a copy."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from pipeline.shingles import shingle_numbers

# Tokens in a shingle, words in a shared quotation, and tokens that may differ inside one.
SIZE, LEAST_WORDS, GAP = 7, 8, 3
COLUMNS = ["quotation", "article", "first", "end"]


def shared_quotations(
    token: np.ndarray,
    article: np.ndarray,
    sentence: np.ndarray,
    direct: np.ndarray,
    formula: np.ndarray,
    clitic: np.ndarray,
    group: np.ndarray,
) -> pd.DataFrame:
    """Passages within sentences that are quoted in one article and stand, quoted or not, in one of another copy group.

    One row a passage: `quotation` (number), `article` (row), `first` and `end` (tokens; end exclusive). Passages belong to one
    quotation when they share a run of `SIZE` words that is inside marks in one of them, directly or through a third.

    token, article, sentence, direct (inside quotation marks), formula (in an outlet's set passages, left out), clitic (a possessive
    `'s`, which is a token and no word): one entry a token, in order of articles; group: copy group of each article.
    """
    number, position = shingle_numbers(token, sentence, SIZE)
    fresh = ~formula[position]
    number, position = number[fresh], position[fresh]
    quoted = (
        np.convolve(direct.astype(np.int32), np.ones(SIZE, dtype=np.int32), mode="valid")[position] == SIZE
        if len(number)
        else direct[:0]
    )
    # Only numbers that are quoted somewhere and that two copy groups hold.
    _, column = np.unique(number, return_inverse=True)
    width = int(column.max()) + 1 if len(column) else 0
    spoken = np.zeros(width, dtype=bool)
    spoken[column[quoted]] = True
    holder = group[article[position]]
    low, high = np.full(width, len(group)), np.full(width, -1)
    np.minimum.at(low, column, holder)
    np.maximum.at(high, column, holder)
    keep = (spoken & (low < high))[column]
    position, column = position[keep], column[keep]
    if not len(position):
        return pd.DataFrame({name: np.empty(0, dtype=np.int64) for name in COLUMNS})

    breaks = np.r_[True, (np.diff(position) > SIZE + GAP) | (sentence[position[1:]] != sentence[position[:-1]])]
    run = np.cumsum(breaks) - 1
    first = position[breaks]
    end = position[np.r_[np.flatnonzero(breaks)[1:] - 1, len(position) - 1]] + SIZE
    clitics = np.r_[0, np.cumsum(clitic)]
    long = end - first - (clitics[end] - clitics[first]) >= LEAST_WORDS
    part = long[run]
    run, column = run[part], column[part]
    edges = sparse.coo_matrix((np.ones(len(run), dtype=np.int8), (run, len(first) + column)), shape=(len(first) + width,) * 2)
    _, label = connected_components(edges, directed=False)
    rows = pd.DataFrame({"quotation": label[: len(first)], "article": article[first], "first": first, "end": end})[long]
    spread = rows.assign(group=group[rows["article"]]).groupby("quotation")["group"].transform("nunique")
    rows = rows[spread >= 2].sort_values(["first"])
    rows["quotation"] = pd.factorize(rows["quotation"])[0]
    return rows.sort_values(["quotation", "article", "first"]).reset_index(drop=True)[COLUMNS]
