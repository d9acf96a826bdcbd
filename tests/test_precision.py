"""Precision from coded hits: worked examples of the weights, faults named, what is left out."""

import pandas as pd
import pytest

from pipeline.conventions import TOTAL
from pipeline.errors import InputError
from pipeline.precision import measure_precision, parse_codes, read_codes
from pipeline.proportions import wilson_interval

HEAD = "article_id,position,category,entry,code,second_code\n"


def codes_of(*rows: tuple[str, str, int, int]) -> pd.DataFrame:
    """rows: category, entry, right ones, wrong ones."""
    found = [(c, e, value) for c, e, right, wrong in rows for value in [1] * right + [0] * wrong]
    return pd.DataFrame(found, columns=["category", "entry", "correct"]).assign(lexicon="mine")


ENTRIES = pd.DataFrame({"lexicon": "mine", "category": ["a", "a", "b"], "entry": ["one", "two", "three"], "hits": [200, 100, 100]})


def test_categories_have_the_weight_of_their_hits_over_all():
    table = measure_precision(codes_of(("a", "one", 9, 1), ("b", "three", 5, 5)), ENTRIES, 0.95).set_index("category")
    assert table.loc["a", ["coded", "hits", "precision"]].tolist() == [10, 300, 0.9]
    assert table.loc["b", ["low", "high"]].tolist() == pytest.approx(wilson_interval(0.5, 10, 0.95))
    whole = table.loc[TOTAL]
    assert (whole["coded"], whole["hits"], whole["precision"]) == (20, 400, pytest.approx(0.8))
    # 1 / (.75^2 / 10 + .25^2 / 10) = 16 codes drawn with equal weights would tell as much.
    assert whole[["low", "high"]].tolist() == pytest.approx(wilson_interval(0.8, 16, 0.95))


def test_entries_drawn_apart_have_the_weight_of_their_hits_in_the_category():
    codes = codes_of(("a", "one", 4, 0), ("a", "two", 1, 3))
    apart = measure_precision(codes, ENTRIES, 0.95, {"mine"}).set_index("category").loc["a"]
    assert apart["precision"] == pytest.approx(2 / 3 * 1 + 1 / 3 * 0.25)
    assert apart[["low", "high"]].tolist() == pytest.approx(wilson_interval(0.75, 7.2, 0.95))
    assert measure_precision(codes, ENTRIES, 0.95).set_index("category").loc["a", "precision"] == 5 / 8


def test_without_hits_every_code_counts_alike():
    table = measure_precision(codes_of(("a", "one", 3, 1), ("b", "three", 1, 5)), ENTRIES.assign(hits=0), 0.95)
    assert table.set_index("category").loc[TOTAL, "precision"] == pytest.approx(0.4)


def test_no_codes_give_an_empty_table_with_its_columns():
    table = measure_precision(read_codes({"mine": ""}, ENTRIES), ENTRIES, 0.95)
    assert table.empty and "precision" in table


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("article_id,position,category,entry,label\n", "columns must be article_id, position, category"),
        (HEAD + "x,1,a,one,2,\n", "line 2: code: must be 0 or 1 .got '2'."),
        (HEAD + "x,1,a,one,1,y\n", "line 2: second_code: must be 0, 1 or empty .got 'y'."),
        (HEAD + "x,1,a,one,1,\nx,1,a,two,0,\n", "line 3: the hit of line 2 is coded twice"),
        (HEAD + "x,1,a,one\n", "line 2: needs 6 cells"),
    ],
)
def test_faulty_codes_are_refused(text, fault):
    with pytest.raises(InputError, match=fault):
        parse_codes(text, "codes.csv")


def test_codes_of_another_lexicon_tell_nothing_of_a_category_of_one_name(tmp_path):
    path = tmp_path / "codes.csv"
    path.write_text(HEAD + "x,1,a,one,1,\nx,2,a,elsewhere,0,\nx,3,b,one,0,\n")
    assert read_codes({"mine": str(path)}, ENTRIES)[["category", "entry"]].to_numpy().tolist() == [["a", "one"]]


def test_codes_of_categories_that_are_no_more_are_left_out(tmp_path):
    path = tmp_path / "codes.csv"
    path.write_text(HEAD + "x,1,a,one,1,0\nx,9,gone,old,0,\n")
    codes = read_codes({"mine": str(path), "other": "", "third": str(tmp_path / "missing.csv")}, ENTRIES)
    assert codes[["lexicon", "category", "correct", "second"]].to_numpy().tolist() == [["mine", "a", 1, 0.0]]
