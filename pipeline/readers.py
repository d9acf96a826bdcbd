"""Reading files as they come into records: decoded text and named fields, or a refusal with its reason.

The format is told by content; a file's ending decides only between texts that could be either. Everything is read as a stream.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, get_args

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.containers import (
    MANIFEST,
    UNREADABLE,
    Budget,
    LimitExceeded,
    Limits,
    Member,
    Unreadable,
    inner_name,
    open_members,
    spool,
)
from pipeline.csvtables import table_rows
from pipeline.decoding import LONGEST_LINE, decode, guess_utf16, read_lines, read_pieces
from pipeline.errors import suggest
from pipeline.params import ArticleField

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

FIELDS: tuple[str, ...] = get_args(ArticleField)

# How users name their columns; compared in lower case with everything but letters and digits dropped.
COLUMN_NAMES: dict[str, tuple[str, ...]] = {
    "text": ("text", "body", "content", "articletext", "articlebody", "fulltext", "maintext", "articlecontent", "bodytext",
        "article", "html"),
    "outlet": (
        "outlet", "source", "publisher", "publication", "newspaper", "domain", "sourcename", "site", "sitename", "media",
        "medianame",
        "mediaoutlet", "sourcedomain", "outletname", "journal", "website", "hostname",
    ),
    "title": ("title", "headline", "articletitle", "heading"),
    "subtitle": ("subtitle", "standfirst", "deck", "dek", "subheadline", "subheading", "summary", "description", "abstract",
        "lead"),
    "published": (
        "published", "publishdate", "pubdate", "date", "publishedat", "publicationdate", "datetime", "datepublished",
        "publisheddate",
        "articledate", "time", "timestamp", "created", "createdat",
    ),
    "url": ("url", "link", "address", "articleurl", "articlesourcelink", "permalink", "weburl", "canonicalurl", "href"),
    "credit": ("credit", "agency", "wire", "newsagency"),
    "byline": ("byline", "author", "authors", "writer", "reporter", "creator"),
    "section": ("section", "category", "desk", "rubric", "topic"),
}  # fmt: skip

DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
LARGEST_TEXT = 16 * 2**20
LARGEST_OBJECT = 64 * 2**20
MOST_COLUMNS = 100_000
BATCH_ROWS = 16
# XML that is no web page: feeds, site maps, drawings.
XML_MARKS = ("<?xml", "<rss", "<feed", "<urlset", "<sitemapindex", "<svg")

_MARKUP_HEAD = re.compile(
    rb"^\s*(?:<\?xml[^>]{0,200}>\s*|<!--.{0,2000}?-->\s*)*<(?:!doctype html|html|head|body|article|div|meta|script|main)\b",
    re.I | re.S,
)


class Record(NamedTuple):
    """One article as it came: fields as text, where from (file, number in it), its encoding and format, and, where the text was
    taken out of something else (a web page), that as it came, by which the article is known."""

    source: str
    number: int
    encoding: str
    fields: dict[str, str]
    format: str = "text"
    original: str | None = None


class Refusal(NamedTuple):
    """Something that was not taken in: where, a reason code, and the detail."""

    source: str
    number: int
    reason: str
    detail: str


class Note(NamedTuple):
    """Something to tell the user about a file that was taken in, such as which of its columns are which fields."""

    source: str
    text: str


Stream = Iterator[Record | Refusal | Note]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def map_columns(columns: list[str], chosen: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Field -> column, from the user's choice first and common names second; and the faults of the choice."""
    mapping: dict[str, str] = {}
    faults = []
    for field, column in chosen.items():
        if column not in columns:
            faults.append(f"ingest.columns: field {field!r}: no column {column!r}{suggest(column, columns)}")
        else:
            mapping[field] = column
    by_plain: dict[str, str] = {}
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


def _listed(names: list[str]) -> str:
    shown = ", ".join(repr(name[:40]) if not name.strip() else name[:40] for name in names[:20])
    return (shown or "none") + (f" and {len(names) - 20} more" if len(names) > 20 else "")


