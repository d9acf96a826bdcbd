import math

import pandas as pd
import pytest
from reporting import ratio

from pipeline.findings import GONE, HELD, HIDDEN, REVERSED, UNTESTED, UNTOLD, Finding, find
from pipeline.params import Compare

NONE = pd.DataFrame()


def found(*rows: dict, within: pd.DataFrame = NONE, sensitivity: pd.DataFrame = NONE, totals=("loaded_terms",)) -> list[Finding]:
    labels = {("loaded_terms", "threat"): "Threat and fear", ("weather_words", "storm"): "Storms"}
    return find(pd.DataFrame(rows), labels, {"board": "the harbour board"}, totals, Compare(), within, sensitivity)


def told(*rows: dict) -> list[str]:
    return [finding.text for finding in found(*rows)]


def test_findings_hold_after_correction_and_come_strongest_first():
    got = told(
        ratio("Tern"),
        ratio("Auk", 3.0, 2.0, 4.0),
        ratio("Gull", q=0.06),
        ratio("Skua", status="withheld"),
        ratio("Kite", q=math.nan),
    )
    assert [text.split()[0] for text in got] == ["Auk", "Tern"]
    assert told() == []


def test_a_halving_is_as_strong_as_a_doubling():
    got = told(ratio("Tern", 1.9), ratio("Auk", 0.4, 0.3, 0.6))
    assert [text.split()[0] for text in got] == ["Auk", "Tern"]


def test_ratios_without_a_log_stand_by_the_end_that_faces_one(recwarn):
    got = told(
        ratio("Tern", 2.0, 1.5, 2.5),
        ratio("Auk", math.inf, 1.9, math.inf),
        ratio("Gull", 0.0, 0.0, 0.4),
    )
    assert [text.split()[0] for text in got] == ["Gull", "Tern", "Auk"]
    assert not recwarn.list


def test_categories_need_hits_and_use_their_readers_name():
    got = told(ratio(category="threat", hits=19), ratio("Auk", category="threat", hits=20))
    assert len(got) == 1 and "words of “Threat and fear” (loaded terms) in its own voice" in got[0]


def test_quoting_and_unnamed_sources_are_told_as_shares():
    quoted, unnamed = told(
        ratio(measure="voice", category="direct", voice="all"), ratio(measure="sources", category="unnamed", voice="attributed")
    )
    assert quoted.startswith(
        "Tern: the share of its words that are direct speech is between 1.20 and 1.90 times that of all others"
    )
    assert unnamed.startswith(
        "Tern: the share of its spoken attributions that go to unnamed sources is between 1.20 and 1.90 times"
    )


def test_stance_findings_give_direction_and_points():
    row = ratio(
        estimate=-12.0, low=-20.0, high=-4.0, measure="stance:board", category="against", statistic="difference", voice="all"
    )
    assert told(row) == [
        "Tern carries fewer articles against the harbour board than the others do together: 12 percentage points "
        "(95% interval 4 to 20, q .01)."
    ]
    assert "more articles in favor of" in told({**row, "category": "favor", "estimate": 12.0, "low": 4.0, "high": 20.0})[0]
    assert told({**row, "category": "neutral"}) == []


def same_stories(**changes) -> pd.DataFrame:
    return pd.DataFrame([ratio(reference="all others") | changes])


@pytest.mark.parametrize(
    ("changes", "stories", "words"),
    [
        ({}, HELD, "It holds within shared stories (ratio 1.50, 1.20 to 1.90, q .01)."),
        ({"low": 0.9, "q": 0.2}, GONE, "not told apart from no difference"),
        ({"estimate": 0.5, "low": 0.4, "high": 0.8}, REVERSED, "the other way round"),
        ({"estimate": math.nan}, UNTOLD, "too little data to tell"),
        ({"estimate": math.inf, "high": math.inf}, HELD, "(ratio ∞, 1.20 to ∞, q .01)"),
        ({"estimate": 0.0, "low": 0.0, "high": 0.8}, REVERSED, "(ratio 0.00, 0.00 to 0.80, q .01)"),
        ({"low": 0.0, "high": math.inf, "q": 0.8}, UNTOLD, "too little data to tell"),
        ({"outlet": "Auk"}, UNTOLD, "too little data to tell"),
    ],
)
def test_a_finding_says_what_is_left_of_it_within_stories(changes, stories, words):
    (finding,) = found(ratio(reference="all others"), within=same_stories(**changes))
    assert finding.stories == stories and words in finding.text


def test_without_a_comparison_within_stories_nothing_is_said_of_it():
    (finding,) = found(ratio())
    assert finding.stories == UNTESTED and "stories" not in finding.text


def test_what_holds_within_stories_comes_before_what_is_larger():
    rows = [ratio("Tern", reference="all others"), ratio("Auk", 9.0, 5.0, 15.0, reference="all others")]
    assert [f.outlet for f in found(*rows, within=same_stories())] == ["Tern", "Auk"]


def test_any_lexicon_has_findings_and_a_total_only_where_one_is_meant():
    storm = ratio(measure="weather_words", category="storm")
    (finding,) = found(storm, ratio(measure="weather_words"))
    assert "words of “Storms” (weather words) in its own voice" in finding.text
    assert len(found(storm, ratio(measure="weather_words"), totals=("weather_words",))) == 2


def test_other_ways_of_counting_are_told():
    tried = pd.DataFrame([ratio(switch=name, holds=holds) for name, holds in (("as reported", True), ("a", True), ("b", False))])
    assert found(ratio(), sensitivity=tried)[0].text.endswith("Counted in 2 other ways it holds in 1.")


def test_what_hangs_on_a_way_of_counting_comes_after_what_does_not():
    rows = [ratio("Tern"), ratio("Auk", 3.0, 2.0, 4.0)]
    tried = pd.DataFrame([row | {"switch": name, "holds": row["outlet"] == "Tern"} for row in rows for name in ("a", "b")])
    assert [f.outlet for f in found(*rows, sensitivity=tried)] == ["Tern", "Auk"]


def test_what_holds_within_stories_alone_is_told_as_such():
    crude = ratio("Auk", 0.9, 0.8, 1.01, q=0.08, reference="all others")
    (finding,) = found(crude, within=same_stories(outlet="Auk", estimate=0.7, low=0.6, high=0.9))
    assert finding.stories == HIDDEN and finding.text == (
        "Auk uses loaded terms in its own voice between 10% and 40% less often than the others on the same stories "
        "(ratio 0.70, 95% interval 0.60 to 0.90, q .01). Over all articles it is not told apart from no difference "
        "(ratio 0.90, 0.80 to 1.01, q .08)."
    )


@pytest.mark.parametrize(
    ("crude", "within"),
    [
        ({"q": 0.08}, {"q": 0.08}),
        ({"q": 0.08, "status": "withheld"}, {}),
        ({"q": 0.08}, {"reference": "Gull"}),
        ({"q": 0.08, "category": "threat"}, {"category": "threat", "hits": 19}),
    ],
)
def test_nothing_is_told_of_what_holds_nowhere_or_is_too_little(crude, within):
    assert found(ratio(reference="all others") | crude, within=same_stories(**within)) == []
