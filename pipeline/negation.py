"""Negation: what negates in a language, read from data/languages."""

from __future__ import annotations

from typing import NamedTuple

from pipeline import paths
from pipeline.storage import read_yaml


class Negation(NamedTuple):
    """Rule of negation: tokens looked back on, negating words, words that end the scope, phrases that only look negating."""

    window: int
    negators: tuple[str, ...]
    ends: tuple[str, ...]
    not_negating: tuple[str, ...]


def load_negation(language: str) -> Negation:
    """The rule of negation of a language by its name."""
    values = read_yaml(paths.LANGUAGES / f"{language}_negation.yaml")
    return Negation(values["window"], tuple(values["negators"]), tuple(values["ends"]), tuple(values["not_negating"]))
