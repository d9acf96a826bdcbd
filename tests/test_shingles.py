import numpy as np

from pipeline.shingles import FORMULA_SIZE, PAIRED_HOLDERS, candidate_pairs, formula_tokens, shingle_numbers


def test_shingles_do_not_reach_over_the_end_of_an_article():
    token, article = np.array([1, 2, 3, 1, 2, 3]), np.array([0, 0, 0, 0, 1, 1])
    _, position = shingle_numbers(token, article, 3)
    assert position.tolist() == [0, 1]
    assert shingle_numbers(token[:2], article[:2], 3)[0].tolist() == []


def test_equal_runs_have_equal_numbers_and_order_matters():
    token = np.array([1, 2, 3, 9, 1, 2, 3, 9, 3, 2, 1])
    number, position = shingle_numbers(token, np.zeros(11, dtype=int), 3)
    by_position = dict(zip(position.tolist(), number.tolist(), strict=True))
    assert by_position[0] == by_position[4] != by_position[8]


def test_candidates_share_enough_of_the_shorter_one():
    number = np.array([1, 2, 3, 4, 1, 2, 3, 5, 6, 7, 8, 9, 1], dtype=np.uint64)
    owner = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2])
    assert [a.tolist() for a in candidate_pairs(number, owner, 3, least=3, share=0.7)] == [[0], [1]]
    assert [a.tolist() for a in candidate_pairs(number, owner, 3, least=3, share=0.8)] == [[], []]


def test_shingles_of_many_articles_link_neighbours_only():
    n = PAIRED_HOLDERS + 4
    number = np.tile(np.arange(6, dtype=np.uint64), n)
    left, right = candidate_pairs(number, np.repeat(np.arange(n), 6), n, least=4, share=0.5)
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(k, k + 1) for k in range(n - 1)]


def formulas(days: list[float], outlets: list[int]) -> list[bool]:
    """Whether a passage that stands in every article, beside words of its own, is a formula in each."""
    passage = list(range(FORMULA_SIZE))
    texts = [[*passage, *range(100 * k, 100 * k + 20)] for k in range(1, len(days) + 1)]
    token = np.array([t for text in texts for t in text])
    article = np.repeat(np.arange(len(days)), len(texts[0]))
    mask = formula_tokens(token, article, np.array(outlets), np.array(days))
    assert not mask.reshape(len(days), -1)[:, FORMULA_SIZE:].any()
    return mask.reshape(len(days), -1)[:, 0].tolist()


def test_a_formula_comes_back_over_weeks_in_one_outlet():
    assert formulas([0, 5, 20], [0, 0, 0]) == [True] * 3
    assert formulas([0, 2, 4], [0, 0, 0]) == [False] * 3
    assert formulas([0, 5, 20], [0, 1, 0]) == [False] * 3
    assert formulas([0, 5, 20, np.nan], [0, 0, 0, 0]) == [True, True, True, False]


def test_a_text_printed_again_and_again_is_no_formula():
    token = np.tile(np.arange(50), 3)
    assert not formula_tokens(token, np.repeat([0, 1, 2], 50), np.zeros(3, dtype=int), np.array([0.0, 10.0, 20.0])).any()
