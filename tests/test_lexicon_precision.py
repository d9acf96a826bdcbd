"""The committed codes: agreement against worked examples, and the floors that lexicon and word choice must keep."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmarks.lexicon_precision import CODES, agreement, summarise
from pipeline.lexicon_formats import read_text
from pipeline.precision import parse_codes
from pipeline.word_choice import read_word_choice

NAME_CODES = CODES.with_name("word_choice_precision.csv")
NO_HITS = pd.DataFrame({"category": [], "entry": [], "hits": []})


def test_agreement_of_a_worked_example():
    # 20 alike as 1, 15 alike as 0, 5 and 10 unlike: observed .7, expected by chance .5, kappa .4 (Cohen 1960).
    nan = float("nan")
    codes = pd.DataFrame({"correct": [1] * 25 + [0] * 25 + [1], "second": [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15 + [nan]})
    found = agreement(codes)
    assert found["recoded"] == 50
    assert found["alike"] == pytest.approx(0.7)
    assert found["kappa"] == pytest.approx(0.4)
    # Krippendorff's alpha: 1 - (n - 1) * unlike pairs / (n1 * n0) with n = 100 values, 30 unlike, n1 = 55, n0 = 45.
    assert found["alpha"] == pytest.approx(1 - 99 * 30 / (2 * 55 * 45))
    assert found["alpha_low"] < found["alpha"] < found["alpha_high"]


def test_hits_move_the_overall_precision_to_the_frequent_category():
    codes = pd.DataFrame(
        {
            "category": ["hedges"] * 10 + ["boosters"] * 10,
            "entry": "perhaps",
            "correct": [1] * 15 + [0] * 5,
            "second": [1.0] * 15 + [0.0] * 5,
        }
    )
    entries = pd.DataFrame({"category": ["hedges", "boosters"], "entry": "perhaps", "hits": [10, 90]})
    table, result = summarise(codes, entries, by_entry=False)
    assert (result["precision"], result["weighted"]) == (0.75, pytest.approx(0.55))
    assert result["lowest"] == {"category": "boosters", "precision": 0.5}
    assert "all" not in table.index
    assert "weighted" not in summarise(codes, NO_HITS, by_entry=False)[1]


def test_committed_codes_of_loaded_terms_keep_the_floors():
    codes = parse_codes(read_text(CODES), str(CODES))
    table, result = summarise(codes, NO_HITS, by_entry=False)
    assert len(codes) >= 600 and result["recoded"] >= 150
    assert table["coded"].min() >= 20
    assert result["precision"] >= 0.80
    assert table["precision"].min() >= 0.65


def test_committed_codes_of_names_are_of_listed_names_and_keep_the_floors():
    codes = parse_codes(read_text(NAME_CODES), str(NAME_CODES))
    listed = read_word_choice("data/lexicons/word_choice.csv").table
    assert set(zip(codes["category"], codes["entry"], strict=True)) <= set(zip(listed["concept"], listed["name"], strict=True))
    table, result = summarise(codes, NO_HITS, by_entry=False)
    assert len(codes) >= 300 and result["recoded"] >= 100
    assert codes["category"].nunique() >= 60
    assert table["precision"].min() >= 0.80
    assert codes.groupby(["category", "entry"]).size().max() <= 8
