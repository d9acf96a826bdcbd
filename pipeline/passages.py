"""Passages behind a number: the sentence of a hit, with the words that count marked."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipeline.tokens import BODY, SUBTITLE, TITLE, TokenTable

LONGEST = 260
# Characters of a text that stand for a title.
OPENING = 70
FIELDS = {TITLE: "title", SUBTITLE: "subtitle", BODY: "text"}


class Passage(NamedTuple):
    """A sentence in three parts (before, the words, after), where it stands, and in whose voice."""

    before: str
    words: str
    after: str
    article_id: str
    outlet: str
    title: str
    published: str
    url: str
    voice: str


def title_of(title: str, text: str) -> str:
    """The title; without one, the first words of the text stand for it."""
    if title or len(text) <= OPENING:
        return title or text
    return text[:OPENING].rsplit(" ", 1)[0] + " …"


def shorten(before: str, words: str, after: str, longest: int = LONGEST) -> tuple[str, str, str]:
    """Cut a long sentence at spaces, equally far from the words on both sides."""
    room = max(longest - len(words), 40) // 2
    if len(before) > room:
        cut = before.find(" ", len(before) - room)
        before = "… " + before[cut + 1 :] if cut >= 0 else before
    if len(after) > room:
        cut = after.rfind(" ", 0, room)
        after = after[:cut] + " …" if cut >= 0 else after
    return before, words, after


def passage_at(
    position: int, length: int, tokens: TokenTable, sentences: pd.DataFrame, articles: pd.DataFrame, voice: str
) -> Passage:
    """The passage of the tokens [position, position + length)."""
    article = articles.iloc[int(tokens.article[position])]
    text = article[FIELDS[int(tokens.part[position])]]
    sentence = sentences.iloc[int(tokens.sentence[position])]
    start, last = int(tokens.start[position]), position + length - 1
    end = int(tokens.start[last]) + int(tokens.length[last])
    before, words, after = shorten(text[int(sentence["start"]) : start], text[start:end], text[end : int(sentence["end"])])
    return Passage(
        before,
        words,
        after,
        article["article_id"],
        article["outlet"],
        title_of(article["title"], article["text"]),
        article["published"],
        article["url"],
        voice,
    )


def pick(positions: np.ndarray, articles: np.ndarray, wanted: int, salt: str) -> list[int]:
    """Indices of up to `wanted` hits of different articles, drawn by a hash, so that no one chose them and every run agrees."""
    order = sorted(range(len(positions)), key=lambda i: hashlib.sha256(f"{salt}:{positions[i]}".encode()).digest())
    chosen: list[int] = []
    seen: set[int] = set()
    for i in order:
        if len(chosen) == wanted:
            break
        if int(articles[i]) not in seen:
            chosen.append(i)
            seen.add(int(articles[i]))
    return chosen
