"""The stance classifier: TF-IDF and a logistic regression, cross-validated so that copies and stories never straddle folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from pipeline.features import AFTER, BEFORE, LETTERS, WORDS

INNER_FOLDS = 3
# What helps differs: letters and the target's neighbours tell much in single sentences and blur long articles.
CANDIDATES = ((WORDS,), (WORDS, LETTERS, BEFORE, AFTER))
Columns = Mapping[str, tuple[int, int]]


class BlockTfidf(TransformerMixin, BaseEstimator):
    """TF-IDF (sublinear counts, unit length) of blocks of columns, each weighed by itself; other columns are left out.

    columns: first column and end of each block; without any, all columns are one block. Not scikit-learn's `ColumnTransformer`,
    whose lists of columns take a hundred times as long to store.
    """

    def __init__(self, columns: Columns | None = None):
        self.columns = columns

    def fit(self, x: sparse.csr_matrix, y: np.ndarray | None = None) -> BlockTfidf:
        """Learn how common each feature is."""
        self.n_features_in_ = x.shape[1]
        blocks = {WORDS: (0, x.shape[1])} if self.columns is None else self.columns
        # A list, since the order of a stored mapping is not kept.
        self.spans_ = [(name, first, end) for name, (first, end) in blocks.items()]
        self.weighers_ = [TfidfTransformer(sublinear_tf=True).fit(x[:, a:b]) for _, a, b in self.spans_]
        return self

    def parts(self, x: sparse.csr_matrix) -> dict[str, sparse.csr_matrix]:
        """The weighed blocks by name."""
        return {name: w.transform(x[:, a:b]) for w, (name, a, b) in zip(self.weighers_, self.spans_, strict=True)}

    def transform(self, x: sparse.csr_matrix) -> sparse.csr_matrix:
        """The weighed blocks side by side."""
        return sparse.hstack(list(self.parts(x).values()), format="csr")


def text_model(inverse_penalty: float, columns: Columns | None = None) -> Pipeline:
    """TF-IDF by blocks (see `BlockTfidf`) and L2-penalised logistic regressions, one a class against the rest.

    Solved in the dual (liblinear): with a few hundred articles and tens of thousands of features 10 to 20 times faster than lbfgs.
    """
    return Pipeline([("tfidf", BlockTfidf(columns)), ("regression", _regression(inverse_penalty))])


def _regression(inverse_penalty: float) -> OneVsRestClassifier:
    return OneVsRestClassifier(LogisticRegression(C=inverse_penalty, solver="liblinear", dual=True, max_iter=5000, random_state=0))


def block_columns(blocks: np.ndarray) -> dict[str, tuple[int, int]]:
    """First column and end of each block, from the block of each feature; a block's features stand side by side."""
    names, first, sizes = np.unique(blocks.astype(str), return_index=True, return_counts=True)
    return {str(names[k]): (int(first[k]), int(first[k] + sizes[k])) for k in np.argsort(first)}


def _choices(columns: Columns | None) -> list[Columns | None]:
    """The candidates among the blocks there are, each once."""
    if columns is None:
        return [None]
    there = [tuple(name for name in names if name in columns) for names in CANDIDATES]
    return [{name: columns[name] for name in names} for names in dict.fromkeys(there) if names]


