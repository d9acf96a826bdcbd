"""Ingest, for any bytes in any container: in = articles + refused, no crash, no partial file, the same result twice."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from unittest.mock import patch

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import ingest, paths
from pipeline.errors import InputError
from pipeline.fields import make_outlets
from pipeline.params import Params
from pipeline.readers import Note, Record, Refusal, read_folder
from pipeline.rules import load_rules
from tests.pages import OUTLETS
from tests.properties.cases import ANY, ARCHIVES, FORMS, HARM, ROWS, TABLES, Row, damage, encode, wrap

KNOWN, RULES = make_outlets(OUTLETS), load_rules()
MARKS = (
    b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1", b"WARC/1.0\r\n", b"\xff\xfe", b"\xfe\xff",
    b"[{", b'{"text":', b"<html>", b"outlet,text\n", b"outlet\ttext\n",
)  # fmt: skip
WRITTEN = ["articles.parquet", "refused.parquet"]


def run_stage_on(folder: Path) -> tuple[str, dict[str, bytes]]:
    """The stage on `folder/in`: the error it ends with, if any, and every file that it leaves, by name."""
    params = Params.model_validate({"ingest": {"source": "files", "path": str(folder / "in"), "min_words": 3, "languages": []}})
    out = folder / "out"
    with (
        patch.object(ingest, "load_params", lambda: params),
        patch.object(ingest, "read_outlets", lambda path: KNOWN),
        patch.object(ingest, "load_rules", lambda: RULES),
        patch.object(paths, "ARTICLES", out / "articles.parquet"),
        patch.object(paths, "REFUSED", out / "refused.parquet"),
    ):
        try:
            ingest.main()
            error = ""
        except InputError as fault:
            error = str(fault)
    return error, {path.name: path.read_bytes() for path in sorted(out.rglob("*"))}


def check(data: bytes) -> int:
    """Read a file and run the stage on it twice; the number of records and refusals that it holds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        (folder / "in" / "a.data").write_bytes(data)
        stream, faults = read_folder(folder / "in", {})
        items = [] if faults else [item for item in stream if not isinstance(item, Note)]
        assert all(isinstance(item, Record | Refusal) for item in items)
        error, files = run_stage_on(folder)
        assert (error, files) == run_stage_on(folder)
        assert [path.name for path in (folder / "in").rglob("*")] == ["a.data"]
        if error:
            assert error.startswith(name)
            assert files == {}
            told = [int(count) for count in re.findall(r"^  - [a-z_]+: (\d+) \(", error, re.M)]
            assert sum(told) == len(items)
        else:
            assert list(files) == WRITTEN
            tables = [pq.read_table(folder / "out" / name, columns=["source", "number"]).to_pylist() for name in WRITTEN]
            places = sorted((row["source"], row["number"]) for table in tables for row in table)
            assert places == sorted((item.source, item.number) for item in items)
    return len(items)


@ANY
@given(data=st.binary(max_size=400), archives=ARCHIVES)
def test_any_bytes_in_any_archives(data: bytes, archives: list[str]) -> None:
    check(wrap(data, archives))


@ANY
@given(data=st.binary(min_size=1, max_size=300), mark=st.sampled_from(MARKS), archives=ARCHIVES)
def test_any_bytes_after_any_mark(data: bytes, mark: bytes, archives: list[str]) -> None:
    check(wrap(mark + data, archives))


@ANY
@given(rows=ROWS, form=st.sampled_from(TABLES), archives=ARCHIVES)
def test_every_row_of_a_table_is_an_article_or_a_refusal(rows: list[Row], form: str, archives: list[str]) -> None:
    assert check(wrap(encode(rows, form), archives)) == len(rows)


@ANY
@given(rows=ROWS, form=st.sampled_from(["txt", "html", "warc"]), archives=ARCHIVES)
def test_every_page_is_an_article_or_a_refusal(rows: list[Row], form: str, archives: list[str]) -> None:
    found = check(wrap(encode(rows, form), archives))
    assert found == {"txt": found, "html": 1, "warc": len(rows)}[form] > 0


@ANY
@given(rows=ROWS, form=st.sampled_from(FORMS), archives=ARCHIVES, inner=st.booleans(), harm=HARM)
def test_damaged_file_of_any_form(
    rows: list[Row], form: str, archives: list[str], inner: bool, harm: list[tuple[float, str, bytes]]
) -> None:
    data = encode(rows, form)
    check(wrap(damage(data, harm), archives) if inner else damage(wrap(data, archives), harm))


@pytest.mark.parametrize("archives", [[], ["gzip"], ["zstd"], ["zip"], ["zip", "gzip"], ["zstd", "zip", "zip"]])
@pytest.mark.parametrize("form", FORMS)
def test_archives_hold_what_was_put_in(form: str, archives: list[str], tmp_path: Path) -> None:
    text = "The harbour union said on Monday that it would wait. " * 8
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.data").write_bytes(wrap(encode([{"outlet": "Bay TV", "title": "Waiting", "text": text}], form), archives))
    error, files = run_stage_on(tmp_path)
    assert (error, list(files)) == ("", WRITTEN)
    assert text.strip() in pq.read_table(tmp_path / "out" / "articles.parquet")["text"].to_pylist()[0]
