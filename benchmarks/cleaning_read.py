"""What readers found in cleaned articles and removals.

    python -m benchmarks.cleaning_read [--text]

Reads data/labels/cleaned_articles.csv (round, article_id, found: `yes`, `doubtful` or `no`, kinds, words, found_words) and
data/labels/removals_read.csv (round, article_id, part, raw_start, raw_end, kind, verdict: `right`, `short` or `wrong`). Prints for
each round of articles the share in which something was found that is not the article's own text, with its Wilson interval, how
many words of a thousand that is, and how often each kind; for each round of removals the share that took nothing of the
article's own. A round was read once, with the rules of its time; `--text` tells how many of the removals read still are in
data/clean. The last line is one JSON object.
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


def told_of_articles(part: pd.DataFrame) -> str:
    """A round of articles in words."""
    sure = part[part["found"] == "yes"]
    kinds = Counter(kind for kinds in sure["kinds"] for kind in kinds.split())
    words = 1000 * sure["found_words"].sum() / part["words"].sum()
    return (
        f"{share(len(sure), len(part))}, {words:.1f} words of 1,000; doubtful in {(part['found'] == 'doubtful').sum()} more; "
        + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
    )


def told_of_removals(part: pd.DataFrame) -> str:
    """A round of removals in words."""
    counts = part["verdict"].value_counts()
    wrong = int(counts.get("wrong", 0))
    kinds = ", ".join(part.loc[part["verdict"] == "wrong", "kind"])
    return f"{share(len(part) - wrong, len(part))} right, {counts.get('short', 0)} of them stop short; wrong: {kinds or 'none'}"


def main() -> None:
    parser = argparse.ArgumentParser(description="What readers found in cleaned articles and removals")
    parser.add_argument("--text", action="store_true", help="compare with the removals of the last run")
    options = parser.parse_args()
    articles = pd.read_csv(ARTICLES, keep_default_na=False)
    removals = pd.read_csv(REMOVALS)
    for name, part in articles.groupby("round"):
        print(f"articles, round {name}: {told_of_articles(part)}")
    for name, part in removals.groupby("round"):
        print(f"removals, round {name}: {told_of_removals(part)}")
    if options.text:
        kept = removals.merge(read_table(paths.REMOVALS, PLACE), on=PLACE)
        print("still removed:", kept.groupby(["round", "verdict"]).size().to_dict())
    left = articles.assign(found=articles["found"] == "yes").groupby("round")["found"].mean().round(3)
    right = removals.assign(right=removals["verdict"] != "wrong").groupby("round")["right"].mean().round(3)
    print(json.dumps({"left": left.to_dict(), "right": right.to_dict()}))


if __name__ == "__main__":
    main()
