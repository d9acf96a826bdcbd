import numpy as np
import pandas as pd
import pytest
from stances import PARAMS, TARGET, corpus, prepared

from pipeline.labels import PROBABILITIES, parse_labels
from pipeline.learning import train_target
from pipeline.models import load_model
from pipeline.predict import predict_target
from pipeline.relevance import relevant_articles


@pytest.fixture(scope="module")
def trained():
    built, labels = corpus()
    result = train_target(TARGET, prepared(built), labels, parse_labels("article_id,label\n", "none.csv"), PARAMS)
    model = load_model(result.model)
    return built, result, model, predict_target(TARGET, prepared(built), result.coded, model, result.features.to_numpy())


def test_one_row_for_every_relevant_article(trained):
    built, _, _, stance = trained
    relevant = built.articles["article_id"][relevant_articles(built.articles, TARGET.names, PARAMS.min_mentions)]
    assert stance["article_id"].tolist() == relevant.tolist() and set(stance["target"]) == {TARGET.id}


def test_coded_articles_keep_the_prediction_of_the_fold_that_had_not_seen_them(trained):
    _, result, _, stance = trained
    kept = stance[stance["fold"] >= 0].set_index("article_id")
    coded = result.coded[result.coded["fold"] >= 0].set_index("article_id")
    assert len(kept) == len(coded) > 40
    assert kept["p_against"].equals(coded.loc[kept.index, "p_against"])
    assert (kept["label"] == coded.loc[kept.index, "label"]).all() and (kept["probability"] == 0.5).all()


def test_that_prediction_is_the_held_out_models(trained):
    built, _, model, stance = trained
    counts = prepared(built).mentions[TARGET.id].counts
    for k, fold_model in enumerate(model["folds"]):
        here = np.flatnonzero(stance["fold"] == k)
        assert len(here)
        assert stance["p_against"].to_numpy()[here] == pytest.approx(fold_model.predict_proba(counts[here])[:, 0], abs=1e-5)


def test_other_articles_get_the_mean_of_the_fold_models(trained):
    built, _, model, stance = trained
    counts = prepared(built).mentions[TARGET.id].counts
    unseen = np.flatnonzero(stance["fold"] < 0)
    mean = np.mean([fold_model.predict_proba(counts[unseen]) for fold_model in model["folds"]], axis=0)
    assert stance[["p_against", "p_neutral"]].to_numpy()[unseen] == pytest.approx(mean, abs=1e-5)
    assert stance["p_favor"].isna().all()
    assert (stance["label"].to_numpy()[unseen] == "favor").sum() == 4, "coded articles of a class not learned keep their label"


def test_planted_stances_of_uncoded_articles_are_predicted(trained):
    built, _, _, stance = trained
    uncoded = stance[stance["label"] == ""]
    texts = built.articles.set_index("article_id").loc[uncoded["article_id"], "text"]
    against = texts.str.contains("reckless|failure|outrage|waste|broken|shambles").to_numpy()
    neutral = texts.str.contains("statement|schedule|committee|session").to_numpy()
    assert (uncoded["p_against"].to_numpy()[against] > 0.5).mean() > 0.9
    assert (uncoded["p_neutral"].to_numpy()[neutral] > 0.5).mean() > 0.9


def test_where_every_relevant_article_is_coded_there_is_nothing_to_predict():
    built, _ = corpus()
    truth = np.where(built.documents["story"].str[1:].astype(int) % 2, "neutral", "against")
    every = parse_labels(
        "article_id,label\n" + "".join(f"{i},{t}\n" for i, t in zip(built.articles["article_id"], truth, strict=True)), "x"
    )
    result = train_target(TARGET, prepared(built), every, parse_labels("article_id,label\n", "none.csv"), PARAMS)
    stance = predict_target(TARGET, prepared(built), result.coded, load_model(result.model), result.features.to_numpy())
    assert (stance["fold"] >= 0).all() and stance["p_against"].notna().all()


def test_without_a_model_nothing_is_predicted(trained):
    built, result, *_ = trained
    coded = result.coded.assign(fold=-1, **{name: np.nan for name in PROBABILITIES})
    stance = predict_target(TARGET, prepared(built), coded, None, np.zeros((0, 2)))
    assert stance[PROBABILITIES].isna().all().all() and (stance["fold"] == -1).all()
    assert (stance["label"] != "").sum() == len(coded)


def test_without_any_coded_article_the_columns_are_the_same(trained):
    built, _, _, stance = trained
    empty = predict_target(TARGET, prepared(built), pd.DataFrame({"target": []}), None, np.zeros((0, 2)))
    assert empty.columns.tolist() == stance.columns.tolist()
    assert (empty["label"] == "").all() and empty["probability"].isna().all()


def test_features_that_are_not_the_models_are_never_used(trained):
    built, result, model, _ = trained
    with pytest.raises(AssertionError, match="features of the model are not those of the corpus"):
        predict_target(TARGET, prepared(built), result.coded, model, result.features.to_numpy()[1:])
