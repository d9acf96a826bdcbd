"""The charts of the report, each from rows of estimates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipeline import charts
from pipeline.charts import Panel, Point, Weeks
from pipeline.conventions import OTHERS, THIN
from pipeline.labels import CLASSES
from pipeline.proportions import wilson_interval


def select(estimates: pd.DataFrame, **wanted: str) -> pd.DataFrame:
    """Rows of the estimates whose columns have the wanted values."""
    mask = np.ones(len(estimates), dtype=bool)
    for column, value in wanted.items():
        mask &= (estimates[column] == value).to_numpy()
    return estimates[mask]


def pooled_rate(rows: pd.DataFrame) -> float | None:
    """The rate of all outlets together, in the rows' unit; None without tokens."""
    tokens = rows["tokens"].sum()
    if not tokens:
        return None
    factor = 100 if rows["unit"].iloc[0].startswith("%") else 1000
    return float(factor * rows["hits"].sum() / tokens)


def _point(row: Mapping[str, Any], styles: Mapping[str, tuple[str, str]], faint: bool = False) -> Point:
    colour, marker = styles[row["outlet"]]
    return Point(row["outlet"], row["estimate"], row["low"], row["high"], colour, marker, row["status"] == THIN, faint)


def category_labels(categories: list[dict[str, str]]) -> dict[tuple[str, str], str]:
    """(lexicon, category) -> its name for readers."""
    return {(row["lexicon"], row["category"]): row["label"] for row in categories}


def label_of(labels: Mapping[tuple[str, str], str], lexicon: str, category: str) -> str:
    """A category's name for readers; without one, its own."""
    return labels.get((lexicon, category), category.replace("_", " "))


def rate_chart(estimates: pd.DataFrame, styles: Mapping[str, tuple[str, str]], x_label: str) -> str:
    """Rates per outlet, highest first, with the pooled rate as a line."""
    rows = estimates.sort_values(["estimate", "outlet"], ascending=[False, True], na_position="last")
    panel = Panel("", [_point(row, styles) for row in rows.to_dict("records")], pooled_rate(rows))
    return charts.dot_chart(panel, x_label)


def ratio_grid(
    estimates: pd.DataFrame, labels: Mapping[tuple[str, str], str], styles: Mapping[str, tuple[str, str]], rate: float
) -> str:
    """Ratios to all others, one panel a category; faint where not told apart from 1 after correction."""
    panels = []
    for (lexicon, category), rows in estimates.groupby(["measure", "category"], sort=True):
        points = [_point(row, styles, faint=not row["q"] <= rate) for row in rows.sort_values("outlet").to_dict("records")]
        panels.append(Panel(label_of(labels, lexicon, category), points, 1.0))
    columns = 5 if len(panels) <= 5 else 4
    return charts.dot_grid(panels, "rate as a multiple of all others' (logarithmic)", log=True, columns=columns)


def keyness_grid(rows: pd.DataFrame, styles: Mapping[str, tuple[str, str]]) -> str:
    """Log-odds of the shown terms, one panel an outlet."""
    panels = []
    for outlet, part in rows.groupby("outlet", sort=True):
        colour, marker = styles[outlet]
        points = [Point(r["term"], r["log_odds"], r["low"], r["high"], colour, marker) for r in part.to_dict("records")]
        panels.append(Panel(outlet, points, None))
    return charts.dot_grid(panels, "log-odds ratio against all others", columns=3, own_rows=True)


def story_grid(estimates: pd.DataFrame, within: pd.DataFrame, styles: Mapping[str, tuple[str, str]]) -> str:
    """Ratios to all others over all articles beside those over stories that the others cover, too."""
    raw = estimates.sort_values("outlet")
    same = within.set_index("outlet")
    points = [_point(row, styles) for row in raw.to_dict("records")]
    matched = []
    for row in raw.to_dict("records"):
        found = same.loc[row["outlet"]] if row["outlet"] in same.index else {"estimate": np.nan, "low": np.nan, "high": np.nan}
        matched.append(_point({**row, **{key: float(found[key]) for key in ("estimate", "low", "high")}}, styles))
    panels = [Panel("all articles", points, 1.0), Panel("within the same stories", matched, 1.0)]
    return charts.dot_grid(panels, "rate as a multiple of all others' (logarithmic)", log=True, columns=2, width=8.0)


def select_within(within: pd.DataFrame, lexicon: str) -> pd.DataFrame:
    """Within-story contrasts of a lexicon's total with all others, own voice."""
    if "reference" not in within:
        return pd.DataFrame()
    return select(within, measure=lexicon, category="all", voice="own", reference=OTHERS)


