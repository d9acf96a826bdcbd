"""Texts as they came, without their furniture and with their damage: what a finding would be had typography not been repaired."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from pipeline.typography import unmended

# What tokens and voices are read from: words, and double marks with their direction.
_WORDS_AND_MARKS = re.compile(r"\w+|[“”]")
TEXT = "text"


def without_spans(text: str, starts: list[int], ends: list[int]) -> str:
    """The text with some spans taken out; they may overlap, in any order."""
    kept: list[str] = []
    last = 0
    for start, end in sorted(zip(starts, ends, strict=True)):
        kept.append(text[last : max(start, last)])
        last = max(last, end)
    kept.append(text[last:])
    return " ".join(kept)


def before_repair(raw: str, cleaned: str, starts: list[int], ends: list[int]) -> str:
    """An article's text in its unmended form without the spans of `raw` that cleaning took out; empty where repair changed none of
    its words and double marks.
    """
    text = unmended(without_spans(raw, starts, ends))
    if text == cleaned or _WORDS_AND_MARKS.findall(text) == _WORDS_AND_MARKS.findall(cleaned):
        return ""
    return text


def texts_to_compare(
    raw: pd.Series, cleaned: pd.Series, removals: pd.DataFrame, article_ids: list[str]
) -> list[tuple[str, str, list[int], list[int]]]:
    """The arguments of `before_repair` for each article.

    raw, cleaned: texts as they came and cleaned, in order of `article_ids`; removals: `article_id`, `part`, `raw_start`, `raw_end`.
    """
    taken = removals[removals["part"] == TEXT]
    rows = taken.groupby("article_id").indices
    starts, ends = taken["raw_start"].to_numpy(), taken["raw_end"].to_numpy()
    none = np.array([], dtype=np.intp)
    places = [rows.get(article, none) for article in article_ids]
    return [(a, b, starts[mine].tolist(), ends[mine].tolist()) for a, b, mine in zip(raw, cleaned, places, strict=True)]
