"""Stage ingest: records of any source to one article table, and a table of what was refused and why."""

from __future__ import annotations

import csv
import hashlib
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import ftfy
import pandas as pd
import pyarrow as pa
from tqdm import tqdm

from pipeline import paths
from pipeline.dates import UNKNOWN, parse_date, reads_day_first
from pipeline.errors import InputError, run_stage
from pipeline.fields import Outlets, domain_outlet, make_outlets, read_fields
from pipeline.language_guess import guess_language
from pipeline.params import Ingest, load_params
from pipeline.readers import Note, Record, Refusal, read_folder
from pipeline.rules import PageRules, load_rules
from pipeline.storage import read_table, table_writer, write_table

# How surely an outlet is known, by how it was known.
CERTAINTY = {"given": "sure", "address": "sure", "page": "likely", "self_mention": "guess", "unknown": ""}
EXAMPLES_SHOWN = 3
SPILL_CHARACTERS = 256 * 2**20
BUCKETS = 16
LOST = "\ufffd"

ARTICLE_COLUMNS = [
    "article_id", "outlet", "outlet_from", "outlet_certainty", "credit", "credit_from", "title", "title_from", "subtitle",
    "byline", "section", "photo_credit", "published", "published_from", "published_raw", "url", "language", "text",
    "encoding", "mojibake", "lost_characters", "format", "source", "number",
]  # fmt: skip
_TYPES = {"mojibake": pa.bool_(), "lost_characters": pa.int64(), "number": pa.int64()}
ARTICLE_SCHEMA = pa.schema([(name, _TYPES.get(name, pa.string())) for name in ARTICLE_COLUMNS])
REFUSED_COLUMNS = ["source", "number", "reason", "detail", "outlet", "title", "url"]

# Sequences that UTF-8 read as Windows-1252 leaves: without one of them a text needs no look by ftfy.
_MOJIBAKE = re.compile("[ÂÃâðÐÑ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ¡-¿]")


# An address whose host is told without a parser.
_PLAIN_ADDRESS = re.compile(r"https?://([a-zA-Z0-9.-]+)/")


