from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from pipeline.readers import Note, Record, Refusal, map_columns, read_folder, split_array

TEXT = "The harbour union said on Monday that the cranes of the eastern quay would stay idle."


def read(root: Path, **columns: str) -> tuple[list[Record], list[Refusal], list[str]]:
    """Everything under a folder, by what it is."""
    stream, faults = read_folder(root, columns)
    items = list(stream)
    assert faults == []
    return (
        [item for item in items if isinstance(item, Record)],
        [item for item in items if isinstance(item, Refusal)],
        [item.text for item in items if isinstance(item, Note)],
    )


def table_bytes(kind: str) -> bytes:
    """The same two articles in each of the formats that hold several."""
    rows = [
        {"source": "Bay TV", "headline": "Cranes", "body": TEXT},
        {"source": "BRN", "headline": 'A "b", c', "body": TEXT + "\nSecond line."},
    ]
    if kind == "csv":
        return (
            b"source,headline,body\r\nBay TV,Cranes,"
            + TEXT.encode()
            + b'\r\nBRN,"A ""b"", c","'
            + TEXT.encode()
            + b'\nSecond line."\r\n'
        )
    if kind == "semicolon":
        return f'source;headline;body\nBay TV;Cranes;{TEXT}\nBRN;"A ""b"", c";"{TEXT}\nSecond line."\n'.encode()
    if kind == "tsv":
        return f'source\theadline\tbody\nBay TV\tCranes\t{TEXT}\nBRN\t"A ""b"", c"\t"{TEXT}\nSecond line."\n'.encode()
    if kind == "jsonl":
        return "\n".join(json.dumps(row) for row in rows).encode()
    if kind == "json":
        return json.dumps(rows, indent=2).encode()
    if kind == "wrapped":
        return json.dumps({"status": "ok", "articles": rows}, indent=1).encode()
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


