"""Features of the stance classifier: counts of words and word pairs, from the stored ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

from pipeline.language import Language
from pipeline.matrices import count_matrix, pair_ids
from pipeline.tokens import TOKEN, TokenTable, Vocabulary


def masked_terms(names: Iterable[str], terms: Sequence[str], language: Language) -> np.ndarray:
    """Ids of the terms that give an outlet away: the words of the outlets' and agencies' names, but for everyday ones."""
    vocabulary = Vocabulary(language)
    words = {vocabulary.term(form) for name in names for form in TOKEN.findall(name)}
    words -= language.name_words
    return np.array([i for i, term in enumerate(terms) if term in words], dtype=np.int64)


def stance_counts(
    tokens: TokenTable, rows: np.ndarray, masked: np.ndarray, n_terms: int, min_df: int
) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Counts of words and adjacent word pairs in the chosen articles (title, subtitle and body, all voices).

    rows: indices of the articles. Returns the matrix (articles, features) and the features as (left, right) term ids, right -1
    for single words; both in order of the ids. Features in fewer than `min_df` of the articles, or with a masked
    term, are left out.
    """
    place = np.full(len(tokens.bounds) - 1, -1)
    place[rows] = np.arange(len(rows))
    hidden = np.zeros(n_terms, dtype=bool)
    hidden[masked] = True
    mask = (place[tokens.article] >= 0) & ~hidden[tokens.token]
    left, right, article = pair_ids(tokens, mask)
    width = n_terms + 1
    key = np.concatenate([tokens.token[mask].astype(np.int64) * width, left.astype(np.int64) * width + right + 1])
    owner = np.concatenate([place[tokens.article[mask]], place[article]])
    features, column = np.unique(key, return_inverse=True)
    counts = count_matrix(owner, column, (len(rows), len(features)))
    frequent = np.flatnonzero(np.bincount(counts.indices, minlength=len(features)) >= min_df)
    kept = features[frequent]
    return counts[:, frequent].tocsr(), np.stack([kept // width, kept % width - 1], axis=1)


def feature_names(features: np.ndarray, terms: Sequence[str]) -> list[str]:
    """Words and word pairs as text."""
    return [terms[left] if right < 0 else f"{terms[left]} {terms[right]}" for left, right in features.tolist()]
