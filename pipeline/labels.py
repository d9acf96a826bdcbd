"""Coded articles: reading a label file, and joining it to the corpus."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from pipeline.csvtables import table_rows
from pipeline.decoding import decode
from pipeline.errors import InputError

CLASSES = ("against", "neutral", "favor")
PROBABILITIES = [f"p_{name}" for name in CLASSES]
COLUMNS = ("article_id", "label", "coder", "codebook", "stratum", "probability", "centrality", "confidence")


def parse_labels(text: str, source: str) -> pd.DataFrame:
    """Label table: article_id, label, coder, codebook, stratum, probability (1 where not given), in order of article_id.

    Raises `InputError` with file, line, rule and value of every fault.
    """
    try:
        return _parse_labels(table_rows(text), source)
    except csv.Error as error:
        raise InputError(source, [f"not a CSV table: {error}"]) from None


def _parse_labels(reader: csv.DictReader, source: str) -> pd.DataFrame:
    found = list(reader.fieldnames or [])
    faults = [
        f"needs a column {name!r} (columns found: {', '.join(found) or 'none'})"
        for name in ("article_id", "label")
        if name not in found
    ]
    missing = bool(faults)
    faults += [f"no such column {name!r} (known: {', '.join(COLUMNS)})" for name in found if name not in COLUMNS]
    faults += [f"column {name!r} is given twice" for name in sorted({name for name in found if found.count(name) > 1})]
    if missing:
        raise InputError(source, faults)
    rows = []
    seen: dict[str, int] = {}
    for line, row in enumerate(reader, start=2):
        if None in row:
            faults.append(f"line {line}: {len(found) + len(row[None])} cells in a table of {len(found)} columns")
        identity, label = (row["article_id"] or "").strip(), (row["label"] or "").strip()
        given = (row.get("probability") or "1").strip()
        if not identity:
            faults.append(f"line {line}: article_id is empty")
        elif identity in seen:
            faults.append(f"line {line}: article_id {identity!r} stands in line {seen[identity]} already")
        seen.setdefault(identity, line)
        if label not in CLASSES:
            faults.append(f"line {line}: label: must be one of {', '.join(CLASSES)} (got {label!r})")
        try:
            probability = float(given)
        except ValueError:
            probability = float("nan")
        if not 0 < probability <= 1:
            faults.append(f"line {line}: probability: must be above 0 and at most 1 (got {given!r})")
        rows.append((identity, label, row.get("coder") or "", row.get("codebook") or "", row.get("stratum") or "", probability))
    if faults:
        raise InputError(source, faults)
    frame = pd.DataFrame(rows, columns=["article_id", "label", "coder", "codebook", "stratum", "probability"])
    return frame.sort_values("article_id", ignore_index=True)


def read_labels(path: str | Path) -> pd.DataFrame:
    """A label file, see `parse_labels`; a missing file is an empty table (then no stance is estimated, and the report says so)."""
    path = Path(path)
    if not path.exists():
        return parse_labels("article_id,label\n", str(path))
    decoded = decode(path.read_bytes())
    if decoded is None:
        raise InputError(str(path), ["not text"])
    return parse_labels(decoded[0], str(path))


def second_coding(path: str | Path) -> Path:
    """Where the second coding of a label file lies: `labels.csv` -> `labels_second.csv`."""
    path = Path(path)
    return path.with_name(f"{path.stem}_second{path.suffix}")
