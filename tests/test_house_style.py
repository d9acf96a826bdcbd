from __future__ import annotations

import pytest

from pipeline.house_style import SELF_NAME, count_style, distinct_names, holding, style_kinds, style_of_terms, taken_by
from pipeline.rules import load_rules


def test_markers_are_counted_per_outlet() -> None:
    texts = [
        "Mr Kell said 5% of the labour force told Bay TV so.",
        "Ten percent of the labor force, or 10 per cent, of the U.S. left.",
    ]
    table = count_style(zip(texts, ["A", "B"], strict=True), {"A": ["Bay TV", "Bay"]}, load_rules()).set_index(["outlet", "marker"])
    hits = table["hits"]
    assert [hits["A", m] for m in ("courtesy_title", "percent_sign", "spelling_british", "spelling_american", "self_name")] == [
        1,
        1,
        1,
        0,
        1,
    ]
    assert [hits["B", m] for m in ("percent_word", "per_cent_words", "dotted_initials", "spelling_american", "self_name")] == [
        1,
        1,
        1,
        1,
        0,
    ]
    assert table.loc[("A", "percent_sign"), "per_1000_words"] == 1000 / 12


def test_names_within_names_count_once() -> None:
    assert distinct_names(["Bay TV", "Bay", "BRN", ""]) == ["BRN", "Bay"]


def test_a_phrase_takes_the_words_that_it_mostly_makes_up() -> None:
    uses = {"bay": 40, "tv": 12, "bay tv": 10, "daily": 30, "the daily": 20, "daily tern": 16, "tern": 16}
    assert taken_by("bay tv", uses) == {"tv", "bay tv"}
    assert taken_by("bay", uses) == {"bay"}
    # As often as the rarest of its pairs, 16: half of `daily` (30) and of `the daily` (20), and all of the rest.
    assert taken_by("the daily tern", uses) == {"daily", "tern", "the daily", "daily tern"}
    assert taken_by("norwick", uses) == set()


def test_a_pair_holds_its_words() -> None:
    assert holding(["mr", "mr kell", "kell mrs", "amr"], {"mr"}).tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("term", "kind"),
    [
        ("mr", "courtesy_title"),
        ("told mr", "courtesy_title"),
        ("miss", ""),
        ("percent of", "percent_word"),
        ("per cent", "per_cent_words"),
        ("cent of", "per_cent_words"),
        ("per", ""),
        ("labour", "spelling_british"),
        ("criticism", ""),
        ("criticised", "spelling_british"),
        ("labor market", "spelling_american"),
        ("colorado", ""),
        ("u.s.", ""),
        ("storm", ""),
    ],
)
def test_terms_show_the_markers_of_the_rules(term: str, kind: str) -> None:
    uses = {"per cent": 10, "cent": 11, "per": 60}
    # `miss` is usually the verb; the spellings of `u.s.` are one term already.
    forms = {"mr": "Mr", "u.s.": "U.S.", "colorado": "Colorado"}
    assert style_of_terms([term], uses, forms, {"u.s."}, load_rules()).tolist() == [kind]


def test_kinds_are_those_counted_per_outlet() -> None:
    counted = count_style([("Mr Kell left.", "A")], {}, load_rules())["marker"]
    assert style_kinds(load_rules()) == counted.tolist()
    assert counted.iloc[-1] == SELF_NAME
