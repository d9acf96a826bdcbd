"""What the lexicons find in the passages that cleaning took out, for counts on the uncleaned text.

Each passage is read by itself, as one sentence in the outlet's own voice: an entry that reaches from a passage into the text
around it is not found, and quotations inside furniture are not told apart.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.language import Language
from pipeline.tokens import BODY, TokenTable, Vocabulary, token_arrays
from pipeline.voice import OWN

TEXT = "text"


def tokenize_removed(removals: pd.DataFrame, article_ids: list[str], language: Language) -> tuple[TokenTable, list[str]]:
    """Token table and terms of the passages taken out of the articles' text.

    removals: `article_id`, `part`, `text`; article_ids: of all articles, sorted. Passages of titles and subtitles are left out.
    """
    vocabulary = Vocabulary(language)
    place = {name: row for row, name in enumerate(article_ids)}
    rows = [
        (place[article], text)
        for article, part, text in zip(removals["article_id"], removals["part"], removals["text"], strict=True)
        if part == TEXT
    ]
    rows.sort(key=lambda row: row[0])
    none = np.array([], dtype=np.int32)
    found = [token_arrays(text, vocabulary) for _, text in rows] or [(none,) * 4]
    token, start, length, case = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    sizes = [len(ids) for ids, *_ in found] if rows else []
    sentence = np.repeat(np.arange(len(rows), dtype=np.int32), sizes)
    article = np.repeat(np.array([row for row, _ in rows], dtype=np.int32), sizes)
    bounds = np.concatenate([[0], np.cumsum(np.bincount(article, minlength=len(article_ids)))]).astype(np.int64)
    own, body = (np.full(len(token), value, dtype=np.int8) for value in (OWN, BODY))
    return TokenTable(token, start, length, case, own, body, sentence, article, bounds), list(vocabulary.ids)
