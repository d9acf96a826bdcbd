"""The stance classifier against sentences that people coded: `python -m benchmarks.stance FILE [--dev FILE]`.

FILE: CSV with `text`, `target` and `label` (against, neutral, favor), optionally `start` and `end` (characters of the target's
mention in the text) and one of `outlet`, `event`, `story`, `article`, `article_id`. Without offsets a mention is where the
target's words stand. Each sentence is predicted by the pipeline's own classifier, with its own settings, that saw none of its
group, by folds over FILE; with --dev, sentences of that file by one that saw FILE (a column that one of the two lacks counts for
neither). Features are counted over all sentences, as a run counts them over coded articles and others. Beside it: the largest
class, TF-IDF with a logistic regression on the plain sentence, the sentence's length alone. Intervals: bootstrap over groups.
`--blocks words` leaves the classifier only these blocks of features to choose from. Last line: one JSON object.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.texts import tokenize_texts
from pipeline import paths
from pipeline.alignment import align, to_source
from pipeline.errors import InputError, run_stage
from pipeline.features import AFTER, BEFORE, LETTERS, WORDS, masked_terms, mention_tokens, stance_counts
from pipeline.labels import CLASSES
from pipeline.language import load_language
from pipeline.lexicon import Corpus
from pipeline.outlets import read_outlet_names
from pipeline.params import Tokenize, Train
from pipeline.stance import (
    block_columns,
    confusion_by_group,
    expected_calibration_error,
    fit_text_model,
    group_folds,
    macro_f1_interval,
    paired_difference,
    reliability,
    used_blocks,
)
from pipeline.typography import repair

NEEDED = ("text", "target", "label")
OFFSETS = ("start", "end")
GROUPS = ("outlet", "event", "story", "article", "article_id")
BLOCKS = (WORDS, LETTERS, BEFORE, AFTER)
FLOORS = ("majority", "tfidf", "length")
SETTINGS = Train()
LANGUAGE = load_language(Tokenize().language)


def read_sentences(path: str) -> tuple[pd.DataFrame, list[str]]:
    """A gold file and all that is wrong with it; offsets, if there are any, as whole numbers where nothing is wrong."""
    try:
        gold = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        return pd.DataFrame(), [f"{path}: can't be read: {error}"]
    faults = [f"needs a column {name!r} (columns found: {', '.join(gold.columns)})" for name in NEEDED if name not in gold]
    if not len(gold):
        faults.append("holds no rows")
    for name in ("text", "target"):
        empty = np.flatnonzero(gold[name].str.strip() == "") if name in gold else []
        if len(empty):
            faults.append(f"column {name!r} has {len(empty)} empty cells, the first in row {empty[0] + 1}")
    if "label" in gold:
        strange = sorted(set(gold["label"]) - set(CLASSES))
        if strange:
            faults.append(f"column 'label' holds {', '.join(map(repr, strange[:5]))}; known are {', '.join(CLASSES)}")
    given = [name for name in OFFSETS if name in gold]
    if len(given) == 1:
        faults.append("columns 'start' and 'end' come together")
    elif given and "text" in gold:
        ends = gold[[*OFFSETS]].apply(
            lambda column: pd.to_numeric(column.where(column.str.fullmatch("[0-9]{1,9}")), errors="coerce")
        )
        wrong = np.flatnonzero(~((ends["start"] < ends["end"]) & (ends["end"] <= gold["text"].str.len())))
        if len(wrong):
            faults.append(f"{len(wrong)} mentions do not lie within their text, the first in row {wrong[0] + 1}")
        else:
            gold[[*OFFSETS]] = ends.astype(int)
    return gold, [f"{path}: {fault}" for fault in faults]


def find_mentions(gold: pd.DataFrame, corpus: Corpus) -> np.ndarray:
    """Mask of the tokens that mention their own text's target: by offsets into the text as given, or else by its words."""
    tokens = corpus.tokens
    mask = np.zeros(len(tokens.token), dtype=bool)
    if not set(OFFSETS) <= set(gold):
        targets = gold["target"].to_numpy()
        for target in sorted(set(targets)):
            mask |= mention_tokens(tokens, corpus.index.terms, [target], LANGUAGE) & (targets == target)[tokens.article]
        return mask
    for article, (text, start, end) in enumerate(zip(gold["text"], gold["start"], gold["end"], strict=True)):
        alignment = align(text, repair(text))
        for k in range(tokens.bounds[article], tokens.bounds[article + 1]):
            mask[k] = start <= to_source(int(tokens.start[k]), alignment, len(text)) < end
    return mask


def group_column(gold: pd.DataFrame) -> str:
    """The column whose values folds keep apart; without one, the text, so that a sentence with two targets stays whole."""
    return next((name for name in GROUPS if name in gold), "text")


class Predicted(NamedTuple):
    """Of the tested rows: probabilities (rows, classes), predictions of ours and of the floors, blocks used by each model."""

    probability: np.ndarray
    labels: dict[str, np.ndarray]
    blocks: list[list[str]]


