"""Precision of the loaded terms and of the competing names, from the codes in data/lexicons.

`python -m benchmarks.lexicon_precision` prints a table of the categories (hits read, precision, Wilson interval) of
precision.csv, or of another `--codes` file, and, as its last line, a JSON object with the overall figures and the agreement of the
two codings. `--entries data/score/entries.parquet` weights the categories by their hits in a scored corpus, `--uses
data/score/name_uses.parquet` the names of data/lexicons/word_choice_precision.csv.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pandas as pd
from nltk.metrics.agreement import AnnotationTask

from pipeline.agreement import alpha_interval
from pipeline.conventions import TOTAL
from pipeline.lexicon_formats import read_text
from pipeline.precision import measure_precision, parse_codes
from pipeline.proportions import wilson_interval

CODES = Path("data/lexicons/precision.csv")
LEVEL = 0.95
RESAMPLES = 2000
SEED = 1


def agreement(codes: pd.DataFrame) -> dict[str, float]:
    """Agreement of the two codings of the hits coded twice: number, share alike, Cohen's kappa, Krippendorff's alpha (nominal)
    with its bootstrap interval; codes: correct, second (NaN: coded once)."""
    both = codes.dropna(subset=["second"])
    first, second = both["correct"].tolist(), both["second"].astype(int).tolist()
    task = AnnotationTask([(coder, i, code) for coder, column in (("a", first), ("b", second)) for i, code in enumerate(column)])
    low, high = alpha_interval([str(code) for code in first], [str(code) for code in second], RESAMPLES, SEED, LEVEL)
    return {
        "recoded": len(both),
        "alike": float((both["correct"] == both["second"]).mean()),
        "kappa": float(task.kappa()),
        "alpha": float(task.alpha()),
        "alpha_low": low,
        "alpha_high": high,
    }


def summarise(codes: pd.DataFrame, entries: pd.DataFrame, by_entry: bool) -> tuple[pd.DataFrame, dict]:
    """Table of the categories and the overall figures; codes: as `parse_codes`; entries: category, entry, hits, maybe empty.

    n, precision, low, high: over the codes as they are; weighted, ...: with the hits as weights, where there are any.
    """
    named = codes.assign(lexicon="codes")
    table = measure_precision(named, entries.assign(lexicon="codes"), LEVEL, {"codes"} if by_entry else frozenset())
    table = table.drop(columns="lexicon").set_index("category")
    share = float(codes["correct"].mean())
    low, high = wilson_interval(share, len(codes), LEVEL)
    result = {"n": len(codes), "precision": share, "low": low, "high": high, **agreement(codes)}
    if entries["hits"].sum():
        whole = table.loc[TOTAL]
        result |= {"weighted": whole["precision"], "weighted_low": whole["low"], "weighted_high": whole["high"]}
    table = table.drop(index=TOTAL)
    result["lowest"] = {"category": str(table["precision"].idxmin()), "precision": float(table["precision"].min())}
    return table, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--codes", type=Path, default=CODES)
    weights = parser.add_mutually_exclusive_group()
    weights.add_argument("--entries", type=Path, help="entries.parquet of a scored corpus, for weights of categories")
    weights.add_argument("--uses", type=Path, help="name_uses.parquet of a scored corpus, for weights of names")
    given = parser.parse_args()
    codes = parse_codes(read_text(given.codes), str(given.codes))
    entries = pd.DataFrame({"category": [], "entry": [], "hits": []})
    if given.entries:
        entries = pd.read_parquet(given.entries)
    if given.uses:
        uses = pd.read_parquet(given.uses).rename(columns={"concept": "category", "name": "entry"})
        entries = uses.groupby(["category", "entry"], as_index=False).size().rename(columns={"size": "hits"})
    table, result = summarise(codes, entries, by_entry=bool(given.uses))
    print(table.round(3).to_string())
    print(json.dumps({key: round(value, 3) if isinstance(value, float) else value for key, value in result.items()}))


if __name__ == "__main__":
    main()
