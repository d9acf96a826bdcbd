import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import f1_score

from pipeline.features import AFTER, BEFORE, LETTERS, WORDS
from pipeline.stance import (
    block_columns,
    confusion_by_group,
    cross_validate,
    expected_calibration_error,
    fit_text_model,
    group_folds,
    linear_weights,
    macro_f1,
    macro_f1_interval,
    paired_difference,
    reliability,
    text_model,
    used_blocks,
)

CLASSES = ["against", "favor", "neutral"]


def story_corpus(seed: int, stories: int = 40, per_story: int = 3):
    """Articles whose words tell their story and nothing of their label, which is the story's."""
    rng = np.random.default_rng(seed)
    story = np.repeat(np.arange(stories), per_story)
    counts = rng.poisson(0.3, (len(story), 60))
    own = np.zeros((len(story), stories), dtype=int)
    own[np.arange(len(story)), story] = 6
    labels = rng.permuted(np.resize(["against", "neutral"], stories))[story]
    return sparse.csr_matrix(np.hstack([counts, own])), labels, story


def signal_corpus(seed: int, n: int = 90):
    """Articles with some words of their class."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(CLASSES, n, p=[0.4, 0.2, 0.4])
    rate = np.full((n, 30), 0.5)
    for j, name in enumerate(CLASSES):
        rate[labels == name, 3 * j : 3 * j + 3] = 2.0
    return sparse.csr_matrix(rng.poisson(rate)), labels, np.arange(n) // 2


@pytest.mark.parametrize("seed", range(5))
def test_folds_never_split_a_story_and_cover_every_article_once(seed):
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 25, 100)
    labels = rng.choice(CLASSES, 100, p=[0.6, 0.1, 0.3])
    splits = group_folds(labels, groups, 5, seed)
    assert len(splits) == 5
    for train, test in splits:
        assert not set(groups[train]) & set(groups[test])
        assert sorted([*train, *test]) == list(range(100))
    assert sorted(np.concatenate([test for _, test in splits])) == list(range(100))


def test_folds_are_stratified():
    groups = np.arange(100)
    labels = np.array(["favor"] * 20 + ["neutral"] * 80)
    assert [int((labels[test] == "favor").sum()) for _, test in group_folds(labels, groups, 5, 0)] == [4] * 5


def test_fewer_folds_where_there_are_fewer_groups():
    assert len(group_folds(np.array(["a", "b"] * 6), np.arange(12) % 3, 5, 0)) == 3


def test_what_only_a_story_tells_is_not_learned_across_folds():
    counts, labels, story = story_corpus(3)
    outlets = np.array(["Tern", "Gull"] * (len(labels) // 2))
    rates = np.random.default_rng(0).random((len(labels), 2))
    honest = cross_validate(counts, rates, outlets, labels, story, 5, [1.0], 1)
    leaking = cross_validate(counts, rates, outlets, labels, np.arange(len(labels)), 5, [1.0], 1)

    def accuracy(validation):
        return float((np.unique(labels)[validation.probability.argmax(axis=1)] == labels).mean())

    assert accuracy(leaking) > 0.95
    assert accuracy(honest) < 0.65
    for fold in range(5):
        assert not set(story[honest.fold == fold]) & set(story[honest.fold != fold])


def test_validation_finds_a_planted_signal_and_its_baselines_do_not():
    counts, labels, groups = signal_corpus(1)
    outlets = np.array(["Tern", "Gull", "Auk"] * 30)
    validation = cross_validate(counts, np.random.default_rng(0).random((90, 2)), outlets, labels, groups, 4, [1.0, 10.0], 1)
    predicted = np.unique(labels)[validation.probability.argmax(axis=1)]
    assert f1_score(labels, predicted, average="macro") > 0.7
    assert validation.probability.sum(axis=1) == pytest.approx(np.ones(90))
    assert set(validation.fold) == set(range(4)) and len(validation.models) == 4
    assert set(validation.inverse_penalties) <= {1.0, 10.0}
    assert f1_score(labels, validation.baselines["outlet"].astype(str), average="macro", zero_division=0) < 0.55
    for k in range(4):
        train = labels[validation.fold != k]
        names, sizes = np.unique(train, return_counts=True)
        assert set(validation.baselines["majority"][validation.fold == k]) <= set(names[sizes == sizes.max()])


def test_the_outlet_baseline_learns_outlets():
    counts, labels, groups = signal_corpus(2)
    validation = cross_validate(counts, np.zeros((90, 1)), labels.copy(), labels, groups, 2, [1.0], 1)
    assert (validation.baselines["outlet"] == labels).all()


def test_a_fold_with_one_class_only_predicts_it():
    labels = np.array(["against"] * 8 + ["neutral"] * 30)
    groups = np.array([0] * 8 + list(range(1, 31)))
    counts = sparse.csr_matrix(np.random.default_rng(0).poisson(0.5, (38, 20)))
    validation = cross_validate(counts, np.ones((38, 1)), np.array(["Tern", "Gull"] * 19), labels, groups, 5, [1.0], 1)
    assert validation.probability[:8].tolist() == [[0.0, 1.0]] * 8


def test_repeated_training_gives_the_same_model():
    counts, labels, groups = signal_corpus(5)
    (a, c), (b, d) = (fit_text_model(counts, labels, groups, [1.0, 10.0], 7) for _ in range(2))
    assert c == d and (a.predict_proba(counts) == b.predict_proba(counts)).all()


def test_where_groups_are_too_few_the_first_penalty_is_used_uncalibrated():
    counts, labels, _ = signal_corpus(6)
    model, c = fit_text_model(counts, labels, np.arange(90) % 2, [3.0, 9.0], 7)
    assert c == 3.0 and type(model) is type(text_model(1.0))


@pytest.mark.parametrize("seed", range(5))
def test_macro_f1_is_scikit_learns(seed):
    rng = np.random.default_rng(seed)
    truth = rng.choice(CLASSES, 70, p=[0.7, 0.05, 0.25])
    predicted = np.where(rng.random(70) < 0.6, truth, rng.choice([*CLASSES, "unheard"], 70))
    groups = rng.integers(0, 20, 70)
    table = confusion_by_group(truth, predicted, groups, CLASSES)
    assert table.shape == (len(set(groups)), 3, 4) and table.sum() == 70
    expected = f1_score(truth, predicted, average="macro", labels=CLASSES, zero_division=0)
    assert macro_f1(table.sum(axis=0)) == pytest.approx(expected)
    assert macro_f1_interval(table, 200, seed)[0] == pytest.approx(expected)
    by_hand = [
        confusion_by_group(truth[groups == g], predicted[groups == g], groups[groups == g], CLASSES)[0] for g in np.unique(groups)
    ]
    assert (np.array(by_hand) == table).all()


def test_a_class_never_coded_nor_predicted_counts_as_zero():
    table = confusion_by_group(np.array(["against", "neutral"]), np.array(["against", "neutral"]), np.arange(2), CLASSES)
    assert macro_f1(table.sum(axis=0)) == pytest.approx(2 / 3)


def simulated_groups(rng: np.random.Generator, groups: int):
    """Clustered codings: articles of a group (one to four) are right or wrong together more often than not."""
    sizes = rng.integers(1, 5, groups)
    member = np.repeat(np.arange(groups), sizes)
    hard = np.repeat(rng.random(groups) < 0.4, sizes)
    truth = rng.choice(CLASSES[:2], len(member), p=[0.6, 0.4])
    right = rng.random(len(member)) < np.where(hard, 0.45, 0.9)
    predicted = np.where(right, truth, np.where(truth == "against", "favor", "against"))
    return truth, predicted, member


def test_the_interval_covers_the_macro_f1_of_the_population():
    rng = np.random.default_rng(17)
    truth, predicted, _ = simulated_groups(rng, 40_000)
    population = f1_score(truth, predicted, average="macro")
    covered = 0
    for k in range(200):
        table = confusion_by_group(*simulated_groups(rng, 80), CLASSES[:2])
        _, low, high = macro_f1_interval(table, 300, k)
        covered += low <= population <= high
    assert 0.89 <= covered / 200 <= 0.985


def test_intervals_whose_unit_is_the_group_are_wider_than_those_of_articles():
    truth, predicted, _ = simulated_groups(np.random.default_rng(2), 30)
    blocks = np.arange(len(truth)) // 10
    order = np.argsort(truth == predicted, kind="stable")
    grouped = confusion_by_group(truth[order], predicted[order], blocks, CLASSES[:2])
    single = confusion_by_group(truth, predicted, np.arange(len(truth)), CLASSES[:2])
    _, a, b = macro_f1_interval(grouped, 500, 0)
    _, c, d = macro_f1_interval(single, 500, 0)
    assert b - a > 1.5 * (d - c)


def test_the_better_classifier_has_the_positive_difference():
    truth, predicted, member = simulated_groups(np.random.default_rng(3), 120)
    worse = np.where(np.random.default_rng(4).random(len(truth)) < 0.5, "against", predicted)
    a, b = (confusion_by_group(truth, p, member, CLASSES[:2]) for p in (predicted, worse))
    value, low, high = paired_difference(a, b, 400, 5)
    assert value == pytest.approx(f1_score(truth, predicted, average="macro") - f1_score(truth, worse, average="macro"))
    assert 0 < low < value < high
    assert paired_difference(b, a, 400, 5) == pytest.approx((-value, -high, -low))
    assert paired_difference(a, a, 400, 5) == (0.0, 0.0, 0.0)


def test_reliability_and_its_error_by_hand():
    probability = np.array([0.9, 0.1, 0.2, 0.8, 0.6, 0.5])
    truth = np.array([True, False, True, True, False, False])
    curve = reliability(probability, truth, bins=3)
    assert curve == [
        (pytest.approx(0.15), 0.5, 2),
        (pytest.approx(0.55), 0.0, 2),
        (pytest.approx(0.85), 1.0, 2),
    ]
    assert expected_calibration_error(curve) == pytest.approx((0.35 + 0.55 + 0.15) / 3)
    assert expected_calibration_error([(0.2, 0.4, 3), (0.9, 0.9, 1)]) == pytest.approx(0.15)
    assert [n for *_, n in reliability(np.array([0.3, 0.4]), np.array([True, False]))] == [1, 1]


def test_calibrated_probabilities_are_near_the_observed_shares():
    counts, labels, groups = signal_corpus(9, n=600)
    model, _ = fit_text_model(counts[:400], labels[:400], groups[:400], [1.0], 3)
    j = list(model.classes_).index("against")
    curve = reliability(model.predict_proba(counts[400:])[:, j], labels[400:] == "against")
    assert expected_calibration_error(curve) < 0.12


def test_weights_name_the_planted_words():
    counts, labels, groups = signal_corpus(4, n=200)
    model, _ = fit_text_model(counts, labels, groups, [1.0], 3)
    classes, weights = linear_weights(model)
    assert classes.tolist() == CLASSES and weights.shape == (3, 30)
    for j in range(3):
        assert set(np.argsort(-weights[j])[:3]) == {3 * j, 3 * j + 1, 3 * j + 2}


def test_weights_of_two_classes_are_opposite():
    counts, labels, groups = signal_corpus(4, n=120)
    two = np.where(labels == "favor", "neutral", labels)
    classes, weights = linear_weights(fit_text_model(counts, two, groups, [1.0], 3)[0])
    assert classes.tolist() == ["against", "neutral"]
    assert (weights[0] == -weights[1]).all() and set(np.argsort(-weights[0])[:3]) == {0, 1, 2}


def with_blocks(told: sparse.csr_matrix, labels: np.ndarray) -> tuple[sparse.csr_matrix, dict[str, tuple[int, int]]]:
    """Words that tell nothing, and letters as given."""
    noise = sparse.csr_matrix(np.random.default_rng(0).poisson(0.5, (len(labels), 20)))
    return sparse.hstack([noise, told], format="csr"), {WORDS: (0, 20), LETTERS: (20, 20 + told.shape[1])}


def test_more_blocks_are_used_where_they_surely_help_and_weights_keep_their_places():
    told, labels, groups = signal_corpus(8, n=200)
    counts, columns = with_blocks(told, labels)
    model, _ = fit_text_model(counts, labels, groups, [1.0], 3, columns)
    assert used_blocks(model) == [WORDS, LETTERS]
    _, weights = linear_weights(model)
    assert weights.shape == (3, 50) and set(np.argsort(-weights[0])[:3]) == {20, 21, 22}


def test_blocks_that_tell_nothing_more_are_left_out():
    told, labels, groups = signal_corpus(8, n=200)
    noise = sparse.csr_matrix(np.random.default_rng(5).poisson(0.5, (200, 300)))
    counts = sparse.hstack([told, noise], format="csr")
    model, _ = fit_text_model(counts, labels, groups, [1.0], 3, {WORDS: (0, 30), LETTERS: (30, 330)})
    assert used_blocks(model) == [WORDS]
    _, weights = linear_weights(model)
    assert weights.shape == (3, 330) and not weights[:, 30:].any()
    alone, _ = fit_text_model(told, labels, groups, [1.0], 3)
    assert model.predict_proba(counts) == pytest.approx(alone.predict_proba(told))


def test_each_block_has_unit_length():
    told, labels, _ = signal_corpus(8)
    counts, columns = with_blocks(told, labels)
    weighed = text_model(1.0, columns).fit(counts, labels).named_steps["tfidf"].transform(counts)
    squares = weighed.multiply(weighed)
    filled = counts[:, :20].sum(axis=1).A1 > 0
    words, letters = squares[:, :20].sum(axis=1).A1, squares[:, 20:].sum(axis=1).A1
    assert words[filled] == pytest.approx(1) and letters == pytest.approx(1)


def test_columns_of_blocks_are_where_they_stand():
    assert block_columns(np.array([WORDS, WORDS, LETTERS, BEFORE, AFTER, AFTER], dtype=object)) == {
        WORDS: (0, 2),
        LETTERS: (2, 3),
        BEFORE: (3, 4),
        AFTER: (4, 6),
    }
    assert block_columns(np.array([], dtype=object)) == {}
