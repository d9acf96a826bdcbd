"""Stage predict: the stance of every relevant article; coded articles keep the prediction of the fold that had not seen them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline import paths
from pipeline.corpus import Prepared, read_prepared
from pipeline.errors import run_stage
from pipeline.labels import CLASSES, PROBABILITIES
from pipeline.parallel import begin
from pipeline.params import Target, active_targets, load_params
from pipeline.storage import read_table, round_significant, write_table


def predict_target(target: Target, corpus: Prepared, coded: pd.DataFrame, model: dict | None, features: np.ndarray) -> pd.DataFrame:
    """One row a relevant article: target, article_id, outlet, copy_group, label and probability (coded ones), fold, p_*.

    Fold -1 and the mean of the fold models for articles no model was trained on; NaN where there is no model.
    """
    relevant, counts, found = corpus.mentions[target.id]
    out = corpus.documents.iloc[np.flatnonzero(relevant)][["article_id", "outlet", "copy_group", "story"]].reset_index(drop=True)
    out.insert(0, "target", target.id)
    mine = coded[coded["target"] == target.id] if "article_id" in coded else pd.DataFrame(columns=["article_id"])
    out = out.merge(
        mine.reindex(columns=["article_id", "label", "probability", "fold", *PROBABILITIES]),
        on="article_id",
        how="left",
        validate="one_to_one",
    )
    out["label"] = out["label"].astype(object).where(out["label"].notna(), "")
    out["fold"] = out["fold"].astype(float).fillna(-1).astype(int)
    out[["probability", *PROBABILITIES]] = out[["probability", *PROBABILITIES]].astype(float)
    if model is not None:
        if not np.array_equal(found, features):
            raise AssertionError("the features of the model are not those of the corpus")
        unseen = np.flatnonzero(out["fold"] < 0)
        mean = np.zeros((len(unseen), len(CLASSES)))
        for fold_model in model["folds"] if len(unseen) else ():
            columns = [CLASSES.index(name) for name in fold_model.classes_]
            mean[:, columns] += fold_model.predict_proba(counts[unseen]) / len(model["folds"])
        for j, name in enumerate(CLASSES):
            if name in model["final"].classes_:
                out.loc[unseen, f"p_{name}"] = round_significant(mean[:, j])
    return out


def read_model(target: Target) -> tuple[dict | None, np.ndarray]:
    """The models of a target and their features; nothing where nothing was learned."""
    stored = paths.TRAINED / "models" / f"{target.id}.skops"
    if not stored.exists():
        return None, np.zeros((0, 2), dtype=object)
    # Loads all of scikit-learn: a second, in which the corpus is read.
    from pipeline.models import load_model

    return load_model(stored.read_bytes()), read_table(stored.with_suffix(".features.parquet")).to_numpy()


def main() -> None:
    params = load_params()
    prepared = begin(read_prepared, [params], serial=1)
    targets = active_targets(params)
    models = [read_model(target) for target in targets]
    [corpus] = prepared()
    coded = read_table(paths.TRAINED / "coded.parquet")
    frames = [predict_target(target, corpus, coded, *model) for target, model in zip(targets, models, strict=True)]
    stance = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"target": []})
    write_table(paths.PREDICTED / "stance.parquet", stance)
    print(f"predict: {len(stance)} articles")


if __name__ == "__main__":
    run_stage(main)
