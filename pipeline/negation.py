"""Negation: what negates in a language, read from data/languages."""

from __future__ import annotations

from typing import NamedTuple

import yaml

from pipeline import paths


class Negation(NamedTuple):
    """Rule of negation: tokens looked back on, negating words, words that end the scope, phrases that only look negating."""

    window: int
    negators: tuple[str, ...]
    ends: tuple[str, ...]
    not_negating: tuple[str, ...]


def load_negation(language: str) -> Negation:
    """The rule of negation of a language by its name."""
    values = yaml.safe_load((paths.LANGUAGES / f"{language}_negation.yaml").read_text(encoding="utf-8"))
    return Negation(values["window"], tuple(values["negators"]), tuple(values["ends"]), tuple(values["not_negating"]))
