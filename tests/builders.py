"""Small inputs for tests, made by the pipeline's own functions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.attribution import load_rules
from pipeline.language import load_language
from pipeline.sentences import SentenceTokenizer, learn_punkt
from pipeline.tokenize import tokenize_articles
from pipeline.tokens import TokenTable, Vocabulary, token_arrays

PROJECT = Path(__file__).resolve().parent.parent
ENGLISH = load_language("english")


def terms_of(text: str) -> list[str]:
    """The terms of a text, in order."""
    vocabulary = Vocabulary(ENGLISH)
    ids, *_ = token_arrays(text, vocabulary)
    names = list(vocabulary.ids)
    return [names[i] for i in ids]


def article_frame(texts: Sequence[str], outlets: Sequence[str] | None = None, **columns: Sequence[str]) -> pd.DataFrame:
    """An article table with ids a00, a01, ...; columns not given are empty."""
    n = len(texts)
    frame = pd.DataFrame(
        {"article_id": [f"a{i:02d}" for i in range(n)], "outlet": list(outlets or ["Outlet"] * n), "text": list(texts)}
    )
    for name in ("title", "subtitle", "published", "url"):
        frame[name] = list(columns.get(name, [""] * n))
    return frame


def tokenized(articles: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tokenize stage's tables, with Punkt told the language's abbreviations only."""
    return tokenize_articles(articles, ENGLISH, SentenceTokenizer(learn_punkt([], 0, ENGLISH.abbreviations)), load_rules())


def token_table(tables: dict[str, pd.DataFrame]) -> TokenTable:
    """The token table of the tokenize stage's tables, as `load_tokens` reads it."""
    tokens, sizes = tables["tokens"], tables["documents"]["tokens"].to_numpy()
    columns = [tokens[name].to_numpy() for name in ("token", "start", "length", "case", "voice", "part", "sentence")]
    bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return TokenTable(*columns, np.repeat(np.arange(len(sizes), dtype=np.int32), sizes), bounds)


def random_words(rng: np.random.Generator, n: int, vocabulary: int = 3000) -> list[str]:
    """Words of an invented language with Zipf-like frequencies."""
    weight = 1 / np.arange(5, vocabulary + 5)
    return [f"word{i}" for i in rng.choice(vocabulary, size=n, p=weight / weight.sum())]
