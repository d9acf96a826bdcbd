"""Frames against articles that people coded: `python -m benchmarks.frames --train FILE --test FILE`.

FILE: CSV with `text` and columns of 0/1, one a frame. `--folds 5 --group outlet` in place of `--test` predicts each article by
a model that saw none of its group. Two questions a frame: how well its category's hits per token rank the articles with nothing
trained (AUC), and how well those counts with TF-IDF find the frame (macro-F1: mean of the F1 of 0 and of 1).
TF-IDF alone, and length alone, stand beside it. Last line: one JSON object.
"""

from __future__ import annotations

import argparse
import json

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import GroupKFold, StratifiedKFold

from benchmarks.texts import read_gold, tokenize_texts
from pipeline.entries import Lexicon
from pipeline.errors import InputError, run_stage
from pipeline.lexicon import Corpus
from pipeline.lexicon_formats import read_lexicon
from pipeline.matrices import term_counts

LEXICON = "data/lexicons/frames.csv"
OTHER_NAMES = {"economic": "economic_consequences"}
INVERSE_PENALTY_WORDS, INVERSE_PENALTY_COUNTS = 10.0, 1.0
COUNTS_SHARE = 0.3
MIN_ARTICLES = 2
INNER_FOLDS = 5
SEED = 20170201


def find_frames(gold: pd.DataFrame, lexicon: Lexicon) -> dict[str, str]:
    """Category of each column of 0/1 that has one: of the same name, or else of the name used for it here."""
    known = set(lexicon.categories)
    binary = [name for name in gold if gold[name].isin([0, 1]).all()]
    category = {name: name if name in known else OTHER_NAMES.get(name, "") for name in binary}
    return {name: category[name] for name in binary if category[name] in known}


def category_rates(lexicon: Lexicon, corpus: Corpus) -> np.ndarray:
    """Articles x categories: hits per token."""
    hits = corpus.find(lexicon)
    number = {name: k for k, name in enumerate(lexicon.categories)}
    category = np.array([number[entry.category] for entry in lexicon.entries])[hits.entry]
    sizes = np.diff(corpus.tokens.bounds)
    counts = np.zeros((len(sizes), len(number)))
    np.add.at(counts, (corpus.tokens.article[hits.position], category), 1)
    return counts / np.maximum(sizes, 1)[:, None]


class Features:
    """What the classifiers see: words (articles x terms counts) and the rate of the frame's category, prepared on training rows."""

    def __init__(self, words: sparse.csr_matrix, rate: np.ndarray):
        self.words = words
        # The square root steadies the variance of counts per token.
        self.rate = np.sqrt(rate)[:, None]

    def scores(self, train: np.ndarray, test: np.ndarray, label: np.ndarray, counts_share: float) -> np.ndarray:
        """Log-odds of the label in test rows: the weighted mean of a model on TF-IDF and one on the rate."""
        common = np.asarray((self.words[train] > 0).sum(axis=0)).ravel() >= MIN_ARTICLES
        weigher = TfidfTransformer(sublinear_tf=True).fit(self.words[train][:, common])
        center, spread = self.rate[train].mean(axis=0), self.rate[train].std(axis=0)
        scaled = (self.rate - center) / np.where(spread > 0, spread, 1)
        by_words = _fit_scores(
            weigher.transform(self.words[train][:, common]),
            weigher.transform(self.words[test][:, common]),
            label[train],
            INVERSE_PENALTY_WORDS,
        )
        if counts_share == 0:
            return by_words
        by_counts = _fit_scores(scaled[train], scaled[test], label[train], INVERSE_PENALTY_COUNTS)
        return (1 - counts_share) * by_words + counts_share * by_counts

    def predict(self, train: np.ndarray, test: np.ndarray, label: np.ndarray, counts_share: float) -> np.ndarray:
        """0/1 of test rows, the threshold being the one that does best in folds inside the training rows."""
        inner = np.zeros(len(train))
        folds = min(INNER_FOLDS, int(np.bincount(label[train], minlength=2).min()))
        threshold = 0.0
        if folds >= 2:
            for a, b in StratifiedKFold(folds, shuffle=True, random_state=SEED).split(train, label[train]):
                inner[b] = self.scores(train[a], train[b], label, counts_share)
            candidates = np.quantile(inner, np.linspace(0.05, 0.95, 37))
            threshold = max(candidates, key=lambda t: f1_score(label[train], inner >= t, average="macro", zero_division=0))
        return (self.scores(train, test, label, counts_share) >= threshold).astype(int)


