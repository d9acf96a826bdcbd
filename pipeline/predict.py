"""Stage predict: the stance of every relevant article; coded articles keep the prediction of the fold that had not seen them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline import paths
from pipeline.errors import run_stage
from pipeline.features import stance_counts
from pipeline.labels import CLASSES
from pipeline.language import load_language
from pipeline.models import load_model
from pipeline.params import Target, Train, active_targets, load_params
from pipeline.relevance import relevant_articles
from pipeline.storage import read_table, round_significant, write_table
from pipeline.train import PROBABILITIES, Corpus, load_corpus


def predict_target(
    target: Target, corpus: Corpus, coded: pd.DataFrame, model: dict | None, features: np.ndarray, params: Train
) -> pd.DataFrame:
    """One row a relevant article: target, article_id, outlet, copy_group, label and probability (coded ones), fold, p_*.

    Fold -1 and the mean of the fold models for articles no model was trained on; NaN where there is no model.
    """
    relevant = relevant_articles(corpus.articles, target.names, params.min_mentions)
    rows = np.flatnonzero(relevant)
    out = corpus.documents.iloc[rows][["article_id", "outlet", "copy_group", "story"]].reset_index(drop=True)
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
        counts, found = stance_counts(corpus.tokens, rows, corpus.masked, len(corpus.terms), params.min_df)
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


def main() -> None:
    params = load_params()
    corpus = load_corpus(load_language(params.tokenize.language))
    coded = read_table(paths.TRAINED / "coded.parquet")
    frames = []
    for target in active_targets(params):
        stored = paths.TRAINED / "models" / f"{target.id}.skops"
        model, features = None, np.zeros((0, 2), dtype=np.int64)
        if stored.exists():
            model = load_model(stored.read_bytes())
            features = read_table(stored.with_suffix(".features.parquet")).to_numpy()
        frames.append(predict_target(target, corpus, coded, model, features, params.train))
    stance = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"target": []})
    write_table(paths.PREDICTED / "stance.parquet", stance)
    print(f"predict: {len(stance)} articles")


if __name__ == "__main__":
    run_stage(main)
