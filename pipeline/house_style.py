"""House style: habits of an outlet that stay in the text, counted so that later stages can leave them out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from pipeline.rules import PageRules

SELF_NAME = "self_name"


class _Markers(dict):
    """Word as it stands between spaces -> marker it shows, or None; each word is looked at once."""

    def __init__(self, pattern: re.Pattern[str]):
        super().__init__()
        self.pattern = pattern

    def __missing__(self, word: str) -> str | None:
        match = self.pattern.match(word)
        found = self[word] = match.lastgroup if match else None
        return found


def distinct_names(names: Iterable[str]) -> list[str]:
    """Names without those that hold another of them, so that no mention counts twice."""
    out: list[str] = []
    for name in sorted(set(names), key=lambda name: (len(name), name)):
        if name and not any(other in name for other in out):
            out.append(name)
    return out


def count_style(articles: Iterable[tuple[str, str]], own_names: Mapping[str, Sequence[str]], rules: PageRules) -> pd.DataFrame:
    """Counts of each marker of house style per outlet, from pairs of text and outlet (gone over once).

    Rows (outlet, marker) with `articles` (of the outlet), `articles_with` (that hold the marker), `hits`, and `per_1000_words`
    (hits per 1,000 words parted by spaces). Markers: those of the rules and `self_name`, the outlet's own name (`own_names`: its
    spellings).
    """
    table = _Markers(rules.markers)
    hits: dict[str, Counter[str]] = {}
    holding: dict[str, Counter[str]] = {}
    words: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    names: dict[str, list[str]] = {}
    for text, outlet in articles:
        if outlet not in names:
            names[outlet] = distinct_names(own_names.get(outlet, [outlet]))
        sizes[outlet] += 1
        tokens = text.split()
        words[outlet] += len(tokens)
        found = Counter(filter(None, map(table.__getitem__, tokens)))
        for marker, phrase in rules.phrases.items():
            found[marker] = text.count(phrase)
        found[SELF_NAME] = sum(text.count(name) for name in names[outlet])
        hits.setdefault(outlet, Counter()).update(found)
        holding.setdefault(outlet, Counter()).update(marker for marker, count in found.items() if count)
    markers = [*rules.markers.groupindex, *rules.phrases, SELF_NAME]
    rows = [
        (
            outlet,
            marker,
            sizes[outlet],
            holding[outlet][marker],
            hits[outlet][marker],
            1000 * hits[outlet][marker] / max(1, words[outlet]),
        )
        for outlet in sorted(sizes)
        for marker in markers
    ]
    return pd.DataFrame(rows, columns=["outlet", "marker", "articles", "articles_with", "hits", "per_1000_words"])
