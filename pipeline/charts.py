"""Charts of one look: dots with intervals, one row an outlet, each in its colour; as SVG text with the same bytes every run."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter, NullLocator

# Paul Tol's "muted" scheme, told apart by colour-blind readers; with more outlets the markers change, too.
COLOURS = ("#332288", "#CC6677", "#117733", "#88CCEE", "#882255", "#999933", "#44AA99", "#AA4499", "#DDCC77")
MARKERS = ("o", "s", "D", "^", "v", "P")
INK, MUTED, GRID = "#1f2328", "#767676", "#e3e3e0"

TITLE_WIDTH = 26
LONGEST_LABEL = 44
_WIDE_TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
_TICKS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50)

_STYLE = {
    "figure.dpi": 72,  # that of SVG, for which the layout is made
    "svg.hashsalt": "parallax",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.parse_math": False,  # a dollar sign in a name is no formula
    "axes.edgecolor": GRID,
    "axes.labelcolor": MUTED,
    "axes.titlesize": 9.5,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": INK,
    "xtick.labelsize": 8,
}


class Point(NamedTuple):
    """One row of a chart: label, estimate and interval (NaN: too little data), style.

    A ratio may be 0 or infinite: it is drawn as an arrow at the edge, with the interval running out there. Without an interval
    (NaN) a dotted line runs across.
    hollow: thin evidence; faint: not told apart from the reference after correction.
    """

    label: str
    value: float
    low: float
    high: float
    colour: str
    marker: str = "o"
    hollow: bool = False
    faint: bool = False


class Panel(NamedTuple):
    """One small chart: title and points; reference: where to draw a line; limits: a range of the axis instead of the data's."""

    title: str
    points: Sequence[Point]
    reference: float | None = None
    limits: tuple[float, float] | None = None


@cache
def _letters() -> frozenset[int]:
    """Characters that the font of the charts has."""
    return frozenset(get_font(findfont(_STYLE["font.family"])).get_charmap())


def short_label(name: str) -> str:
    """A name as a chart can show it: without characters that its font lacks (emoji), unless nothing else is left; of a long one its
    beginning and its end."""
    name = " ".join("".join(c for c in name if ord(c) in _letters()).split()) or name
    return name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 12].rstrip()}…{name[-11:].lstrip()}"


