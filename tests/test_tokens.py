import numpy as np
import pytest
from builders import ENGLISH, terms_of
from hypothesis import given
from hypothesis import strategies as st

from pipeline.tokens import CAPITALISED, CAPITALS, LOWER, TOKEN, Vocabulary, case_of, token_arrays


@pytest.mark.parametrize("form", ["U.S.", "US", "USA", "U.S", "U.S.A.", "U.S.A"])
def test_the_country_is_one_term_never_the_pronoun(form):
    assert terms_of(f"The {form} sent troops") == ["the", "u.s.", "sent", "troops"]
    assert terms_of(f"{form}-led talks") == ["u.s.", "led", "talks"]
    assert terms_of(f"the {form}'s harbour") == ["the", "u.s.", "'s", "harbour"]


@pytest.mark.parametrize("text", ["they told us so", "Us and them", "Let us go"])
def test_the_pronoun_is_never_the_country(text):
    assert "us" in terms_of(text) and "u.s." not in terms_of(text)


def test_between_capitals_the_form_stays_undecided():
    assert terms_of("LET US GO") == ["let", "US", "go"]
    assert terms_of("LET U.S. GO") == ["let", "u.s.", "go"]
    assert terms_of("US TROOPS LEAVE") == ["US", "troops", "leave"]
    assert terms_of("WHO TOLD US") == ["WHO", "told", "US"]


def test_one_small_neighbour_decides():
    assert terms_of("WHY US troops left")[1] == "u.s."
    assert terms_of("for US TROOPS")[1] == "u.s."
    assert terms_of("the US GDP fell") == ["the", "u.s.", "gdp", "fell"]
    assert terms_of("from the WHO came a warning; who wrote it?")[2] == "w.h.o."
    assert terms_of("US")[0] == "u.s."


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("the minister's men", ["the", "minister", "'s", "men"]),
        ("the dockers' vote", ["the", "dockers", "vote"]),
        ("don't, o'clock, rock'n'roll", ["don't", "o'clock", "rock'n'roll"]),
        ("so-called far-right", ["so", "called", "far", "right"]),
        ("3,000 people, 2.5 per cent, 3.", ["3,000", "people", "2.5", "per", "cent", "3"]),
        ("the 1990s, the '90s, $2.5m, 20th", ["the", "1990s", "the", "90s", "2.5m", "20th"]),
        ("1980's G20's COVID-19", ["1980", "'s", "G20", "'s", "COVID", "19"]),
        ("a.m. e.g. D.C. J.K. Rowan", ["a.m.", "e.g.", "D.C.", "J.K.", "Rowan"]),
        ("It ended.The next", ["It", "ended", "The", "next"]),
        ("caf\ufffd and Mu\ufffdoz's", ["caf\ufffd", "and", "Mu\ufffdoz", "'s"]),
        ("Zoë Ångström łódź", ["Zoë", "Ångström", "łódź"]),
        ("“Go,” she said – ‘now’…", ["Go", "she", "said", "now"]),
        ("", []),
        ("… – !", []),
    ],
)
def test_what_a_token_is(text, tokens):
    assert TOKEN.findall(text) == tokens


@pytest.mark.parametrize(
    ("form", "case"),
    [
        ("ship", LOWER),
        ("Ship", CAPITALISED),
        ("SHIP", CAPITALS),
        ("A", CAPITALISED),
        ("U.S.", CAPITALS),
        ("iPhone", LOWER),
        ("McCoy", CAPITALISED),
        ("2017", LOWER),
        ("3D", CAPITALISED),
        ("'s", LOWER),
    ],
)
def test_case(form, case):
    assert case_of(form) == case


def test_arrays_point_into_the_text_and_carry_case():
    text = "NATO's ships left Kiel"
    ids, starts, lengths, case = token_arrays(text, Vocabulary(ENGLISH))
    assert [text[a : a + n] for a, n in zip(starts, lengths, strict=True)] == ["NATO", "'s", "ships", "left", "Kiel"]
    assert case.tolist() == [CAPITALS, LOWER, LOWER, LOWER, CAPITALISED]
    assert (ids.dtype, starts.dtype, lengths.dtype, case.dtype) == (np.int32, np.int32, np.int16, np.int8)


def test_forms_of_one_term_share_its_id_and_texts_share_the_vocabulary():
    vocabulary = Vocabulary(ENGLISH)
    first, *_ = token_arrays("Ship ship SHIP", vocabulary)
    second, *_ = token_arrays("another ship", vocabulary)
    assert first.tolist() == [0, 0, 0] and second.tolist() == [1, 0]
    assert list(vocabulary.ids) == ["ship", "another"]


def test_a_word_longer_than_any_is_not_wrapped_around():
    _, _, lengths, _ = token_arrays("x" * 40_000, Vocabulary(ENGLISH))
    assert lengths.tolist() == [32767]


@given(st.text(alphabet=st.sampled_from("aUS.'’-,0 3\ufffdé“”_\n"), max_size=40))
def test_tokens_are_ordered_apart_and_never_cut_a_number_or_word(text):
    ids, starts, lengths, _ = token_arrays(text, Vocabulary(ENGLISH))
    ends = starts + lengths
    assert (starts[1:] >= ends[:-1]).all() and len(ids) == len(starts)
    letters = {i for i, c in enumerate(text) if c.isalnum()}
    covered = {i for a, b in zip(starts, ends, strict=True) for i in range(a, b)}
    assert letters <= covered
    digits = [(a, b) for a, b in zip(starts, ends, strict=True) if b < len(text) and text[b - 1].isdigit() and text[b].isdigit()]
    assert digits == []
