import pytest

from pipeline.origins import Agencies, Origin, likely_origin

WIRES = Agencies([("Tern", "Tern"), ("Tern", "Tern News Agency"), ("Kite", "KITE")])
PHRASES = ["contributed to this report"]


def test_credits_are_tags_and_credit_lines_not_mentions():
    assert WIRES.credited("The port closed. (Tern, KITE)", PHRASES) == {"Tern", "Kite"}
    assert WIRES.credited("PORT MAREN, March 1. /KITE/. The port closed.", PHRASES) == {"Kite"}
    assert WIRES.credited("It closed. Tern News Agency contributed to this report.", PHRASES) == {"Tern"}
    assert WIRES.credited("The minister told Tern that KITE was wrong.", PHRASES) == set()
    assert WIRES.credited("A KITE-shaped (Ternary) thing", PHRASES) == set()
    assert Agencies([]).credited("(Tern)", PHRASES) == set()


@pytest.mark.parametrize(
    ("outlets", "days", "credits", "origin"),
    [
        (["A", "B", "C"], [1, 2, 3], [{"Tern"}, {"Tern"}, {"Kite"}], Origin("Tern", "credit")),
        (["A", "B"], [1, 2], [{"Tern"}, {"Kite"}], Origin("Kite; Tern", "credit")),
        (["A", "KITE"], [1, 2], [set(), set()], Origin("Kite", "agency_outlet")),
        (["A", "A"], [2, 1], [set(), set()], Origin("A", "one_outlet")),
        (["A", "B"], [2, 1], [set(), set()], Origin("B", "earliest")),
        (["A", "B"], [1, 1], [set(), set()], Origin("", "")),
        (["A", "B"], [1, float("nan")], [set(), set()], Origin("", "")),
        (["", "B"], [1, 2], [set(), set()], Origin("", "")),
    ],
)
def test_origin_by_credit_then_agency_then_date(outlets, days, credits, origin):
    assert likely_origin(outlets, days, credits, WIRES) == origin
