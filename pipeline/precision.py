"""Precision of lexicons, from hits that a person read in context (1: the entry means there what its category says)."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from pipeline.conventions import TOTAL
from pipeline.csvtables import table_rows
from pipeline.errors import InputError
from pipeline.lexicon_formats import read_text
from pipeline.proportions import wilson_interval

COLUMNS = ("article_id", "position", "category", "entry", "code", "second_code")
CODED = ["lexicon", "category", "entry", "correct", "second"]


def parse_codes(text: str, source: str) -> pd.DataFrame:
    """Coded hits: category, entry, correct (0/1), second (0/1, or NaN: coded once); raises `InputError` with every fault."""
    reader = table_rows(text)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise InputError(
            source, [f"line 1: columns must be {', '.join(COLUMNS)} (got {', '.join(reader.fieldnames or []) or 'none'})"]
        )
    faults = []
    rows = []
    seen: dict[tuple[str, str, str], int] = {}
    for row in reader:
        line = reader.line_num
        if None in row or None in row.values():
            faults.append(f"line {line}: needs {len(COLUMNS)} cells")
            continue
        code, second = row["code"].strip(), row["second_code"].strip()
        if code not in ("0", "1"):
            faults.append(f"line {line}: code: must be 0 or 1 (got {code!r})")
        if second not in ("", "0", "1"):
            faults.append(f"line {line}: second_code: must be 0, 1 or empty (got {second!r})")
        hit = (row["article_id"], row["position"], row["category"])
        if seen.setdefault(hit, line) != line:
            faults.append(f"line {line}: the hit of line {seen[hit]} is coded twice")
        rows.append((row["category"], row["entry"], code == "1", float(second) if second in ("0", "1") else float("nan")))
    if faults:
        raise InputError(source, faults)
    return pd.DataFrame(rows, columns=CODED[1:]).astype({"correct": int, "second": float})


def read_codes(files: dict[str, str], entries: pd.DataFrame) -> pd.DataFrame:
    """The coded samples of several lexicons (name: file, empty where there is none), with a column `lexicon`.

    entries: lexicon, category, entry of all; codes of entries that a lexicon has not, or no more, are left out. A file that is not
    there counts as none.
    """
    frames = [pd.DataFrame(columns=CODED).astype({"correct": int, "second": float})]
    for lexicon, file in files.items():
        if file and Path(file).exists():
            codes = parse_codes(read_text(file), file)
            mine = entries.loc[entries["lexicon"] == lexicon, ["category", "entry"]]
            known = pd.MultiIndex.from_frame(codes[["category", "entry"]]).isin(pd.MultiIndex.from_frame(mine))
            frames.append(codes[known].assign(lexicon=lexicon)[CODED])
    found = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(found, ignore_index=True)


def weighted_precision(strata: pd.DataFrame, level: float) -> tuple[float, float, float]:
    """Precision and interval over strata with columns hits, coded, correct (numbers, coded above 0).

    Each stratum's precision has the weight W of its hits, of its codes where none has hits (Cochran 1977, ch. 5); the interval is
    Wilson's at Kish's (1965) effective size, 1 / sum of W^2 / coded.
    """
    weight = strata["hits"] if strata["hits"].sum() else strata["coded"]
    weight = weight / weight.sum()
    precision = float((weight * strata["correct"] / strata["coded"]).sum())
    return precision, *wilson_interval(min(precision, 1.0), 1 / float((weight**2 / strata["coded"]).sum()), level)


def measure_precision(
    codes: pd.DataFrame, entries: pd.DataFrame, level: float, by_entry: Collection[str] = frozenset()
) -> pd.DataFrame:
    """Precision per category and over all of a lexicon (category `all`), with its interval.

    codes: lexicon, category, entry, correct (0/1), one row a hit, drawn at random within its category, or, in the lexicons of
    `by_entry`, within its entry; entries: lexicon, category, entry, hits. Columns: lexicon, category, coded, hits, precision, low,
    high.
    """
    keys = ["lexicon", "category", "stratum"]

    def stratified(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(stratum=table["entry"].where(table["lexicon"].isin(by_entry), ""))

    strata = stratified(codes).groupby(keys, as_index=False).agg(coded=("correct", "size"), correct=("correct", "sum"))
    hits = stratified(entries).groupby(keys, as_index=False)["hits"].sum()
    strata = strata.merge(hits, "left", keys).fillna({"hits": 0})
    rows = []
    for lexicon, of_lexicon in strata.groupby("lexicon"):
        for category, part in [*of_lexicon.groupby("category"), (TOTAL, of_lexicon)]:
            rows.append((lexicon, category, part["coded"].sum(), int(part["hits"].sum()), *weighted_precision(part, level)))
    return pd.DataFrame(rows, columns=["lexicon", "category", "coded", "hits", "precision", "low", "high"])
