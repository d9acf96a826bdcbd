from __future__ import annotations

import pytest

from pipeline.dates import Found, choose_date, parse_date, reads_day_first
from pipeline.rules import load_rules

MONTHS = load_rules().months


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2017/2/7", "2017-02-07"),
        ("  2017/02/07 9:05", "2017-02-07T09:05"),
        ("2017-02-07T21:42:10Z", "2017-02-07T21:42"),
        ("16 February 2020 - 21:42", "2020-02-16T21:42"),
        ("Friday, 10 January 2020 13:53", "2020-01-10T13:53"),
        ("12 January, 2020, 07:56", "2020-01-12T07:56"),
        ("Jan. 5, 2020 at 7:05 pm", "2020-01-05T19:05"),
        ("Fri, 10 Jan 2020 12:05 AM", "2020-01-10T00:05"),
        ("10 January 20", "2020-01-10"),
        ("3rd of nothing 2020", ""),
        ("13/4/2020", "2020-04-13"),
        ("4/13/2020", "2020-04-13"),
        ("4/4/2020", "2020-04-04"),
        ("3/4/2020", ""),
        ("31 February 2020", ""),
        ("20200110", "2020-01-10"),
        ("1578664380", "2020-01-10T13:53"),
        ("1578664380000", "2020-01-10T13:53"),
        ("yesterday", ""),
        ("", ""),
        ("9999-99-99", ""),
    ],
)
def test_date_has_one_reading_or_none(written: str, read: str) -> None:
    assert parse_date(written, MONTHS) == read


def test_other_dates_of_the_source_tell_which_number_is_the_day() -> None:
    assert parse_date("3/4/2020", MONTHS, day_first=True) == "2020-04-03"
    assert parse_date("3/4/2020", MONTHS, day_first=False) == "2020-03-04"
    assert reads_day_first(["3/4/2020", "25/4/2020"]) is True
    assert reads_day_first(["3/4/2020", "4/25/2020"]) is False
    assert reads_day_first(["25/4/2020", "4/25/2020"]) is None
    assert reads_day_first(["3/4/2020"]) is None


def test_published_beats_byline_beats_clock_beats_line_beats_update_beats_page() -> None:
    ranked = [
        Found("2020-01-01", "published"),
        Found("2020-01-02", "byline"),
        Found("2020-01-03T10:00", "line"),
        Found("2020-01-04", "line"),
        Found("2020-01-05", "updated"),
        Found("2020-01-06", "page"),
    ]
    for start in range(len(ranked)):
        assert choose_date(reversed(ranked[start:])) == ranked[start]
    assert choose_date([Found("", "published")]) == Found("", "")
