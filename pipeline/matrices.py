"""Count matrices from the token table."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from pipeline.tokens import BODY, TokenTable


def count_matrix(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> sparse.csr_matrix:
    """Sparse matrix of how often each (row, column) occurs; int32, sorted indices."""
    ones = np.ones(len(rows), dtype=np.int32)
    matrix = sparse.csr_matrix((ones, (rows, columns)), shape=shape)
    matrix.sum_duplicates()
    return matrix


def term_counts(tokens: TokenTable, n_terms: int, mask: np.ndarray | None = None) -> sparse.csr_matrix:
    """Articles x terms counts of the tokens in `mask` (default: those of the body)."""
    mask = tokens.part == BODY if mask is None else mask
    return count_matrix(tokens.article[mask], tokens.token[mask], (len(tokens.bounds) - 1, n_terms))


def pair_ids(tokens: TokenTable, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Adjacent token pairs within a sentence whose tokens are both in `mask`: left ids, right ids, articles."""
    both = mask[:-1] & mask[1:] & (tokens.sentence[:-1] == tokens.sentence[1:]) & (tokens.part[:-1] == tokens.part[1:])
    return tokens.token[:-1][both], tokens.token[1:][both], tokens.article[:-1][both]
