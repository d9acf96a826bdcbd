import numpy as np

from pipeline.rivals import Swap, find_swaps, rivals_from_edits, rivals_from_slots
from tests.corpora import make_corpus


def corpus_of(*sentences):
    corpus = make_corpus([[sentence] for sentence in sentences])
    return corpus.tokens, list(corpus.index._ids)


def rows(table):
    return table[["name", "rival", "places", "known"]].to_numpy().tolist()


def test_swaps_need_agreeing_words_on_both_sides_and_are_short():
    assert find_swaps([1, 2, 3, 4, 5], [1, 2, 9, 4, 5]) == [Swap((3,), (9,))]
    assert find_swaps([1, 2, 3, 4, 5], [1, 2, 8, 9, 4, 5]) == [Swap((3,), (8, 9))]
    assert find_swaps([1, 3, 4, 5], [1, 9, 4, 5]) == []
    assert find_swaps([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 13, 14, 15, 16, 7, 8]) == []


def test_edits_of_copies_are_proposed():
    tokens, terms = corpus_of(
        "in the old town militants took the bridge on 3 May and the rest fled",
        "in the old town fighters took the bridge on 4 May and a rest fled",
        "in the old town gunmen took the bridge on 3 May and the rest fled",
    )
    table = rivals_from_edits(tokens, terms, [(0, 1), (0, 2)], np.array([0, 0, 0]), {"fighters"}, common=1)
    assert rows(table) == [["fighters", "militants", 1, True], ["gunmen", "militants", 1, False]]


def test_slots_join_outlets_within_a_story_only():
    tokens, terms = corpus_of(
        "when the British withdrawal from the bloc began",
        "when the British exit from the bloc began",
        "when the British march from the bloc began",
        "when the British divorce from the bloc began",
    )
    story, outlet = np.array([0, 0, 1, 0]), np.array([0, 1, 2, 1])
    table = rivals_from_slots(tokens, terms, story, outlet, set(), common=2)
    # The march is another story; exit and divorce are one outlet's.
    assert rows(table) == [["divorce", "withdrawal", 1, False], ["exit", "withdrawal", 1, False]]


def test_slots_hold_one_or_two_words_and_skip_longer_forms_of_one_name():
    tokens, terms = corpus_of(
        "he met the press secretary of the city", "she met the spokesman of the city", "we met the deputy spokesman of the city"
    )
    table = rivals_from_slots(tokens, terms, np.zeros(3, dtype=int), np.arange(3), set(), common=2)
    assert ["press secretary", "spokesman", 1, False] in rows(table)
    assert not any("deputy spokesman" in row and "spokesman" in row for row in rows(table))