def predict(
    gold: pd.DataFrame, groups: np.ndarray, splits: list[tuple[np.ndarray, np.ndarray]], blocks: Sequence[str] = BLOCKS
) -> Predicted:
    """Predictions for the rows that some split tests; the others keep no probability and an empty label."""
    corpus = tokenize_texts(gold["text"].tolist())
    labels = gold["label"].to_numpy(dtype=str)
    classes = np.unique(labels)
    names = [*(gold["outlet"].unique() if "outlet" in gold else ()), *read_outlet_names(paths.OUTLETS)]
    masked = masked_terms(names, corpus.index.terms, LANGUAGE)
    rows = np.arange(len(gold))
    counts, features = stance_counts(corpus.tokens, rows, masked, find_mentions(gold, corpus), corpus.index.terms, SETTINGS.min_df)
    columns = {name: span for name, span in block_columns(features[:, 0]).items() if name in blocks}
    texts = gold["text"].to_numpy(dtype=object)
    length = np.log1p(np.diff(corpus.tokens.bounds))[:, None]
    regression = {"class_weight": "balanced", "max_iter": 2000}
    floors = {
        "majority": (DummyClassifier(strategy="most_frequent"), length),
        "tfidf": (
            make_pipeline(TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), LogisticRegression(**regression)),
            texts,
        ),
        "length": (make_pipeline(StandardScaler(), LogisticRegression(**regression)), length),
    }
    probability = np.full((len(gold), len(classes)), np.nan)
    found = {name: np.full(len(gold), "", dtype=object) for name in ("ours", *floors)}
    used = []
    for train, test in splits:
        model, _ = fit_text_model(counts[train], labels[train], groups[train], SETTINGS.inverse_penalties, SETTINGS.seed, columns)
        used.append(used_blocks(model))
        probability[test] = 0
        probability[test[:, None], np.searchsorted(classes, model.classes_)[None, :]] = model.predict_proba(counts[test])
        found["ours"][test] = classes[probability[test].argmax(axis=1)]
        for name, (floor, x) in floors.items():
            found[name][test] = floor.fit(x[train], labels[train]).predict(x[test])
    return Predicted(probability, found, used)


def measure(
    gold: pd.DataFrame, groups: np.ndarray, splits: list[tuple[np.ndarray, np.ndarray]], blocks: Sequence[str] = BLOCKS
) -> tuple[dict, pd.DataFrame]:
    """The measures of the last line, and a table of the classifiers; the tested rows of all splits are judged together."""
    predicted = predict(gold, groups, splits, blocks)
    tested = np.sort(np.concatenate([test for _, test in splits]))
    truth, of = gold["label"].to_numpy(dtype=str)[tested], groups[tested]
    classes = np.unique(gold["label"].to_numpy(dtype=str)).tolist()
    tables = {name: confusion_by_group(truth, labels[tested], of, classes) for name, labels in predicted.labels.items()}
    rows = []
    for name, table in tables.items():
        total = table.sum(axis=0)
        each = [2 * total[j, j] / max(total[j].sum() + total[:, j].sum(), 1) for j in range(len(classes))]
        rows.append((name, *macro_f1_interval(table, SETTINGS.resamples, SETTINGS.seed), *each))
    table = pd.DataFrame(rows, columns=["classifier", "macro_f1", "low", "high", *classes])
    errors = [expected_calibration_error(reliability(predicted.probability[tested, j], truth == c)) for j, c in enumerate(classes)]
    ours = table.iloc[0]
    result: dict = {"n": len(tested), "groups": len(np.unique(of))}
    result |= {name: round(float(ours[name]), 4) for name in ("macro_f1", "low", "high")}
    result |= {f"f1_{name}": round(float(ours[name]), 4) for name in classes}
    result["calibration_error"] = round(float(np.mean(errors)), 4)
    for name in FLOORS:
        difference = paired_difference(tables["ours"], tables[name], SETTINGS.resamples, SETTINGS.seed)
        result[f"floor_{name}"] = round(float(table.set_index("classifier").loc[name, "macro_f1"]), 4)
        result[f"gain_over_{name}"] = [round(value, 4) for value in difference]
    result["blocks"] = predicted.blocks
    return result, table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", help="CSV with text, target, label; optionally start, end and a column of groups")
    parser.add_argument("--dev", help="CSV of the same form, predicted by a model of FILE")
    parser.add_argument("--folds", type=int, default=SETTINGS.folds, help=f"folds over FILE (default {SETTINGS.folds})")
    parser.add_argument(
        "--blocks", nargs="+", choices=BLOCKS, default=BLOCKS, help="blocks of features to choose from (default all)"
    )
    options = parser.parse_args()
    read = [read_sentences(path) for path in (options.file, options.dev) if path is not None]
    faults = [fault for _, found in read for fault in found]
    if options.folds < 2:
        faults.append(f"--folds: 2 or more (got {options.folds})")
    gold = pd.concat([frame for frame, _ in read], ignore_index=True, join="inner")
    by = group_column(gold)
    if not faults:
        size = len(read[0][0])
        known = gold[:size]
        if known["label"].nunique() < 2:
            faults.append(f"{options.file}: two labels or more are needed")
        if options.dev is None and known[by].nunique() < options.folds:
            faults.append(f"{options.file}: fewer values of {by!r} than folds ({options.folds})")
    if faults:
        raise InputError("benchmarks.stance", faults)
    if by == "text":
        print("no column tells outlet, event or article: folds keep only rows of the same text together")
    groups = pd.factorize(gold[by])[0]
    if options.dev is None:
        splits = group_folds(gold["label"].to_numpy(dtype=str), groups, options.folds, SETTINGS.seed)
    else:
        rows = np.arange(len(gold))
        shared = np.isin(groups[:size], groups[size:])
        if shared.any():
            print(f"{shared.sum()} rows of {options.file} share their {by} with the other file and are not learned from")
        splits = [(rows[:size][~shared], rows[size:])]
    result, table = measure(gold, groups, splits, options.blocks)
    print(table.round(3).to_string(index=False))
    print(json.dumps(result))


if __name__ == "__main__":
    run_stage(main)
