"""Speakers across articles: one who goes by the family name alone in one article and in full in another is one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache

import pandas as pd

from pipeline.sources import SourceRules


def is_title(word: str, rules: SourceRules) -> bool:
    """Whether a word before a family name is a form of address or an office."""
    word = word.lower()
    return word.strip(".") in rules.gender or bool(rules.kind_of_word(word))


def is_full_name(name: str, rules: SourceRules) -> bool:
    """Whether a speaker's name is a person's given and family name: its first word is a known given name, its last no initial and
    no word for an office or a body."""
    given, _, family = name.partition(" ")
    family = family.rpartition(" ")[2]
    return len(family) > 1 and given.lower() in rules.given and not rules.kind_of_word(family.lower())


def others_named(text: str, full: str, rules: SourceRules) -> bool:
    """Whether a text names a bearer of a full name's family name by another capitalised word than those of the name, a title, an
    office, or what begins a sentence."""
    *names, family = full.split(" ")
    # What stands before the family name is looked at from its start and only if that name follows, lest initials in a long row be
    # gone over from each of them.
    behind = rf" {re.escape(family)}\b"
    before = rf"(?<![\w'.-])(?=[\w'.-]++{behind})[\w'.-]*?\b([^\W\d_a-z][\w'.-]*+){behind}"
    words = set(re.findall(before, text)).difference(names)
    plain = rules.no_title | rules.links
    return any(word.lower() not in plain and not is_title(word, rules) for word in words)


def bearers_of(speakers: Iterable[str], rules: SourceRules) -> dict[str, set[str]]:
    """Speakers of several words by their last word, and by their first, which may be the family name; without titles."""
    bearers: dict[str, set[str]] = defaultdict(set)
    for name in set(speakers):
        words = name.split(" ")
        while len(words) > 1 and is_title(words[0], rules):
            words = words[1:]
        if len(words) > 1:
            for word in (words[0], words[-1]):
                bearers[word].add(" ".join(words))
    return bearers


def merge_family_names(
    article: Sequence[int], speaker: Sequence[str], outlets: Sequence[str], texts: Sequence[str], rules: SourceRules
) -> list[str]:
    """Speakers of attributions; one called by the family name alone gets the full name that the outlet's speakers have for it.

    article, speaker: of each attribution, the article's row and the name as resolved within it; outlets, texts: of each article.
    That is done where exactly one name of several words among the outlet's speakers has the word as its first or last, is a
    person's full name that ends in it, no other such name of the whole corpus stands in the outlet's articles, and the article
    itself calls nobody else so. Everything else stays as it is. An article without an outlet stands alone.
    """
    outlets = [outlet or f"\0{row}" for row, outlet in enumerate(outlets)]
    rows: dict[str, list[str]] = defaultdict(list)
    for outlet, text in zip(outlets, texts, strict=True):
        rows[outlet].append(text)
    spoken: dict[str, list[str]] = defaultdict(list)
    for row, name in zip(article, speaker, strict=True):
        spoken[outlets[row]].append(name)
    everywhere = bearers_of(speaker, rules)
    merged: dict[tuple[str, str], str] = {}
    for outlet, names in spoken.items():
        here = bearers_of(names, rules)
        for family in set(names) & here.keys():
            full, *more = sorted(here[family])
            rivals = everywhere[family] - {full}
            alone = not more and full.endswith(f" {family}") and is_full_name(full, rules)
            if alone and not any(rival in text for rival in rivals for text in rows[outlet]):
                merged[outlet, family] = full

    @cache
    def within(row: int, name: str) -> str:
        full_name = merged.get((outlets[row], name), name)
        return name if full_name != name and others_named(texts[row], full_name, rules) else full_name

    return [within(row, name) for row, name in zip(article, speaker, strict=True)]


def with_full_names(attributions: pd.DataFrame, articles: pd.DataFrame, rules: SourceRules) -> pd.DataFrame:
    """Attributions of named speakers with their family names merged (`merge_family_names`); column `article`: row of `articles`."""
    given = (attributions["article"], attributions["speaker"], articles["outlet"], articles["text"])
    return attributions.assign(speaker=merge_family_names(*(column.tolist() for column in given), rules))
