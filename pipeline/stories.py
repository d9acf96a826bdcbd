"""Stories: articles on the same event, by content and time.

Granularity: one happening at one place and time with its direct aftermath and reactions to it (`docs/validation_group.md`).
Average-linkage clustering of TF-IDF cosines between articles published within some days of each other. Work is
linear in the articles times those published within the same days, never all pairs.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from pipeline.matrices import count_matrix
from pipeline.tokens import BODY, LOWER, TokenTable

# How much a token counts: title and subtitle, the first words of the text, and capitalised words (names) tell most of the event.
TITLE_FACTOR, LEAD_FACTOR, NAME_FACTOR, LEAD_WORDS = 3, 2, 2, 80
# The language's document frequencies count as much as this many articles of the corpus.
BACKGROUND_ARTICLES = 1000
# Terms in a larger share of articles than this carry no story.
MOST_SHARE = 0.15
# Cosines below this are taken as 0, and each article keeps this many of its nearest neighbours.
LEAST_COSINE, MOST_NEIGHBOURS = 0.04, 100
BLOCK = 2048
# The cosine of articles counts in full up to this many days apart, then less and less: a long affair is many events.
FULL_DAYS = 2
# That of two articles of one outlet counts this much: its way of writing and its usual topics make them alike on any day.
SAME_OUTLET = 0.85
# In a corpus of at most this many articles, those far apart in time are compared, too, and their cosine counts in part: a
# handful of articles is often chosen for one event, over weeks.
FEW_ARTICLES, FAR_FACTOR = 100, 0.5


def article_weights(tokens: TokenTable, n_terms: int, background: np.ndarray) -> sparse.csr_matrix:
    """TF-IDF rows of unit length, articles x terms.

    tf = ln(1 + count), counts weighted by place and capitals; idf = ln((1 + N) / (1 + n)), where N and n are the articles and those
    with the term, in the corpus and (as `BACKGROUND_ARTICLES`) in the language at large: so that an event that fills a small corpus
    does not lose the very words that make it one.

    background: share of a language's articles that hold each term.
    """
    factor = np.where(tokens.part == BODY, 1, TITLE_FACTOR)
    place = np.arange(len(tokens.token)) - tokens.bounds[tokens.article]
    factor[(tokens.part == BODY) & (place < LEAD_WORDS)] = LEAD_FACTOR
    factor[tokens.case != LOWER] *= NAME_FACTOR
    n = len(tokens.bounds) - 1
    weights = count_matrix(np.repeat(tokens.article, factor), np.repeat(tokens.token, factor), (n, n_terms)).astype(np.float64)
    holders = np.bincount(weights.indices, minlength=n_terms) + BACKGROUND_ARTICLES * background
    idf = np.log((1 + n + BACKGROUND_ARTICLES) / (1 + holders))
    idf[holders > MOST_SHARE * (n + BACKGROUND_ARTICLES)] = 0
    weights.data = np.log1p(weights.data) * idf[weights.indices]
    weights.eliminate_zeros()
    norm = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(norm, 1e-12)) @ weights)


def _nearest(block: sparse.csr_matrix, most: int) -> sparse.csr_matrix:
    """The `most` largest entries of each row."""
    sizes = np.diff(block.indptr)
    if not (sizes > most).any():
        return block
    row = np.repeat(np.arange(block.shape[0]), sizes)
    order = np.lexsort((block.indices, -block.data, row))
    rank = np.arange(len(order)) - block.indptr[row]
    keep = order[rank < most]
    return sparse.csr_matrix((block.data[keep], (row[keep], block.indices[keep])), shape=block.shape)


def without_digests(weights: sparse.csr_matrix, digest: np.ndarray) -> sparse.csr_matrix:
    """The weights with empty rows for articles that tell many events (`digest`): they are like no other."""
    return sparse.csr_matrix(sparse.diags((~digest).astype(float)) @ weights)


def nearness(apart: np.ndarray, days: int) -> np.ndarray:
    """Factor of the cosine of articles so many days apart (NaN: unknown, 1): 1 up to `FULL_DAYS`, down to 0 beyond `days`."""
    factor = np.clip((days + 1 - apart) / max(days + 1 - FULL_DAYS, 1), 0, 1)
    return np.where(np.isnan(apart), 1.0, factor)


def similar_articles(weights: sparse.csr_matrix, day: np.ndarray, outlet: np.ndarray, days: int) -> sparse.csr_matrix:
    """Symmetric matrix of the cosines of articles at most `days` apart, of each with its nearest; no diagonal.

    Cosines are multiplied by `nearness`, and by `SAME_OUTLET` within an outlet. Articles without a date (NaN) are compared with
    all. So are all others in a corpus of at most `FEW_ARTICLES`, where no `nearness` is below `FAR_FACTOR`.

    weights: rows of unit length; outlet: code of each article's, -1 where unknown.
    """
    n = weights.shape[0]
    dated = np.flatnonzero(~np.isnan(day))
    dated = dated[np.argsort(day[dated], kind="stable")]
    undated = np.flatnonzero(np.isnan(day))
    rows, columns, data = [], [], []

    def compare(block: np.ndarray, others: np.ndarray) -> None:
        product = (weights[block] @ weights[others].T).tocoo()
        factor = nearness(np.abs(day[block[product.row]] - day[others[product.col]]), days)
        product.data *= np.maximum(factor, FAR_FACTOR) if n <= FEW_ARTICLES else factor
        mine = outlet[block[product.row]]
        product.data[(mine == outlet[others[product.col]]) & (mine >= 0)] *= SAME_OUTLET
        near = (product.data >= LEAST_COSINE) & (block[product.row] != others[product.col])
        found = _nearest(
            sparse.csr_matrix((product.data[near], (product.row[near], product.col[near])), shape=(len(block), len(others))),
            MOST_NEIGHBOURS,
        ).tocoo()
        rows.append(block[found.row])
        columns.append(others[found.col])
        data.append(found.data)

    for first in range(0, len(dated), BLOCK):
        block = dated[first : first + BLOCK]
        low, high = 0, len(dated)
        if n > FEW_ARTICLES:
            low, high = np.searchsorted(day[dated], [day[block[0]] - days, day[block[-1]] + days + 1])
        compare(block, np.r_[dated[low:high], undated])
    for first in range(0, len(undated), BLOCK):
        compare(undated[first : first + BLOCK], np.arange(n))
    if not rows:
        return sparse.csr_matrix((n, n))
    found = sparse.csr_matrix((np.concatenate(data), (np.concatenate(rows), np.concatenate(columns))), shape=(n, n))
    return found.maximum(found.T).tocsr()


def _best_neighbours(mean: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """Column (-1: none) and value of each row's largest entry; the first among equals."""
    n = mean.shape[0]
    best, value = np.full(n, -1), np.zeros(n)
    filled = np.flatnonzero(np.diff(mean.indptr))
    if len(filled):
        value[filled] = np.maximum.reduceat(mean.data, mean.indptr[filled])
        row = np.repeat(np.arange(n), np.diff(mean.indptr))
        top = np.flatnonzero(mean.data == value[row])
        first = np.r_[True, row[top[1:]] != row[top[:-1]]]
        best[row[top[first]]] = mean.indices[top[first]]
    return best, value


