import numpy as np
import pandas as pd
import pytest
from builders import article_frame, token_table, tokenized

from pipeline.copies import Pairs
from pipeline.group import Grouped, background_shares, credits_of, days_of, group_articles, load_agencies, without_background
from pipeline.origins import Agencies
from pipeline.params import Group

STRIKE = (
    "Dockers at Port Maren stopped work at midnight and forty vessels wait outside the harbour while the ministry "
    "and the union talk about wages, shifts and the new cranes that were ordered last spring."
)
FERRY = (
    "Fares on the Strait ferries rise by eighteen per cent in April, the operator announced, and islanders say that "
    "children will no longer be able to reach the only school on the mainland side every day."
)
SAID = "“No delegation that comes to Port Maren will be asked to talk about anything but safety,” said Ana Moss."


def grouped(
    texts: list[str],
    published: list[str],
    outlets: list[str] | None = None,
    credits: list[set[str]] | None = None,
    digests: tuple[int, ...] = (),
    **params,
) -> Grouped:
    tables = tokenized(article_frame(texts, outlets, published=published))
    terms = tables["vocabulary"]["term"].to_numpy()
    credits = credits or [set()] * len(texts)
    return group_articles(
        token_table(tables),
        tables["documents"],
        terms,
        background_shares(terms, "english"),
        credits,
        np.isin(np.arange(len(texts)), digests),
        Agencies([("Tern", "Tern")]),
        Group(**params),
    )


def test_days_are_counted_from_1970_and_unknown_is_nan():
    got = days_of(pd.Series(["1970-01-02", "2017-02-01T23:59", ""]))
    assert got[:2].tolist() == [1.0, 17198.0] and np.isnan(got[2])


def test_copies_are_found_and_ids_are_those_of_the_first_article():
    result = grouped(
        [FERRY, STRIKE, STRIKE + " Talks resume.", FERRY],
        ["2031-03-01", "2031-03-02", "2031-03-02", "2031-03-01"],
        outlets=["A", "B", "B", "C"],
    )
    assert result.groups["article_id"].tolist() == ["a00", "a01", "a02", "a03"]
    assert result.groups["copy_group"].tolist() == ["a00", "a01", "a01", "a00"]
    assert result.pairs[["left", "right", "relation"]].to_numpy().tolist() == [
        ["a00", "a03", "syndication"],
        ["a01", "a02", "update"],
    ]
    assert result.pairs["containment"].tolist() == pytest.approx([1.0, 1.0])
    assert result.stories[["story", "articles", "outlets"]].to_numpy().tolist() == [["a00", 2, 2], ["a01", 2, 1]]


def test_a_copy_group_lies_within_one_story_though_its_dates_are_far_apart():
    groups = grouped([STRIKE, FERRY, STRIKE], ["2031-03-01", "2031-03-01", "2031-09-01"]).groups
    assert groups["copy_group"].tolist() == ["a00", "a01", "a00"]
    assert groups.groupby("copy_group")["story"].nunique().max() == 1


def test_a_digest_is_linked_to_no_article_but_its_copies():
    again, days = " ".join(reversed(STRIKE.split())), ["2031-03-01"] * 4
    texts = [STRIKE, again, FERRY, STRIKE]
    assert grouped(texts, days).groups["story"].tolist() == ["a00", "a00", "a02", "a00"]
    groups = grouped(texts, days, digests=(0, 3)).groups
    assert groups["story"].tolist() == ["a00", "a01", "a02", "a00"]
    assert groups["digest"].tolist() == [True, False, False, True]


def test_titles_make_no_copies():
    tables = tokenized(article_frame([FERRY, STRIKE], title=[STRIKE, STRIKE]))
    terms = tables["vocabulary"]["term"].to_numpy()
    result = group_articles(
        token_table(tables),
        tables["documents"],
        terms,
        np.zeros(len(terms)),
        [set()] * 2,
        np.zeros(2, dtype=bool),
        Agencies([]),
        Group(),
    )
    assert result.pairs.empty


def test_edits_say_what_another_outlet_changed_and_where():
    changed = STRIKE.replace("stopped work", "walked out")
    result = grouped([changed, STRIKE], ["2031-03-02", "2031-03-01"], outlets=["B", "A"])
    (edit,) = result.edits.to_dict("records")
    assert (edit["old"], edit["new"], edit["kind"]) == ("a01", "a00", "replace")
    assert STRIKE[edit["old_start"] : edit["old_end"]] == "stopped work" == edit["old_words"]
    assert changed[edit["new_start"] : edit["new_end"]] == "walked out" == edit["new_words"]
    assert grouped([changed, STRIKE], ["", ""], outlets=["A", "A"]).edits.empty