def _mapping_note(source: str, mapping: dict[str, str]) -> Note:
    return Note(source, "columns: " + ", ".join(f"{field} = {mapping[field]}" for field in FIELDS if field in mapping))


def check_columns(columns: list[str], chosen: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Field -> column of a table, and every fault that makes it unusable."""
    mapping, faults = map_columns(columns, chosen)
    if "text" not in mapping and "text" not in chosen:
        faults.append(
            f"no column for the article's text (known names: {', '.join(COLUMN_NAMES['text'])}; or name it in ingest.columns)"
        )
    if faults:
        faults[-1] += f" (columns found: {_listed(columns)})"
    return mapping, faults


def _text(value: object) -> str:
    """A cell as text; names of an object or a list of them (`{"name": ..}`) are taken out."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("title") or value.get("id"))
    if isinstance(value, list):
        return ", ".join(part for part in (_text(item) for item in value[:50]) if part)
    return str(value)


# --- what a file is ---------------------------------------------------------------------------------------------------------------


def sniff_delimiter(head: str, ending: str, chosen: Mapping[str, str] | None = None) -> str:
    """The delimiter of a table with a header, by a first line that names a column of text, else by the ending; empty for no table.

    chosen: field -> column, the user's names. By the ending, the ending's own mark; one that its first line is without gives way to
    the one the line has most of.
    """
    line = head.split("\n", 1)[0].rstrip("\r")
    counts = {mark: line.count(mark) for mark in ",;\t|"}
    best = max(counts, key=lambda mark: counts[mark])
    if ending in DELIMITERS:
        named = [mark for mark in counts if counts[mark] and _names_text(line, mark, chosen or {})]
        usual = DELIMITERS[ending]
        return named[0] if len(named) == 1 else usual if counts[usual] or not counts[best] else best
    return best if counts[best] and _names_text(line, best, chosen or {}) else ""


def _names_text(line: str, delimiter: str, chosen: Mapping[str, str]) -> bool:
    """Whether a header cut at a mark names a column of text and one of another field."""
    cells = {cell.strip().strip('"') for cell in line[:10_000].split(delimiter)}
    names = {_plain(cell) for cell in cells}
    fields = {field for field, known in COLUMN_NAMES.items() if names & set(known) or chosen.get(field) in cells}
    return len(cells) > 1 and "text" in fields and len(fields) > 1


def head_text(head: bytes) -> str | None:
    """The first characters of a file; None when they are no text. A few zero bytes are overlooked, as tables hold them by
    mistake."""
    head = head[: len(head) // 2 * 2]
    if not guess_utf16(head[:4096]) and 0 < head.count(0) <= 0.05 * len(head):
        head = head.replace(b"\x00", b" ")
    decoded = decode(head)
    return decoded[0] if decoded and not _is_binary(decoded[0]) else None


def tell_format(head: bytes, name: str, chosen: Mapping[str, str] | None = None) -> str:
    """Format of a file by its first bytes: parquet, warc, html, json, jsonl, delimited, text, or empty for what is no text.

    chosen: field -> column, the user's names.
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"WARC/"):
        return "warc"
    text = head_text(head)
    if text is None:
        return ""
    if _MARKUP_HEAD.match(text[:8192].encode("utf-8", "replace")):
        return "html"
    ending = Path(name).suffix.lower()
    start = text.lstrip()
    if start.startswith(XML_MARKS):
        return ""
    if start.startswith("[") and re.match(r"\[\s*(?:\{|\]\s*$|$)", start):
        return "json"
    if start.startswith("{"):
        first = start.split("\n", 1)
        try:
            json.loads(first[0])
        except (ValueError, RecursionError):
            return "jsonl" if ending in (".jsonl", ".ndjson") or (len(first[0]) > 1000 and len(first) == 1) else "json"
        return "jsonl"
    if ending in (".jsonl", ".ndjson"):
        return "jsonl"
    return "delimited" if sniff_delimiter(text, ending, chosen) else "text"


def _is_binary(text: str) -> bool:
    """Whether decoded bytes hold more control characters than any text does."""
    sample = text[:4096]
    return sum(1 for c in sample if c < " " and c not in "\t\n\r\x0b\x0c\x1b") > max(8, 0.02 * len(sample))


# --- formats ----------------------------------------------------------------------------------------------------------------------


def _decoded_lines(stream: BinaryIO, head: bytes, encodings: list[str]) -> Iterator[str | int]:
    """Decoded lines, or the length of one that is too long; `encodings[0]` is the encoding of the lines since it was last
    cleared."""
    wide = guess_utf16(head[:4096])
    for line in read_lines(stream, wide):
        if isinstance(line, int):
            yield line
            continue
        if b"\x00" in line:
            line = line.replace(b"\x00", b" ")
        decoded = decode(line)
        assert decoded is not None  # without zero bytes every line decodes
        text, encoding = decoded
        encoding = "utf-16" if wide else encoding
        if encoding != encodings[0] and not text.isascii():
            encodings[0] = encoding if encodings[0] in ("", "utf-8") else "mixed"
        elif not encodings[0]:
            encodings[0] = encoding
        yield text


def read_delimited(member: Member, chosen: dict[str, str]) -> Stream:
    """Records of a CSV or TSV with a header; a row of another width, or that can't be parsed, is refused."""
    source = member.name
    csv.field_size_limit(LARGEST_TEXT)
    delimiter = sniff_delimiter(head_text(member.head) or "", Path(source).suffix.lower(), chosen) or ","
    encodings = [""]
    too_wide: list[str] = []

    def lines() -> Iterator[str]:
        for line in _decoded_lines(member.stream, member.head, encodings):
            if isinstance(line, int):
                too_wide.append(f"a line of {line:,} bytes (at most {LONGEST_LINE:,})")
            elif line.count(delimiter) > MOST_COLUMNS:
                too_wide.append(f"more than {MOST_COLUMNS:,} columns")
            else:
                yield line

    reader = csv.reader(lines(), delimiter=delimiter)
    header: list[str] | None = None
    number = 0
    positions: dict[str, int] = {}
    while True:
        encodings[0] = ""
        try:
            row = next(reader, None)
        except csv.Error as error:
            number += 1
            yield Refusal(source, number, "unreadable_row", str(error))
            continue
        while too_wide:
            number += 1
            yield Refusal(source, number, "row_too_long", too_wide.pop(0))
        if row is None:
            if header is None:
                yield Refusal(source, 0, "empty_file", "no header")
            return
        if header is None:
            header = row
            mapping, faults = check_columns(header, chosen)
            if faults:
                yield Refusal(source, 0, "no_text_column", "; ".join(faults))
                return
            yield _mapping_note(source, mapping)
            positions = {field: header.index(column) for field, column in mapping.items()}
            continue
        number += 1
        if not row:
            number -= 1
            continue
        if len(row) != len(header):
            yield Refusal(source, number, "wrong_columns", f"{len(row)} cells in a table of {len(header)} columns")
            continue
        yield Record(source, number, encodings[0], {field: row[at] for field, at in positions.items()}, "delimited")


def _from_object(value: object, source: str, number: int, encoding: str, chosen: dict[str, str], form: str) -> Record | Refusal:
    if not isinstance(value, dict):
        return Refusal(source, number, "unreadable_row", f"must be an object (got {type(value).__name__})")
    mapping, _ = map_columns(list(value), {f: c for f, c in chosen.items() if c in value})
    if "text" not in mapping:
        return Refusal(source, number, "no_text_field", f"keys found: {_listed(list(value))}")
    fields = {field: _text(value[column]) for field, column in mapping.items()}
    return Record(source, number, encoding, {k: v.encode("utf-8", "replace").decode("utf-8") for k, v in fields.items()}, form)


def _parse_json(text: str) -> tuple[object, str]:
    try:
        return json.loads(text), ""
    except (ValueError, RecursionError) as error:
        return None, f"not JSON: {error}"[:200]


def read_json_lines(member: Member, chosen: dict[str, str]) -> Stream:
    """Records of JSON Lines, one object a line; lines that are no object with a text are refused."""
    encodings = [""]
    number = 0
    for line in _decoded_lines(member.stream, member.head, encodings):
        number += 1
        if isinstance(line, int):
            yield Refusal(member.name, number, "row_too_long", f"a line of {line:,} bytes (at most {LONGEST_LINE:,})")
        elif line.strip():
            value, fault = _parse_json(line)
            if fault:
                yield Refusal(member.name, number, "unreadable_row", fault)
            else:
                yield _from_object(value, member.name, number, encodings[0], chosen, "jsonl")
        encodings[0] = ""
    if number == 0:
        yield Refusal(member.name, 0, "empty_file", "no lines")


# A backslash takes the next character with it, unless the piece ends between them.
_JSON_MARK = re.compile(r'\\.|["\\\[\]{}]', re.S)


def split_array(pieces: Iterator[str]) -> Iterator[str | int]:
    """The elements of a JSON array as texts, from the array in pieces; for one longer than `LARGEST_TEXT` its length instead.

    Only strings and brackets are followed; what an element holds is for the parser to judge.
    """
    depth, inside, escaped = 0, False, False
    buffer: list[str] = []
    size = 0

    def keep(part: str) -> None:
        nonlocal size
        size += len(part)
        if size <= LARGEST_TEXT:
            buffer.append(part)
        else:
            buffer.clear()

    def element() -> Iterator[str | int]:
        nonlocal size
        text = "".join(buffer).strip().strip(",").strip()
        if size > LARGEST_TEXT:
            yield size
        elif text:
            yield text
        buffer.clear()
        size = 0

    for piece in pieces:
        last = 0
        skip = 1 if escaped else 0
        escaped = False
        for match in _JSON_MARK.finditer(piece, skip):
            at, mark = match.start(), match.group()
            if inside:
                if mark == "\\":
                    escaped = True
                elif mark == '"':
                    inside = False
            elif mark == '"':
                inside = True
            elif mark in "[{":
                depth += 1
                if depth == 1:
                    last = at + 1
            elif mark in "]}":
                depth -= 1
                if depth == 1:
                    keep(piece[last : at + 1])
                    last = at + 1
                    yield from element()
                elif depth == 0:
                    keep(piece[last:at])
                    yield from element()
                    return
        keep(piece[last:])
    yield from element()


def read_json(member: Member, chosen: dict[str, str]) -> Stream:
    """Records of a JSON array of objects, streamed; or of one object that is an article or holds a list of them."""
    source = member.name
    pieces = read_pieces(member.stream, guess_utf16(member.head[:4096]))
    decoded = decode(
        member.head[: len(member.head) // 2 * 2].replace(b"\x00", b" ") if not guess_utf16(member.head[:4096]) else member.head
    )
    head, encoding = decoded or ("", "utf-8")
    if head.lstrip().startswith("["):
        number = 0
        for text in split_array(pieces):
            number += 1
            if isinstance(text, int):
                yield Refusal(source, number, "row_too_long", f"an element of {text:,} characters (at most {LARGEST_TEXT:,})")
                continue
            value, fault = _parse_json(text)
            yield (
                Refusal(source, number, "unreadable_row", fault)
                if fault
                else _from_object(value, source, number, encoding, chosen, "json")
            )
        if number == 0:
            yield Refusal(source, 0, "empty_file", "an empty array")
        return
    whole: list[str] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > LARGEST_OBJECT:
            yield Refusal(source, 0, "row_too_long", f"one JSON object of more than {LARGEST_OBJECT:,} characters")
            return
        whole.append(piece)
    value, fault = _parse_json("".join(whole))
    if fault:
        yield Refusal(source, 0, "unreadable_row", fault)
        return
    lists = (
        [v for v in value.values() if isinstance(v, list) and any(isinstance(item, dict) for item in v)]
        if isinstance(value, dict)
        else []
    )
    direct = _from_object(value, source, 0, encoding, chosen, "json")
    if isinstance(direct, Refusal) and lists:
        for number, item in enumerate(max(lists, key=len), start=1):
            yield _from_object(item, source, number, encoding, chosen, "json")
    else:
        yield direct


def read_parquet(member: Member, chosen: dict[str, str]) -> Stream:
    """Records of a Parquet table, a few rows at a time; what its compression unfolds to is bounded as an archive's is."""
    source = member.name
    number = 0
    with spool(member.stream) as copy:
        packed = copy.seek(0, io.SEEK_END)
        try:
            schema = pq.read_schema(copy)
            mapping, faults = check_columns(schema.names, chosen)
            if faults:
                yield Refusal(source, 0, "no_text_column", "; ".join(faults))
                return
            yield _mapping_note(source, mapping)
            file = pq.ParquetFile(copy, pre_buffer=False, buffer_size=2**20)
            # A group says what it unfolds to before it is read; a value that many rows repeat counts each time.
            for group in range(file.metadata.num_row_groups):
                Budget(packed, Limits()).spend(file.metadata.row_group(group).total_byte_size)
            budget = Budget(packed, Limits())
            for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=list(mapping.values())):
                columns = {field: batch.column(batch.schema.get_field_index(column)) for field, column in mapping.items()}
                for i in range(batch.num_rows):
                    fields = {field: _text(column[i].as_py()) for field, column in columns.items()}
                    budget.spend(sum(map(len, fields.values())))
                    number += 1
                    yield Record(source, number, "utf-8", fields, "parquet")
        except (pa.ArrowException, *UNREADABLE) as error:
            yield Refusal(source, 0, "unreadable_file", f"{type(error).__name__}: {error}"[:200])


class BoundedLines:
    """A stream that fails where a line goes on beyond `LARGEST_TEXT`, for readers that gather lines without end."""

    def __init__(self, stream: BinaryIO):
        self.stream, self.since = stream, 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`."""
        data = self.stream.read(size)
        last = data.rfind(b"\n")
        self.since = self.since + len(data) if last < 0 else len(data) - last - 1
        if self.since > LARGEST_TEXT:
            raise ValueError(f"a line of more than {LARGEST_TEXT:,} bytes")
        return data


def read_warc(member: Member, chosen: dict[str, str]) -> Stream:
    """Records of the web pages in a WARC file; responses that are no HTML are passed over, as every crawl holds them."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    # Damaged headers let warcio fail in whatever way they lead it to.
    faults = (ArchiveLoadFailed, AttributeError, TypeError, LookupError, *UNREADABLE)
    items = ArchiveIterator(BoundedLines(member.stream))
    pages = 0
    for number in count(1):
        try:
            item = next(items, None)
            page = _page_in(item) if item is not None else None
        except faults as error:
            yield Refusal(member.name, number, "unreadable_file", f"{type(error).__name__}: {error}"[:200])
            return
        if page is not None:
            pages += 1
            yield _page_record(member.name, number, page[0], {"url": page[1]})
        if item is None:
            break
    if pages == 0:
        yield Refusal(member.name, 0, "empty_file", "no web page among its records")


def _page_in(item: ArcWarcRecord) -> tuple[bytes, str] | None:
    """Bytes (one more than allowed at most) and address of the web page in a record of a WARC file, if it holds one."""
    if item.rec_type != "response":
        return None
    kind = (item.http_headers.get_header("Content-Type") if item.http_headers else "") or ""
    if "html" not in kind.lower():
        return None
    return item.content_stream().read(LARGEST_TEXT + 1), item.rec_headers.get_header("WARC-Target-URI") or ""


def _page_record(source: str, number: int, data: bytes, given: dict[str, str]) -> Record | Refusal:
    from pipeline.webpages import read_web_page

    if len(data) > LARGEST_TEXT:
        return Refusal(source, number, "row_too_long", f"a page of more than {LARGEST_TEXT:,} bytes")
    decoded = decode(data)
    if decoded is None:
        return Refusal(source, number, "not_text", "holds zero bytes")
    page, encoding = decoded
    fields = read_web_page(page, given.get("url", ""))
    if not fields.get("text", "").strip():
        return Refusal(source, number, "no_article", "no article's text was found on the page")
    return Record(source, number, encoding, {**fields, **{k: v for k, v in given.items() if v}}, "html", page)


def read_member(member: Member, chosen: dict[str, str], listed: dict[str, str]) -> Stream:
    """Records of one file that is no archive; `listed`: fields that a manifest gives it (for one that is one article)."""
    form = tell_format(member.head, member.name, chosen)
    if form in ("text", "html"):
        data = member.stream.read(LARGEST_TEXT + 1)
        if len(data) > LARGEST_TEXT:
            yield Refusal(member.name, 0, "row_too_long", f"a file of more than {LARGEST_TEXT:,} bytes as one article")
        elif form == "html":
            yield _page_record(member.name, 0, data, listed)
        else:
            decoded = decode(data)
            if decoded is None:
                yield Refusal(member.name, 0, "not_text", "holds zero bytes")
            else:
                yield Record(member.name, 0, decoded[1], {**listed, "text": decoded[0]})
    elif form:
        readers = {
            "delimited": read_delimited,
            "jsonl": read_json_lines,
            "json": read_json,
            "parquet": read_parquet,
            "warc": read_warc,
        }
        yield from readers[form](member, chosen)
    elif head_text(member.head) is None:
        yield Refusal(member.name, 0, "not_text", "not text in UTF-8, UTF-16 or Windows-1252, and no format that is read")
    else:
        yield Refusal(member.name, 0, "unknown_format", "XML that is no web page, such as a feed or a site map")


# --- folders ----------------------------------------------------------------------------------------------------------------------


def read_manifest(text: str, source: str) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Fields per file from manifest.csv (column `file` and any of the article fields), and its faults."""
    reader = table_rows(text)
    columns = list(reader.fieldnames or [])
    if "file" not in columns:
        return {}, [f"{source}: needs a column 'file' (columns found: {_listed(columns)})"]
    faults = [
        f"{source}: no such column {column!r} (known: file, {', '.join(FIELDS)}){suggest(column, FIELDS)}"
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


def find_files(root: Path) -> Iterator[Path]:
    """Files under a folder (or the one file itself) in a fixed order, and folders that can't be read; git's place-holder of an
    empty folder is none, links to folders are not followed."""
    waiting = [(root.parent, root.name)] if root.name else [(root, "")]
    while waiting:
        folder, name = waiting.pop()
        path = folder / name
        if path.is_dir() and (path == root or not path.is_symlink()):
            try:
                waiting.extend((path, name) for name in sorted((inner.name for inner in path.iterdir()), reverse=True))
            except OSError:
                yield path
        elif name != ".gitkeep" and (path.is_file() or path.is_symlink()):
            yield path


def label_of(path: Path, base: Path) -> str:
    """What a file is called in tables: its path within the folder; bytes of it that are no UTF-8 are replaced."""
    return os.fsencode(path.relative_to(base).as_posix()).decode("utf-8", "replace")


def set_aside(path: Path, root: Path) -> tuple[str, str] | None:
    """Why a file of a folder is no input (reason code and detail), or None."""
    inside = path.relative_to(root) if root.is_dir() else Path(path.name)
    if any(part.startswith(".") for part in inside.parts):
        return "hidden_file", "its name or its folder's starts with a full stop"
    if root.is_dir() and not path.resolve().is_relative_to(root.resolve()):
        return "outside_folder", "a link that leads outside the folder"
    if path.suffix.lower() == ".md" or path.stem.lower() in ("readme", "license", "licence", "copying"):
        return "documentation", "describes the folder"
    if path.name.startswith("labels"):
        return "labels", "a table of labels"
    return None


def read_folder(root: Path, chosen: dict[str, str], limits: Limits | None = None) -> tuple[Stream, list[str]]:
    """Everything under a folder: records, refusals and notes as a stream, and the faults that make the whole input unusable.

    Faults are found before anything is taken in: a path that does not exist, no file to read, a manifest that does not fit, a table
    (on disk, in no archive) without a column for the text.
    """
    limits = limits or Limits()
    if not root.exists():
        return iter(()), [f"{root}: no such file or folder"]
    base = root if root.is_dir() else root.parent
    faults: list[str] = []
    listed: dict[Path, dict[str, str]] = {}
    articles = 0
    for path in find_files(root):
        if set_aside(path, root) is not None:
            continue
        if path.name == MANIFEST:
            rows, found = _take_manifest(path, base)
            listed.update(rows)
            faults.extend(found)
            continue
        articles += 1
        faults.extend(f"{label_of(path, base)}: {fault}" for fault in _table_faults(path, chosen))
    if not articles:
        faults.append(f"{root}: holds no articles (text, HTML, CSV, JSON, Parquet or WARC files, or archives of them)")

    def stream() -> Stream:
        for path in find_files(root):
            name = label_of(path, base)
            why = set_aside(path, root)
            if why is not None:
                yield Refusal(name, 0, *why)
                continue
            if path.name == MANIFEST:
                continue
            try:
                with path.open("rb") as file:
                    members = open_members(name, file, Budget(path.stat().st_size, limits), limits.depth)
                    yield from _read_members(members, chosen, listed.get(path.resolve(), {}) if listed else {})
            except OSError as error:
                yield Refusal(name, 0, "unreadable_file", f"{type(error).__name__}: {error.strerror}")

    return stream(), faults


def _take_manifest(path: Path, base: Path) -> tuple[dict[Path, dict[str, str]], list[str]]:
    """Fields per file that a manifest lists, files by their full paths, and its faults."""
    decoded = decode(path.read_bytes())
    rows, faults = read_manifest(decoded[0], str(path)) if decoded else ({}, [f"{path}: not text"])
    listed = {}
    for name in sorted(rows):
        target = (path.parent / name).resolve()
        if not target.is_relative_to(base.resolve()):
            faults.append(f"{path}: file {name!r} lies outside the folder")
        elif not target.is_file():
            faults.append(f"{path}: file {name!r} does not exist")
        listed[target] = rows[name]
    return listed, faults


def _read_members(members: Iterator[Member | Unreadable], chosen: dict[str, str], listed: dict[str, str]) -> Stream:
    """Records of a file's members; `listed`: fields that a manifest beside the file gives it. Those that a manifest within an
    archive gives go before."""
    inside: dict[str, dict[str, str]] = {}
    for member in members:
        folder, slash, base = member.name.rpartition("/" if "/" in member.name.rpartition("!")[2] else "!")
        if isinstance(member, Member) and slash and base == MANIFEST:
            decoded = decode(member.stream.read(LARGEST_TEXT))
            rows, faults = read_manifest(decoded[0], "manifest") if decoded else ({}, ["manifest: not text"])
            if faults:
                yield Refusal(member.name, 0, "unreadable_manifest", "; ".join(faults))
            for name, row in rows.items():
                inside[f"{folder}{slash}{name}"] = inside[f"{folder}{slash}{inner_name(name)}"] = row
        else:
            yield from _read_one(member, chosen, inside.get(member.name, listed))


def _read_one(member: Member | Unreadable, chosen: dict[str, str], listed: dict[str, str]) -> Stream:
    if isinstance(member, Unreadable):
        yield Refusal(member.name, 0, member.reason, member.detail)
        return
    base = member.name.rsplit("!", 1)[-1]
    why = set_aside(Path(base), Path(base)) if "!" in member.name else None
    if why is not None:
        yield Refusal(member.name, 0, *why)
        return
    try:
        yield from read_member(member, chosen, listed)
    except LimitExceeded as error:
        yield Refusal(member.name, 0, "unfolds_too_far", str(error))
    except UNREADABLE as error:
        yield Refusal(member.name, 0, "unreadable_file", f"{type(error).__name__}: {error}"[:200])


def _table_faults(path: Path, chosen: dict[str, str]) -> list[str]:
    """What makes a table on disk unusable, told from its header; nothing for every other file."""
    try:
        with path.open("rb") as file:
            head = file.read(64 * 2**10)
    except OSError:
        return []
    if head.startswith(b"PAR1"):
        try:
            columns = list(pq.read_schema(path).names)
        except (pa.ArrowException, *UNREADABLE):
            return []
    elif head and tell_format(head, path.name, chosen) == "delimited":
        text = head_text(head) or ""
        try:
            delimiter = sniff_delimiter(text, path.suffix.lower(), chosen) or ","
            columns = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        except csv.Error:
            return []
    else:
        return []
    return check_columns(columns, chosen)[1]
