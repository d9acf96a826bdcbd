import numpy as np

from pipeline.quotations import shared_quotations

SAID = list(range(12))


def table(texts: list[list[int]], direct: list[list[bool]], group: list[int] | None = None, formula: bool = False, clitics=()):
    token = np.array([t for text in texts for t in text], dtype=int)
    article = np.repeat(np.arange(len(texts)), np.array([len(t) for t in texts], dtype=int))
    quoted = np.array([d for voices in direct for d in voices], dtype=bool)
    groups = np.arange(len(texts)) if group is None else np.array(group)
    return shared_quotations(token, article, article.copy(), quoted, np.full(len(token), formula), np.isin(token, clitics), groups)


def test_one_utterance_in_three_texts_is_one_quotation_with_its_places():
    texts = [[100, *SAID, 101], [*SAID, 200, 201], [300, 301, *SAID]]
    direct = [[False, *[True] * 12, False], [*[False] * 14], [False, False, *[True] * 12]]
    found = table(texts, direct)
    assert found["quotation"].tolist() == [0, 0, 0]
    assert found["article"].tolist() == [0, 1, 2]
    assert found[["first", "end"]].to_numpy().tolist() == [[1, 13], [14, 26], [30, 42]]


def test_words_that_nobody_has_in_marks_are_no_quotation():
    texts = [[100, *SAID], [*SAID, 200]]
    assert table(texts, [[False] * 13] * 2).empty


def test_copies_share_no_quotation_and_formulas_are_none():
    texts, direct = [[100, *SAID], [*SAID, 200]], [[True] * 13] * 2
    assert len(table(texts, direct)) == 2
    assert table(texts, direct, group=[0, 0]).empty
    assert table(texts, direct, formula=True).empty


def test_short_common_runs_are_no_quotation():
    assert table([[100, *SAID[:7], 102], [200, *SAID[:7], 202]], [[True] * 9] * 2).empty
    assert table([], []).empty


def test_a_possessive_is_no_word_of_its_own():
    texts, direct = [[100, *SAID[:8], 102], [200, *SAID[:8], 202]], [[True] * 10] * 2
    assert len(table(texts, direct)) == 2
    assert table(texts, direct, clitics=[3]).empty
    longer = [[100, *SAID[:9], 102], [200, *SAID[:9], 202]]
    assert len(table(longer, [[True] * 11] * 2, clitics=[3])) == 2
