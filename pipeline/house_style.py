"""House style: habits of an outlet that stay in the text, counted so that later stages can leave them out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from pipeline.rules import PageRules


def count_style(texts: Sequence[str], outlets: Sequence[str], own_names: dict[str, list[str]], rules: PageRules) -> pd.DataFrame:
    """Counts of each marker per outlet.

    Rows (outlet, marker) with `articles` (of the outlet), `articles_with` (that hold the marker), `hits`, and `per_1000_words`
    (hits per 1,000 words separated by spaces). Markers: those of the rules, `spelling_british` and `spelling_american`, and `self_name`
    (the outlet's own name; `own_names`: its spellings by outlet).
    """
    frame = pd.DataFrame({"outlet": list(outlets), "words": [text.count(" ") + 1 if text else 0 for text in texts]})
    markers = dict(rules.house_style) | {f"spelling_{name}": pattern for name, pattern in rules.spelling.items()}
    for marker, pattern in markers.items():
        frame[marker] = [sum(1 for _ in pattern.finditer(text)) for text in texts]
    frame["self_name"] = [
        sum(text.count(name) for name in _shortest_first(own_names.get(outlet, [outlet] if outlet else [])))
        for text, outlet in zip(texts, outlets, strict=True)
    ]
    names = [*markers, "self_name"]
    rows = []
    for outlet, part in frame.groupby("outlet", sort=True):
        words = int(part["words"].sum())
        for marker in names:
            hits = int(part[marker].sum())
            rows.append((outlet, marker, len(part), int((part[marker] > 0).sum()), hits, 1000 * hits / words if words else 0.0))
    return pd.DataFrame(rows, columns=["outlet", "marker", "articles", "articles_with", "hits", "per_1000_words"])


def _shortest_first(names: Iterable[str]) -> list[str]:
    """Names without those that hold another of them, so that no mention counts twice."""
    out: list[str] = []
    for name in sorted(set(names), key=lambda name: (len(name), name)):
        if name and not any(other in name for other in out):
            out.append(name)
    return out
