"""The committed lexicons: readable by the engine, documented category by category, without entries that could never count."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from pipeline.lexicon_formats import read_lexicon

HOME = Path("data/lexicons")
FLOORS = {"loaded_terms": (2000, 16), "frames": (1200, 18)}


def words(text: str) -> tuple[str, ...]:
    return tuple(text.replace("-", " ").split())


@pytest.fixture(scope="module", params=sorted(FLOORS))
def lexicon(request):
    return read_lexicon(HOME / f"{request.param}.csv")


@pytest.fixture(scope="module")
def documented() -> pd.DataFrame:
    return pd.read_csv(HOME / "categories.csv", keep_default_na=False)


def test_size(lexicon):
    entries, categories = FLOORS[lexicon.name]
    assert len(lexicon.entries) >= entries
    assert len(lexicon.categories) >= categories


def test_every_category_is_documented_in_every_field(lexicon, documented):
    rows = documented[documented["lexicon"] == lexicon.name]
    assert sorted(rows["category"]) == lexicon.categories
    assert (rows.apply(lambda column: column.str.strip().str.len()) > 0).all(axis=None)


def test_entries_are_lower_case_and_differ_in_words(lexicon):
    assert [entry.text for entry in lexicon.entries if entry.text != entry.text.lower()] == []
    same = Counter((entry.category, words(entry.text)) for entry in lexicon.entries)
    assert [key for key, n in same.items() if n > 1] == []


def test_files_are_sorted():
    for name in FLOORS:
        with (HOME / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            keys = [(row["category"], row["entry"]) for row in csv.DictReader(file)]
        assert keys == sorted(keys)


def test_a_loaded_term_belongs_to_one_category():
    entries = read_lexicon(HOME / "loaded_terms.csv").entries
    categories = Counter(words(entry.text) for entry in entries)
    assert [" ".join(key) for key, n in categories.items() if n > 1] == []


def test_excluded_phrases_are_longer_than_their_entry(lexicon):
    short = [
        (entry.text, phrase)
        for entry in lexicon.entries
        for phrase in entry.exclude
        if len(words(phrase)) <= len(words(entry.text))
    ]
    assert short == []


def test_coded_hits_name_entries_of_the_lexicon():
    known = {(entry.category, entry.text) for entry in read_lexicon(HOME / "loaded_terms.csv").entries}
    codes = pd.read_csv(HOME / "precision.csv")
    assert set(zip(codes["category"], codes["entry"], strict=True)) - known == set()