def article_identity(outlet: str, url: str, text: str) -> str:
    """16 hexadecimal digits of the SHA-256 of what came in: the outlet as given, the address, the raw text."""
    return hashlib.sha256("\x1f".join((outlet, url, text)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def domain_of(url: str) -> str:
    """Host of an address, in lower case without `www.`; empty when there is none."""
    plain = _PLAIN_ADDRESS.match(url)
    if plain:
        return plain[1].lower().removeprefix("www.")
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return UNKNOWN
    return host.removeprefix("www.")


def read_outlets(path: Path) -> Outlets:
    """The known outlets, from data/outlets.csv."""
    with path.open(encoding="utf-8", newline="") as file:
        return make_outlets(list(csv.DictReader(file)))


def outlet_of(given: str, url: str, outlets: Outlets) -> tuple[str, str]:
    """The outlet and how it was known: as given (an address or a known spelling gets its outlet's name), by its address (a listed
    domain, else the bare domain), or unknown."""
    given = " ".join(given.split())
    if given:
        host = domain_of(given) if "." in given and " " not in given else ""
        return (domain_outlet(host, outlets.domains) if host else "") or given, "given"
    domain = domain_of(url)
    known = domain_outlet(domain, outlets.domains)
    return (known or domain, "address") if domain else (UNKNOWN, "unknown")


def mend_encoding(text: str) -> str:
    """The text with UTF-8 that was read as Windows-1252 put right, where ftfy finds any."""
    return ftfy.fix_encoding(text) if not text.isascii() and _MOJIBAKE.search(text) else text


class Settings(NamedTuple):
    """What `take_article` needs beside a record."""

    outlets: Outlets
    rules: PageRules
    min_words: int
    languages: tuple[str, ...]


def take_article(record: Record, settings: Settings) -> dict[str, object] | tuple[str, str]:
    """The row of the article table for a record, or the reason and detail of its refusal.

    Reasons: `empty_text`, `too_short`, `other_language`. Fields that were given are believed; the others are read from the page,
    and
    each says how it was known (`given`, `page`, ...).
    """
    given = record.fields
    text = given.get("text", "")
    if not text.strip():
        return "empty_text", "no text"
    words = len(text.split())
    if words < settings.min_words:
        return "too_short", f"{words} words; at least {settings.min_words} are needed"
    mended = mend_encoding(text)
    language = guess_language(mended, settings.rules.function_words)
    if settings.languages and language not in settings.languages:
        return "other_language", f"guessed {language!r}; kept: {', '.join(settings.languages)}"
    url = given.get("url", "").strip()
    outlet, outlet_from = outlet_of(given.get("outlet", ""), url, settings.outlets)
    found = read_fields(mended, settings.outlets, settings.rules, look_for_outlet=not outlet)
    if not outlet:
        outlet = found.outlet
        outlet_from = found.outlet_from or "unknown"
    credit, credit_from = (given["credit"], "given") if given.get("credit") else (found.credit, found.credit_from)
    if credit == outlet:
        credit, credit_from = "", ""
    raw_date = given.get("published", "")
    published = parse_date(raw_date, settings.rules.months)
    published_from = "given" if published else ""
    if not raw_date.strip():
        published, published_from = found.published, found.published_part
    return {
        "article_id": article_identity(given.get("outlet", ""), url, record.original if record.original is not None else text),
        "outlet": outlet,
        "outlet_from": outlet_from,
        "outlet_certainty": CERTAINTY[outlet_from],
        "credit": credit,
        "credit_from": credit_from,
        "title": mend_encoding(given.get("title", "")) or found.title,
        "title_from": "given" if given.get("title") else "page" if found.title else "",
        "subtitle": mend_encoding(given.get("subtitle", "")) or found.subtitle,
        "byline": mend_encoding(given.get("byline", "")) or found.byline,
        "section": given.get("section", "") or found.section,
        "photo_credit": found.photo_credit,
        "published": published,
        "published_from": published_from,
        "published_raw": raw_date,
        "url": url,
        "language": language,
        "text": mended,
        "encoding": record.encoding,
        "mojibake": mended != text,
        "lost_characters": text.count(LOST),
        "format": record.format,
        "source": record.source,
        "number": record.number,
    }


class ArticleStore:
    """Rows of the article table, in memory while few, else in files of one part of the ids each; read back in order of ids."""

    def __init__(self, folder: Path, spill: int = SPILL_CHARACTERS):
        self.folder, self.spill = folder, spill
        self.rows: list[dict[str, object]] = []
        self.held = 0
        self.written = 0
        self.count = 0

    def add(self, row: dict[str, object]) -> None:
        self.rows.append(row)
        self.count += 1
        self.held += len(row["text"]) + 500  # type: ignore[arg-type]
        if self.held > self.spill:
            frame = self._frame(self.rows)
            buckets = frame["article_id"].str.slice(0, 1).map(lambda digit: int(digit, 16) * BUCKETS // 16)
            for bucket, part in frame.groupby(buckets):
                write_table(self.folder / f"{bucket:02d}_{self.written:06d}.parquet", part)
            self.written += 1
            self.rows, self.held = [], 0

    @staticmethod
    def _frame(rows: list[dict[str, object]]) -> pd.DataFrame:
        return pd.DataFrame(rows, columns=ARTICLE_COLUMNS).sort_values("article_id", ignore_index=True)

    def frames(self) -> Iterator[pd.DataFrame]:
        """The table in parts that follow one another in order of ids."""
        rest = self._frame(self.rows)
        if not self.written:
            yield rest
            return
        digits = rest["article_id"].str.slice(0, 1).map(lambda digit: int(digit, 16) * BUCKETS // 16)
        for bucket in range(BUCKETS):
            parts = [read_table(path) for path in sorted(self.folder.glob(f"{bucket:02d}_*.parquet"))]
            parts.append(rest[digits == bucket])
            yield pd.concat(parts).sort_values("article_id", ignore_index=True)

    def day_first(self) -> dict[str, bool | None]:
        """How each source writes dates such as 3/4/2020, see `reads_day_first`."""
        raw: dict[str, set[str]] = {}
        for frame in self.frames():
            for source, value in zip(frame["source"], frame["published_raw"], strict=True):
                if value:
                    raw.setdefault(source, set()).add(value)
        return {source: reads_day_first(values) for source, values in raw.items()}


class Outcome(NamedTuple):
    """What became of the records: refusals as a table, notes, and how many records came."""

    refused: pd.DataFrame
    notes: list[str]
    records: int


def take_records(records: Iterable[Record | Refusal | Note], settings: Settings, store: ArticleStore) -> Outcome:
    """Put every record into the store or among the refusals; `same_record`: outlet, address and text equal an earlier record's."""
    refused: list[tuple[str, int, str, str, str, str, str]] = []
    notes: list[str] = []
    seen: set[bytes] = set()
    count = 0
    for record in tqdm(records, desc="ingest", unit=" articles", disable=None):
        if isinstance(record, Note):
            notes.append(f"{record.source}: {record.text}")
            continue
        count += 1
        if isinstance(record, Refusal):
            refused.append((record.source, record.number, record.reason, record.detail, "", "", ""))
            continue
        row = take_article(record, settings)
        if isinstance(row, dict):
            identity = bytes.fromhex(row["article_id"])  # type: ignore[arg-type]
            if identity not in seen:
                seen.add(identity)
                store.add(row)
                continue
            row = ("same_record", "outlet, address and text equal an earlier record's")
        given = record.fields
        outlet, _ = outlet_of(given.get("outlet", ""), given.get("url", "").strip(), settings.outlets)
        refused.append((record.source, record.number, *row, outlet, given.get("title", ""), given.get("url", "")))
    table = pd.DataFrame(refused, columns=REFUSED_COLUMNS).sort_values(["reason", "source", "number"], ignore_index=True)
    return Outcome(table.astype({"number": "int64"}), notes, count)


def settle_dates(frame: pd.DataFrame, day_first: dict[str, bool | None], rules: PageRules) -> pd.DataFrame:
    """Read given dates such as 3/4/2020 by how the same source writes its other dates; they stay unknown where that tells
    nothing."""
    waiting = (frame["published"] == "") & (frame["published_raw"].str.strip() != "")
    if not waiting.any():
        return frame
    values = [
        parse_date(raw, rules.months, day_first.get(source))
        for raw, source in frame.loc[waiting, ["published_raw", "source"]].to_numpy()
    ]
    frame = frame.copy()
    frame.loc[waiting, "published"] = values
    frame.loc[waiting, "published_from"] = ["given" if value else "" for value in values]
    return frame


def source_folder(params: Ingest) -> Path:
    """The folder (or file) that the chosen source reads."""
    return {"demo": paths.FETCHED / "NewsArticles.csv", "example": paths.EXAMPLE, "files": Path(params.path)}[params.source]


def describe_refusals(refused: pd.DataFrame) -> list[str]:
    """A line per reason: how many, and the first few by name."""
    lines = []
    for reason, part in refused.groupby("reason", sort=True):
        shown = [f"{row.source}:{row.number}" if row.number else row.source for row in part.head(EXAMPLES_SHOWN).itertuples()]
        lines.append(f"{reason}: {len(part)} ({', '.join(shown)}{', ...' if len(part) > len(shown) else ''})")
    return lines


@contextmanager
def ingest_parts(
    records: Iterable[Record | Refusal | Note], settings: Settings, spill: int = SPILL_CHARACTERS, folder: Path | None = None
) -> Iterator[tuple[Iterator[pd.DataFrame], Outcome]]:
    """The article table in parts that follow one another in order of ids, and what became of the records; every record is an
    article or a refusal, never both.

    Texts beyond `spill` characters wait on disk, within `folder`; a part holds a sixteenth of them.
    """
    with tempfile.TemporaryDirectory(dir=folder) as place:
        store = ArticleStore(Path(place), spill)
        outcome = take_records(records, settings, store)
        day_first = store.day_first()
        yield (settle_dates(frame, day_first, settings.rules) for frame in store.frames()), outcome


def ingest_records(
    records: Iterable[Record | Refusal | Note], settings: Settings, spill: int = SPILL_CHARACTERS
) -> tuple[pd.DataFrame, Outcome]:
    """`ingest_parts` as one table."""
    with ingest_parts(records, settings, spill) as (parts, outcome):
        return pd.concat(list(parts), ignore_index=True), outcome


def main() -> None:
    params = load_params().ingest
    folder = source_folder(params)
    records, faults = read_folder(folder, params.columns)
    if faults:
        raise InputError(str(folder), faults)
    settings = Settings(read_outlets(paths.OUTLETS), load_rules(), params.min_words, tuple(params.languages))
    paths.ARTICLES.parent.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    outlets: set[str] = set()
    with ingest_parts(records, settings, folder=paths.ARTICLES.parent) as (parts, outcome):
        if len(outcome.refused) == outcome.records:
            raise InputError(str(folder), ["every record was refused", *describe_refusals(outcome.refused)])
        with table_writer(paths.ARTICLES, ARTICLE_SCHEMA) as writer:
            for part in parts:
                writer.add(part)
                counts.update(part["outlet_from"])
                outlets.update(part["outlet"])
    write_table(paths.REFUSED, outcome.refused)
    for line in outcome.notes[:20]:
        print(f"ingest: {line}")
    print(f"ingest: {counts.total()} articles of {len(outlets)} outlets, {len(outcome.refused)} refused")
    print(f"ingest: outlets known by {', '.join(f'{how} {count}' for how, count in sorted(counts.items()))}")
    for line in describe_refusals(outcome.refused):
        print(f"ingest: refused: {line}")


if __name__ == "__main__":
    run_stage(main)
