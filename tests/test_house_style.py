from __future__ import annotations

from pipeline.house_style import count_style, distinct_names
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
