import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score
from stances import PARAMS, TARGET, corpus, prepared

from pipeline.agreement import krippendorff_alpha
from pipeline.corpus import lexicon_rates
from pipeline.labels import parse_labels
from pipeline.learning import Trained, agreement_scores, train_target, validation_scores
from pipeline.models import load_model
from pipeline.stance import Validation
from pipeline.tokens import BODY, TITLE

NO_LABELS = parse_labels("article_id,label\n", "none.csv")


@pytest.fixture(scope="module")
def result() -> Trained:
    built, labels = corpus()
    return train_target(TARGET, prepared(built), labels, NO_LABELS, PARAMS)


def test_rates_are_hits_per_thousand_body_tokens_by_category():
    counts = pd.DataFrame(
        [
            (0, BODY, "loaded_terms", "threat", 3),
            (0, BODY, "loaded_terms", "threat", 1),
            (0, BODY, "loaded_terms", "all", 4),
            (0, TITLE, "loaded_terms", "threat", 9),
            (1, BODY, "frames", "conflict", 1),
        ],
        columns=["article", "part", "lexicon", "category", "count"],
    )
    documents = pd.DataFrame({"body_tokens": [200, 50, 0]})
    assert lexicon_rates(counts, documents).tolist() == [[0.0, 20.0], [20.0, 0.0], [0.0, 0.0]]


def test_rates_without_any_hit_are_zeros():
    counts = pd.DataFrame({"article": [0], "part": [BODY], "lexicon": ["frames"], "category": ["conflict"], "count": [1]})[:0]
    assert lexicon_rates(counts, pd.DataFrame({"body_tokens": [200, 50]})).tolist() == [[0.0], [0.0]]


def test_agreement_is_of_the_articles_coded_twice():
    first = parse_labels("article_id,label\na,favor\nb,against\nc,neutral\nd,against\n", "first.csv")
    second = parse_labels("article_id,label\nd,against\nb,neutral\na,favor\nz,favor\n", "second.csv")
    got = agreement_scores(first, second, PARAMS)
    assert (got["articles"], got["agreed"]) == (3, pytest.approx(2 / 3))
    assert got["alpha"] == krippendorff_alpha(["favor", "against", "against"], ["favor", "neutral", "against"])
    assert got["low"] <= got["alpha"] <= got["high"]
    assert agreement_scores(first, NO_LABELS, PARAMS) is None


def test_scores_of_a_validation_by_hand():
    truth = np.array(["against", "against", "neutral", "neutral"])
    probability = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]])
    majority = np.array(["neutral"] * 4, dtype=object)
    validation = Validation(np.zeros(4, dtype=int), probability, {"majority": majority}, [], [])
    got = validation_scores(validation, truth, np.array(list("wxyz")), np.array(["Tern", "Tern", "Tern", "Gull"]), PARAMS)
    predicted = ["against", "neutral", "neutral", "neutral"]
    assert got["macro_f1"]["classifier"]["value"] == pytest.approx(f1_score(truth, predicted, average="macro"))
    assert got["macro_f1"]["majority"]["value"] == pytest.approx(1 / 3)
    assert got["gain_over"]["majority"]["value"] == pytest.approx(got["macro_f1"]["classifier"]["value"] - 1 / 3)
    assert got["confusion"] == {"against": {"against": 1, "neutral": 1}, "neutral": {"against": 0, "neutral": 2}}
    assert got["class_f1"] == pytest.approx({"against": 2 / 3, "neutral": 0.8})
    tern = got["outlets"]["Tern"]
    assert (tern["articles"], tern["accuracy"], tern["coded_against"], tern["predicted_against"]) == pytest.approx(
        (3, 2 / 3, 2 / 3, 1 / 3)
    )
    assert got["outlets"]["Gull"]["accuracy"] == 1.0


def test_a_planted_stance_is_learned_and_beats_every_baseline(result):
    scores = result.scores
    assert scores["status"] == "ok" and scores["classes"] == ["against", "neutral"]
    assert scores["macro_f1"]["classifier"]["value"] > 0.9
    assert all(gain["low"] > 0 for gain in scores["gain_over"].values())
    assert set(scores["gain_over"]) == {"majority", "lexicon", "outlet"}
    used = result.coded[result.coded["fold"] >= 0]
    predicted = np.where(used["p_against"] > 0.5, "against", "neutral")
    assert scores["macro_f1"]["classifier"]["value"] == pytest.approx(f1_score(used["label"], predicted, average="macro"))
    tern = (used["outlet"] == "Tern Post").to_numpy()
    assert scores["outlets"]["Tern Post"]["accuracy"] == pytest.approx(accuracy_score(used["label"][tern], predicted[tern]))