def _fit_scores(train: np.ndarray, test: np.ndarray, label: np.ndarray, inverse_penalty: float) -> np.ndarray:
    if len(np.unique(label)) < 2:
        return np.full(test.shape[0], np.inf if label[0] else -np.inf)
    model = LogisticRegression(C=inverse_penalty, class_weight="balanced", max_iter=2000)
    return model.fit(train, label).decision_function(test)


def measure(
    gold: pd.DataFrame, lexicon: Lexicon, splits: list[tuple[np.ndarray, np.ndarray]]
) -> tuple[dict[str, float], pd.DataFrame]:
    """The measures of the last line, and a table per frame; the test rows of all splits are judged together."""
    frames = find_frames(gold, lexicon)
    corpus = tokenize_texts(gold["text"].tolist())
    rates = category_rates(lexicon, corpus)
    words = term_counts(corpus.tokens, corpus.index.size)
    tested = np.concatenate([test for _, test in splits])
    length = np.diff(corpus.tokens.bounds)
    rows = []
    for frame, category in frames.items():
        label = gold[frame].to_numpy(dtype=int)
        rate = rates[:, lexicon.categories.index(category)]
        features = Features(words, rate)
        predicted = {}
        for name, share in (("f1", COUNTS_SHARE), ("f1_tfidf", 0.0)):
            out = np.concatenate([features.predict(train, test, label, share) for train, test in splits])
            predicted[name] = float(f1_score(label[tested], out, average="macro", zero_division=0))
        both = len(np.unique(label[tested])) == 2
        auc = [float(roc_auc_score(label[tested], score[tested])) if both else np.nan for score in (rate, length)]
        rows.append((frame, category, int(label[tested].sum()), predicted["f1"], predicted["f1_tfidf"], *auc))
    columns = ["frame", "category", "articles", "macro_f1", "macro_f1_tfidf", "auc_lexicon", "auc_length"]
    table = pd.DataFrame(rows, columns=columns)
    result: dict[str, float] = {"n": len(tested)}
    means = {
        "mean_macro_f1": "macro_f1",
        "mean_macro_f1_tfidf": "macro_f1_tfidf",
        "mean_auc_lexicon": "auc_lexicon",
        "mean_auc_length": "auc_length",
    }
    result |= {name: round(float(table[column].mean()), 4) for name, column in means.items()}
    for row in table.itertuples():
        result |= {f"macro_f1_{row.frame}": round(row.macro_f1, 4), f"auc_lexicon_{row.frame}": round(row.auc_lexicon, 4)}
    return result, table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--train", required=True, help="CSV with text and columns of 0/1")
    parser.add_argument("--test", help="CSV of the same form")
    parser.add_argument("--folds", type=int, help="folds over --train, in place of --test")
    parser.add_argument("--group", default="outlet", help="column whose values folds keep apart (default outlet)")
    parser.add_argument("--lexicon", default=LEXICON, help=f"lexicon file (default {LEXICON})")
    options = parser.parse_args()
    if (options.test is None) == (options.folds is None):
        parser.error("give either --test or --folds")
    train = read_gold(options.train, ("text",) if options.test else ("text", options.group))
    if options.test:
        test = read_gold(options.test, ("text",))
        gold = pd.concat([train, test], ignore_index=True)
        rows = np.arange(len(gold))
        splits = [(rows[: len(train)], rows[len(train) :])]
    else:
        gold = train
        if gold[options.group].nunique() < options.folds or options.folds < 2:
            raise InputError(
                options.train, [f"{options.group}: at least as many values as folds, and 2 folds (got {options.folds})"]
            )
        splits = list(GroupKFold(options.folds).split(gold, groups=gold[options.group]))
    lexicon = read_lexicon(options.lexicon)
    if not find_frames(gold, lexicon):
        raise InputError(options.train, [f"no column of 0/1 has a category in {options.lexicon}: {', '.join(lexicon.categories)}"])
    result, table = measure(gold, lexicon, splits)
    print(table.round(3).to_string(index=False))
    print(json.dumps(result))


if __name__ == "__main__":
    run_stage(main)
