"""How well a text gives its outlet away, before and after cleaning: `python -m benchmarks.outlet_probe`.

A linear classifier on TF-IDF of tokens and token pairs guesses the outlet, twice: from words as the pipeline counts them, and from
words with
their case and every mark of punctuation, so that typography counts too. Folds keep stories together where data/group/groups.parquet
exists. Accuracy is on held-out folds; the fifty features with the largest weights are listed. Reads data/ingest and data/clean.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import GroupKFold

from pipeline import paths
from pipeline.storage import read_table
from pipeline.tokens import TOKEN

FOLDS = 5
TOP = 50
SEED = 20170201
_TOKEN = re.compile(r"\w+|[^\w\s]")


def words_of(text: str) -> list[str]:
    """Words in small letters, as the pipeline's tokens are."""
    return [form.lower() for form in TOKEN.findall(text)]


def marks_of(text: str) -> list[str]:
    """Words and single marks, case kept."""
    return _TOKEN.findall(text)


def probe(
    texts: list[str], outlets: np.ndarray, groups: np.ndarray, tokens_of: Callable[[str], list[str]]
) -> tuple[float, list[tuple[str, str, float]]]:
    """Held-out accuracy, and the features with the largest weights (outlet, feature, weight) of a fit on everything."""
    vectors = TfidfVectorizer(
        tokenizer=tokens_of, token_pattern=None, lowercase=False, ngram_range=(1, 2), min_df=10, sublinear_tf=True
    )
    matrix = vectors.fit_transform(texts)
    right = 0
    for train, test in GroupKFold(FOLDS).split(matrix, outlets, groups):
        model = SGDClassifier(alpha=1e-5, random_state=SEED).fit(matrix[train], outlets[train])
        right += int((model.predict(matrix[test]) == outlets[test]).sum())
    model = SGDClassifier(alpha=1e-5, random_state=SEED).fit(matrix, outlets)
    names = vectors.get_feature_names_out()
    order = np.argsort(-model.coef_, axis=None, kind="stable")[:TOP]
    rows, columns = np.unravel_index(order, model.coef_.shape)
    top = [(str(model.classes_[r]), str(names[c]), float(model.coef_[r, c])) for r, c in zip(rows, columns, strict=True)]
    return right / len(outlets), top


def main() -> None:
    raw = read_table(paths.ARTICLES, ["article_id", "outlet", "text"])
    clean = read_table(paths.CLEANED, ["article_id", "text"])
    both = raw.merge(clean, on="article_id", suffixes=("_raw", "_clean"), validate="one_to_one")
    if paths.GROUPS.exists():
        stories = read_table(paths.GROUPS, ["article_id", "story"])
        groups = pd.factorize(
            both.merge(stories, on="article_id", how="left", validate="one_to_one")["story"].fillna(both["article_id"])
        )[0]
    else:
        groups = np.arange(len(both))
    outlets = both["outlet"].to_numpy()
    largest = both["outlet"].value_counts(normalize=True).iloc[0]
    print(f"{len(both)} articles, {len(set(outlets))} outlets, {len(set(groups))} stories; largest outlet {largest:.3f}")
    for view, name in product((words_of, marks_of), ("raw", "clean")):
        accuracy, top = probe(both[f"text_{name}"].tolist(), outlets, groups, view)
        print(f"\n{view.__name__.removesuffix('_of')}, {name}: accuracy {accuracy:.3f}")
        print(", ".join(f"{outlet}: {feature!r} {weight:.1f}" for outlet, feature, weight in top))


if __name__ == "__main__":
    main()
