"""Stage ingest: records of any source to one article table, and a table of what was refused and why."""

from __future__ import annotations

import csv
import hashlib
import logging
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
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
from pipeline.storage import Spool, table_writer

# How surely an outlet is known, by how it was known.
CERTAINTY = {"given": "sure", "address": "sure", "page": "likely", "self_mention": "guess", "unknown": ""}
EXAMPLES_SHOWN = 3
NOTES_SHOWN = 20
# Characters of text, and refusals of a reason, that are held in memory; what is beyond is parted by the ids' first digits.
SPILL_CHARACTERS = 16 * 2**20
REFUSALS_HELD = 4096
BUCKETS = 128
LOST = "\ufffd"

ARTICLE_COLUMNS = [
    "article_id", "outlet", "outlet_from", "outlet_certainty", "credit", "credit_from", "title", "title_from", "subtitle",
    "byline", "section", "photo_credit", "published", "published_from", "published_raw", "url", "language", "text",
    "encoding", "mojibake", "lost_characters", "format", "source", "number",
]  # fmt: skip
_TYPES = {"mojibake": pa.bool_(), "lost_characters": pa.int64(), "number": pa.int64()}
ARTICLE_SCHEMA = pa.schema([(name, _TYPES.get(name, pa.string())) for name in ARTICLE_COLUMNS])
REFUSED_COLUMNS = ["source", "number", "reason", "detail", "outlet", "title", "url"]
REFUSED_SCHEMA = pa.schema([(name, _TYPES.get(name, pa.string())) for name in REFUSED_COLUMNS])

# Sequences that UTF-8 read as Windows-1252 leaves: without one of them a text needs no look by ftfy.
_MOJIBAKE = re.compile("[ÂÃâðÐÑ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ¡-¿]")


# An address whose host is told without a parser.
# Marks that turn the direction of writing: in a name they make it read as another.
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
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
    given = " ".join(_DIRECTIONS.sub("", given).split())
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
    and each says how it was known (`given`, `page`, ...).
    """
    given = record.fields
    text = given.get("text", "")
    if not text.strip():
        return "empty_text", "no text"
    words = len(text.split(maxsplit=settings.min_words))
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
        self.spools: dict[int, Spool] = {}
        # By source: whether some date of it can only be read with the day first, and some only with the month first.
        self.habits: dict[str, set[bool]] = {}

    def add(self, row: dict[str, object]) -> None:
        self.rows.append(row)
        told = reads_day_first([row["published_raw"]]) if row["published_raw"] else None  # type: ignore[list-item]
        if told is not None:
            self.habits.setdefault(row["source"], set()).add(told)  # type: ignore[arg-type]
        self.held += len(row["text"]) + 500  # type: ignore[arg-type]
        if self.held > self.spill:
            self._set_aside()

    def _set_aside(self) -> None:
        parts: dict[int, list[dict[str, object]]] = {}
        for row in self.rows:
            parts.setdefault(int(row["article_id"][:4], 16) * BUCKETS >> 16, []).append(row)  # type: ignore[index]
        for bucket, rows in parts.items():
            if bucket not in self.spools:
                self.spools[bucket] = Spool(self.folder / f"{bucket:03d}.arrow", ARTICLE_SCHEMA)
            self.spools[bucket].add({name: [row[name] for row in rows] for name in ARTICLE_COLUMNS})
        self.rows, self.held = [], 0

    def day_first(self) -> dict[str, bool]:
        """How each source that tells it writes dates such as 3/4/2020, see `reads_day_first`."""
        return {source: told == {True} for source, told in self.habits.items() if len(told) == 1}

    def frames(self) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
        """The table in parts that follow one another in order of ids, each with the rows whose id an earlier row has."""
        if not self.spools:
            yield self._sorted(pd.DataFrame(self.rows, columns=ARTICLE_COLUMNS))
            return
        self._set_aside()
        for bucket in sorted(self.spools):
            parts = [pd.DataFrame(columns, columns=ARTICLE_COLUMNS) for columns in self.spools[bucket].read()]
            yield self._sorted(pd.concat(parts))

    @staticmethod
    def _sorted(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        frame = frame.sort_values("article_id", kind="stable", ignore_index=True)
        again = frame["article_id"].duplicated()
        return frame[~again].reset_index(drop=True), frame[again]


class RefusalStore:
    """Refused records by reason, set aside in files where there are many; how many there are and the first few are known at
    once."""

    def __init__(self, folder: Path, held: int = REFUSALS_HELD):
        self.folder, self.held = folder, held
        self.counts: Counter[str] = Counter()
        self.first: dict[str, list[str]] = {}
        self.waiting: dict[str, list[tuple]] = {}
        self.spools: dict[str, Spool] = {}

    def add(self, row: tuple[str, int, str, str, str, str, str]) -> None:
        """Take a row of the table of refusals."""
        source, number, reason = row[:3]
        self.counts[reason] += 1
        if self.counts[reason] <= EXAMPLES_SHOWN:
            self.first.setdefault(reason, []).append(f"{source}:{number}" if number else source)
        rows = self.waiting.setdefault(reason, [])
        rows.append(row)
        if len(rows) >= self.held:
            if reason not in self.spools:
                self.spools[reason] = Spool(self.folder / f"refused_{len(self.spools):03d}.arrow", REFUSED_SCHEMA)
            self.spools[reason].add(dict(zip(REFUSED_COLUMNS, map(list, zip(*rows, strict=True)), strict=True)))
            self.waiting[reason] = []

    def frames(self) -> Iterator[pd.DataFrame]:
        """The table in parts: reason by reason, each in the order in which its rows came."""
        for reason in sorted(self.counts):
            for columns in self.spools[reason].read() if reason in self.spools else ():
                yield pd.DataFrame(columns, columns=REFUSED_COLUMNS)
            yield pd.DataFrame(self.waiting[reason], columns=REFUSED_COLUMNS).astype({"number": "int64"})

    def describe(self) -> list[str]:
        """A line per reason: how many, and the first few by name."""
        return [
            f"{reason}: {count} ({', '.join(self.first[reason])}{', ...' if count > EXAMPLES_SHOWN else ''})"
            for reason, count in sorted(self.counts.items())
        ]


class Ingested:
    """What became of records. Every one is an article or a refusal, never both.

    `articles` must be gone over once before the refusals are complete: only in order of ids is it seen which records came twice.
    Memory does not grow with the corpus, but for how each source writes its dates; what waits is in files within `folder`.
    """

    def __init__(self, records: Iterable[Record | Refusal | Note], settings: Settings, folder: Path, spill: int = SPILL_CHARACTERS):
        self.settings = settings
        self.store, self.refused = ArticleStore(folder, spill), RefusalStore(folder)
        self.notes: list[str] = []
        self.records = 0
        self.taken = 0
        for record in tqdm(records, desc="ingest", unit=" articles", disable=None):
            if isinstance(record, Note):
                if len(self.notes) < NOTES_SHOWN:
                    self.notes.append(f"{record.source}: {record.text}")
                continue
            self.records += 1
            self._take(record)

    def _take(self, record: Record | Refusal) -> None:
        if isinstance(record, Refusal):
            self.refused.add((record.source, record.number, record.reason, record.detail, "", "", ""))
            return
        row = take_article(record, self.settings)
        if isinstance(row, dict):
            self.taken += 1
            self.store.add(row)
            return
        given = record.fields
        outlet, _ = outlet_of(given.get("outlet", ""), given.get("url", "").strip(), self.settings.outlets)
        self.refused.add((record.source, record.number, *row, outlet, given.get("title", ""), given.get("url", "")))

    def articles(self) -> Iterator[pd.DataFrame]:
        """The article table in parts that follow one another in order of ids; refuses, as `same_record`, those whose outlet,
        address and text equal an earlier record's."""
        day_first = self.store.day_first()
        for frame, again in self.store.frames():
            for row in again.itertuples():
                outlet = row.outlet if row.outlet_from in ("given", "address") else ""
                title = row.title if row.title_from == "given" else ""
                why = ("same_record", "outlet, address and text equal an earlier record's")
                self.refused.add((row.source, row.number, *why, outlet, title, row.url))
            yield settle_dates(frame, day_first, self.settings.rules)


