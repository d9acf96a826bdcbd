import pandas as pd
import pytest

from pipeline.panels import map_spots, pooled_rate, quoting_grid, reliability_figure, select, select_weeks, week_chart


def test_calibration_is_drawn_where_no_case_or_every_case_is_true():
    rows = [("against", 0.1, 0.0, n) for n in (3, 5, 6)] + [("against", 0.9, 1.0, n) for n in (4, 10)]
    assert "<svg" in reliability_figure(pd.DataFrame(rows, columns=["class", "predicted", "observed", "articles"]))


def test_rows_are_selected_and_pooled():
    table = pd.DataFrame(
        {"voice": ["own", "own", "direct"], "unit": ["per 1,000 tokens"] * 3, "hits": [1, 3, 9], "tokens": [1000, 1000, 1000]}
    )
    assert select(table, voice="own").index.tolist() == [0, 1] and len(select(table, voice="own", unit="x")) == 0
    assert pooled_rate(select(table, voice="own")) == 2.0
    assert pooled_rate(table.assign(unit="% of tokens")) == pytest.approx(100 * 13 / 3000)
    assert pooled_rate(table.assign(tokens=0)) is None and pooled_rate(table[:0]) is None


def weekly(*rows) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["outlet", "week", "estimate"])
    return table.assign(measure="loaded_terms", category="all", voice="own", low=table["estimate"] - 1, high=table["estimate"] + 1)


def test_weeks_without_an_estimate_are_left_out_and_one_week_is_no_course():
    nan = float("nan")
    table = weekly(("Tern", "2031-03-10", 4.0), ("Tern", "2031-03-03", 3.0), ("Auk", "2031-03-03", nan))
    chosen = select_weeks(table, "loaded_terms")
    assert chosen[["outlet", "week"]].to_numpy().tolist() == [["Tern", "2031-03-03"], ["Tern", "2031-03-10"]]
    assert select_weeks(table[1:], "loaded_terms").empty and select_weeks(table, "frames").empty
    assert select_weeks(pd.DataFrame({"empty": []}), "loaded_terms").empty
    assert "<svg" in week_chart(chosen, {"Tern": ("#332288", "o")}, "per 1,000")


def test_outlets_that_nothing_tells_apart_make_no_map():
    names = ["Auk", "Gull", "Tern"]
    styles = dict.fromkeys(names, ("#000000", "o"))
    places = pd.DataFrame({"outlet": names, "x": [0.0, 0.1, 0.2], "y": 0.0})
    assert map_spots(places, styles)[1] == ("Gull", 0.1, 0.0, "#000000", "o")
    assert map_spots(places.assign(x=0.0), styles) == []
    assert map_spots(places[:2], styles) == map_spots(pd.DataFrame(), styles) == []


def test_thin_evidence_on_quoting_is_drawn_hollow():
    parts = ["quoting", "own", "direct", "reported", "marked"]
    table = pd.DataFrame({"component": parts, "outlet": "Tern", "estimate": 1.0, "low": -1.0, "high": 3.0})
    styles = {"Tern": ("#000000", "o")}
    assert quoting_grid(table, styles, {"Tern"}) != quoting_grid(table, styles, {"Auk"}) == quoting_grid(table, styles)
