"""Write data/languages/<language>_frequencies.csv: the share of the corpus's articles that hold each word.

`python -m benchmarks.word_frequencies` on the demonstration corpus (stages fetch to tokenize) gives the committed file.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline import paths
from pipeline.matrices import term_counts
from pipeline.params import load_params
from pipeline.storage import csv_bytes, read_table, write_bytes
from pipeline.tokens import load_tokens

LEAST_ARTICLES = 10


def document_shares(holders: np.ndarray, terms: np.ndarray, n_articles: int) -> pd.DataFrame:
    """Terms in at least `LEAST_ARTICLES` articles with the share of articles that hold them, in alphabetical order."""
    keep = holders >= LEAST_ARTICLES
    return pd.DataFrame({"term": terms[keep], "share": np.round(holders[keep] / n_articles, 5)}).sort_values(
        "term", ignore_index=True
    )


def main() -> None:
    terms = read_table(paths.VOCABULARY, ["term"])["term"].to_numpy()
    counts = term_counts(load_tokens(), len(terms))
    shares = document_shares(np.bincount(counts.indices, minlength=len(terms)), terms, counts.shape[0])
    path = paths.LANGUAGES / f"{load_params().tokenize.language}_frequencies.csv"
    write_bytes(path, csv_bytes(shares))
    print(f"{path}: {len(shares)} terms")


if __name__ == "__main__":
    main()