def test_the_origin_of_a_group_is_its_credit():
    result = grouped([STRIKE, STRIKE], ["2031-03-01", ""], outlets=["A", "B"], credits=[set(), {"Tern"}])
    assert result.copy_groups.to_dict("records") == [
        {
            "copy_group": "a00",
            "articles": 2,
            "outlets": 2,
            "origin": "Tern",
            "evidence": "credit",
            "credits": "Tern",
            "first": "2031-03-01",
            "last": "2031-03-01",
        }
    ]


def test_words_of_a_shared_quotation_are_words():
    said = "“The union's word is the harbour's law and {}safety,” said Ana Moss."
    short, long = (
        grouped([f"{FERRY} {said.format(more)}", f"{STRIKE} {said.format(more)}"], ["2031-03-01", "2031-03-02"])
        for more in ("", "its ")
    )
    assert set(short.quotations["words"]) == {"the union's word is the harbour's law and safety"}
    assert set(long.quotations["words"]) == {"the union's word is the harbour's law and its safety"}
    eight = "“The union's word is law at this port,” said Ana Moss."  # nine tokens
    assert len(grouped([f"{FERRY} {eight}", f"{STRIKE} {eight}"], ["2031-03-01", "2031-03-02"]).quotations) == 2
    seven = "“The union's word is law this year,” said Ana Moss."
    assert grouped([f"{FERRY} {seven}", f"{STRIKE} {seven}"], ["2031-03-01", "2031-03-02"]).quotations.empty


def test_an_utterance_in_two_articles_is_a_shared_quotation_and_no_copy():
    texts = [f"{STRIKE} {SAID}", f"{FERRY} {SAID}"]
    result = grouped(texts, ["", ""])
    assert result.pairs.empty
    assert result.quotations["article_id"].tolist() == ["a00", "a01"]
    for text, row in zip(texts, result.quotations.itertuples(), strict=True):
        assert text[row.start : row.end].startswith("No delegation") and text[row.start : row.end].endswith("safety")
        assert row.quoted == 1


def test_credits_come_from_field_removals_and_text():
    articles = pd.DataFrame({"credit": ["", "Tern", ""], "text": ["It closed. (Tern)", "x", "Tern says x."]}, index=["b", "a", "c"])
    removals = pd.DataFrame(
        {"article_id": ["b", "c"], "kind": ["dateline", "caption"], "text": ["MAREN, March 1. /KITE/.", "(KITE)"]}
    )
    agencies = Agencies([("Tern", "Tern"), ("Kite", "KITE")])
    assert credits_of(articles, removals, agencies, []) == [{"Tern", "Kite"}, {"Tern"}, set()]


def test_shares_of_words_not_listed_are_small():
    common, unknown = background_shares(np.array(["the", "zzqqx"], dtype=object), "english")
    assert common > 0.9 > 0.01 > unknown > 0


def test_agencies_of_the_repository_know_their_own_forms():
    agencies, phrases = load_agencies()
    assert agencies.named("The Associated Press and Reuters") == {"AP", "Reuters"}
    assert all(phrase == phrase.lower() for phrase in phrases)


def test_background_that_comes_back_weeks_later_is_no_update():
    share, opening = np.array([0.5, 0.9, 0.5, 0.5, 0.5]), np.ones(5)
    pairs = Pairs(np.array([0, 0, 0, 0, 0]), np.array([1, 2, 3, 4, 5]), share, share, share, opening)
    outlet = np.array([1, 1, 1, 2, 1, 1])
    day = np.array([10.0, 30.0, 30.0, 30.0, 12.0, np.nan])
    assert without_background(pairs, outlet, day).right.tolist() == [2, 3, 4, 5]


def test_an_update_holds_an_opening_or_most_of_a_text():
    share, opening = np.array([0.6, 0.6, 0.75, 0.6]), np.array([0.1, 0.5, 0.0, 0.0])
    pairs = Pairs(np.zeros(4, dtype=int), np.array([1, 2, 3, 4]), share, share, share, opening)
    # The last is another outlet's.
    assert without_background(pairs, np.array([1, 1, 1, 1, 2]), np.zeros(5)).right.tolist() == [2, 3, 4]
