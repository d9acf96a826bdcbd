"""What readers found in cleaned articles and removals.

    python -m benchmarks.cleaning_read [--text]

Reads data/labels/cleaned_articles.csv (round, article_id, found: `yes`, `doubtful` or `no`, kinds, words) and
data/labels/removals_read.csv (round, article_id, part, raw_start, raw_end, kind, verdict: `right`, `short` or `wrong`). Prints for
each round of articles the share in which something was found that is not the article's own text, with its Wilson interval, how often
each kind, and how many words of a thousand; for each round of removals the share that took nothing of the article's own. A round
was read once, with the rules of its time; `--text` tells how many of the removals still are in data/clean. The last line is one
JSON object.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import pandas as pd

from pipeline import paths
from pipeline.proportions import wilson_interval
from pipeline.storage import read_table

ARTICLES = Path("data/labels/cleaned_articles.csv")
REMOVALS = Path("data/labels/removals_read.csv")
LEVEL = 0.95
PLACE = ["article_id", "part", "raw_start", "raw_end"]


def share(count: int, size: int) -> str:
    """A share in percent with its interval."""
    low, high = wilson_interval(count / size, size, LEVEL)
    return f"{count} of {size}, {100 * count / size:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description="What readers found in cleaned articles and removals")
    parser.add_argument("--text", action="store_true", help="compare with the removals of the last run")
    options = parser.parse_args()
    articles = pd.read_csv(ARTICLES, dtype={"kinds": str}, keep_default_na=False)
    out: dict[str, dict[str, float]] = {"left": {}, "right": {}}
    for name, part in articles.groupby("round"):
        found = int((part["found"] == "yes").sum())
        doubtful = int((part["found"] == "doubtful").sum())
        out["left"][str(name)] = found / len(part)
        kinds = Counter(kind for kinds in part.loc[part["found"] == "yes", "kinds"] for kind in kinds.split())
        words = 1000 * part.loc[part["found"] == "yes", "found_words"].sum() / part["words"].sum()
        print(f"articles, round {name}: {share(found, len(part))}; doubtful in {doubtful} more; {words:.1f} words of 1,000")
        print("   " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
    removals = pd.read_csv(REMOVALS)
    for name, part in removals.groupby("round"):
        wrong = int((part["verdict"] == "wrong").sum())
        out["right"][str(name)] = 1 - wrong / len(part)
        print(
            f"removals, round {name}: right {share(len(part) - wrong, len(part))}; {(part['verdict'] == 'short').sum()} stop short"
        )
        print("   wrong: " + ", ".join(part.loc[part["verdict"] == "wrong", "kind"]))
    if options.text:
        kept = removals.merge(read_table(paths.REMOVALS, PLACE), on=PLACE)
        print("still removed:", kept.groupby(["round", "verdict"]).size().to_dict())
    print(json.dumps(out))


if __name__ == "__main__":
    main()