def group_folds(labels: np.ndarray, groups: np.ndarray, folds: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Stratified folds that keep groups whole; fewer where there are fewer groups than folds."""
    folds = max(2, min(folds, len(np.unique(groups))))
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(labels)), labels, groups))


def _usable(labels: np.ndarray, splits: list[tuple[np.ndarray, np.ndarray]]) -> bool:
    every = set(labels.tolist())
    return all(set(labels[train].tolist()) == every for train, _ in splits)


def _fit(model: BaseEstimator, x: np.ndarray | sparse.csr_matrix, labels: np.ndarray) -> BaseEstimator:
    """The fitted model; where a training fold holds one class only, one that always predicts it."""
    return (model if len(np.unique(labels)) > 1 else DummyClassifier(strategy="most_frequent")).fit(x, labels)


def _surely_less(new: np.ndarray, old: np.ndarray, groups: np.ndarray) -> bool:
    """Whether the mean loss is smaller by more than its standard error, groups being independent."""
    gain = np.bincount(np.unique(groups, return_inverse=True)[1], weights=old - new)
    return bool(gain.mean() > gain.std(ddof=1) / np.sqrt(len(gain)))


def _inner_losses(
    counts: sparse.csr_matrix,
    labels: np.ndarray,
    inner: list[tuple[np.ndarray, np.ndarray]],
    choices: list[Columns | None],
    inverse_penalties: Sequence[float],
) -> np.ndarray:
    """Log loss of each article out of its fold: (choices, penalties, articles). Each block is weighed once a fold."""
    truth = np.searchsorted(np.unique(labels), labels)
    losses = np.empty((len(choices), len(inverse_penalties), len(labels)))
    for train, test in inner:
        weigher = BlockTfidf(choices[-1]).fit(counts[train])
        learned, held_out = weigher.parts(counts[train]), weigher.parts(counts[test])
        for number, part in enumerate(choices):
            names = list(part or learned)
            x, y = (sparse.hstack([blocks[name] for name in names], format="csr") for blocks in (learned, held_out))
            for k, c in enumerate(inverse_penalties):
                chance = _regression(c).fit(x, labels[train]).predict_proba(y)[np.arange(len(test)), truth[test]]
                losses[number, k, test] = -np.log(np.maximum(chance, np.finfo(float).tiny))
    return losses


def fit_text_model(
    counts: sparse.csr_matrix,
    labels: np.ndarray,
    groups: np.ndarray,
    inverse_penalties: Sequence[float],
    seed: int,
    columns: Columns | None = None,
) -> tuple[BaseEstimator, float]:
    """A calibrated text model and its C. Blocks and C are chosen by log loss and the probabilities calibrated (Platt 1999), all on
    inner folds by group.

    More than the first candidate's blocks are used only if they lower the log loss by more than a standard error
    (Breiman et al. 1984). columns: see `block_columns`; default one block. Where the groups do not allow inner folds
    with all classes, the first of each is used, uncalibrated.
    """
    choices = _choices(columns)
    possible = len(np.unique(groups)) > 2 and len(np.unique(labels)) > 1
    inner = group_folds(labels, groups, INNER_FOLDS, seed) if possible else []
    if not inner or not _usable(labels, inner):
        return _fit(text_model(inverse_penalties[0], choices[0]), counts, labels), inverse_penalties[0]
    taken = None
    for part, losses in zip(choices, _inner_losses(counts, labels, inner, choices, inverse_penalties), strict=True):
        k = int(np.argmin(np.round(losses.mean(axis=1), 6)))
        if taken is None or _surely_less(losses[k], taken[2], groups):
            taken = part, inverse_penalties[k], losses[k]
    part, best, _ = taken
    model = CalibratedClassifierCV(text_model(best, part), method="sigmoid", cv=inner, ensemble=False)
    return model.fit(counts, labels), best


class Validation(NamedTuple):
    """Out-of-fold results: fold of each article, probabilities (articles, classes), baselines' predictions, fold models."""

    fold: np.ndarray
    probability: np.ndarray
    baselines: dict[str, np.ndarray]
    models: list[BaseEstimator]
    inverse_penalties: list[float]


def cross_validate(
    counts: sparse.csr_matrix,
    lexicon_rates: np.ndarray,
    outlets: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    folds: int,
    inverse_penalties: Sequence[float],
    seed: int,
    columns: Columns | None = None,
) -> Validation:
    """Grouped, stratified cross-validation of the text model and of three baselines on the same folds.

    Baselines: `majority` class; `lexicon` (loaded-term rates by category only); `outlet` (the outlet's name only).
    """
    classes = np.unique(labels)
    fold = np.full(len(labels), -1)
    probability = np.zeros((len(labels), len(classes)))
    names = ("majority", "lexicon", "outlet")
    baselines = {name: np.empty(len(labels), dtype=object) for name in names}
    models, chosen = [], []
    for k, (train, test) in enumerate(group_folds(labels, groups, folds, seed)):
        model, c = fit_text_model(counts[train], labels[train], groups[train], inverse_penalties, seed, columns)
        models.append(model)
        chosen.append(c)
        fold[test] = k
        known = np.searchsorted(classes, model.classes_)
        probability[test[:, None], known[None, :]] = model.predict_proba(counts[test])
        lexicon = Pipeline([("scale", StandardScaler()), ("regression", LogisticRegression(max_iter=1000))])
        outlet = Pipeline([("code", OneHotEncoder(handle_unknown="ignore")), ("regression", LogisticRegression(max_iter=1000))])
        for name, baseline, x in (
            ("majority", DummyClassifier(strategy="most_frequent"), lexicon_rates),
            ("lexicon", lexicon, lexicon_rates),
            ("outlet", outlet, outlets[:, None]),
        ):
            baselines[name][test] = _fit(baseline, x[train], labels[train]).predict(x[test])
    return Validation(fold, probability, baselines, models, chosen)


def confusion_by_group(truth: np.ndarray, predicted: np.ndarray, groups: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    """Counts (groups, true class, predicted class); predictions outside `classes` count as a miss in an extra last column."""
    place = {name: i for i, name in enumerate(classes)}
    _, member = np.unique(groups, return_inverse=True)
    table = np.zeros((member.max() + 1, len(classes), len(classes) + 1))
    for g, t, p in zip(member, truth, predicted, strict=True):
        table[g, place[t], place.get(p, len(classes))] += 1
    return table


def macro_f1(confusion: np.ndarray) -> np.ndarray:
    """Unweighted mean of the classes' F1 from confusion counts (..., true class, predicted class or miss)."""
    k = confusion.shape[-2]
    hit = np.diagonal(confusion[..., :k], axis1=-2, axis2=-1)
    either = confusion.sum(axis=-1) + confusion[..., :k].sum(axis=-2)
    return np.where(either > 0, 2 * hit / np.where(either > 0, either, 1), 0.0).mean(axis=-1)


def macro_f1_interval(by_group: np.ndarray, resamples: int, seed: int, level: float = 0.95) -> tuple[float, float, float]:
    """Macro-F1 with a percentile bootstrap interval whose unit is the group."""
    n = len(by_group)
    weight = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples)
    drawn = macro_f1(np.tensordot(weight, by_group, axes=(1, 0)))
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(macro_f1(by_group.sum(axis=0))), float(low), float(high)


def paired_difference(a: np.ndarray, b: np.ndarray, resamples: int, seed: int, level: float = 0.95) -> tuple[float, float, float]:
    """Difference of two classifiers' macro-F1 on the same articles, with the same bootstrap."""
    n = len(a)
    weight = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples)
    drawn = macro_f1(np.tensordot(weight, a, axes=(1, 0))) - macro_f1(np.tensordot(weight, b, axes=(1, 0)))
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(macro_f1(a.sum(axis=0)) - macro_f1(b.sum(axis=0))), float(low), float(high)