def average_linkage(similarity: sparse.csr_matrix, least: float, start: np.ndarray) -> np.ndarray:
    """Cluster of each row (numbers from 0): merged while the mean similarity between two clusters is at least `least`.

    Reciprocal nearest neighbours are merged together, round by round; average linkage is reducible, so this gives the
    clusters of one merge at a time (Murtagh 1983). similarity: symmetric, missing entries are 0; start: first clusters.
    """
    label = np.unique(start, return_inverse=True)[1]
    n = int(label.max(initial=-1)) + 1
    member = sparse.csr_matrix((np.ones(len(label)), (np.arange(len(label)), label)), shape=(len(label), n))
    total = (member.T @ similarity @ member).tocsr()
    size = np.bincount(label, minlength=n).astype(float)
    while True:
        total.setdiag(0)
        total.eliminate_zeros()
        total.sort_indices()
        mean = total.copy()
        mean.data = np.round(mean.data / (np.repeat(size, np.diff(mean.indptr)) * size[mean.indices]), 12)
        best, value = _best_neighbours(mean)
        here = np.flatnonzero((best >= 0) & (value >= least))
        pairs = here[(best[best[here]] == here) & (here < best[here])]
        if not len(pairs):
            return label
        joined = np.arange(len(size))
        joined[best[pairs]] = pairs
        joined = np.unique(joined, return_inverse=True)[1]
        merge = sparse.csr_matrix((np.ones(len(size)), (np.arange(len(size)), joined)))
        total = (merge.T @ total @ merge).tocsr()
        size = np.bincount(joined, weights=size)
        label = joined[label]


def story_groups(similar: sparse.csr_matrix, day: np.ndarray, cosine: float, copies: np.ndarray) -> np.ndarray:
    """Story (the row of its first article in time) of each article; the articles of a copy group share theirs.

    similar: `similar_articles`; day: days since some date, NaN where unknown; cosine: least mean cosine between merged clusters.
    """
    label = average_linkage(similar, cosine, copies)
    order = np.lexsort((np.arange(len(day)), np.nan_to_num(day, nan=np.inf)))
    first = np.full(int(label.max(initial=-1)) + 1, -1)
    first[label[order[::-1]]] = order[::-1]
    return first[label]


def story_table(
    weights: sparse.csr_matrix, story: np.ndarray, outlet: np.ndarray, published: np.ndarray, terms: np.ndarray, n_terms: int = 5
) -> pd.DataFrame:
    """One row a story: its row (`story`), label (terms of most weight), articles, outlets, their names, first and last date."""
    rows = np.unique(story)
    member = sparse.csr_matrix((np.ones(len(story)), (np.searchsorted(rows, story), np.arange(len(story)))))
    sums = (member @ weights).tocsr()
    labels = []
    for k in range(len(rows)):
        part = slice(sums.indptr[k], sums.indptr[k + 1])
        order = np.lexsort((sums.indices[part], -np.round(sums.data[part], 9)))[:n_terms]
        labels.append(" ".join(terms[sums.indices[part][order]]))
    frame = pd.DataFrame({"story": story, "outlet": outlet, "published": [str(p)[:10] for p in published]})
    grouped = frame.groupby("story", sort=True)
    dates = frame[frame["published"] != ""].groupby("story")["published"].agg(["min", "max"]).reindex(rows).fillna("")
    return pd.DataFrame(
        {
            "story": rows,
            "label": labels,
            "articles": grouped.size().to_numpy(),
            "outlets": [len(set(names) - {""}) for _, names in grouped["outlet"]],
            "outlet_names": ["; ".join(sorted(set(names) - {""})) for _, names in grouped["outlet"]],
            "first": dates["min"].to_numpy(),
            "last": dates["max"].to_numpy(),
        }
    )
