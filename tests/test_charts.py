import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from matplotlib.figure import Figure

from pipeline.charts import (
    COLOURS,
    LONGEST_LABEL,
    MARKERS,
    Panel,
    Point,
    _draw,
    dot_chart,
    dot_grid,
    outlet_styles,
    reliability_chart,
    short_label,
)

NAN = float("nan")


def point(label="Tern", value=2.0, low=1.0, high=3.0, **style):
    return Point(label, value, low, high, COLOURS[0], **style)


def labels_in(svg: str) -> list[str]:
    """Texts of a chart: matplotlib keeps each as a comment beside its outlines."""
    return re.findall(r"<!-- (.*?) -->", svg)


def test_an_outlet_keeps_its_colour_whoever_is_shown_first():
    styles = outlet_styles(["Tern", "Auk", "Gull"])
    assert styles == outlet_styles(["Gull", "Tern", "Auk"])
    assert [styles[name][0] for name in ("Auk", "Gull", "Tern")] == list(COLOURS[:3])


def test_many_outlets_differ_in_colour_or_marker():
    styles = outlet_styles([f"outlet {i:02d}" for i in range(len(COLOURS) * len(MARKERS))])
    assert len(set(styles.values())) == len(styles)


def test_every_row_is_named_and_the_bytes_repeat():
    panel = Panel("", [point("Tern"), point("Zoë's Gull"), point("Auk", NAN, NAN, NAN)], 1.0)
    svg = dot_chart(panel, "per 1,000 tokens")
    assert {"Tern", "Zoë's Gull", "Auk", "per 1,000 tokens"} <= set(labels_in(svg))
    assert svg == dot_chart(panel, "per 1,000 tokens")
    assert svg.startswith("<svg") and "<dc:date" not in svg


@pytest.mark.parametrize(
    "name", [r"Big $\frac$ News", "100% _under_ ^", "</svg><script>alert(1)</script>", '"quoted" & <b>', "--><script>x</script>"]
)
def test_names_are_text_whatever_they_hold(name):
    svg = dot_chart(Panel("", [point(name)]), "x")
    ET.fromstring(svg)
    assert "<script" not in svg and "<b>" not in svg


def test_charts_reach_for_nothing_outside():
    svg = dot_grid([Panel("threat", [point()], 1.0)], "ratio", log=True)
    assert set(re.findall(r'href="([^#"][^"]*)"', svg)) == set()
    assert "<image" not in svg and "<style" in svg


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    "points",
    [
        [],
        [point("Auk", NAN, NAN, NAN)],
        [point("Auk", 1e-9, 0.0, 1e9)],
        [point("Auk", np.inf, 2.0, np.inf), point("Tern", 0.0, 0.0, 0.5)],
        [point("Auk", np.inf, NAN, NAN)],
        [point("Auk", 1.0, 0.0, np.inf), point("Tern", 0.5, 0.4, 0.7, hollow=True, faint=True)],
    ],
)
def test_wild_missing_and_no_points_are_drawn(points, log):
    assert "<svg" in dot_chart(Panel("", points, 1.0), "x", log=log)


@pytest.mark.parametrize(
    ("value", "low", "high", "marker"), [(np.inf, 3.0, np.inf, ">"), (0.0, 0.0, 0.25, "<")], ids=["infinite", "none"]
)
def test_a_ratio_without_a_place_is_an_arrow_at_the_edge_and_its_interval_runs_there(value, low, high, marker):
    panel = Panel("", [point("Auk", value, low, high)], 1.0)
    axes = Figure().add_subplot()
    _draw(axes, panel, log=True, labels=True)
    left, right = axes.get_xlim()
    edge = right if marker == ">" else left
    assert left < (low if marker == ">" else high) < right
    *_, interval, dot = axes.lines
    assert dot.get_marker() == marker and dot.get_xdata()[0] == edge
    np.testing.assert_allclose(interval.get_xdata(), [low, right] if marker == ">" else [left, high])
    assert "too little data" not in labels_in(dot_chart(panel, "ratio", log=True))