def settle_dates(frame: pd.DataFrame, day_first: dict[str, bool], rules: PageRules) -> pd.DataFrame:
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


class Outcome(NamedTuple):
    """What became of the records: refusals as a table, notes, and how many records came."""

    refused: pd.DataFrame
    notes: list[str]
    records: int


def ingest_records(
    records: Iterable[Record | Refusal | Note], settings: Settings, spill: int = SPILL_CHARACTERS
) -> tuple[pd.DataFrame, Outcome]:
    """The article table as one frame, and what became of the records, see `Ingested`."""
    with tempfile.TemporaryDirectory() as folder:
        done = Ingested(records, settings, Path(folder), spill)
        articles = pd.concat(list(done.articles()), ignore_index=True)
        refused = pd.concat([pd.DataFrame(columns=REFUSED_COLUMNS), *done.refused.frames()], ignore_index=True)
        return articles, Outcome(refused.astype({"number": "int64"}), done.notes, done.records)


def main() -> None:
    # What they can't read stands among the refusals.
    for name in ("trafilatura", "warcio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    params = load_params().ingest
    folder = source_folder(params)
    records, faults = read_folder(folder, params.columns)
    if faults:
        raise InputError(str(folder), faults)
    settings = Settings(read_outlets(paths.OUTLETS), load_rules(), params.min_words, tuple(params.languages))
    paths.ARTICLES.parent.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    outlets: set[str] = set()
    with tempfile.TemporaryDirectory(dir=paths.ARTICLES.parent) as place:
        done = Ingested(records, settings, Path(place))
        if not done.taken:
            raise InputError(str(folder), ["every record was refused", *done.refused.describe()])
        with table_writer(paths.ARTICLES, ARTICLE_SCHEMA) as articles, table_writer(paths.REFUSED, REFUSED_SCHEMA) as refused:
            for part in done.articles():
                articles.add(part)
                counts.update(part["outlet_from"])
                outlets.update(part["outlet"])
            for part in done.refused.frames():
                refused.add(part)
    for line in done.notes:
        print(f"ingest: {line}")
    print(f"ingest: {counts.total()} articles taken in, {done.refused.counts.total()} refused")
    how = ", ".join(f"{how} {count}" for how, count in sorted(counts.items()))
    print(f"ingest: {len(outlets - {UNKNOWN})} known outlets; the outlet of articles by how it is known: {how}")
    for line in done.refused.describe():
        print(f"ingest: refused: {line}")


if __name__ == "__main__":
    run_stage(main)
