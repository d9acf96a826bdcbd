import pandas as pd
import pytest

from pipeline.attribution import load_rules
from pipeline.speakers import is_full_name, merge_family_names, others_named, with_full_names

RULES = load_rules().sources


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("Nancy Brandt", True),
        ("Brandt", False),
        ("White House", False),
        ("Nancy Police", False),
        ("Kelmouth Brandt", False),
        ("Nancy B", False),
    ],
)
def test_a_persons_full_name_begins_with_a_given_name_and_ends_in_no_body(name, full):
    assert is_full_name(name, RULES) is full


@pytest.mark.parametrize(
    ("text", "another"),
    [
        ("Mayor Brandt spoke. Ms. Brandt left. Nancy Brandt slept. Then Brandt woke.", False),
        ("Nancy Brandt met Oke Brandt.", True),
        ("Nancy Brandt met van-Oke Brandt.", True),
        ("Nancy Brandt Brandt met al-nancy Brandt.", False),
        ("Then brandt and the Brandts left.", False),
    ],
)
def test_titles_and_offices_make_nobody_else(text, another):
    assert others_named(text, "Nancy Brandt", RULES) is another


def merged(*rows: tuple[str, str, str]) -> list[str]:
    """Speakers after merging; rows: outlet, speaker, text, one article each."""
    outlets, speakers, texts = zip(*rows, strict=True)
    return merge_family_names(range(len(rows)), speakers, outlets, texts, RULES)


FULL = ("Tern", "Nancy Brandt", "Nancy Brandt said so.")
ALONE = ("Tern", "Brandt", "Mayor Brandt said so.")


def test_a_family_name_alone_goes_to_the_outlets_only_full_name():
    assert merged(FULL, ALONE) == ["Nancy Brandt", "Nancy Brandt"]
    assert merged(FULL, ("Auk", "Brandt", "Brandt said so.")) == ["Nancy Brandt", "Brandt"]


def test_two_full_names_stay_apart_from_the_family_name():
    other = ("Tern", "Paul Brandt", "Paul Brandt said no.")
    assert merged(FULL, other, ALONE) == ["Nancy Brandt", "Paul Brandt", "Brandt"]


@pytest.mark.parametrize("other", ["Ysolde Brandt", "Brandt Weishun", "Kelmouth Brandt"])
def test_a_name_whose_first_word_nobody_knows_keeps_them_apart_all_the_same(other):
    assert merged(FULL, ("Tern", other, f"{other} said no."), ALONE)[2] == "Brandt"


def test_a_title_makes_no_second_name():
    assert merged(FULL, ("Tern", "Mayor Brandt", "Mayor Brandt said no."), ALONE)[2] == "Nancy Brandt"
    assert merged(FULL, ("Tern", "Mayor Nancy Brandt", "Mayor Nancy Brandt said no."), ALONE)[2] == "Nancy Brandt"


def test_another_bearer_in_the_outlets_texts_who_speaks_elsewhere_keeps_them_apart():
    elsewhere = ("Auk", "Paul Brandt", "Paul Brandt said no.")
    assert merged(FULL, ALONE, elsewhere)[1] == "Nancy Brandt"
    named = ("Tern", "officials", "Officials met Paul Brandt.")
    assert merged(FULL, ALONE, elsewhere, named)[1] == "Brandt"


def test_another_bearer_in_the_article_keeps_them_apart():
    assert merged(FULL, ("Tern", "Brandt", "Nancy Brandt met Oke Brandt. Brandt said so."))[1] == "Brandt"


def test_articles_of_unknown_outlets_have_no_names_in_common():
    assert merged(("", *FULL[1:]), ("", *ALONE[1:]))[1] == "Brandt"


def test_bodies_are_never_merged():
    assert merged(("Tern", "White House", "The White House said."), ("Tern", "House", "The House said."))[1] == "House"


def test_the_table_of_attributions_keeps_its_other_columns():
    attributions = pd.DataFrame({"article": [0, 1], "speaker": ["Nancy Brandt", "Brandt"], "spoken": [True, False]})
    articles = pd.DataFrame({"outlet": ["Tern", "Tern"], "text": [FULL[2], ALONE[2]]})
    out = with_full_names(attributions, articles, RULES)
    assert out["speaker"].tolist() == ["Nancy Brandt"] * 2 and out["spoken"].tolist() == [True, False]
