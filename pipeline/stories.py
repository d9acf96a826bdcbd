"""Stories: articles on the same event, by content and time."""

from __future__ import annotations

import numpy as np
from scipy import sparse


def story_weights(counts: sparse.csr_matrix, max_share: float = 0.1, always: int = 25) -> sparse.csr_matrix:
    """TF-IDF rows of unit length; terms in one article only, or in more than `max_share` of all and `always`, carry no story."""
    n = counts.shape[0]
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    keep = np.flatnonzero((frequency >= 2) & (frequency <= max(always, max_share * n)))
    weights = counts[:, keep].astype(np.float64).tocsr()
    weights.data = 1 + np.log(weights.data)
    weights = weights @ sparse.diags(np.log((1 + n) / (1 + frequency[keep])))
    norm = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(norm, 1e-12)) @ weights)


def story_groups(weights: sparse.csr_matrix, day: np.ndarray, days: int, cosine: float) -> np.ndarray:
    """Story (the row of its first article in time) of each article, by single-pass clustering in order of time.

    Each article joins the story with the nearest centroid (cosine at least `cosine`) among those whose latest article is at
    most `days` older, or opens one (Allan et al. 1998, event detection). Articles without a date (NaN) come last and
    may join any story. Cost: articles times active stories' terms, not all pairs.

    weights: rows of unit length; day: float, days since some date.
    """
    order = np.lexsort((np.arange(len(day)), np.nan_to_num(day, nan=np.inf)))
    story = np.full(len(day), -1)
    sums: list[dict[int, float]] = []
    squares: list[float] = []
    latest: list[float] = []
    first: list[int] = []
    holders: dict[int, list[int]] = {}
    indptr, indices, data = weights.indptr, weights.indices, weights.data
    dated = True
    for i in order:
        if dated and np.isnan(day[i]):
            dated = False  # from here on every story may be joined, those that had run out, too
            holders = {}
            for s, centroid in enumerate(sums):
                for term in centroid:
                    holders.setdefault(term, []).append(s)
        terms, values = indices[indptr[i] : indptr[i + 1]].tolist(), data[indptr[i] : indptr[i + 1]].tolist()
        dots: dict[int, float] = {}
        for term, value in zip(terms, values, strict=True):
            active = [s for s in holders.get(term, ()) if not day[i] - latest[s] > days]
            if term in holders:
                holders[term] = active
            for s in active:
                dots[s] = dots.get(s, 0.0) + value * sums[s][term]
        best, score = -1, cosine
        for s, dot in dots.items():
            similarity = dot / squares[s] ** 0.5
            if similarity > score or (similarity == score and (best < 0 or s < best)):
                best, score = s, similarity
        if best < 0:
            best = len(sums)
            sums.append({})
            squares.append(0.0)
            latest.append(-np.inf)
            first.append(int(i))
        centroid = sums[best]
        for term, value in zip(terms, values, strict=True):
            old = centroid.get(term)
            if old is None:
                holders.setdefault(term, []).append(best)
                old = 0.0
            centroid[term] = old + value
            squares[best] += value * (2 * old + value)
        latest[best] = max(latest[best], day[i]) if not np.isnan(day[i]) else latest[best]
        story[i] = first[best]
    return story