KINDS = ["csv", "semicolon", "tsv", "jsonl", "json", "wrapped", "parquet"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_is_told_by_its_content_and_gives_the_same_articles(tmp_path: Path, kind: str) -> None:
    (tmp_path / "dump.data").write_bytes(table_bytes(kind))
    records, refused, _ = read(tmp_path)
    assert refused == []
    assert [(r.fields["outlet"], r.fields["title"], r.fields["text"]) for r in records] == [
        ("Bay TV", "Cranes", TEXT),
        ("BRN", 'A "b", c', TEXT + "\nSecond line."),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_archives_are_opened_by_content_and_nested(tmp_path: Path, kind: str) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("deep/articles", zstandard.ZstdCompressor().compress(table_bytes(kind)))
        archive.writestr("notes.txt", TEXT)
        archive.writestr("README.md", "about")
    (tmp_path / "backup.bin").write_bytes(gzip.compress(inner.getvalue()))
    records, refused, _ = read(tmp_path)
    assert [(r.source, r.number) for r in records][-1] == ("backup.bin!notes.txt", 0)
    assert len(records) == 3
    assert [(r.source, r.reason) for r in refused] == [("backup.bin!README.md", "documentation")]


def test_columns_are_recognised_and_stated(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"Pub_Date,Publisher,Article Text,Author\n2020-01-02,Bay TV,{TEXT},Dorrit Vael\n")
    records, _, notes = read(tmp_path)
    assert records[0].fields == {"published": "2020-01-02", "outlet": "Bay TV", "text": TEXT, "byline": "Dorrit Vael"}
    assert notes == ["columns: outlet = Publisher, text = Article Text, published = Pub_Date, byline = Author"]


def test_chosen_columns_win_and_wrong_ones_are_faults() -> None:
    assert map_columns(["body", "raw"], {"text": "raw"}) == ({"text": "raw"}, [])
    _, faults = map_columns(["body"], {"title": "head"})
    assert faults == ["ingest.columns: field 'title': no column 'head'"]


def test_table_without_text_is_a_fault_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("title,day\nx,y\n")
    (tmp_path / "b.txt").write_text(TEXT)
    _, faults = read_folder(tmp_path, {})
    assert len(faults) == 1
    assert faults[0].startswith("a.csv: no column for the article's text (known names: text, body,")
    assert faults[0].endswith("or name it in ingest.columns) (columns found: title, day)")


def test_each_fault_of_a_table_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Titel;Volltext;Medium\nx;y;z\n")
    _, faults = read_folder(tmp_path, {"text": "Voltext", "outlet": "Quelle"})
    assert faults == [
        "a.csv: ingest.columns: field 'text': no column 'Voltext'; did you mean 'Volltext'?",
        "a.csv: ingest.columns: field 'outlet': no column 'Quelle' (columns found: Titel, Volltext, Medium)",
    ]


@pytest.mark.parametrize("name", ["export.csv", "export.dat"])
@pytest.mark.parametrize("mark", [";", "|", "\t", ","])
def test_columns_of_ones_own_naming_tell_what_parts_them(tmp_path: Path, name: str, mark: str) -> None:
    lines = [["Titel, kurz", "Volltext", "Medium"], ["Kräne", TEXT, "Blatt “Süd”"]]
    table = "".join(mark.join(f'"{cell}"' if mark in cell else cell for cell in line) + "\r\n" for line in lines)
    (tmp_path / name).write_bytes(table.encode("cp1252"))
    chosen = {"text": "Volltext", "outlet": "Medium"}
    stream, faults = read_folder(tmp_path, chosen)
    assert faults == []
    (record,) = [item for item in stream if isinstance(item, Record)]
    assert (record.fields["text"], record.fields["outlet"]) == (TEXT, "Blatt “Süd”")


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("The café’s “owner” left the town on a grey Monday morning.".encode(), "utf-8"),
        (b"\xef\xbb\xbf" + "The café’s “owner” left the town on a grey Monday morning.".encode(), "utf-8"),
        ("The café’s “owner” left the town on a grey Monday morning.".encode("cp1252"), "cp1252"),
        ("The café’s “owner” left the town on a grey Monday morning.".encode("utf-16"), "utf-16"),
        ("The café’s “owner” left the town on a grey Monday morning.".encode("utf-16-be"), "utf-16"),
        ("The café’s ".encode() + "“owner” left the town on a grey Monday morning.".encode("cp1252"), "mixed"),
    ],
)
def test_encodings_are_told_apart(tmp_path: Path, data: bytes, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    records, _, _ = read(tmp_path)
    assert (records[0].fields["text"], records[0].encoding) == (
        "The café’s “owner” left the town on a grey Monday morning.",
        encoding,
    )


def test_lines_of_one_table_may_differ_in_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"outlet,text\n" + "A,caf\u00e9 one\n".encode() + "B,caf\u00e9 two\n".encode("cp1252"))
    records, _, _ = read(tmp_path)
    assert [(r.fields["text"], r.encoding) for r in records] == [("café one", "utf-8"), ("café two", "cp1252")]


def test_manifest_gives_fields_and_its_faults_are_listed_together(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "manifest.csv").write_text("file,outlet,byline\na.txt,Bay TV,Dorrit Vael\n")
    records, _, _ = read(tmp_path)
    assert records[0].fields == {"outlet": "Bay TV", "byline": "Dorrit Vael", "text": TEXT}
    (tmp_path / "manifest.csv").write_text("file,paper\n../../etc/passwd,x\nb.txt,x\n")
    _, faults = read_folder(tmp_path, {})
    assert [next(word for word in ("no such column", "outside", "does not exist") if word in fault) for fault in faults] == [
        "no such column",
        "outside",
        "does not exist",
    ]


