"""Rows of the attributions table drawn for reading, and what a reading found.

    python -m benchmarks.attribution_rows --draw N --seed S [--spoken 0|1]
    python -m benchmarks.attribution_rows [--codes CSV]

The first prints N rows drawn at random from the body texts of the last run (data/tokenize, data/clean): what the columns hold, and
the sentence with `<S` source `S>`, `<C` cue `C>` and `<T` content `T>` in it. The second prints, for acts of speech and for all
other attributions, the share of read rows that are right in each column, and in all, with its Wilson interval; its last line is
one JSON object. Codes: article_id, cue_start, spoken, then 1 (right) or 0 for each of `COLUMNS`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from pipeline import paths
from pipeline.proportions import wilson_interval
from pipeline.storage import read_table
from pipeline.tokens import BODY

CODES = Path("data/labels/attribution_rows.csv")
COLUMNS = ("cue", "cue_class", "source", "speaker", "kind", "content")
LEVEL = 0.95
BEFORE, AFTER = 300, 400  # characters shown beside the cue's sentence at most


def draw(attributions: pd.DataFrame, size: int, seed: int, spoken: bool | None) -> pd.DataFrame:
    """Rows of body texts drawn at random, from acts of speech or from the others alone where `spoken` says so."""
    rows = attributions[attributions["part"] == BODY]
    if spoken is not None:
        rows = rows[rows["spoken"] == spoken]
    return rows.sample(size, random_state=seed)


def shown(row: Mapping[str, object], text: str, start: int, end: int) -> str:
    """The sentence [start, end) of a text with the spans of a row marked in it, and what lies beside it of them."""
    spans = {"S": ("source_start", "source_end"), "C": ("cue_start", "cue_end"), "T": ("content_start", "content_end")}
    marks = []
    for name, (first, last) in spans.items():
        if int(row[first]) >= 0:
            marks += [(int(row[first]), 1, f"<{name} "), (int(row[last]), 0, f" {name}>")]
    position = max(min([start - BEFORE // 3, *(at for at, _, _ in marks)]), start - BEFORE, 0)
    limit = min(max([end, *(at for at, _, _ in marks)]), end + AFTER)
    pieces = []
    for at, _, mark in sorted(marks):
        if position <= at <= limit:
            pieces += [text[position:at], mark]
            position = at
    return "".join([*pieces, text[position:limit]]).replace("\n", " / ")


def shares(codes: pd.DataFrame) -> pd.DataFrame:
    """Share of rows right by column and in all (`row`), with its interval, for acts of speech and other attributions."""
    rows = []
    whole = codes.assign(row=codes[list(COLUMNS)].min(axis=1))
    for spoken, part in whole.groupby("spoken", sort=True):
        for column in (*COLUMNS, "row"):
            share = float(part[column].mean())
            rows.append((bool(spoken), column, len(part), share, *wilson_interval(share, len(part), LEVEL)))
    return pd.DataFrame(rows, columns=["spoken", "column", "n", "right", "low", "high"])


def main() -> None:
    parser = argparse.ArgumentParser(description="Rows of attributions for reading")
    parser.add_argument("--draw", type=int, help="number of rows to print")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--spoken", type=int, choices=(0, 1), help="only acts of speech (1), only the others (0)")
    parser.add_argument("--codes", type=Path, default=CODES)
    options = parser.parse_args()
    if options.draw:
        articles = read_table(paths.CLEANED, ["article_id", "outlet", "text"])
        sentences = read_table(paths.SENTENCES, ["start", "end"])
        chosen = draw(
            read_table(paths.ATTRIBUTIONS), options.draw, options.seed, None if options.spoken is None else bool(options.spoken)
        )
        for number, row in enumerate(chosen.to_dict("records")):
            article, sentence = articles.iloc[row["article"]], sentences.iloc[row["sentence"]]
            print(
                f"[{number}] {article['article_id']} {row['cue_start']} {article['outlet']} | {row['frame']} {row['cue_class']} "
                f"spoken={int(row['spoken'])} | {row['speaker']} | {row['kind']}"
            )
            print("   ", shown(row, article["text"], int(sentence["start"]), int(sentence["end"])))
        return
    table = shares(pd.read_csv(options.codes))
    print(table.round(3).to_string(index=False))
    whole = table[table["column"] == "row"]
    print(json.dumps({("spoken" if r.spoken else "other"): round(r.right, 3) for r in whole.itertuples()}))


if __name__ == "__main__":
    main()
