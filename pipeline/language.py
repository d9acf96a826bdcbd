"""Rules of a language, read from data/languages."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline import paths
from pipeline.storage import read_yaml


class Language(NamedTuple):
    """What tokenizer, voice rules and grouping know of a language; `digests`: titles of articles that tell many events."""

    name: str
    same_term: dict[str, str]
    capitals: dict[str, str]
    abbreviations: frozenset[str]
    speech_verbs: frozenset[str]
    name_words: frozenset[str]
    digests: re.Pattern[str]


def load_language(name: str) -> Language:
    """The rules of a language by its name."""
    values = read_yaml(paths.LANGUAGES / f"{name}.yaml")
    return Language(
        name=name,
        same_term={form: term for term, forms in values["same_term"].items() for form in forms},
        capitals=dict(values["capitals"]),
        abbreviations=frozenset(values["abbreviations"]),
        speech_verbs=frozenset(values["speech_verbs"]),
        name_words=frozenset(values["name_words"]),
        digests=re.compile("|".join(values["digests"]) or "(?!)", re.I),
    )
