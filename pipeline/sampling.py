"""Drawing articles to code, with known inclusion probabilities.

`python -m pipeline.sampling TARGET` prints the coding sheet for a target: a sample stratified by outlet, in random order. What the
coders are to read, without the outlet, is written by `--texts FILE`.
"""

from __future__ import annotations

import argparse
import hashlib
import sys

import pandas as pd

from pipeline import paths
from pipeline.errors import InputError, run_stage
from pipeline.params import load_params
from pipeline.relevance import relevant_articles
from pipeline.storage import csv_bytes, read_table, write_bytes


def permanent_random_number(seed: str, article_id: str) -> str:
    """A number (hexadecimal, uniform) that belongs to an article and a seed whatever else is in the corpus (Ohlsson 1995)."""
    return hashlib.sha256(f"{seed}:{article_id}".encode()).hexdigest()


def draw_sample(frame: pd.DataFrame, per_stratum: int, seed: str) -> pd.DataFrame:
    """A stratified simple random sample of `article_id`, `stratum`: all of a stratum of at most `per_stratum`, else that many.

    Returns `article_id`, `stratum`, `probability` (of inclusion), in the random order in which to code.
    """
    drawn = frame.assign(_order=[permanent_random_number(seed, identity) for identity in frame["article_id"]])
    drawn["_size"] = drawn.groupby("stratum")["article_id"].transform("size")
    drawn = drawn.sort_values("_order").groupby("stratum").head(per_stratum)
    drawn["probability"] = drawn["_size"].clip(upper=per_stratum) / drawn["_size"]
    return drawn[["article_id", "stratum", "probability"]].reset_index(drop=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", help="id of a target in params.yaml")
    parser.add_argument("--per-outlet", type=int, default=60, help="articles to draw of each outlet (default 60)")
    parser.add_argument("--seed", default="2017", help="seed of the draw (default 2017)")
    parser.add_argument("--texts", help="CSV file to write: id, title and text of each drawn article, in the order of the sheet")
    options = parser.parse_args()
    params = load_params()
    targets = {target.id: target for target in params.train.targets}
    faults = []
    if options.target not in targets:
        faults.append(f"no target {options.target!r} (known: {', '.join(targets)})")
    if options.per_outlet < 1:
        faults.append(f"--per-outlet: must be at least 1 (got {options.per_outlet})")
    if not paths.ARTICLES.exists():
        faults.append(f"{paths.ARTICLES}: no such file; run ./run first")
    if faults:
        raise InputError("sampling", faults)
    articles = read_table(paths.ARTICLES, ["article_id", "outlet", "title", "text"])
    relevant = articles[relevant_articles(articles, targets[options.target].names, params.train.min_mentions)]
    frame = relevant[["article_id", "outlet"]].rename(columns={"outlet": "stratum"})
    sheet = draw_sample(frame, options.per_outlet, f"{options.target}:{options.seed}")
    if options.texts:
        texts = articles.set_index("article_id").loc[sheet["article_id"], ["title", "text"]].reset_index()
        write_bytes(options.texts, csv_bytes(texts))
    sys.stdout.write(csv_bytes(sheet.assign(label="", coder="", codebook="")).decode("utf-8"))


if __name__ == "__main__":
    run_stage(main)
