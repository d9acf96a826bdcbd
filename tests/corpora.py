"""Small corpora for tests, made from forms without the tokenize stage."""

from __future__ import annotations

import numpy as np

from pipeline.language import load_language
from pipeline.lexicon import Corpus
from pipeline.negation import Negation
from pipeline.tokens import BODY, TokenTable, Vocabulary, token_arrays
from pipeline.voice import OWN

ENGLISH = load_language("english")


def make_corpus(articles: list[list[str]], voices: list[list[int]] | None = None, negation: Negation | None = None) -> Corpus:
    """A corpus of articles, each a list of sentences; voices: one a token, by article. Sentences stand one space apart."""
    vocabulary = Vocabulary(ENGLISH)
    columns: dict[str, list[np.ndarray]] = {name: [] for name in ("token", "start", "length", "case", "sentence", "article")}
    sizes = []
    row = 0
    for article, sentences in enumerate(articles):
        offset = size = 0
        for sentence in sentences:
            ids, starts, lengths, case = token_arrays(sentence, vocabulary)
            values = (ids, starts + offset, lengths, case, np.full(len(ids), row), np.full(len(ids), article))
            for name, column in zip(columns, values, strict=True):
                columns[name].append(column)
            offset += len(sentence) + 1
            size += len(ids)
            row += 1
        sizes.append(size)
    joined = {
        name: np.concatenate(parts).astype(np.int32) if parts else np.array([], dtype=np.int32) for name, parts in columns.items()
    }
    n = len(joined["token"])
    voice = np.full(n, OWN, dtype=np.int8) if voices is None else np.concatenate([np.array(v, dtype=np.int8) for v in voices])
    bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    tokens = TokenTable(**joined, voice=voice, part=np.full(n, BODY, dtype=np.int8), bounds=bounds)
    return Corpus(tokens, list(vocabulary.ids), ENGLISH, negation)
