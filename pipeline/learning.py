"""What is learned for a target: agreement of its coders, and a cross-validated stance classifier."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from pipeline.agreement import alpha_interval, krippendorff_alpha
from pipeline.corpus import Prepared
from pipeline.features import AFTER, BEFORE, LETTERS
from pipeline.labels import CLASSES, PROBABILITIES
from pipeline.models import dump_model
from pipeline.params import Target, Train
from pipeline.stance import (
    Validation,
    block_columns,
    confusion_by_group,
    cross_validate,
    expected_calibration_error,
    fit_text_model,
    linear_weights,
    macro_f1,
    macro_f1_interval,
    paired_difference,
    reliability,
    used_blocks,
)
from pipeline.storage import round_significant

TOP_WEIGHTS = 15
SIDES = {BEFORE: "before a mention", AFTER: "after a mention"}


class Trained(NamedTuple):
    """Results for one target; the tables are empty and `model` is None where nothing could be learned."""

    scores: dict
    coded: pd.DataFrame
    weights: pd.DataFrame
    curve: pd.DataFrame
    model: bytes | None
    features: pd.DataFrame


def agreement_scores(first: pd.DataFrame, second: pd.DataFrame, params: Train) -> dict | None:
    """Krippendorff's alpha of the articles coded twice, with its interval; None without a second coding."""
    both = first.merge(second, on="article_id", suffixes=("", "_second"))
    if both.empty:
        return None
    a, b = both["label"].tolist(), both["label_second"].tolist()
    low, high = alpha_interval(a, b, params.resamples, params.seed)
    return {
        "articles": len(both),
        "alpha": krippendorff_alpha(a, b),
        "low": low,
        "high": high,
        "agreed": float(np.mean(np.array(a) == b)),
    }


def validation_scores(validation: Validation, truth: np.ndarray, groups: np.ndarray, outlets: np.ndarray, params: Train) -> dict:
    """Macro-F1 of the classifier and the baselines with intervals, their differences, and accuracy per outlet."""
    classes = sorted(set(truth.tolist()))
    predicted = np.array(classes, dtype=object)[validation.probability.argmax(axis=1)]
    tables = {
        name: confusion_by_group(truth, labels, groups, classes)
        for name, labels in {"classifier": predicted, **validation.baselines}.items()
    }
    result: dict = {"classes": classes, "macro_f1": {}, "gain_over": {}, "outlets": {}}
    for name, table in tables.items():
        value, low, high = macro_f1_interval(table, params.resamples, params.seed)
        result["macro_f1"][name] = {"value": value, "low": low, "high": high}
        if name != "classifier":
            value, low, high = paired_difference(tables["classifier"], table, params.resamples, params.seed)
            result["gain_over"][name] = {"value": value, "low": low, "high": high}
    total = tables["classifier"].sum(axis=0)
    result["confusion"] = {t: {p: int(total[i, j]) for j, p in enumerate(classes)} for i, t in enumerate(classes)}
    result["class_f1"] = {
        name: float(2 * total[i, i] / max(total[i].sum() + total[:, i].sum(), 1)) for i, name in enumerate(classes)
    }
    for outlet in sorted(set(outlets.tolist())):
        here = outlets == outlet
        table = confusion_by_group(truth[here], predicted[here], groups[here], classes).sum(axis=0)
        result["outlets"][outlet] = {
            "articles": int(here.sum()),
            "accuracy": float((truth[here] == predicted[here]).mean()),
            "macro_f1": float(macro_f1(table)),
            **{f"coded_{name}": float((truth[here] == name).mean()) for name in classes},
            **{f"predicted_{name}": float((predicted[here] == name).mean()) for name in classes},
        }
    return result


