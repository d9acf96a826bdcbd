"""Speed of stage group: seconds for parts of the demonstration corpus and for a synthetic corpus of many times its size.

`python -m benchmarks.grouping_speed [--synthetic N]` on what stages ingest to tokenize left in data/. The synthetic corpus repeats
the real one: in each repetition all terms in fewer than a fifth of the articles are other terms, so that events and copies stay
within a repetition while set phrases run through all; repetitions follow each other in time, or
with `--dense` share the same weeks.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
import pandas as pd

from pipeline import paths
from pipeline.group import background_shares, group_articles
from pipeline.matrices import term_counts
from pipeline.origins import Agencies
from pipeline.params import load_params
from pipeline.storage import read_table
from pipeline.tokens import TokenTable, load_tokens

RARE_SHARE = 0.2


def take_articles(tokens: TokenTable, n: int) -> TokenTable:
    """The first `n` articles."""
    end = int(tokens.bounds[n])
    return TokenTable(*(column[:end] for column in tokens[:-1]), tokens.bounds[: n + 1])


def repeat_corpus(tokens: TokenTable, rare: np.ndarray, times: int) -> TokenTable:
    """The corpus `times` over; in each repetition the terms in `rare` (mask) are other terms, and only frequent ones are common."""
    n, n_sentences, n_terms = len(tokens.bounds) - 1, int(tokens.sentence.max()) + 1, len(rare)
    is_rare = rare[tokens.token]
    token = np.concatenate([tokens.token.astype(np.int64) + np.where(is_rare, k * n_terms, 0) for k in range(times)])
    sentence = np.concatenate([tokens.sentence.astype(np.int64) + k * n_sentences for k in range(times)])
    article = np.concatenate([tokens.article.astype(np.int64) + k * n for k in range(times)])
    bounds = np.r_[0, *(tokens.bounds[1:] + k * tokens.bounds[-1] for k in range(times))]
    same = {name: np.tile(getattr(tokens, name), times) for name in ("start", "length", "case", "voice", "part")}
    return TokenTable(token=token, sentence=sentence, article=article, bounds=bounds, **same)


def repeat_documents(documents: pd.DataFrame, times: int, days: int) -> pd.DataFrame:
    """The document table `times` over, each repetition `days` later, with ids of its own."""
    parts = []
    for k in range(times):
        stamp = pd.to_datetime(documents["published"].str.slice(0, 10), errors="coerce") + pd.Timedelta(days=k * days)
        parts.append(
            documents.assign(
                article_id=documents["article_id"] + f"-{k}", published=stamp.dt.strftime("%Y-%m-%d").fillna("").astype(object)
            )
        )
    return pd.concat(parts, ignore_index=True)


def report(name: str, tokens: TokenTable, documents: pd.DataFrame, terms: np.ndarray, background: np.ndarray) -> None:
    """Print the seconds of the whole stage without reading and writing."""
    start = time.perf_counter()
    grouped = group_articles(
        tokens,
        documents,
        terms,
        background,
        [set()] * len(documents),
        np.zeros(len(documents), dtype=bool),
        Agencies([]),
        load_params().group,
    )
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{name}: {len(documents)} articles, {len(tokens.token) / 1e6:.1f} million tokens: {seconds:.1f} s, "
        f"{1000 * seconds / len(documents):.2f} ms an article; {len(grouped.pairs)} pairs, {len(grouped.stories)} stories; "
        f"peak so far {memory:.1f} GB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--synthetic", type=int, default=50_000, help="articles of the synthetic corpus")
    parser.add_argument("--dense", action="store_true", help="all repetitions in the same weeks")
    arguments = parser.parse_args()
    tokens, documents = load_tokens(), read_table(paths.DOCUMENTS)
    terms = read_table(paths.VOCABULARY, ["term"])["term"].to_numpy()
    background = background_shares(terms, load_params().tokenize.language)
    for n in (1000, 2000, len(documents)):
        report("real", take_articles(tokens, n), documents.iloc[:n], terms, background)
    counts = term_counts(tokens, len(terms))
    rare = np.bincount(counts.indices, minlength=len(terms)) < RARE_SHARE * len(documents)
    times = -(-arguments.synthetic // len(documents))
    report(
        "synthetic",
        repeat_corpus(tokens, rare, times),
        repeat_documents(documents, times, 0 if arguments.dense else 70),
        np.tile(terms, times),
        np.tile(background, times),
    )


if __name__ == "__main__":
    main()