def outlet_styles(outlets: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Colour and marker of each outlet, by its place in the alphabet."""
    names = sorted(outlets)
    return {name: (COLOURS[i % len(COLOURS)], MARKERS[(i // len(COLOURS)) % len(MARKERS)]) for i, name in enumerate(names)}


def _svg(figure: Figure) -> str:
    sink = io.StringIO()
    FigureCanvasSVG(figure)
    # Scripts that the font lacks are boxes in the chart, and whole in the tables.
    warnings.filterwarnings("ignore", message="Glyph .* missing from font")
    # Laid out here and not by `savefig`, which would draw everything twice for it.
    figure.get_layout_engine().execute(figure)
    figure.set_layout_engine(None)
    figure.savefig(sink, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = sink.getvalue()
    return text[text.index("<svg") :]


def _has_place(value: float, log: bool) -> bool:
    return bool(np.isfinite(value)) and (value > 0 or not log)


def _limits(panel: Panel, log: bool) -> tuple[float, float]:
    """Range that holds the estimates and most of the intervals: wild ends are cut, and drawn as running out.

    Of a ratio of 0 or infinity, the end of its interval that has a place stands for it.
    """
    known = [[v for v in (p.value, p.low, p.high) if _has_place(v, log)] for p in panel.points if not np.isnan(p.value)]
    values = np.array([placed[0] for placed in known if placed])
    ends = np.array([end for placed in known for end in placed[1:]])
    if not len(values):
        return (0.5, 2.0) if log else (0.0, 1.0)
    if log:
        floor, ceiling = values.min() / 2, values.max() * 2
        shown = np.clip(np.r_[values, ends], floor, ceiling)
        low, high = min(shown.min(), 0.8), max(shown.max(), 1.25)
        return low / 1.08, high * 1.08
    most, least, reach = values.max(), values.min(), np.abs(values).max()
    if not reach:  # nothing but zeros: their intervals alone tell what can't be excluded
        return ends.min(initial=0) * 1.05, ends.max(initial=0) * 1.05 or 1.0
    high = max(np.clip(ends, None, 2.5 * (most if most > 0 else reach)).max(initial=0), most)
    low = min(np.clip(ends, 2.5 * (least if least < 0 else -reach), None).min(initial=0), least)
    return low * 1.05, high * 1.05 or 0.05 * reach


def _draw(axes: Axes, panel: Panel, log: bool, labels: bool) -> None:
    n = len(panel.points)
    low, high = panel.limits or _limits(panel, log)
    if log:
        axes.set_xscale("log")
        wide = high / low > 8
        ticks = [t for t in _TICKS if low <= t <= high and (not wide or t in _WIDE_TICKS)]
        axes.xaxis.set_major_locator(FixedLocator(ticks))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    axes.set_xlim(low, high)
    axes.set_ylim(n - 0.4, -0.6)
    if panel.reference is not None:
        axes.axvline(panel.reference, color=MUTED, linewidth=0.8, zorder=1)
    for row, point in enumerate(panel.points):
        if np.isnan(point.value):
            axes.text(0.02, row, "too little data", fontsize=7, color=MUTED, va="center", transform=axes.get_yaxis_transform())
            continue
        alpha = 0.4 if point.faint else 1.0
        known = not np.isnan([point.low, point.high]).any()
        # Without an interval the value may be anything: dots all over, lest it look sure.
        style: dict[str, Any] = {"linewidth": 1.6, "solid_capstyle": "butt"} if known else {"linewidth": 1.0, "linestyle": ":"}
        ends = np.clip([point.low, point.high], low, high) if known else [low, high]
        axes.plot(ends, [row, row], color=point.colour, alpha=alpha, zorder=2, **style)
        off = not _has_place(point.value, log)
        marker = (">" if point.value > low else "<") if off else point.marker
        axes.plot(
            [np.clip(point.value, low, high)], [row], marker, markersize=5.5, alpha=1.0 if point.hollow else alpha, clip_on=not off,
            zorder=3, markerfacecolor="white" if point.hollow else point.colour, markeredgecolor=point.colour, markeredgewidth=1.3,
        )  # fmt: skip
    if labels:
        axes.set_yticks(range(n), [short_label(p.label) for p in panel.points])
    else:
        # Hidden and not empty: the layout measures empty labels, too.
        axes.set_yticks(range(n))
        axes.yaxis.set_major_formatter(NullFormatter())
        axes.tick_params(axis="y", labelleft=False)
    axes.tick_params(length=0)
    axes.grid(axis="x", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    if panel.title:
        axes.set_title("\n".join(textwrap.wrap(short_label(panel.title), TITLE_WIDTH)), loc="left", color=INK, pad=5)


def dot_chart(panel: Panel, x_label: str, log: bool = False, width: float = 5.4) -> str:
    """One chart with labelled rows."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, 0.9 + 0.27 * len(panel.points)), layout="constrained")
        axes = figure.add_subplot()
        _draw(axes, panel, log, labels=True)
        axes.set_xlabel(x_label)
        return _svg(figure)


def dot_grid(
    panels: Sequence[Panel], x_label: str, log: bool = False, columns: int = 4, own_rows: bool = False, width: float = 10.0
) -> str:
    """Small multiples. They share their rows, which only the first of each line names, unless each has its own (`own_rows`)."""
    with matplotlib.rc_context(_STYLE):
        lines = -(-len(panels) // columns)
        height = max((len(p.points) for p in panels), default=1)
        figure = Figure(figsize=(width, lines * (0.62 + 0.2 * height) + 0.3), layout="constrained")
        for i, panel in enumerate(panels):
            axes = figure.add_subplot(lines, columns, i + 1)
            _draw(axes, panel, log, labels=own_rows or i % columns == 0)
        figure.supxlabel(x_label, fontsize=9, color=MUTED)
        return _svg(figure)


def scatter_map(points: Sequence[tuple[str, float, float, str, str]], width: float = 5.4) -> str:
    """Labelled dots (name, x, y, colour, marker) on equal axes without ticks: only distances mean something."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, width * 0.8), layout="constrained")
        axes = figure.add_subplot()
        for name, x, y, colour, marker in points:
            axes.plot([x], [y], marker, color=colour, markersize=8)
            axes.annotate(short_label(name), (x, y), xytext=(7, 3), textcoords="offset points", fontsize=9, parse_math=False)
        axes.set_aspect("equal", adjustable="datalim")
        axes.margins(0.18)
        axes.set_xticks([])
        axes.set_yticks([])
        for side in axes.spines.values():
            side.set_color(GRID)
        return _svg(figure)


class Weeks(NamedTuple):
    """One outlet's weekly values: Mondays as ISO dates, estimates and intervals (NaN: too little data)."""

    title: str
    weeks: Sequence[str]
    values: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    colour: str


def week_grid(series: Sequence[Weeks], y_label: str, columns: int = 3, width: float = 10.0) -> str:
    """Weekly values with intervals, one small chart an outlet, all on the same axes."""
    with matplotlib.rc_context(_STYLE):
        lines = -(-len(series) // columns)
        figure = Figure(figsize=(width, 1.45 * lines + 0.3), layout="constrained")
        values = np.concatenate([np.asarray(s.values, dtype=float) for s in series])
        ends = np.concatenate([np.asarray(s.high, dtype=float) for s in series])
        top = min(np.nanmax(ends), 2 * np.nanmax(values)) * 1.05
        days = sorted({week for s in series for week in s.weeks})
        place = {day: i for i, day in enumerate(days)}
        for i, s in enumerate(series):
            axes = figure.add_subplot(lines, columns, i + 1)
            x = [place[week] for week in s.weeks]
            axes.vlines(x, s.low, np.minimum(s.high, top), color=s.colour, linewidth=1.4, alpha=0.45)
            axes.plot(x, s.values, color=s.colour, marker="o", markersize=3.5, linewidth=1)
            axes.set(xlim=(-0.6, len(days) - 0.4), ylim=(0, top))
            axes.set_title(short_label(s.title), loc="left", color=INK, pad=4)
            first, last = axes.set_xticks([0, max(1, len(days) - 1)], [days[0], days[-1] if len(days) > 1 else ""])
            # Within the axes: centred labels would meet the neighbour's, and the zero.
            first.label1.set_horizontalalignment("left")
            last.label1.set_horizontalalignment("right")
            axes.yaxis.set_major_locator(MaxNLocator(3))
            axes.grid(axis="y", color=GRID, linewidth=0.7)
            axes.set_axisbelow(True)
            axes.tick_params(length=0)
            for side in ("top", "right", "left"):
                axes.spines[side].set_visible(False)
        figure.supylabel(y_label, fontsize=9, color=MUTED)
        return _svg(figure)


def reliability_chart(curves: dict[str, Sequence[tuple[float, float, float, float]]], width: float = 4.4) -> str:
    """Observed share against predicted probability with intervals, one line a class; the diagonal is perfect calibration."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, width), layout="constrained")
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8)
        for i, (name, points) in enumerate(sorted(curves.items())):
            colour, marker = COLOURS[i], MARKERS[i]
            x, y, low, high = np.array(points).T
            axes.errorbar(
                x, y, yerr=np.maximum([y - low, high - y], 0), color=colour, marker=marker, markersize=5, linewidth=1.2, label=name
            )
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="predicted probability", ylabel="share coded so")
        axes.grid(color=GRID, linewidth=0.7)
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.tick_params(length=0)
        axes.legend(frameon=False, loc="upper left")
        return _svg(figure)
