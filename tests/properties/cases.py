"""What the property tests draw: rows of damaged text, files of every form that hold them, archives around those, and damage.

`HYPOTHESIS_PROFILE=nightly` tries 10,000 cases a property, anything else `CASES["ci"]`.
"""

from __future__ import annotations

import csv
import gzip
import html
import io
import json
import os
import zipfile
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

CASES = {"nightly": 10_000, "ci": 60}
ANY = settings(
    max_examples=CASES.get(os.environ.get("HYPOTHESIS_PROFILE", "ci"), CASES["ci"]),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# Text as damaged as dumps are: marks, lost characters, furniture, breaks.
PIECES = st.sampled_from(
    [
        '"', '"?', "“", "”", "'", "’", "‘", "\ufffd", "?", " - ", "--", "—", " ", "   ", "\n", "\n\n", "\r\n", "\t", "&amp;", "<p>",
        "</p>", "&lt;", "READ MORE: ", "Source: ", "By ", "(Photo by AFP)", "MOSCOW, March 3. /TASS/. ", "www.baytv.example",
        "SHARE THIS ARTICLE", "a@b.example", "The union said so.", "Harland", "trump", "it", "3 March 2032", "\x00", "\u200b",
        "\u00a0", "#", 'won"t', "£", "1,000", "U.S.", "The", "é", "{", "[", "=1+1", "3/4/2032", "<script>x()</script>",
    ]
)  # fmt: skip
MESSY = st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=40).map("".join)

SENTENCES = st.sampled_from(
    [
        "Dockers at Port Maren stopped work at midnight and forty vessels wait outside the harbour. ",
        "Fares on the Strait ferries rise by eighteen per cent in April, the operator announced. ",
        "“No delegation that comes to Port Maren will be asked to talk about anything but safety,” said Ana Moss. ",
        "The ministry and the union talk about wages, shifts and the new cranes that were ordered last spring. ",
        "Islanders say that children will no longer be able to reach the only school on the mainland side every day. ",
        "The court in Low Tamsin sent both sides home until a letter from the retired judge had been read aloud. ",
        "Engineers who know a crane from a lamp post found forty faults in the eastern quay on Tuesday. ",
        "READ MORE: Union rebuffs the ministry's call\n",
        "Dorrit Vael reported from Port Maren.\n\n",
    ]
)
STORY = st.lists(st.one_of(SENTENCES, SENTENCES, SENTENCES, PIECES), max_size=14).map("".join)

Row = dict[str, str]
TABLES = ("csv", "tsv", "jsonl", "json", "parquet")
FORMS = (*TABLES, "txt", "html", "warc")
COLUMNS = ("outlet", "title", "text")


def _storable(value: str) -> str:
    """What every form can hold: no control characters, no half characters."""
    return "".join(c for c in value if c >= " " or c in "\t\n\r").encode("utf-8", "replace").decode()


ROWS = st.lists(
    st.fixed_dictionaries(
        {"outlet": st.text(max_size=8).map(_storable), "title": MESSY.map(_storable), "text": MESSY.map(_storable)}
    ),
    min_size=1,
    max_size=5,
)
ARCHIVES = st.lists(st.sampled_from(["gzip", "zstd", "zip"]), max_size=3)


def page_of(row: Row) -> bytes:
    """A row as a web page; its text as it is, markup and all, then once more in paragraphs."""
    paragraphs = "".join(f"<p>{html.escape(part)}</p>" for part in row["text"].split("\n"))
    return (
        f"<html><head><title>{html.escape(row['title'])}</title></head><body><nav>Home</nav><div>{row['text']}</div>"
        f"<article><h1>{html.escape(row['title'])}</h1>{paragraphs}</article></body></html>"
    ).encode()


def encode(rows: Sequence[Row], form: str) -> bytes:
    """A file of the rows: of all of them as a table or a crawl, of the first as text or a page."""
    if form in ("csv", "tsv"):
        sink = io.StringIO(newline="")
        writer = csv.DictWriter(sink, COLUMNS, quoting=csv.QUOTE_ALL, delimiter="\t" if form == "tsv" else ",")
        writer.writeheader()
        writer.writerows(rows)
        return sink.getvalue().encode()
    if form == "jsonl":
        return "\n".join(json.dumps(row) for row in rows).encode()
    if form == "json":
        return json.dumps(rows).encode()
    if form == "txt":
        return rows[0]["text"].encode()
    if form == "html":
        return page_of(rows[0])
    buffer = io.BytesIO()
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(list(rows)), buffer)
        return buffer.getvalue()
    writer = WARCWriter(buffer, gzip=False)
    for number, row in enumerate(rows):
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.0")
        dated = {"WARC-Date": "2032-03-03T00:00:00Z", "WARC-Record-ID": f"<urn:uuid:00000000-0000-0000-0000-{number:012d}>"}
        record = writer.create_warc_record(
            f"https://baytv.example/{number}",
            "response",
            payload=io.BytesIO(page_of(row)),
            http_headers=headers,
            warc_headers_dict=dated,
        )
        writer.write_record(record)
    return buffer.getvalue()


def wrap(data: bytes, archives: Sequence[str]) -> bytes:
    """The data in archives, the first of them innermost."""
    for archive in archives:
        if archive == "gzip":
            data = gzip.compress(data, mtime=0)
        elif archive == "zstd":
            data = zstandard.ZstdCompressor().compress(data)
        else:
            sink = io.BytesIO()
            with zipfile.ZipFile(sink, "w") as file:
                file.writestr(zipfile.ZipInfo("inner"), data)
            data = sink.getvalue()
    return data


# What befalls a file: where (share of its length), what, and the bytes put in.
HARM = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from(["overwrite", "insert", "delete", "cut short"]), st.binary(min_size=1, max_size=8)),
    min_size=1,
    max_size=4,
)


def damage(data: bytes, harm: Sequence[tuple[float, str, bytes]]) -> bytes:
    """The data after all that befell it."""
    for share, what, put in harm:
        at = int(share * len(data))
        after = {"overwrite": at + len(put), "insert": at, "delete": at + len(put), "cut short": len(data)}[what]
        data = data[:at] + (put if what in ("overwrite", "insert") else b"") + data[after:]
    return data
