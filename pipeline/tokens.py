"""Text to token ids: what a token is, and the table of tokens that every later stage reads."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from pipeline import paths
from pipeline.language import Language
from pipeline.storage import read_table

LOWER, CAPITALISED, CAPITALS = 0, 1, 2
TITLE, SUBTITLE, BODY = 0, 1, 2
CLITIC = "'s"  # a token of its own, but no word

# Dotted initials; numbers with their separators and endings (1,200 2.5m 1990s 20th); words with inner apostrophes, the
# possessive 's apart. Hyphens separate. Words of two letters and more come first because most tokens are such.
_REST_OF_WORD = r"[\w\ufffd]+(?:'(?!s(?!\w))[\w\ufffd]+)*"
TOKEN = re.compile(
    rf"[^\W\d]{_REST_OF_WORD}|"
    r"(?:[A-Za-z]\.){2,}[A-Za-z]?(?![A-Za-z])|[A-Za-z]\.[A-Za-z](?![\w.])|\d+(?:[.,]\d+)*[\w\ufffd]*|"
    rf"{_REST_OF_WORD}|'s(?!\w)"
)
_SPLIT = re.compile(f"({TOKEN.pattern})")


class Vocabulary(dict):
    """Form as it stands in the text -> id of its term and its case, packed as 4 * id + case; grows as forms are looked up."""

    def __init__(self, language: Language):
        super().__init__()
        self.language = language
        self.ids: dict[str, int] = {}

    def __missing__(self, form: str) -> int:
        packed = self[form] = 4 * self.id_of(self.term(form)) + case_of(form)
        return packed

    def id_of(self, term: str) -> int:
        """The id of a term, given in order of first sight."""
        return self.ids.setdefault(term, len(self.ids))

    def term(self, form: str) -> str:
        """The term of a form: one spelling of initials, else lower case."""
        language = self.language
        known = language.same_term.get(form) or language.capitals.get(form)
        return known or form.lower().strip("_") or form


def case_of(form: str) -> int:
    """LOWER, CAPITALISED (first letter) or CAPITALS (two letters or more, all capital)."""
    if form.islower():
        return LOWER
    letters = [c for c in form if c.isalpha()]
    if len(letters) > 1 and all(c.isupper() for c in letters):
        return CAPITALS
    return CAPITALISED if letters and letters[0].isupper() else LOWER


def token_arrays(text: str, vocabulary: Vocabulary) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Ids (int32), first characters (int32), lengths (int16) and cases (int8) of a text's tokens."""
    pieces = _SPLIT.split(text)  # what stands between tokens and tokens, in turn
    forms = pieces[1::2]
    sizes = np.fromiter(map(len, pieces), np.int64, len(pieces))
    starts, lengths = np.cumsum(sizes)[:-1:2].astype(np.int32), sizes[1::2]
    packed = np.fromiter(map(vocabulary.__getitem__, forms), np.int64, len(forms))
    ids, case = (packed >> 2).astype(np.int32), (packed & 3).astype(np.int8)
    ambiguous = vocabulary.language.capitals
    for form in ambiguous:
        if form not in text:
            continue
        for i in (k for k, other in enumerate(forms) if other == form):
            neighbours = [k for k in (i - 1, i + 1) if 0 <= k < len(forms)]
            if neighbours and all(case[k] == CAPITALS and forms[k] not in ambiguous for k in neighbours):
                ids[i] = vocabulary.id_of(form)
    return ids, starts, np.minimum(lengths, 32767).astype(np.int16), case


class TokenTable(NamedTuple):
    """All tokens of a corpus in order of articles: arrays of equal length, and the documents' bounds.

    token: id in the vocabulary; start, length: characters within the part; case; voice; part: TITLE, SUBTITLE or BODY;
    sentence: row of the sentence table; article: row of the document table; bounds: first token of each article, and the end.
    """

    token: np.ndarray
    start: np.ndarray
    length: np.ndarray
    case: np.ndarray
    voice: np.ndarray
    part: np.ndarray
    sentence: np.ndarray
    article: np.ndarray
    bounds: np.ndarray


def load_tokens() -> TokenTable:
    """The token table as the tokenize stage wrote it."""
    tokens = read_table(paths.TOKENS)
    sizes = read_table(paths.DOCUMENTS, ["tokens"])["tokens"].to_numpy()
    bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    columns = [tokens[name].to_numpy() for name in ("token", "start", "length", "case", "voice", "part", "sentence")]
    return TokenTable(*columns, np.repeat(np.arange(len(sizes), dtype=np.int32), sizes), bounds)


def load_unmended() -> tuple[TokenTable, list[str]]:
    """Tokens and terms of the texts whose typography was repaired, read unrepaired; bounds are those of all articles."""
    tokens = read_table(paths.UNMENDED_TOKENS)
    article = tokens["article"].to_numpy()
    n = len(read_table(paths.DOCUMENTS, ["tokens"]))
    bounds = np.searchsorted(article, np.arange(n + 1)).astype(np.int64)
    columns = [tokens[name].to_numpy() for name in ("token", "start", "length", "case", "voice", "part", "sentence")]
    return TokenTable(*columns, article, bounds), read_table(paths.UNMENDED_VOCABULARY, ["term"])["term"].tolist()
