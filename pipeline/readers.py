"""Reading files as they come into records: decoded text and named fields, or a refusal with its reason."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FIELDS = ("outlet", "title", "subtitle", "text", "published", "url", "credit")

# How users name their columns; compared in lower case with everything but letters and digits dropped.
COLUMN_NAMES: dict[str, tuple[str, ...]] = {
    "text": ("text", "body", "content", "articletext", "articlebody", "fulltext", "maintext", "articlecontent"),
    "outlet": ("outlet", "source", "publisher", "publication", "newspaper", "domain", "sourcename", "site", "media", "sourcedomain"),
    "title": ("title", "headline", "articletitle"),
    "subtitle": ("subtitle", "standfirst", "deck", "subheadline", "summary", "description"),
    "published": ("published", "publishdate", "pubdate", "date", "publishedat", "publicationdate", "datetime", "datepublished", "time"),
    "url": ("url", "link", "address", "articleurl", "articlesourcelink", "permalink", "weburl"),
    "credit": ("credit", "agency", "wire"),
}

TEXT_ENDINGS = (".txt", ".text")
TABLE_ENDINGS = (".csv", ".tsv", ".jsonl", ".ndjson")
MANIFEST = "manifest.csv"
LARGEST_CELL = 16 * 2**20


class Record(NamedTuple):
    """One article as it came: fields as text, where from (file, number in it), and the encoding it was read in."""

    source: str
    number: int
    encoding: str
    fields: dict[str, str]


class Refusal(NamedTuple):
    """Something that was not taken in: where, a reason code, and the detail."""

    source: str
    number: int
    reason: str
    detail: str


def decode(data: bytes) -> tuple[str, str] | None:
    """Text and encoding name: UTF-8, UTF-16 with its mark, else Windows-1252; None for what is not text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16"), "utf-16"
        except UnicodeDecodeError:
            return None
    if b"\x00" in data:
        return None
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding), "utf-8" if encoding == "utf-8-sig" else encoding
        except UnicodeDecodeError:
            continue
    return None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def map_columns(columns: list[str], chosen: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Field -> column, from the user's choice first and common names second; and the faults of the choice."""
    mapping: dict[str, str] = {}
    faults = []
    for field, column in chosen.items():
        if field not in FIELDS:
            faults.append(f"ingest.columns: no such field {field!r} (known: {', '.join(FIELDS)})")
        elif column not in columns:
            faults.append(f"ingest.columns: field {field!r}: no column {column!r} (columns found: {', '.join(columns)})")
        else:
            mapping[field] = column
    by_plain = {}
    for column in columns:
        by_plain.setdefault(_plain(column), column)
    taken = set(mapping.values())
    for field, names in COLUMN_NAMES.items():
        if field not in mapping:
            found = next((by_plain[name] for name in names if name in by_plain and by_plain[name] not in taken), None)
            if found is not None:
                mapping[field] = found
                taken.add(found)
    return mapping, faults


def _text(value: object) -> str:
    return "" if value is None else str(value)


def read_delimited(text: str, source: str, chosen: dict[str, str], delimiter: str = ",") -> tuple[Iterator[Record | Refusal], list[str]]:
    """Records of a CSV or TSV text, and the faults of its header (then there are no records)."""
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = next(reader)
    except StopIteration:
        return iter(()), [f"{source}: the file is empty"]
    except csv.Error as error:
        return iter(()), [f"{source}: row 1: {error}"]
    mapping, faults = map_columns(header, chosen)
    faults = [f"{source}: {fault}" for fault in faults]
    if "text" not in mapping:
        faults.append(
            f"{source}: no column for the article's text (columns found: {', '.join(header) or 'none'}; "
            f"known names: {', '.join(COLUMN_NAMES['text'])}; or name it in ingest.columns)"
        )
    if faults:
        return iter(()), faults
    positions = {field: header.index(column) for field, column in mapping.items()}

    def rows() -> Iterator[Record | Refusal]:
        number = 0
        while True:
            number += 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Refusal(source, number, "unreadable_row", str(error))
                continue
            if len(row) != len(header):
                yield Refusal(source, number, "wrong_columns", f"{len(row)} cells in a table of {len(header)} columns")
                continue
            yield Record(source, number, "", {field: row[at] for field, at in positions.items()})

    return rows(), []


def read_json_lines(text: str, source: str, chosen: dict[str, str]) -> tuple[Iterator[Record | Refusal], list[str]]:
    """Records of a JSON Lines text, one object a line; lines that are no object with a text are refused."""

    def rows() -> Iterator[Record | Refusal]:
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield Refusal(source, number, "unreadable_row", f"not JSON: {error}")
                continue
            if not isinstance(value, dict):
                yield Refusal(source, number, "unreadable_row", f"must be an object (got {type(value).__name__})")
                continue
            mapping, _ = map_columns(list(value), {f: c for f, c in chosen.items() if c in value})
            if "text" not in mapping:
                yield Refusal(source, number, "no_text_field", f"keys found: {', '.join(value) or 'none'}")
                continue
            yield Record(source, number, "", {field: _text(value[column]) for field, column in mapping.items()})

    return rows(), [] if text.strip() else [f"{source}: the file is empty"]


def read_manifest(text: str, source: str) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Fields per file from manifest.csv (column `file` and any of the article fields), and its faults."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = list(reader.fieldnames or [])
    if "file" not in columns:
        return {}, [f"{source}: needs a column 'file' (columns found: {', '.join(columns) or 'none'})"]
    faults = [
        f"{source}: no such column {column!r} (known: file, {', '.join(FIELDS)})"
        for column in columns
        if column not in ("file", *FIELDS)
    ]
    rows: dict[str, dict[str, str]] = {}
    for number, row in enumerate(reader, start=1):
        name = row.pop("file") or ""
        if name in rows:
            faults.append(f"{source}: row {number}: file {name!r} is listed twice")
        rows[name] = {field: _text(value) for field, value in row.items() if field in FIELDS}
    return rows, faults


def find_files(root: Path) -> list[Path]:
    """Files under a folder (or the one file itself) in a fixed order; hidden ones and those outside the folder are left out."""
    if root.is_file():
        return [root]
    home = root.resolve()
    return [
        path
        for path in sorted(root.rglob("*"))
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
        and path.resolve().is_relative_to(home)
    ]


def read_folder(root: Path, chosen: dict[str, str]) -> tuple[Iterator[Record | Refusal], list[str]]:
    """Everything under a folder: records and refusals as a stream, and the faults that make the whole input unusable."""
    if not root.exists():
        return iter(()), [f"{root}: no such file or folder"]
    files = find_files(root)
    base = root if root.is_dir() else root.parent
    faults: list[str] = []
    manifests: dict[Path, dict[str, dict[str, str]]] = {}
    for path in files:
        if path.name == MANIFEST:
            decoded = decode(path.read_bytes())
            if decoded is None:
                faults.append(f"{path}: not text")
                continue
            rows, found = read_manifest(decoded[0], str(path))
            faults.extend(found)
            manifests[path.parent] = rows
            for name in sorted(rows):
                target = (path.parent / name).resolve()
                if not target.is_relative_to(base.resolve()):
                    faults.append(f"{path}: file {name!r} lies outside the folder")
                elif not target.is_file():
                    faults.append(f"{path}: file {name!r} does not exist")
    articles = [p for p in files if p.name != MANIFEST and p.suffix.lower() != ".md"]
    if not articles:
        known = ", ".join(TEXT_ENDINGS + TABLE_ENDINGS)
        faults.append(f"{root}: holds no articles (files with the endings {known})")
    tables: dict[Path, Iterator[Record | Refusal]] = {}
    encodings: dict[Path, str] = {}
    for path in articles:
        if path.suffix.lower() not in TABLE_ENDINGS:
            continue
        decoded = decode(path.read_bytes())
        name = path.relative_to(base).as_posix()
        if decoded is None:
            tables[path] = iter([Refusal(name, 0, "not_text", "not UTF-8, UTF-16 or Windows-1252 text")])
            continue
        text, encodings[path] = decoded
        if path.suffix.lower() in (".csv", ".tsv"):
            rows, found = read_delimited(text, name, chosen, "\t" if path.suffix.lower() == ".tsv" else ",")
        else:
            rows, found = read_json_lines(text, name, chosen)
        faults.extend(found)
        tables[path] = rows

    def stream() -> Iterator[Record | Refusal]:
        for path in articles:
            name = path.relative_to(base).as_posix()
            ending = path.suffix.lower()
            if path in tables:
                for row in tables[path]:
                    yield row._replace(encoding=encodings[path]) if isinstance(row, Record) else row
            elif ending in TEXT_ENDINGS:
                decoded = decode(path.read_bytes())
                if decoded is None:
                    yield Refusal(name, 0, "not_text", "not UTF-8, UTF-16 or Windows-1252 text")
                    continue
                listed = manifests.get(path.parent, {}).get(path.name, {})
                yield Record(name, 0, decoded[1], {**listed, "text": decoded[0]})
            else:
                yield Refusal(name, 0, "unknown_format", f"ending {ending or '(none)'!r} is not read")

    return stream(), faults