def train_target(target: Target, corpus: Prepared, labels: pd.DataFrame, second: pd.DataFrame, params: Train) -> Trained:
    """Everything that is learned for one target (see `Trained`)."""
    documents = corpus.documents
    relevant, matrix, features = corpus.mentions[target.id]
    known = documents["article_id"].isin(labels["article_id"]).to_numpy()
    scores: dict = {
        "label": target.label,
        "relevant": int(relevant.sum()),
        "coded_articles": len(labels),
        "coded_in_corpus": int(known.sum()),
        "coded_but_not_relevant": int((known & ~relevant).sum()),
        "agreement": agreement_scores(labels, second, params) if known.any() else None,
        "coders": sorted(set(labels["coder"])),
        "status": "ok",
        "message": "",
    }
    rows = np.flatnonzero(relevant & known)
    place = dict(zip(labels["article_id"], range(len(labels)), strict=True))
    coded = documents.iloc[rows][["article_id", "outlet", "copy_group", "story"]].reset_index(drop=True)
    matched = labels.iloc[[place[identity] for identity in coded["article_id"]]]
    coded = coded.assign(
        target=target.id,
        label=matched["label"].to_numpy(dtype=object),
        probability=matched["probability"].to_numpy(dtype=float),
        fold=np.full(len(coded), -1),
        **{name: np.full(len(coded), np.nan) for name in PROBABILITIES},
    )
    counts = {name: int((coded["label"] == name).sum()) for name in CLASSES}
    scores["labels"] = counts
    spread = coded.groupby("label")["story"].nunique()  # a class of one story can't be in training and test folds both
    learned = [name for name in CLASSES if counts[name] >= params.min_class_labels and spread[name] > 1]
    scores["learned"] = learned
    nothing = Trained(scores, coded, pd.DataFrame(), pd.DataFrame(), None, pd.DataFrame())
    if not relevant.any():
        scores.update(status="not_mentioned", message=f"no article mentions {target.label}")
        return nothing
    if coded.empty:
        scores.update(status="no_labels", message=f"none of the {relevant.sum()} relevant articles is coded")
        return nothing
    if len(learned) < 2:
        scores.update(
            status="too_few_labels",
            message=f"fewer than two classes have {params.min_class_labels} coded articles in two stories "
            f"({', '.join(f'{name} {n}' for name, n in counts.items())})",
        )
        return nothing
    if coded.loc[coded["label"].isin(learned), "story"].nunique() < 4:
        scores.update(
            status="too_few_stories", message="the coded articles belong to fewer than four stories, too few to validate on"
        )
        return nothing

    use = np.flatnonzero(coded["label"].isin(learned))
    place_of = np.flatnonzero(relevant)
    if not len(features):
        scores.update(
            status="too_few_words", message=f"no word stands in {params.min_df} of the {relevant.sum()} relevant articles"
        )
        return nothing
    lines = np.searchsorted(place_of, rows[use])
    truth = coded["label"].to_numpy(dtype=object)[use].astype(str)
    stories = coded["story"].to_numpy(dtype=object)[use].astype(str)
    outlets = coded["outlet"].to_numpy(dtype=object)[use].astype(str)
    columns = block_columns(features[:, 0])
    validation = cross_validate(
        matrix[lines],
        corpus.lexicon_rates[rows[use]],
        outlets,
        truth,
        stories,
        params.folds,
        params.inverse_penalties,
        params.seed,
        columns,
    )
    final, c = fit_text_model(matrix[lines], truth, stories, params.inverse_penalties, params.seed, columns)
    scores.update(validation_scores(validation, truth, stories, outlets, params))
    scores["inverse_penalty"] = {"final": c, "folds": validation.inverse_penalties}
    scores["features"] = len(features)
    scores["blocks"] = {"final": used_blocks(final), "folds": [used_blocks(model) for model in validation.models]}
    scores["folds"] = len(validation.models)
    classes = scores["classes"]
    coded.loc[use, "fold"] = validation.fold
    for j, name in enumerate(classes):
        coded.loc[use, f"p_{name}"] = round_significant(validation.probability[:, j])
    for name, labels_of in validation.baselines.items():
        coded[f"baseline_{name}"] = ""
        coded.loc[use, f"baseline_{name}"] = labels_of

    curves = []
    scores["calibration_error"] = {}
    for j, name in enumerate(classes):
        curve = reliability(validation.probability[:, j], truth == name)
        scores["calibration_error"][name] = expected_calibration_error(curve)
        curves += [
            {"target": target.id, "class": name, "bin": i, "predicted": p, "observed": o, "articles": n}
            for i, (p, o, n) in enumerate(curve)
        ]
    # Runs of letters say little to a reader.
    readable = features[:, 0] != LETTERS
    names = [f"{name} ({SIDES[block]})" if block in SIDES else name for block, name in features[readable].tolist()]
    order_of, values = linear_weights(final)
    values = values[:, readable]
    weights = [
        {"target": target.id, "class": name, "rank": r + 1, "feature": names[i], "weight": float(values[j, i])}
        for j, name in enumerate(order_of)
        for r, i in enumerate(np.lexsort((np.arange(len(names)), -np.round(values[j], 8)))[:TOP_WEIGHTS])
    ]
    feature_table = pd.DataFrame(features, columns=["block", "feature"])
    model = dump_model({"final": final, "folds": validation.models})
    return Trained(scores, coded, pd.DataFrame(weights), pd.DataFrame(curves), model, feature_table)
