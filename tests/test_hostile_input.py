"""Input that means harm: refused or neutralised, in bounded memory and time, nothing written anywhere."""

from __future__ import annotations

import gzip
import io
import json
import os
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from pipeline.alignment import align
from pipeline.attribution import load_rules as load_attribution_rules
from pipeline.attribution import read_voices, voice_spans
from pipeline.clean import clean_articles
from pipeline.containers import Limits
from pipeline.furniture import inline_removals
from pipeline.loose_lines import pull_quotes
from pipeline.params import Clean, read_params
from pipeline.readers import Note, Record, Refusal, read_folder
from pipeline.rules import load_rules
from pipeline.speakers import merge_family_names
from pipeline.storage import neutralise_formula
from pipeline.typography import repair

TEXT = "The harbour union said on Monday that the cranes of the eastern quay would stay idle."


def reasons(root: Path, limits: Limits | None = None) -> list[str]:
    """What each item is, refusals by their reason."""
    stream, _ = read_folder(root, {}, limits)
    return [item.reason if isinstance(item, Refusal) else "record" for item in stream if not isinstance(item, Note)]


def peak(root: Path, limits: Limits | None = None) -> tuple[list[str], float]:
    """What each item is, and the most memory taken, in MB."""
    tracemalloc.start()
    found = reasons(root, limits)
    most = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return found, most


def test_bomb_stops_at_its_limit(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "bomb.gz", "wb") as file:
        file.write(b'{"text": "')
        for _ in range(120):
            file.write(b"0" * 2**20)
    found, most = peak(tmp_path, Limits(floor=64 * 2**20, ratio=10))
    assert found == ["unfolds_too_far"]
    assert most < 120


def test_zip_of_zips_stops_at_its_depth(tmp_path: Path) -> None:
    data = TEXT.encode()
    for _ in range(6):
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w") as archive:
            archive.writestr("inner", data)
        data = sink.getvalue()
    (tmp_path / "nested.zip").write_bytes(data)
    assert reasons(tmp_path) == ["nested_too_deep"]


@pytest.mark.parametrize("name", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "C:/out.txt", "..\\out.txt"])
def test_member_with_a_path_that_leads_out_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "input"
    folder.mkdir()
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr(name, TEXT)
        archive.writestr("fine.txt", TEXT)
    assert sorted(reasons(folder)) == ["record", "unsafe_path"]
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.zip"]


def test_too_many_members_stop_the_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(20):
            archive.writestr(f"{number:02d}.txt", TEXT)
    assert reasons(tmp_path, Limits(members=5)) == ["record"] * 5 + ["unfolds_too_far"]


def test_truncated_and_encrypted_archives_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(TEXT.encode() * 50)[:-20])
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04" + b"\x00" * 40)
    assert reasons(tmp_path) == ["unreadable_archive", "unreadable_archive"]


def test_line_of_two_hundred_megabytes_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    with (tmp_path / "a.jsonl").open("wb") as file:
        file.write(json.dumps({"text": TEXT}).encode() + b"\n" + b'{"text": "')
        for _ in range(200):
            file.write(b"x" * 2**20)
        file.write(b'"}\n' + json.dumps({"text": TEXT + " More."}).encode() + b"\n")
    found, most = peak(tmp_path)
    assert found == ["record", "row_too_long", "record"]
    assert most < 120


def test_crawl_with_a_header_without_end_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    with (tmp_path / "a.warc").open("wb") as file:
        file.write(b"WARC/1.0\r\nWARC-Type: response\r\nX: ")
        for _ in range(200):
            file.write(b"x" * 2**20)
    found, most = peak(tmp_path)
    assert found == ["unreadable_file"]
    assert most < 120


