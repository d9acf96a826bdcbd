import numpy as np
from builders import article_frame, token_table, tokenized

from pipeline.matrices import count_matrix, pair_ids, term_counts
from pipeline.tokens import TITLE


def corpus():
    made = tokenized(article_frame(["gulls cry. gulls fly gulls", "", "boats cry"], title=["gulls", "", ""]))
    return token_table(made), made["vocabulary"]["term"].tolist()


def test_counts_add_up_repeated_places():
    matrix = count_matrix(np.array([0, 2, 0, 0]), np.array([1, 0, 1, 2]), (3, 3))
    assert matrix.toarray().tolist() == [[0, 2, 1], [0, 0, 0], [1, 0, 0]]
    assert matrix.dtype == np.int32 and matrix.nnz == 3


def test_terms_of_the_body_by_default_and_of_any_mask():
    tokens, terms = corpus()
    assert term_counts(tokens, len(terms)).toarray()[:, terms.index("gulls")].tolist() == [3, 0, 0]
    titles = term_counts(tokens, len(terms), tokens.part == TITLE)
    assert titles.toarray()[:, terms.index("gulls")].tolist() == [1, 0, 0] and titles.sum() == 1


def test_pairs_stay_within_sentence_part_and_mask():
    tokens, terms = corpus()
    everything = np.ones(len(tokens.token), dtype=bool)
    left, right, article = pair_ids(tokens, everything)
    pairs = [(terms[a], terms[b], int(i)) for a, b, i in zip(left, right, article, strict=True)]
    assert pairs == [("gulls", "cry", 0), ("gulls", "fly", 0), ("fly", "gulls", 0), ("boats", "cry", 2)]
    without_fly = everything & (tokens.token != terms.index("fly"))
    left, right, _ = pair_ids(tokens, without_fly)
    assert [(terms[a], terms[b]) for a, b in zip(left, right, strict=True)] == [("gulls", "cry"), ("boats", "cry")]
