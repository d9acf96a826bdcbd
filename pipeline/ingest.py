"""Stage ingest: records of any source to one article table, and a table of what was refused and why."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
from tqdm import tqdm

from pipeline import paths
from pipeline.errors import InputError, run_stage
from pipeline.params import Ingest, load_params
from pipeline.readers import Record, Refusal, read_folder
from pipeline.storage import write_table

UNKNOWN = ""
_DATE = re.compile(r"\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2}))?")


def article_identity(outlet: str, url: str, text: str) -> str:
    """16 hexadecimal digits of the SHA-256 of what came in: the outlet as given, the address, the raw text."""
    return hashlib.sha256("\x1f".join((outlet, url, text)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def parse_date(value: str) -> str:
    """ISO date (and time to the minute) of a value that starts with year, month, day; else unknown."""
    match = _DATE.match(value)
    if not match:
        return UNKNOWN
    year, month, day = (int(part) for part in match.groups()[:3])
    try:
        stamp = pd.Timestamp(year=year, month=month, day=day, hour=int(match[4] or 0), minute=int(match[5] or 0))
    except ValueError:
        return UNKNOWN
    return stamp.strftime("%Y-%m-%dT%H:%M") if match[4] else stamp.strftime("%Y-%m-%d")


def domain_of(url: str) -> str:
    """Host of an address, in lower case without `www.`; empty when there is none."""
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return UNKNOWN
    return host.removeprefix("www.")


def read_outlets(path: Path) -> dict[str, str]:
    """Domain -> outlet, from data/outlets.csv."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["domain"]: row["outlet"] for row in csv.DictReader(file)}


def outlet_of(given: str, url: str, known: dict[str, str]) -> tuple[str, str]:
    """The outlet and how it was known: as given, by its address (a listed domain, else the bare domain), or unknown."""
    given = " ".join(given.split())
    if given:
        return known.get(given.lower().removeprefix("www."), given), "given"
    domain = domain_of(url)
    parts = domain.split(".")
    for i in range(len(parts) - 1):
        parent = ".".join(parts[i:])
        if parent in known:
            return known[parent], "address"
    return (domain, "address") if domain else (UNKNOWN, "unknown")


def take_in(records: Iterable[Record | Refusal], known: dict[str, str], min_words: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Article table and refusal table; every record is in exactly one of them.

    Reasons of refusal beside the readers' own: `empty_text`, `too_short`, `same_record` (outlet, address and text all equal to
    an earlier record's).
    """
    rows: list[dict[str, object]] = []
    refused: list[dict[str, object]] = []
    seen: dict[str, str] = {}

    def refuse(source: str, number: int, reason: str, detail: str, fields: dict[str, str]) -> None:
        outlet, _ = outlet_of(fields.get("outlet", ""), fields.get("url", ""), known)
        refused.append(
            {
                "source": source,
                "number": number,
                "reason": reason,
                "detail": detail,
                "outlet": outlet,
                "title": fields.get("title", ""),
                "url": fields.get("url", ""),
            }
        )

    for record in tqdm(records, desc="ingest", unit=" articles", disable=None):
        if isinstance(record, Refusal):
            refuse(record.source, record.number, record.reason, record.detail, {})
            continue
        fields = record.fields
        text = fields.get("text", "")
        words = len(text.split())
        if not text.strip():
            refuse(record.source, record.number, "empty_text", "no text", fields)
            continue
        if words < min_words:
            refuse(record.source, record.number, "too_short", f"{words} words; at least {min_words} are needed", fields)
            continue
        url = fields.get("url", "").strip()
        identity = article_identity(fields.get("outlet", ""), url, text)
        place = f"{record.source}:{record.number}" if record.number else record.source
        if identity in seen:
            refuse(record.source, record.number, "same_record", f"equal to {seen[identity]}", fields)
            continue
        seen[identity] = place
        outlet, outlet_from = outlet_of(fields.get("outlet", ""), url, known)
        rows.append(
            {
                "article_id": identity,
                "outlet": outlet,
                "outlet_from": outlet_from,
                "credit": fields.get("credit", ""),
                "title": fields.get("title", ""),
                "subtitle": fields.get("subtitle", ""),
                "published": parse_date(fields.get("published", "")),
                "url": url,
                "text": text,
                "encoding": record.encoding,
                "source": record.source,
                "number": record.number,
            }
        )
    columns = "article_id outlet outlet_from credit title subtitle published url text encoding source number".split()
    articles = pd.DataFrame(rows, columns=columns).sort_values("article_id", ignore_index=True)
    refusals = pd.DataFrame(refused, columns=["source", "number", "reason", "detail", "outlet", "title", "url"])
    return articles, refusals.sort_values(["reason", "source", "number"], ignore_index=True)


def source_folder(params: Ingest) -> Path:
    """The folder (or file) that the chosen source reads."""
    return {"demo": paths.FETCHED / "NewsArticles.csv", "example": paths.EXAMPLE, "files": Path(params.path)}[params.source]


def main() -> None:
    params = load_params().ingest
    folder = source_folder(params)
    records, faults = read_folder(folder, params.columns)
    if faults:
        raise InputError(str(folder), faults)
    articles, refused = take_in(records, read_outlets(paths.OUTLETS), params.min_words)
    if articles.empty:
        raise InputError(str(folder), [f"every record was refused ({len(refused)}): {refused['reason'].value_counts().to_dict()}"])
    write_table(paths.ARTICLES, articles)
    write_table(paths.REFUSED, refused)
    print(f"ingest: {len(articles)} articles of {articles['outlet'].nunique()} outlets, {len(refused)} refused")


if __name__ == "__main__":
    run_stage(main)