@pytest.mark.parametrize("dictionary", [True, False])
def test_parquet_that_unfolds_too_far_is_refused_in_bounded_memory(tmp_path: Path, dictionary: bool) -> None:
    large = TEXT * 2**16
    pq.write_table(pa.table({"text": [large] * 60}), tmp_path / "a.parquet", compression="zstd", use_dictionary=dictionary)
    before = pa.total_allocated_bytes()
    stream, _ = read_folder(tmp_path, {})
    items = []
    most = 0
    for item in stream:
        if isinstance(item, Record):
            assert item.fields["text"] == large
        items.append(getattr(item, "reason", type(item).__name__))
        most = max(most, pa.total_allocated_bytes() - before)
    assert items[-1] == "unfolds_too_far"
    assert items[1:-1] == ["Record"] * (12 if dictionary else 0)
    assert most < 150 * 2**20


@pytest.mark.parametrize("ending", ["zip", "zst"])
def test_table_that_unfolds_a_thousandfold_stops_in_bounded_memory(tmp_path: Path, ending: str) -> None:
    with ExitStack() as stack:
        if ending == "zip":
            archive = stack.enter_context(zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED))
            file = stack.enter_context(archive.open("a.csv", "w"))
        else:
            packed = stack.enter_context((tmp_path / "a.zst").open("wb"))
            file = stack.enter_context(zstandard.ZstdCompressor().stream_writer(packed))
        file.write(b"outlet,text\nBay TV," + TEXT.encode() + b"\n")
        for _ in range(200):
            file.write(b"0" * 2**20)
    found, most = peak(tmp_path)
    assert found == ["record", "unfolds_too_far"]
    assert most < 120


def test_zstandard_frame_that_asks_for_a_gigabyte_is_refused(tmp_path: Path) -> None:
    options = zstandard.ZstdCompressionParameters.from_level(3, window_log=30, write_content_size=False)
    packer = zstandard.ZstdCompressor(compression_params=options).compressobj()
    (tmp_path / "a.zst").write_bytes(packer.compress(TEXT.encode() * 100) + packer.flush())
    assert reasons(tmp_path) == ["unreadable_archive"]


def test_parquet_whose_column_names_are_no_text_is_refused_without_a_crash(tmp_path: Path) -> None:
    pq.write_table(pa.table({"outlet": ["Bay TV"], "text": [TEXT]}), tmp_path / "a.parquet", store_schema=False)
    data = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(data.replace(b"outlet", b"out\x80et"))
    assert reasons(tmp_path) == ["unreadable_file"]


def test_crawl_with_damaged_headers_is_refused_without_a_crash(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(b"WARC/1.0\r\nWARC-Type: response\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<html>")
    assert reasons(tmp_path) == ["unreadable_file"]


def test_row_of_millions_of_columns_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"outlet,text\n" + b"," * (10 * 2**20) + b"\nBay TV," + TEXT.encode() + b"\n")
    found, most = peak(tmp_path)
    assert found == ["row_too_long", "record"]
    assert most < 150


def test_zero_bytes_make_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"The union\x00said so.\x00\x01\x02")
    (tmp_path / "b.csv").write_bytes(b"outlet,text\nBay TV,The union\x00said so.\n")
    stream, _ = read_folder(tmp_path, {})
    items = [item for item in stream if not isinstance(item, Note)]
    assert [item.reason for item in items if isinstance(item, Refusal)] == ["not_text"]
    assert [item.fields["text"] for item in items if isinstance(item, Record)] == ["The union said so."]


def test_deeply_nested_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"[" * 100_000 + b"\n" + json.dumps({"text": TEXT}).encode())
    assert reasons(tmp_path) == ["unreadable_row", "record"]


def test_quotation_never_closed_does_not_swallow_memory(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b'outlet,text\nBay TV,"' + (TEXT.encode() + b"\n") * 400_000)
    found, most = peak(tmp_path)
    assert set(found) <= {"unreadable_row", "wrong_columns", "record"}
    assert "unreadable_row" in found
    assert most < 200


