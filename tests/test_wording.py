import math

import pandas as pd
import pytest
from reporting import ratio

from pipeline.params import Compare
from pipeline.wording import (
    Measured,
    abs_interval,
    corpus_notices,
    heading,
    listed,
    null_notices,
    number,
    p_value,
    period_notices,
    plural,
    points,
    precision_notices,
    ratio_sentence,
    stance_notices,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (12345.6, "12,346"),
        (1.2345, "1.23"),
        (0.00123456, "0.00123"),
        (-12.34, "-12.3"),
        (math.nan, "–"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_numbers_have_three_digits_and_no_exponent(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0004, "<.001"), (0.0123, ".012"), (0.05, ".05"), (1.0, "1"), (0.5, ".5"), (math.nan, "–")]
)
def test_p_values(value, text):
    assert p_value(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.123, "+12"), (-0.196, "−20"), (-0.001, "0"), (0.004, "0"), (0.0, "0")])
def test_points_have_a_sign_unless_they_are_none(value, text):
    assert points(value) == text


def test_plurals():
    assert [plural(1, "story", "stories"), plural(2, "story", "stories"), plural(1200, "article")] == [
        "1 story",
        "2 stories",
        "1,200 articles",
    ]


def test_a_contrast_says_which_way_and_how_sure():
    assert ratio_sentence(ratio(), Measured("loaded terms"), 0.95) == (
        "Tern uses loaded terms between 1.20 and 1.90 times as often as all others together "
        "(ratio 1.50, 95% interval 1.20 to 1.90, q .01)."
    )
    lower = ratio_sentence(ratio(estimate=0.7, low=0.6, high=0.9), Measured("loaded terms"), 0.95)
    assert "between 10% and 40% less often than all others" in lower
    assert "neither clearly more nor less often" in ratio_sentence(ratio(low=0.9), Measured("loaded terms"), 0.95)
    assert ratio_sentence(ratio(status="thin", groups=1), Measured("x"), 0.95).endswith("Thin evidence: 1 independent text.")


def test_a_contrast_with_a_side_without_a_hit_says_at_least():
    assert ratio_sentence(ratio(estimate=math.inf, low=3.2, high=math.inf), Measured("storms"), 0.95) == (
        "Tern uses storms at least 3.20 times as often as all others together (ratio ∞, 95% interval 3.20 to ∞, q .01)."
    )
    assert ratio_sentence(ratio(estimate=0.0, low=0.0, high=0.35), Measured("storms"), 0.95) == (
        "Tern uses storms at least 65% less often than all others together (ratio 0.00, 95% interval 0.00 to 0.35, q .01)."
    )
    assert "neither clearly" in ratio_sentence(ratio(estimate=math.inf, low=0.7, high=math.inf), Measured("storms"), 0.95)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (1.2, 1.9, "is between 1.20 and 1.90 times that of all others together (ratio"),
        (3.2, math.inf, "is at least 3.20 times that of all others together (ratio"),
        (0.6, 0.9, "is between 10% and 40% smaller than that of all others together (ratio"),
        (0.0, 0.35, "is at least 65% smaller than that of all others together (ratio"),
        (0.9, 1.9, "is neither clearly larger nor smaller than that of all others together (ratio"),
    ],
)
def test_a_contrast_of_shares_says_nothing_of_how_often(low, high, words):
    text = ratio_sentence(ratio(low=low, high=high), Measured("its words that are direct speech", share=True), 0.95)
    assert text.startswith("Tern: the share of its words that are direct speech " + words)
    assert "often" not in text


@pytest.mark.parametrize(
    ("estimate", "low", "high", "text"),
    [
        (12.0, 4.0, 20.0, "4 to 20"),
        (-12.0, -20.0, -4.0, "4 to 20"),
        (-4.0, -10.0, 2.0, "-2 to 10"),
        (4.0, -2.0, 10.0, "-2 to 10"),
        (3.0, -0.3, 7.0, "0 to 7"),
    ],
)
def test_the_size_of_a_difference_keeps_its_interval(estimate, low, high, text):
    assert abs_interval({"estimate": estimate, "low": low, "high": high}) == text


def outlet(name="Tern", articles=40, copy_groups=38, dated=40) -> dict:
    return {"outlet": name, "articles": articles, "copy_groups": copy_groups, "dated": dated}


def notices(*outlets: dict, refused=(), lost=0) -> str:
    table = pd.DataFrame({"reason": list(refused)})
    return "\n".join(corpus_notices(pd.DataFrame(list(outlets)), table, sum(o["articles"] for o in outlets), lost, Compare()))


def test_a_sound_corpus_has_no_notice():
    assert notices(outlet(), outlet("Auk")) == ""


def test_what_is_thin_or_missing_in_the_corpus_is_told():
    text = notices(
        outlet(),
        outlet("Auk", 3, 3, 3),
        outlet("Gull", 9, 9, 7),
        outlet("(unknown outlet)", 20, 20, 20),
        refused=["too_short", "empty_text", "too_short"],
        lost=1,
    )
    assert "3 records of 75 were refused (empty text 1, too short 2)" in text
    assert "The outlet of 20 articles is unknown" in text
    assert "Auk (3): fewer than 4 independent articles each; no estimate is given." in text
    assert "Gull: fewer than 15 independent articles each" in text
    assert "2 articles have no known date" in text and "1 character could not be read" in text
    assert "only one outlet" in notices(outlet())
    nobody = notices(outlet("(unknown outlet)"))
    assert "No outlet is known: nothing can be compared" in nobody and "only one outlet" not in nobody


