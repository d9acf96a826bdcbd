"""Texts as they came, without their furniture and with their damage: what a finding would be had typography not been repaired."""

from __future__ import annotations

import re
from collections.abc import Iterator

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


def changed_by_repair(
    raw: pd.Series, cleaned: pd.Series, removals: pd.DataFrame, article_ids: list[str]
) -> Iterator[tuple[int, str]]:
    """Rows and unmended texts of the articles whose words or double marks repair changed.

    raw, cleaned: texts as they came and cleaned, in order of `article_ids`; removals: `article_id`, `part`, `raw_start`, `raw_end`.
    """
    taken = removals[removals["part"] == TEXT]
    rows = taken.groupby("article_id").indices
    starts, ends = taken["raw_start"].to_numpy(), taken["raw_end"].to_numpy()
    none = np.array([], dtype=np.intp)
    for row, (article, before, after) in enumerate(zip(article_ids, raw, cleaned, strict=True)):
        mine = rows.get(article, none)
        text = unmended(without_spans(before, starts[mine].tolist(), ends[mine].tolist()))
        if text != after and _WORDS_AND_MARKS.findall(text) != _WORDS_AND_MARKS.findall(after):
            yield row, text
