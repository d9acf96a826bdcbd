"""House style: habits of an outlet that stay in the text, counted so that later stages can leave them out."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
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


def style_kinds(rules: PageRules) -> list[str]:
    """All kinds of house style: the markers of the rules, their phrases, and `self_name`."""
    return [*rules.markers.groupindex, *rules.phrases, SELF_NAME]


def taken_by(phrase: str, uses: Mapping[str, float]) -> set[str]:
    """The words and word pairs of a phrase (small letters) of whose uses the phrase takes at least half.

    uses: of words and word pairs; a phrase of three words or more is used as often as the rarest of its pairs.
    """
    words = phrase.split()
    pairs = [" ".join(pair) for pair in itertools.pairwise(words)]
    whole = min((uses.get(part, 0) for part in pairs or words), default=0)
    return {part for part in (*words, *pairs) if 0 < uses.get(part, 0) <= 2 * whole}


def holding(terms: Sequence[str], parts: Collection[str]) -> np.ndarray:
    """Whether each term (a word or a word pair) is one of the parts or has a word among them."""
    return np.array([term in parts or any(word in parts for word in term.split()) for term in terms], dtype=bool)


def style_of_terms(
    terms: Sequence[str], uses: Mapping[str, float], forms: Mapping[str, str], merged: Collection[str], rules: PageRules
) -> np.ndarray:
    """The marker of house style that each term (a word or a word pair) shows, or empty.

    A pair shows what one of its words shows; phrases of the rules mark what they take (`taken_by`). forms: word -> as it is usually
    written (house style may lie in its capitals); merged: words that stand for several spellings already, so that none of them can
    mark an outlet.
    """
    table = _Markers(rules.markers)
    words = sorted({word for term in terms for word in term.split()} - set(merged))
    parts: dict[str, set[str]] = {}
    for word in words:
        parts.setdefault(table[forms.get(word, word)] or "", set()).add(word)
    for marker, phrase in rules.phrases.items():
        parts.setdefault(marker, set()).update(taken_by(phrase.lower(), uses))
    found = np.full(len(terms), "", dtype=object)
    for marker in reversed([kind for kind in style_kinds(rules) if kind in parts]):
        found[holding(terms, parts[marker])] = marker
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
        for marker in style_kinds(rules)
    ]
    return pd.DataFrame(rows, columns=["outlet", "marker", "articles", "articles_with", "hits", "per_1000_words"])