def test_a_zero_has_its_place_on_a_plain_axis():
    axes = Figure().add_subplot()
    _draw(axes, Panel("", [point("Auk", 0.0, 0.0, 2.0)]), log=False, labels=True)
    assert axes.lines[-1].get_marker() == "o"


def limits_of(*points: Point) -> tuple[float, float]:
    axes = Figure().add_subplot()
    _draw(axes, Panel("", list(points)), log=False, labels=True)
    return axes.get_xlim()


def test_the_axis_of_nothing_but_zeros_holds_their_intervals():
    left, right = limits_of(point("Auk", 0.0, 0.0, 0.25), point("Tern", 0.0, 0.0, 0.1))
    assert left == 0 and right == pytest.approx(0.2625)
    assert limits_of(point("Auk", 0.0, 0.0, 0.0)) == (0, 1)


def test_a_differences_interval_is_not_cut_at_zero():
    left, right = limits_of(point("Auk", 3.0, -1.0, 7.0))
    assert left <= -1 and right >= 7
    left, right = limits_of(point("Auk", -3.0, -7.0, 1.0))
    assert left <= -7 and right >= 1
    left, right = limits_of(point("Auk", -3.0, -7.0, -1.0))
    assert left <= -7 and right > 0


def test_an_estimate_without_an_interval_does_not_look_sure():
    axes = Figure().add_subplot()
    _draw(axes, Panel("", [point("Auk", 2.0, NAN, NAN), point("Tern", 3.0, 1.0, 4.0)]), log=False, labels=True)
    dotted, _, solid, _ = axes.lines
    assert dotted.get_linestyle() == ":" and list(dotted.get_xdata()) == list(axes.get_xlim())
    assert solid.get_linestyle() == "-"


def test_a_long_name_leaves_room_for_the_chart_and_keeps_both_ends():
    assert short_label("The Kelmouth Observer & Advertiser") == "The Kelmouth Observer & Advertiser"
    short = short_label("Long" * 60 + " Evening Post")
    assert len(short) <= LONGEST_LABEL and short.startswith("LongLong") and short.endswith("…vening Post")
    panel = Panel("Long" * 60, [point("Long" * 60 + " A"), point("Long" * 60 + " B")], 1.0)
    names = labels_in(dot_grid([panel], "x"))
    assert any(name.endswith(" A") for name in names) and max(map(len, names)) <= LONGEST_LABEL


def test_characters_that_the_font_lacks_are_left_out_without_a_word(recwarn):
    assert short_label("\U0001f4f0 Daily \U0001f5de") == "Daily"
    assert short_label("\u65e5\u5831") == "\u65e5\u5831"
    assert "<svg" in dot_chart(Panel("", [point("\u65e5\u5831"), point("\U0001f4f0 Daily")]), "x")
    assert not recwarn.list


def test_a_grid_draws_each_panel_and_names_rows_once_a_line():
    panels = [Panel(f"category {i}", [point("Tern"), point("Auk")], 1.0) for i in range(5)]
    found = labels_in(dot_grid(panels, "ratio", columns=4))
    assert [found.count(f"category {i}") for i in range(5)] == [1] * 5
    assert found.count("Tern") == 2
    assert labels_in(dot_grid(panels, "ratio", columns=4, own_rows=True)).count("Tern") == 5


def test_hollow_points_differ_from_full_ones():
    assert dot_chart(Panel("", [point()]), "x") != dot_chart(Panel("", [point(hollow=True)]), "x")
    assert dot_chart(Panel("", [point()]), "x") != dot_chart(Panel("", [point(faint=True)]), "x")


def test_reliability_chart_names_its_classes():
    svg = reliability_chart({"against": [(0.2, 0.1, 0.0, 0.4), (0.8, 1.0, 0.6, 1.0)], "neutral": [(0.5, 0.0, 0.0, 0.3)]})
    assert {"against", "neutral", "predicted probability", "share coded so"} <= set(labels_in(svg))