def test_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "input"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text(TEXT)
    (folder / "a.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "b.txt").write_text(TEXT)
    assert reasons(folder) == ["outside_folder", "record"]


def test_name_that_is_no_text_is_told_with_its_bytes_replaced(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text(TEXT)
    stream, faults = read_folder(tmp_path, {})
    assert faults == []
    assert [item.source for item in stream if isinstance(item, Record)] == ["caf\ufffd.txt"]


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_formula_cells_are_neutralised_on_the_way_out(cell: str) -> None:
    assert neutralise_formula(cell) == "'" + cell


def test_hostile_page_is_read_without_running_anything(tmp_path: Path) -> None:
    page = "<html><body><article>" + f"<p onclick='x()'>{TEXT} It was said once more.</p>" * 6
    page += "<script>alert(1)</script><iframe src='javascript:alert(2)'></iframe>" + "<div>" * 5000 + "</article></body></html>"
    (tmp_path / "a.html").write_text(page)
    stream, _ = read_folder(tmp_path, {})
    for item in stream:
        text = item.fields["text"] if isinstance(item, Record) else ""
        assert "alert" not in text
        assert "onclick" not in text


# Seconds of processor time: more than four times what each of these texts takes, less than the square of its length would.
SECONDS = 20


def seconds(function: Callable[[], object]) -> float:
    start = time.process_time()
    function()
    return time.process_time() - start


@pytest.mark.parametrize(
    "text",
    [
        f"Mara Venn said that the “{'A' * 60} b;” was so.",
        "READ MORE: " * 16_000,
        "Read THIS " * 20_000,
        "said, “a b c d e f g” " * 10_000,
        "“Aa b” ‘Cc d’ " * 30_000,
        "".join(f"Mara{number}: there now, on the quay.\n" for number in range(60_000)),
    ],
)
def test_voices_of_a_text_without_shape_take_no_square_of_its_length(text: str) -> None:
    rules = load_attribution_rules()
    assert seconds(lambda: voice_spans(text, read_voices(text, rules))) < SECONDS


@pytest.mark.parametrize("unit", ["CORRECTION: ", ",-1 "])
def test_endless_furniture_at_the_end_takes_no_square_of_its_length(unit: str) -> None:
    text = repair(unit * (60_000 // len(unit)))
    assert seconds(lambda: inline_removals(text, load_rules())) < SECONDS


@pytest.mark.parametrize("unit", ["We know. Xinhua ", "“He said so and so and will, he said.” "])
def test_one_sentence_again_and_again_takes_no_square_of_its_length(unit: str) -> None:
    text = unit * (400_000 // len(unit))
    assert seconds(lambda: pull_quotes(text, load_rules())) < SECONDS


@pytest.mark.parametrize(("unit", "length"), [('"', 1_000_000), ("'", 120_000), ('"?', 120_000)])
def test_heaps_of_marks_are_aligned_with_what_is_left_of_them(unit: str, length: int) -> None:
    text = unit * (length // len(unit))
    assert seconds(lambda: align(text, repair(text))) < SECONDS


def test_endless_bylines_take_no_square_of_a_texts_length() -> None:
    text = "".join(
        f"The {n}th pier was shut by a storm all of last week. By Mara Venn, CNN The {n}th ship left. " for n in range(4000)
    )
    articles = pd.DataFrame(
        {"article_id": ["a", "b"], "outlet": "Tern", "title": "", "subtitle": "", "text": [text, text[100:]], "lost_characters": 0}
    )
    assert seconds(lambda: clean_articles(articles, Clean())) < SECONDS


@pytest.mark.parametrize("text", ["A." * 60_000, "Nancy Brandt said. Brandt said. " * 8_000])
def test_names_in_a_long_row_take_no_square_of_its_length(text: str) -> None:
    rules = load_attribution_rules().sources
    speakers = ["Nancy Brandt"] + ["Brandt"] * 8_000
    assert seconds(lambda: merge_family_names([0] * len(speakers), speakers, ["Tern"], [text], rules)) < SECONDS


def test_parameters_that_name_each_other_again_and_again_are_read_once(tmp_path: Path) -> None:
    rows = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    (tmp_path / "params.yaml").write_text("\n".join(["a0: &a0 {b: 1}", *rows]))
    assert seconds(lambda: read_params(tmp_path / "params.yaml")) < SECONDS
