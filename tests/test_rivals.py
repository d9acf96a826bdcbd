import numpy as np
import pandas as pd
import pytest

from pipeline.params import Audit
from pipeline.rivals import (
    COLUMNS,
    concept_of,
    context_vectors,
    edit_swaps,
    find_uses,
    listed_words,
    propose_rivals,
    same_word,
    slot_swaps,
    sort_words,
)
from pipeline.word_choice import parse_word_choice
from tests.corpora import make_corpus

CHOICE = parse_word_choice(
    "concept,name,entries,exclude,implies,source\n"
    "leaving,exit,(exit|exits) from,,,\n"
    "leaving,withdrawal,withdrawal from;pull * out,,,\n"
    "armed,militia,militia;armed exit,,,\n"
    "armed,fighters,fighters,,,\n",
    "choice.csv",
)
NO_EDITS = pd.DataFrame({name: [] for name in ("old", "new", "kind", "old_words", "new_words")})
SENTENCES = (
    "when the British withdrawal from the bloc began",
    "when the British exit from the bloc began",
    "when the British march from the bloc began",
    "when the British divorce from the bloc began",
)
STORY, OUTLET = np.array([0, 0, 1, 0]), np.array([0, 1, 2, 1])


def corpus_of(*sentences):
    corpus = make_corpus([[sentence] for sentence in sentences])
    return corpus.tokens, list(corpus.index._ids)


def texts(swaps, words):
    return [tuple(sorted((words.text(row.first), words.text(row.second)))) for row in swaps.itertuples()]


def test_slots_join_outlets_within_a_story_only():
    tokens, terms = corpus_of(*SENTENCES)
    words = sort_words(tokens, terms, 2)
    # The march is another story; exit and divorce are one outlet's.
    found = [pair for pair in texts(slot_swaps(tokens, words, STORY, OUTLET), words) if not same_word(*pair)]
    assert sorted(found) == [("divorce", "withdrawal"), ("exit", "withdrawal")]


def test_slots_hold_one_or_two_words_and_need_content_around_them():
    tokens, terms = corpus_of(
        "we met the press secretary of the mayor",
        "we met the spokesman of the mayor",
        "on of the town of the",
        "on of the city of the",
    )
    words = sort_words(tokens, terms, 3)
    found = texts(slot_swaps(tokens, words, np.zeros(4, dtype=int), np.arange(4)), words)
    assert found == [("press secretary", "spokesman")]


def test_names_hold_no_numbers_single_letters_or_frequent_terms():
    tokens, terms = corpus_of("the the the x 12 o'clock news")
    words = sort_words(tokens, terms, 1)
    assert [term for term, usable in zip(terms, words.usable, strict=True) if usable] == ["o'clock", "news"]
    assert [term for term, content in zip(terms, words.content, strict=True) if not content] == ["the"]


def test_edits_are_short_replacements_by_usable_words():
    tokens, terms = corpus_of("the the militants fled press secretary spokesman other men")
    words = sort_words(tokens, terms, 1)
    rows = [
        ("a", "b", "replace", "militants", "other men"),
        ("a", "b", "replace", "press secretary", "spokesman"),
        ("a", "b", "replace", "the", "militants"),
        ("a", "b", "replace", "press secretary fled", "men"),
        ("a", "b", "insert", "", "men"),
    ]
    edits = pd.DataFrame(rows, columns=["old", "new", "kind", "old_words", "new_words"])
    assert texts(edit_swaps(edits, words), words) == [("militants", "other men"), ("press secretary", "spokesman")]


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("programme", "program", True),
        ("organisation", "organization", True),
        ("feb", "february", True),
        ("deputy spokesman", "spokesman", True),
        ("co operation", "cooperation", True),
        ("exit", "withdrawal", False),
        ("interference", "meddling", False),
    ],
)
def test_forms_spellings_and_longer_forms_of_a_name_are_one(left, right, same):
    assert same_word(left, right) == same


def test_uses_of_two_words_stand_in_one_sentence():
    corpus = make_corpus([["the press secretary spoke", "free press"], ["secretary of the press"]])
    terms = list(corpus.index._ids)
    press, secretary = terms.index("press"), terms.index("secretary")
    names = np.array(sorted([press, press + (secretary + 1) * len(terms)]))
    position, row, length = find_uses(corpus.tokens, names, len(terms))
    assert sorted(zip(position.tolist(), row.tolist(), length.tolist(), strict=True)) == [
        (1, 0, 1),
        (1, 1, 2),
        (5, 0, 1),
        (9, 0, 1),
    ]


def test_names_in_the_same_company_are_alike_and_others_not():
    tokens, terms = corpus_of(
        "we saw rebels fight on", "we saw fighters fight on", "my old cat sleeps here", "my old cat sleeps here"
    )
    names = np.array(sorted(terms.index(name) for name in ("rebels", "fighters", "cat")))
    vectors, uses = context_vectors(tokens, names, len(terms))
    cosine = (vectors @ vectors.T).toarray()
    assert uses.tolist() == [1, 1, 2]
    assert np.diag(cosine) == pytest.approx([1, 1, 1])
    assert cosine[0, 1] == pytest.approx(1) and cosine[0, 2] == pytest.approx(0)


def test_the_concept_that_has_both_as_different_names_is_told():
    listed = listed_words(CHOICE)
    assert concept_of("exit", "withdrawal", listed) == "leaving"
    assert concept_of("exit", "exits", listed) == ""
    assert concept_of("exit", "fighters", listed) == "armed"
    assert concept_of("withdrawal", "fighters", listed) == ""


def test_proposals_are_ordered_bounded_and_say_what_is_listed():
    tokens, terms = corpus_of(*SENTENCES)
    params = Audit(rival_frequent=2, rival_uses=1, rival_similarity=0.0)
    table = propose_rivals(tokens, terms, STORY, OUTLET, NO_EDITS, CHOICE, params)
    assert table[["name", "rival", "stories", "slots", "edits", "listed"]].to_numpy().tolist() == [
        ["divorce", "withdrawal", 1, 1, 0, ""],
        ["exit", "withdrawal", 1, 1, 0, "leaving"],
    ]
    assert table["similarity"].tolist() == pytest.approx([1, 1])
    for other in ({"rivals": 0}, {"rival_uses": 2}):
        none = propose_rivals(tokens, terms, STORY, OUTLET, NO_EDITS, CHOICE, params.model_copy(update=other))
        assert none.empty and list(none.columns) == COLUMNS
    one = propose_rivals(tokens, terms, STORY, OUTLET, NO_EDITS, CHOICE, params.model_copy(update={"rivals": 1}))
    assert len(one) == 1


def test_an_edit_alone_is_proposed_too():
    tokens, terms = corpus_of("they saw militants there", "they saw rebels there")
    edits = pd.DataFrame([("a", "b", "replace", "militants", "rebels")], columns=["old", "new", "kind", "old_words", "new_words"])
    params = Audit(rival_frequent=0, rival_uses=1, rival_similarity=0.5)
    table = propose_rivals(tokens, terms, np.arange(2), np.arange(2), edits, CHOICE, params)
    assert table[["name", "rival", "stories", "slots", "edits"]].to_numpy().tolist() == [["militants", "rebels", 0, 0, 1]]
