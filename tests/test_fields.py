from __future__ import annotations

import pytest

from pipeline.fields import PageFields, make_outlets, read_fields
from pipeline.rules import load_rules
from tests.pages import AGGREGATOR, CHANNEL, DAILY, OUTLETS, REPRINT

KNOWN = make_outlets(OUTLETS)


def found(text: str) -> dict[str, str]:
    """Fields that were found, without the empty ones."""
    return {name: value for name, value in read_fields(text, KNOWN, load_rules())._asdict().items() if value}


def test_labelled_publication_date_beats_the_pages_own_and_the_dateline_tells_the_credit() -> None:
    assert found(DAILY) == {
        "published": "2032-03-03T18:05",
        "published_part": "published",
        "credit": "Velmark News Agency",
        "credit_from": "dateline",
    }


def test_furniture_tells_outlet_section_title_and_photo_credit_and_no_date_is_made_of_a_caption() -> None:
    assert found(CHANNEL) == {
        "title": "Union rebuffs ministry's call to reopen the eastern quay",
        "section": "News / Velmark / Ports",
        "photo_credit": "AFP",
        "address": "www.baytv.example",
        "outlet": "Bay TV",
        "outlet_from": "page",
    }


def test_byline_date_beats_the_day_the_page_was_made_and_the_standfirst_is_a_subtitle() -> None:
    assert found(AGGREGATOR) == {
        "title": "Ministry dismisses union's demand for new cranes - latest updates",
        "subtitle": "Harbour union asks the ministry for plans to replace the cranes. The transport ministry says no.",
        "byline": "Dorrit Vael",
        "published": "2032-03-05T07:56",
        "published_part": "byline",
    }


def test_reprint_has_the_reprinting_outlet_the_writer_and_the_paper_it_was_taken_from() -> None:
    assert found(REPRINT) == {
        "title": "Ministry Plans to Ignore the Harbour Union's Demand for New Cranes",
        "byline": "Mirela Stant",
        "credit": "The Velmark Ledger",
        "credit_from": "byline",
        "photo_credit": "Osk Tallen/VNA",
        "published": "2032-03-05T13:53",
        "published_part": "line",
        "outlet": "Borderland Reader News",
        "outlet_from": "page",
    }


def test_text_of_one_line_gives_nothing_but_its_dateline() -> None:
    fields = read_fields(
        "LOW TAMSIN, March 8 (VNA) -- The bridge was closed on Monday after a long night of talks.", KNOWN, load_rules()
    )
    assert (fields.title, fields.published) == ("", "")
    assert fields.credit == "Velmark News Agency"


@pytest.mark.parametrize(
    ("line", "outlet"),
    [
        ("© 2032 Bay TV. All rights reserved.", "Bay TV"),
        ("Copyright 2031 The Velmark Ledger Company. All rights reserved.", "The Velmark Ledger"),
    ],
)
def test_copyright_line_names_the_outlet(line: str, outlet: str) -> None:
    assert (
        found(f"The minister said on Monday that the bridge would stay closed for a week or two at least.\n\n{line}")["outlet"]
        == outlet
    )


def test_self_mention_is_a_last_resort_and_asks_for_two_of_one_outlet() -> None:
    once = "The union's secretary told Bay TV on Monday that the cranes were old."
    assert read_fields(once, KNOWN, load_rules()).outlet == ""
    twice = read_fields(once + " She told Bay TV that nobody had answered.", KNOWN, load_rules())
    assert (twice.outlet, twice.outlet_from) == ("Bay TV", "self_mention")
    both = once + " A docker told BayTV the same. He told VNA more. He told VNA all."
    assert read_fields(both, KNOWN, load_rules()).outlet == ""


def test_interview_elsewhere_is_no_self_mention_of_an_outlet_named_once() -> None:
    assert read_fields("She said so in an interview with VNA on Friday, and left.", KNOWN, load_rules()) == PageFields()
