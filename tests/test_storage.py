import csv
import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import storage
from pipeline.errors import InputError
from pipeline.storage import (
    Spool,
    csv_bytes,
    neutralise_formula,
    read_blocks,
    read_json,
    read_table,
    read_yaml,
    replace_folder,
    round_frame,
    round_significant,
    table_writer,
    write_bytes,
    write_json,
    write_table,
)


def test_rounding_keeps_significant_digits_of_every_magnitude():
    got = round_significant(np.array([123456789.0, 0.000123456789, -1.23456789, 0.0, -0.0, np.nan, np.inf]))
    assert got[:4].tolist() == [123457000.0, 0.000123457, -1.23457, 0.0]
    assert not np.signbit(got[4]) and np.isnan(got[5]) and np.isinf(got[6])


@given(st.floats(min_value=1e-200, max_value=1e200))
def test_rounding_errs_by_half_a_unit_of_the_sixth_digit_at_most_and_is_stable(value):
    once = round_significant(np.array([value]))
    assert abs(once[0] - value) <= 0.5000001 * 10.0 ** (np.floor(np.log10(value)) - 5)
    assert round_significant(once)[0] == once[0]


def test_rounding_of_frames_leaves_whole_numbers_and_text():
    frame = round_frame(pd.DataFrame({"share": [1 / 3], "hits": [1234567], "outlet": ["Tern"]}))
    assert frame.to_dict("list") == {"share": [0.333333], "hits": [1234567], "outlet": ["Tern"]}


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tcmd", "\rcmd", "\ncmd", "＝1"])
def test_formula_cells_become_text(cell):
    assert neutralise_formula(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["plain", "", "5 - 3", -5, -0.5, None])
def test_harmless_cells_stay(cell):
    assert neutralise_formula(cell) is cell


def test_csv_is_read_back_as_written_and_negative_numbers_stay_numbers():
    frame = pd.DataFrame(
        {"title": ['=HYPERLINK("x")', 'two\nlines, "quoted"', None], "rate": [-0.12345678, np.nan, 2.0], "n": [-1, 0, 1234567]}
    )
    data = csv_bytes(frame)
    assert b"\r" not in data
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    assert rows == [
        ["title", "rate", "n"],
        ['\'=HYPERLINK("x")', "-0.123457", "-1"],
        ['two\nlines, "quoted"', "", "0"],
        ["", "2", "1234567"],
    ]


def test_csv_of_an_empty_table_is_its_header():
    assert csv_bytes(pd.DataFrame({"a": [], "b": []})) == b"a,b\n"


def test_a_table_is_read_back_and_its_bytes_depend_on_its_content_only(tmp_path):
    frame = pd.DataFrame({"outlet": ["Möwe", ""], "count": np.array([3, 4], dtype=np.int32), "share": [0.12345678, np.nan]})
    write_table(tmp_path / "one.parquet", frame)
    write_table(tmp_path / "two.parquet", frame.set_axis([7, 9]))
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    back = read_table(tmp_path / "one.parquet")
    assert back["outlet"].tolist() == ["Möwe", ""] and back["count"].dtype == np.int32
    assert back["share"][0] == 0.123457 and np.isnan(back["share"][1])
    assert read_table(tmp_path / "one.parquet", ["count"]).columns.tolist() == ["count"]


def test_json_is_sorted_readable_and_refuses_what_json_has_not(tmp_path):
    path = tmp_path / "deep" / "value.json"
    write_json(path, {"b": "Möwe", "a": [1, None]})
    assert path.read_text(encoding="utf-8") == '{\n  "a": [\n    1,\n    null\n  ],\n  "b": "Möwe"\n}\n'
    assert read_json(path) == json.loads(path.read_bytes())
    with pytest.raises(ValueError, match="Out of range float"):
        write_json(path, float("nan"))
    assert read_json(path)["b"] == "Möwe"


def test_a_failing_write_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    write_bytes(path, b"old")

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(storage.Path, "replace", full)
    with pytest.raises(OSError, match="no space left"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["table.csv"]


def test_a_folder_takes_the_place_of_the_older_one(tmp_path):
    new, old = tmp_path / ".new", tmp_path / "figures"
    for folder, name in ((new, "fresh.svg"), (old, "stale.svg")):
        folder.mkdir()
        (folder / name).touch()
    replace_folder(new, old)
    assert [p.relative_to(tmp_path).as_posix() for p in sorted(tmp_path.rglob("*"))] == ["figures", "figures/fresh.svg"]


def test_a_table_written_in_parts_is_the_same_file_however_it_is_parted(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "ROW_GROUP", 4)
    frame = pd.DataFrame({"outlet": [f"Tern {n}" for n in range(11)], "starts": [[0, n] for n in range(11)]})
    schema = pa.schema([("outlet", pa.string()), ("starts", pa.list_(pa.int64()))])
    written = []
    for size in (1, 3, 4, 5, 11):
        with table_writer(tmp_path / "table.parquet", schema) as writer:
            for start in range(0, 11, size):
                writer.add(frame.iloc[start : start + size])
        written.append((tmp_path / "table.parquet").read_bytes())
    assert written[1:] == written[:1] * 4
    assert read_table(tmp_path / "table.parquet")["outlet"].tolist() == frame["outlet"].tolist()
    assert pq.read_metadata(tmp_path / "table.parquet").num_row_groups == 3
    assert [len(block) for block in read_blocks(tmp_path / "table.parquet", 4).read()] == [4, 4, 3]


def test_a_table_that_fails_midway_leaves_the_old_one(tmp_path):
    path = tmp_path / "table.parquet"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match="midway"), table_writer(path, pa.schema([("n", pa.int64())])) as writer:
        writer.add(pd.DataFrame({"n": [1]}))
        raise ValueError("midway")
    assert [entry.name for entry in tmp_path.iterdir()] == ["table.parquet"]
    assert path.read_bytes() == b"old"


def test_spooled_rows_come_back_as_often_as_asked(tmp_path):
    spool = Spool(tmp_path / "rows.arrow", pa.schema([("n", pa.int32()), ("word", pa.string())]))
    spool.add({"n": [1, 2], "word": ["a", "b"]})
    spool.add({"n": [3], "word": ["c"]})
    assert list(spool.read()) == [{"n": [1, 2], "word": ["a", "b"]}, {"n": [3], "word": ["c"]}]
    assert list(spool.read("n")) == [{"n": [1, 2]}, {"n": [3]}]


def test_values_that_stand_twice_in_a_list_are_refused_all_at_once(tmp_path):
    file = tmp_path / "words.yaml"
    file.write_text("nouns: [gull, tern, gull]\nverbs:\n  - {words: [say, tell]}\n  - {words: [say, say, tell, tell]}\n")
    with pytest.raises(InputError, match="2 faults") as raised:
        read_yaml(file)
    assert raised.value.faults == [
        "nouns: stands more than once in the list: gull",
        "verbs[1].words: stands more than once in the list: say, tell",
    ]


def test_forms_in_their_places_may_be_alike(tmp_path):
    file = tmp_path / "words.yaml"
    file.write_text("irregular:\n  put: [puts, put, put, putting]\npairs: [[a, a], [b]]\n")
    assert read_yaml(file, {"irregular", "pairs"})["irregular"]["put"] == ["puts", "put", "put", "putting"]
    with pytest.raises(InputError, match=r"pairs\[0\]: stands more than once in the list: a"):
        read_yaml(file, {"irregular"})