def test_of_many_names_the_first_are_told_and_how_many_more():
    assert listed([f"o{i}" for i in range(9)], 8).endswith("o7, o8")
    assert listed([f"o{i}" for i in range(40)], 8) == "o0, o1, o2, o3, o4, o5, o6, o7 and 32 more"
    many = [outlet(f"Paper {i}", 5, 5, 5) for i in range(40)]
    assert "All 40 outlets: fewer than 15 independent articles each" in notices(*many)
    assert "Paper 7 and 32 more: fewer than 15" in notices(*many, outlet())
    assert "Tern, (unknown outlet): fewer than 15" in notices(outlet("Tern", 5, 5, 5), outlet("(unknown outlet)", 5, 5, 5))


def test_only_categories_that_occur_here_are_told_to_be_imprecise():
    precision = pd.DataFrame(
        {"lexicon": "terms", "category": ["threat", "mockery"], "precision": 0.7, "coded": 20, "low": 0.5, "high": 0.9}
    ).assign(hits=[3, 0])
    assert precision_notices(precision, {}, 0.8) == [
        "“threat”: 70% of 20 coded hits are right in context (50% to 90%), less than the 80% asked for."
    ]
    assert precision_notices(pd.DataFrame(), {}, 0.8) == []


def score(**changes) -> dict:
    base = {"label": "the harbour board", "status": "ok", "message": "", "coders": ["Mia"]}
    base |= {"labels": {"against": 20, "neutral": 30, "favor": 2}, "learned": ["against", "neutral"]}
    base |= {"coded_articles": 52, "coded_in_corpus": 52, "coded_but_not_relevant": 0}
    return base | changes


SHARES = pd.DataFrame({"measure": ["stance:board"], "statistic": ["share"], "outlet": ["Tern"], "note": [""]})


def stance_text(changes: dict, shares=SHARES) -> str:
    return "\n".join(stance_notices({"board": score(**changes)}, 10, shares))


def test_coded_articles_that_count_nowhere_are_told():
    assert "count nowhere" not in stance_text({})
    away = stance_text({"coded_in_corpus": 12})
    assert "40 of 52 coded articles are not in this corpus and count nowhere" in away
    assert "409 of 409 coded articles" in stance_text({"coded_articles": 409, "coded_in_corpus": 0, "status": "no_labels"})
    assert "count nowhere" not in stance_text({"coded_articles": 409, "coded_in_corpus": 0, "status": "not_mentioned"})
    assert "3 coded articles mention it too seldom and count nowhere" in stance_text({"coded_but_not_relevant": 3})


def test_what_is_thin_in_stance_is_told():
    assert "too rare to be learned: favor (2 coded)" in stance_text({})
    assert "coded by a language model, not by people" in stance_text({"coders": ["Mia", "model-1"]})
    assert "optimistic" in stance_text({"coders": ["author"]})
    gain = {"outlet": {"value": 0.02, "low": -0.03, "high": 0.07}}
    assert "knowing the outlet alone predicts the stance about as well" in stance_text({"gain_over": gain})
    gain["outlet"]["low"] = 0.01
    assert "knowing the outlet" not in stance_text({"gain_over": gain})
    assert "too few labels (under 10) for Tern" in stance_text({}, SHARES.assign(note="too few labels"))


def test_a_target_without_labels_has_one_notice():
    text = stance_text({"status": "no_labels", "message": "none of the 9 relevant articles is coded"})
    assert (
        text == "Stance towards the harbour board: not estimated by a classifier, since none of the 9 relevant articles is coded."
    )


def test_a_family_that_errs_under_shuffled_labels_is_named():
    row = {
        "family": "frames",
        "null": "shuffled",
        "below_5_percent_shuffled": 0.05,
        "shuffles_with_findings": 0.05,
        "shuffles": 200,
    }
    assert null_notices(pd.DataFrame([row]), Compare()) == []
    (notice,) = null_notices(pd.DataFrame([row, {**row, "family": "keyness", "shuffles_with_findings": 0.3}]), Compare())
    assert "“keyness” finds something in 30% of shuffles" in notice
    assert len(null_notices(pd.DataFrame([{**row, "below_5_percent_shuffled": 0.09}]), Compare())) == 1


def test_headings_keep_capitals():
    assert [heading("west_Bank_land"), heading("US_law"), heading("")] == ["West Bank land", "US law", ""]


def test_an_outlet_of_other_days_is_told():
    rows = [("Tern", f"2031-03-{day:02d}") for day in range(1, 21)] + [("Auk", f"2031-01-{day:02d}") for day in range(1, 10)]
    articles = pd.DataFrame([*rows, ("Auk", "2031-03-05"), ("Auk", ""), ("", "2031-01-02")], columns=["outlet", "published"])
    (text,) = [n for n in period_notices(articles, Compare()) if n.startswith("Auk")]
    assert text.startswith("Auk: 10% of its dated articles lie in the days of the others' (2031-03-02 to 2031-03-19).")
    assert period_notices(articles[articles["outlet"] == "Tern"], Compare()) == []
    assert period_notices(articles[:0], Compare()) == []
