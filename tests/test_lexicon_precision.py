"""The table of coded hits: intervals and agreement against worked examples, faults named, and the floors the lexicon must keep."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmarks.lexicon_precision import CODES, agreement, precision_table, read_codes, weighted_precision


def coded(code: list[int], second: list[int | None], category: str = "hedges") -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "article_id": "a",
            "position": range(len(code)),
            "category": category,
            "entry": "perhaps",
            "code": code,
            "second_code": second,
        }
    )
    return frame.astype({"code": "Int64", "second_code": "Int64"})


def test_wilson_interval_of_eight_of_ten():
    row = precision_table(coded([1] * 8 + [0] * 2, [None] * 10)).loc["hedges"]
    assert (row["n"], row["precision"]) == (10, 0.8)
    assert row["low"] == pytest.approx(0.490162, abs=1e-5)
    assert row["high"] == pytest.approx(0.943318, abs=1e-5)


def test_agreement_of_a_worked_example():
    # 20 alike as 1, 15 alike as 0, 5 and 10 unlike: observed .7, expected by chance .5, kappa .4 (Cohen 1960).
    codes = coded([1] * 25 + [0] * 25 + [1], [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15 + [None])
    found = agreement(codes)
    assert found["recoded"] == 50
    assert found["alike"] == pytest.approx(0.7)
    assert found["kappa"] == pytest.approx(0.4)
    # Krippendorff's alpha: 1 - (n - 1) * unlike pairs / (n1 * n0) with n = 100 values, 30 unlike, n1 = 55, n0 = 45.
    assert found["alpha"] == pytest.approx(1 - 99 * 30 / (2 * 55 * 45))


def test_weights_move_the_overall_precision_to_the_frequent_category():
    table = precision_table(pd.concat([coded([1] * 10, [None] * 10), coded([1] * 5 + [0] * 5, [None] * 10, "boosters")]))
    estimate, low, high = weighted_precision(table, pd.Series({"hedges": 10, "boosters": 90}))
    assert estimate == pytest.approx(0.55)
    assert high - estimate == pytest.approx(1.959964 * (0.9**2 * 0.25 / 9) ** 0.5, abs=1e-6)
    assert low == pytest.approx(2 * estimate - high)
    with pytest.raises(ValueError, match="no hits counted for: hedges"):
        weighted_precision(table, pd.Series({"boosters": 90}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.rename(columns={"code": "label"}), "columns must be"),
        (lambda f: f.assign(code=[1, 2]), "code must be 0 or 1"),
        (lambda f: f.assign(position=7), "coded twice"),
    ],
)
def test_faulty_codes_are_refused(tmp_path, change, message):
    path = tmp_path / "codes.csv"
    change(coded([1, 0], [1, None])).to_csv(path, index=False)
    with pytest.raises(ValueError, match=message):
        read_codes(path)


def test_committed_codes_keep_the_floors():
    codes = read_codes(CODES)
    table = precision_table(codes)
    assert len(codes) >= 600
    assert table["n"].min() >= 20
    assert codes["second_code"].notna().sum() >= 150
    assert codes["code"].mean() >= 0.80
    assert table["precision"].min() >= 0.65
