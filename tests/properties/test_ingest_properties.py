"""For any bytes in any container: in = out + refused, no crash, the same result twice.

`HYPOTHESIS_PROFILE=nightly` tries 10,000 cases a property, anything else a few hundred.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import tempfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.alignment import Alignment, align, to_source
from pipeline.clean import clean_articles
from pipeline.fields import make_outlets
from pipeline.ingest import Settings, ingest_records
from pipeline.params import Clean
from pipeline.readers import Note, Record, Refusal, read_folder
from pipeline.rules import load_rules
from pipeline.typography import repair
from tests.pages import OUTLETS

CASES = {"nightly": 10_000, "ci": 80}
ANY = settings(
    max_examples=CASES.get(os.environ.get("HYPOTHESIS_PROFILE", "ci"), CASES["ci"]),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SETTINGS = Settings(make_outlets(OUTLETS), load_rules(), 3, ())

# Text as damaged as dumps are: marks, lost characters, furniture, breaks.
PIECES = st.sampled_from(
    [
        '"', '"?', "“", "”", "'", "’", "‘", "\ufffd", "?", " - ", "--", "—", " ", "   ", "\n", "\n\n", "\r\n", "\t", "&amp;", "<p>",
        "</p>", "&lt;", "READ MORE: ", "Source: ", "By ", "(Photo by AFP)", "MOSCOW, March 3. /TASS/. ", "www.baytv.example",
        "SHARE THIS ARTICLE", "a@b.example", "The union said so.", "Harland", "trump", "it", "3 March 2032", "\x00", "\u200b",
        "\u00a0",
        "#", 'won"t', "£", "1,000", "U.S.", "The", "é",
    ]
)  # fmt: skip
MESSY = st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=40).map("".join)
ROWS = st.lists(st.fixed_dictionaries({"outlet": st.text(max_size=8), "title": MESSY, "text": MESSY}), min_size=1, max_size=5)
MARKS = (
    b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1", b"WARC/1.0\r\n", b"\xff\xfe",
    b"[{", b'{"text":', b"<html>", b"outlet,text\n",
)  # fmt: skip
WRAPPERS = ("plain", "gzip", "zstd", "zip", "zip in gzip")


def wrap(data: bytes, wrapper: str) -> bytes:
    """The data in an archive."""
    if wrapper == "gzip":
        return gzip.compress(data, mtime=0)
    if wrapper == "zstd":
        return zstandard.ZstdCompressor().compress(data)
    if wrapper.startswith("zip"):
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w") as archive:
            archive.writestr(zipfile.ZipInfo("inner"), data)
        return sink.getvalue() if wrapper == "zip" else gzip.compress(sink.getvalue(), mtime=0)
    return data


def run(data: bytes) -> tuple[int, int, int, list[str], bytes]:
    """Records and refusals read, articles and refusals made, ids, and the cleaned texts, of one file."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.data").write_bytes(data)
        stream, faults = read_folder(Path(folder), {})
        items = [] if faults else [item for item in stream if not isinstance(item, Note)]
        left = sorted(path.name for path in Path(folder).rglob("*"))
    assert left == ["a.data"]
    assert all(isinstance(item, Record | Refusal) for item in items)
    articles, outcome = ingest_records(items, SETTINGS)
    assert outcome.records == len(items) == len(articles) + len(outcome.refused)
    cleaned, _ = clean_articles(articles, Clean())
    return (
        len(items),
        len(articles),
        len(outcome.refused),
        articles["article_id"].tolist(),
        "\x1e".join(cleaned["text"]).encode("utf-8", "replace"),
    )


@ANY
@given(data=st.binary(max_size=400), wrapper=st.sampled_from(WRAPPERS))
def test_any_bytes_in_any_archive(data: bytes, wrapper: str) -> None:
    assert run(wrap(data, wrapper)) == run(wrap(data, wrapper))


@ANY
@given(data=st.binary(min_size=1, max_size=300), mark=st.sampled_from(MARKS))
def test_any_bytes_after_any_mark(data: bytes, mark: bytes) -> None:
    assert run(mark + data) == run(mark + data)


@ANY
@given(rows=ROWS, form=st.sampled_from(["csv", "jsonl", "json", "parquet"]), wrapper=st.sampled_from(WRAPPERS))
def test_every_row_of_a_table_is_an_article_or_a_refusal(rows: list[dict[str, str]], form: str, wrapper: str) -> None:
    rows = [
        {
            name: "".join(c for c in value if c >= " " or c in "\t\n\r").encode("utf-8", "replace").decode()
            for name, value in row.items()
        }
        for row in rows
    ]
    if form == "csv":
        sink = io.StringIO(newline="")
        writer = csv.DictWriter(sink, ["outlet", "title", "text"], quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
        data = sink.getvalue().encode()
    elif form == "parquet":
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows), buffer)
        data = buffer.getvalue()
    else:
        data = ("\n".join(json.dumps(row) for row in rows) if form == "jsonl" else json.dumps(rows)).encode()
    result = run(wrap(data, wrapper))
    assert result[0] == len(rows)
    assert result == run(wrap(data, wrapper))


@ANY
@given(text=MESSY)
def test_repair_is_idempotent(text: str) -> None:
    once = repair(text)
    assert repair(once) == once


@ANY
@given(text=MESSY)
def test_alignment_rises_and_stays_inside(text: str) -> None:
    result = repair(text)
    alignment: Alignment = align(text, result)
    places = [to_source(position, alignment, len(text)) for position in range(len(result))]
    assert places == sorted(places)
    assert all(0 <= place <= len(text) for place in places)


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_wrappers_hold_what_was_put_in(wrapper: str) -> None:
    assert run(wrap(b"The union said on Monday that it would wait.", wrapper))[:3] == (1, 1, 0)
