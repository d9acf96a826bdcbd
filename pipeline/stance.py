"""The stance classifier: TF-IDF and a logistic regression, cross-validated so that copies and stories never straddle folds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

INNER_FOLDS = 3


def text_model(inverse_penalty: float) -> Pipeline:
    """TF-IDF (sublinear counts, unit length) and L2-penalised logistic regressions, one a class against the rest.

    Solved in the dual (liblinear): with a few hundred articles and tens of thousands of features 10 to 20 times faster than lbfgs.
    """
    regression = LogisticRegression(C=inverse_penalty, solver="liblinear", dual=True, max_iter=5000, random_state=0)
    return Pipeline([("tfidf", TfidfTransformer(sublinear_tf=True)), ("regression", OneVsRestClassifier(regression))])


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


def fit_text_model(
    counts: sparse.csr_matrix, labels: np.ndarray, groups: np.ndarray, inverse_penalties: Sequence[float], seed: int
) -> tuple[BaseEstimator, float]:
    """A calibrated text model: C chosen by log loss and the probabilities calibrated (Platt 1999), both on inner folds by group.

    Where the groups do not allow inner folds with all classes, the first C is used, uncalibrated.
    """
    possible = len(np.unique(groups)) > 2 and len(np.unique(labels)) > 1
    inner = group_folds(labels, groups, INNER_FOLDS, seed) if possible else []
    if not inner or not _usable(labels, inner):
        return _fit(text_model(inverse_penalties[0]), counts, labels), inverse_penalties[0]
    classes = np.unique(labels)
    losses = []
    for c in inverse_penalties:
        predicted = cross_val_predict(text_model(c), counts, labels, cv=inner, method="predict_proba")
        losses.append(log_loss(labels, predicted, labels=classes))
    best = inverse_penalties[int(np.argmin(np.round(losses, 6)))]
    model = CalibratedClassifierCV(text_model(best), method="sigmoid", cv=inner, ensemble=False)
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
        model, c = fit_text_model(counts[train], labels[train], groups[train], inverse_penalties, seed)
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


def linear_weights(model: BaseEstimator) -> tuple[np.ndarray, np.ndarray]:
    """Classes and weights (classes, features) of a text model; for two classes the second's weights and their negatives."""
    pipeline = model.calibrated_classifiers_[0].estimator if isinstance(model, CalibratedClassifierCV) else model
    weights = np.vstack([part.coef_ for part in pipeline.named_steps["regression"].estimators_])
    return model.classes_, np.vstack([-weights[0], weights[0]]) if len(weights) == 1 else weights