def share_grid(
    estimates: pd.DataFrame, names: Mapping[str, str], styles: Mapping[str, tuple[str, str]], x_label: str, columns: int
) -> str:
    """Rates of several categories, one panel each, in the order of `names`, with the pooled rate as a line."""
    panels = []
    for category, title in names.items():
        rows = estimates[estimates["category"] == category].sort_values("outlet")
        if len(rows):
            panels.append(Panel(title, [_point(row, styles) for row in rows.to_dict("records")], pooled_rate(rows)))
    return charts.dot_grid(panels, x_label, columns=columns)


def quoting_grid(quoting: pd.DataFrame, styles: Mapping[str, tuple[str, str]], thin: Collection[str] = ()) -> str:
    """What makes up each outlet's difference from all others: quoting more or less, and wording in each voice.

    thin: outlets that are drawn as thin evidence.
    """
    titles = {
        "quoting": "how much is quoted",
        "own": "own words",
        "direct": "words quoted",
        "reported": "words reported",
        "marked": "marked phrases",
    }
    panels = []
    for component, title in titles.items():
        rows = quoting[quoting["component"] == component].sort_values("outlet")
        points = [
            Point(r["outlet"], r["estimate"], r["low"], r["high"], *styles[r["outlet"]], hollow=r["outlet"] in thin)
            for r in rows.to_dict("records")
        ]
        panels.append(Panel(title, points, 0.0))
    return charts.dot_grid(panels, "contribution to the difference from all others, hits per 1,000 tokens", columns=5)


def stance_grid(estimates: pd.DataFrame, styles: Mapping[str, tuple[str, str]]) -> str:
    """Shares of the three classes per outlet."""
    panels = []
    for name in CLASSES:
        rows = estimates[estimates["category"] == name].sort_values("outlet")
        panels.append(Panel(name, [_point(row, styles) for row in rows.to_dict("records")], limits=(-1.0, 101.0)))
    return charts.dot_grid(panels, "% of the articles about the target", columns=3)


def map_spots(places: pd.DataFrame, styles: Mapping[str, tuple[str, str]]) -> list[tuple[str, float, float, str, str]]:
    """Outlets on the map of distances: name, x, y, colour, marker; none where fewer than three have a place or all have one."""
    if len(places) < 3 or "x" not in places or not np.ptp(places[["x", "y"]].to_numpy(), axis=0).any():
        return []
    return [(row["outlet"], row["x"], row["y"], *styles[row["outlet"]]) for row in places.to_dict("records")]


def score_chart(score: Mapping[str, Any]) -> str:
    """Macro-F1 of the classifier and its baselines."""
    order = ("classifier", "lexicon", "outlet", "majority")
    names = {"classifier": "text (TF-IDF)", "lexicon": "loaded terms only", "outlet": "outlet only", "majority": "majority class"}
    found = [(name, score["macro_f1"][name]) for name in order]
    points = [
        Point(names[name], s["value"], s["low"], s["high"], charts.COLOURS[0] if name == "classifier" else charts.MUTED)
        for name, s in found
    ]
    return charts.dot_chart(Panel("", points, None), "macro-F1, cross-validated (stories kept together)")


def reliability_figure(curve: pd.DataFrame) -> str:
    """Calibration of the predicted probabilities."""
    curves: dict[str, list[tuple[float, float, float, float]]] = {}
    for row in curve.to_dict("records"):
        low, high = wilson_interval(row["observed"], row["articles"], 0.95)
        curves.setdefault(row["class"], []).append((row["predicted"], row["observed"], low, high))
    return charts.reliability_chart(curves)


def week_chart(weeks: pd.DataFrame, styles: Mapping[str, tuple[str, str]], y_label: str) -> str:
    """Weekly rates (`select_weeks`), one panel an outlet."""
    series = []
    for outlet, rows in weeks.groupby("outlet", sort=True):
        columns = [rows[name].to_numpy() for name in ("week", "estimate", "low", "high")]
        series.append(Weeks(outlet, *columns, styles[outlet][0]))
    return charts.week_grid(series, y_label)


def select_weeks(weeks: pd.DataFrame, lexicon: str) -> pd.DataFrame:
    """Own-voice weekly rates of a lexicon's total that could be estimated, in order; none where a single week has any."""
    if "week" not in weeks:
        return pd.DataFrame()
    rows = select(weeks, measure=lexicon, category="all", voice="own")
    rows = rows[rows["estimate"].notna()].sort_values(["outlet", "week"])
    return rows if rows["week"].nunique() > 1 else rows[:0]