def test_manifest_within_an_archive_gives_fields_to_its_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("b/a.txt", TEXT)
        archive.writestr("b/manifest.csv", "file,outlet\na.txt,Bay TV\nz.txt.gz,BRN\n")
        archive.writestr("b/z.txt.gz", gzip.compress(TEXT.encode()))
        archive.writestr("c/manifest.csv", "file,paper\nd.txt,x\n")
        archive.writestr("c/d.txt", TEXT)
    records, refused, _ = read(tmp_path)
    assert [(r.source, r.fields.get("outlet")) for r in records] == [
        ("a.zip!b/a.txt", "Bay TV"),
        ("a.zip!b/z.txt", "BRN"),
        ("a.zip!c/d.txt", None),
    ]
    assert [(r.source, r.reason) for r in refused] == [("a.zip!c/manifest.csv", "unreadable_manifest")]
    assert "no such column 'paper'" in refused[0].detail


@pytest.mark.parametrize("head", ["<?xml version='1.0'?>\n<rss>", "<rss>", "<feed>", "<svg>"])
def test_xml_that_is_no_web_page_is_refused(tmp_path: Path, head: str) -> None:
    (tmp_path / "a").write_text(f"{head}<item><description>{TEXT}</description></item>")
    assert [item.reason for item in read(tmp_path)[1]] == ["unknown_format"]


def test_web_page_gives_text_and_what_it_declares(tmp_path: Path) -> None:
    paragraphs = "".join(
        f"<p>{TEXT} Paragraph {number} tells more about the cranes and the people who work under them.</p>" for number in range(5)
    )
    page = f"""<!DOCTYPE html><html><head><title>Cranes | Bay TV</title><meta property="og:site_name" content="Bay TV">
    <link rel="canonical" href="https://www.baytv.example/cranes">
    <script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Cranes stay idle",
    "datePublished": "2032-03-05T07:56:00Z", "author": {{"name": "Dorrit Vael"}}}}</script>
    <script>document.write("pwned")</script></head>
    <body><nav>Home News Sport</nav><article><h1>Cranes stay idle</h1>{paragraphs}</article><footer>Share
    this</footer></body></html>"""
    (tmp_path / "page").write_text(page)
    record = read(tmp_path)[0][0]
    assert {name: record.fields[name] for name in ("title", "byline", "published", "outlet", "url")} == {
        "title": "Cranes stay idle",
        "byline": "Dorrit Vael",
        "published": "2032-03-05T07:56:00Z",
        "outlet": "Bay TV",
        "url": "https://www.baytv.example/cranes",
    }
    assert "Paragraph 4 tells" in record.fields["text"]
    assert "pwned" not in record.fields["text"]
    assert record.original == page


def test_warc_gives_its_web_pages(tmp_path: Path) -> None:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    body = "<html><body><article><h1>Cranes</h1>" + f"<p>{TEXT} And more of it follows here.</p>" * 6 + "</article></body></html>"
    with (tmp_path / "crawl.warc.gz").open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for url, kind, data in (("https://baytv.example/a", "text/html", body), ("https://baytv.example/b", "image/png", "x")):
            headers = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.0")
            writer.write_record(writer.create_warc_record(url, "response", payload=io.BytesIO(data.encode()), http_headers=headers))
    records, _, _ = read(tmp_path)
    assert [record.fields["url"] for record in records] == ["https://baytv.example/a"]
    assert TEXT in records[0].fields["text"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_array_is_split_wherever_its_pieces_end(size: int) -> None:
    rows = [{"text": 'a "quoted" \\ [bracket] {brace}', "n": [1, {"b": "]"}]}, {"text": "second"}]
    whole = json.dumps(rows)
    pieces = [whole[i : i + size] for i in range(0, len(whole), size)]
    assert [json.loads(part) for part in split_array(iter(pieces))] == rows


def test_folder_without_articles_and_missing_folder_are_faults(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("about")
    assert "holds no articles" in read_folder(tmp_path, {})[1][0]
    assert "no such file or folder" in read_folder(tmp_path / "none", {})[1][0]