def reliability(probability: np.ndarray, truth: np.ndarray, bins: int = 5) -> list[tuple[float, float, int]]:
    """Mean predicted probability, share of true cases and number of articles, in bins of equal numbers."""
    order = np.argsort(probability, kind="stable")
    return [
        (float(probability[part].mean()), float(truth[part].mean()), len(part)) for part in np.array_split(order, bins) if len(part)
    ]


def expected_calibration_error(curve: Sequence[tuple[float, float, int]]) -> float:
    """Mean gap between predicted and observed over the bins, weighted by size (Naeini et al. 2015)."""
    total = sum(n for _, _, n in curve)
    return sum(abs(p - o) * n for p, o, n in curve) / total


def _text_part(model: BaseEstimator) -> Pipeline:
    return model.calibrated_classifiers_[0].estimator if isinstance(model, CalibratedClassifierCV) else model


def used_blocks(model: BaseEstimator) -> list[str]:
    """The blocks of features that a fitted model uses; none where it always predicts one class."""
    part = _text_part(model)
    return [name for name, *_ in part.named_steps["tfidf"].spans_] if isinstance(part, Pipeline) else []


def linear_weights(model: BaseEstimator) -> tuple[np.ndarray, np.ndarray]:
    """Classes and weights (classes, features) of a text model; for two classes the second's weights and their negatives.

    Features of blocks that the model does not use weigh 0.
    """
    pipeline = _text_part(model)
    weighing = pipeline.named_steps["tfidf"]
    used = np.concatenate([np.arange(a, b) for _, a, b in weighing.spans_])
    fitted = np.vstack([part.coef_ for part in pipeline.named_steps["regression"].estimators_])
    weights = np.zeros((len(fitted), weighing.n_features_in_))
    weights[:, used] = fitted
    return model.classes_, np.vstack([-weights[0], weights[0]]) if len(weights) == 1 else weights
