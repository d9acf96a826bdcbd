"""Dates as pages and tables write them: one reading or none, never a guess between two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

UNKNOWN = ""
EARLIEST, LATEST = 1800, 2100
CENTURY_TURN = 70

_CLOCK = re.compile(r"(?<![\d/.-])(\d{1,2})[:.](\d\d)(?::\d\d(?:\.\d+)?)?\s*([AaPp])?\.?(?:[Mm]\b)?")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(?:\d\d)?)?Z?(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)")
_DAY_MONTH = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?\.?[ -]([^\W\d_]{3,12})\.?,?[ -]'?(\d{4}|\d\d)(?![\d:.])")
_MONTH_DAY = re.compile(r"([^\W\d_]{3,12})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?!\d)")
_EPOCH = re.compile(r"\s*\d{9,10}(?:\.\d+)?\s*|\s*\d{12,13}\s*")


class Found(NamedTuple):
    """A date in a text: ISO date, with `T` and the clock to the minute where one stands beside it, and its part there."""

    value: str
    part: str


def _iso(year: int, month: int, day: int, rest: str = "") -> str:
    if year < 100:
        year += 1900 if year >= CENTURY_TURN else 2000
    clock = _CLOCK.search(rest)
    hour, minute = (int(clock[1]), int(clock[2])) if clock else (0, 0)
    if clock and clock[3]:
        hour = hour % 12 + (12 if clock[3] in "pP" else 0)
    if not EARLIEST <= year <= LATEST:
        return UNKNOWN
    try:
        moment = datetime(year, month, day, hour, minute)
    except ValueError:
        return UNKNOWN
    return moment.strftime("%Y-%m-%dT%H:%M" if clock else "%Y-%m-%d")


def parse_date(value: str, months: Mapping[str, int], day_first: bool | None = None) -> str:
    """ISO date, or date and time to the minute as written (time zones are not converted); unknown where it can't be told.

    `months`: month names in small letters -> number. `day_first`: how `3/4/2020` is to be read; None leaves it unknown unless
    one of the two numbers is above 12 or both are equal. Seconds or milliseconds since 1970 are read as UTC.
    """
    value = value.strip()[:120]
    if _EPOCH.fullmatch(value):
        seconds = float(value) / (1000 if len(value.split(".")[0]) > 10 else 1)
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M")
    if match := _YEAR_FIRST.search(value):
        return _iso(int(match[1]), int(match[2]), int(match[3]), value[match.end() :].lstrip("T"))
    if match := _DAY_MONTH.search(value):
        month = months.get(match[2].lower())
        if month:
            return _iso(int(match[3]), month, int(match[1]), value[: match.start()] + " " + value[match.end() :])
    if match := _MONTH_DAY.search(value):
        month = months.get(match[1].lower())
        if month:
            return _iso(int(match[3]), month, int(match[2]), value[: match.start()] + " " + value[match.end() :])
    if match := _YEAR_LAST.search(value):
        first, second, year = (int(part) for part in match.groups())
        if first > 12 or first == second or (day_first is True and second <= 12):
            return _iso(year, second, first, value[match.end() :])
        if second > 12 or day_first is False:
            return _iso(year, first, second, value[match.end() :])
        return UNKNOWN
    if match := _COMPACT.fullmatch(value):
        rest = f"{match[4]}:{match[5]}" if match[4] else ""
        return _iso(int(match[1]), int(match[2]), int(match[3]), rest)
    return UNKNOWN


def reads_day_first(values: Iterable[str]) -> bool | None:
    """How a source writes dates such as 3/4/2020, told by those of its dates that have one reading only; None when they
    disagree."""
    day_first = month_first = False
    for value in values:
        match = _YEAR_LAST.search(value[:120])
        if match:
            day_first |= int(match[1]) > 12
            month_first |= int(match[2]) > 12
    return None if day_first == month_first else day_first


def choose_date(found: Iterable[Found]) -> Found:
    """The article's date among a page's dates.

    A labelled date of publication comes first, then one in the byline, then one on a line of its own with a time, then one
    without, then a labelled update; of equals the first. A lone date without a time that opens a page (`page`) is the day the page
    was printed or scraped unless nothing else is there.
    """
    order = ("published", "byline", "line_clock", "line", "updated", "page")
    ranked = sorted(
        (order.index("line_clock" if item.part == "line" and "T" in item.value else item.part), number, item)
        for number, item in enumerate(found)
        if item.value
    )
    return ranked[0][2] if ranked else Found(UNKNOWN, UNKNOWN)