def test_no_story_stands_in_two_folds(result):
    used = result.coded[result.coded["fold"] >= 0]
    assert used.groupby("story")["fold"].nunique().max() == 1
    assert used["fold"].nunique() == result.scores["folds"] == PARAMS.folds


def test_every_coded_relevant_article_is_told_and_no_other(result):
    built, labels = corpus()
    relevant = set(built.articles["article_id"][built.articles["text"].str.contains("Moor")])
    assert set(result.coded["article_id"]) == relevant & set(labels["article_id"])
    given = labels.set_index("article_id")["label"]
    assert (result.coded["label"].to_numpy() == given[result.coded["article_id"]].to_numpy()).all()
    assert result.scores["relevant"] == 72 and result.scores["coded_in_corpus"] == len(labels)
    assert result.scores["coded_but_not_relevant"] == len(labels) - len(result.coded)


def test_a_rare_class_is_counted_but_not_learned(result):
    assert result.scores["labels"]["favor"] == 4 and result.scores["learned"] == ["against", "neutral"]
    favor = result.coded[result.coded["label"] == "favor"]
    assert (favor["fold"] == -1).all() and favor[["p_against", "p_neutral", "p_favor"]].isna().all().all()
    assert (result.coded["p_favor"].isna()).all()


def test_weights_are_the_planted_words_and_hold_no_outlet(result):
    top = result.weights[(result.weights["class"] == "against") & (result.weights["rank"] <= 6)]
    assert set(top["feature"]) & {"reckless", "failure", "outrage", "waste", "broken", "shambles"}
    assert not result.weights["feature"].str.contains("tern|gull").any()
    assert (result.weights.groupby("class")["weight"].diff().dropna() <= 1e-8).all()


def test_the_stored_model_holds_the_final_and_every_folds_model(result):
    model = load_model(result.model)
    assert len(model["folds"]) == PARAMS.folds and model["final"].classes_.tolist() == ["against", "neutral"]
    assert len(result.features) == result.scores["features"]


def test_reliability_counts_every_validated_article(result):
    used = int((result.coded["fold"] >= 0).sum())
    assert result.curve.groupby("class")["articles"].sum().to_dict() == {"against": used, "neutral": used}


def status_of(labels: pd.DataFrame, target=TARGET, params=PARAMS) -> tuple[str, str]:
    built, _ = corpus()
    got = train_target(target, prepared(built, target, params), labels, NO_LABELS, params)
    assert got.model is None and got.weights.empty and got.curve.empty
    return got.scores["status"], got.scores["message"]


def test_a_target_nobody_mentions():
    _, labels = corpus()
    other = TARGET.model_copy(update={"names": ["Quill"], "label": "the Quill cabinet"})
    assert status_of(labels, other) == ("not_mentioned", "no article mentions the Quill cabinet")


def test_no_coded_article():
    assert status_of(NO_LABELS) == ("no_labels", "none of the 72 relevant articles is coded")
    elsewhere = parse_labels("article_id,label\nelsewhere,favor\n", "labels.csv")
    assert status_of(elsewhere)[0] == "no_labels"


def test_too_few_of_all_classes_but_one():
    _, labels = corpus()
    status, message = status_of(labels[labels["label"] == "neutral"])
    assert (
        status == "too_few_labels"
        and "fewer than two classes have 6 coded articles" in message
        and message.endswith("(against 0, neutral 20, favor 0)")
    )


def test_a_class_in_one_story_only_is_not_learned():
    built, labels = corpus(4, 9)
    one_story = labels.assign(label=np.where(labels["article_id"] < "a09", "against", "neutral"))
    got = train_target(TARGET, prepared(built), one_story, NO_LABELS, PARAMS)
    assert got.scores["labels"]["against"] == 6
    assert (got.scores["status"], got.scores["learned"]) == ("too_few_labels", ["neutral"])


def test_no_word_common_enough_to_learn_from():
    _, labels = corpus()
    status, message = status_of(labels, params=PARAMS.model_copy(update={"min_df": 500}))
    assert (status, message) == ("too_few_words", "no word stands in 500 of the 72 relevant articles")


def test_too_few_stories_to_validate_on():
    built, labels = corpus(3, 12)
    mixed = labels.assign(label=np.where(np.arange(len(labels)) % 2, "against", "neutral"))
    got = train_target(TARGET, prepared(built), mixed, NO_LABELS, PARAMS)
    assert (got.scores["status"], got.model) == ("too_few_stories", None)
