"""Rules of a language, read from data/languages."""

from __future__ import annotations

from typing import NamedTuple

import yaml

from pipeline import paths


class Language(NamedTuple):
    """What tokenizer and voice rules know of a language."""

    name: str
    same_term: dict[str, str]
    capitals: dict[str, str]
    abbreviations: frozenset[str]
    speech_verbs: frozenset[str]
    name_words: frozenset[str]


def load_language(name: str) -> Language:
    """The rules of a language by its name."""
    values = yaml.safe_load((paths.LANGUAGES / f"{name}.yaml").read_text(encoding="utf-8"))
    return Language(
        name=name,
        same_term={form: term for term, forms in values["same_term"].items() for form in forms},
        capitals=dict(values["capitals"]),
        abbreviations=frozenset(values["abbreviations"]),
        speech_verbs=frozenset(values["speech_verbs"]),
        name_words=frozenset(values["name_words"]),
    )
