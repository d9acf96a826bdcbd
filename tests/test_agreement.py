import numpy as np
import pytest
from nltk.metrics.agreement import AnnotationTask

from pipeline.agreement import alpha_interval, krippendorff_alpha


def closed_form(first, second) -> float:
    """Nominal alpha of two complete codings from the coincidence matrix (Krippendorff 2011, section A)."""
    classes = sorted(set(first) | set(second))
    n = 2 * len(first)
    coincidences = np.zeros((len(classes), len(classes)))
    for a, b in zip(first, second, strict=True):
        coincidences[classes.index(a), classes.index(b)] += 1
        coincidences[classes.index(b), classes.index(a)] += 1
    total = coincidences.sum(axis=1)
    return 1 - (n - 1) * (n - np.trace(coincidences)) / (n * n - (total**2).sum())


def test_the_published_example_of_binary_data():
    # Krippendorff (2011), Computing Krippendorff's alpha-reliability, section A: two observers, 10 items, alpha = 0.095.
    meg = ["0", "1", "0", "0", "0", "0", "0", "0", "1", "0"]
    owen = ["1", "1", "1", "0", "0", "1", "0", "0", "0", "0"]
    assert krippendorff_alpha(meg, owen) == pytest.approx(0.095, abs=0.0005)


def test_the_published_example_of_nominal_data():
    # The same, section B: five categories, 12 items, alpha = 0.692.
    ben = ["a", "a", "b", "b", "d", "c", "c", "c", "e", "d", "d", "a"]
    gerry = ["b", "a", "b", "b", "b", "c", "c", "c", "e", "d", "d", "d"]
    assert krippendorff_alpha(ben, gerry) == pytest.approx(0.692, abs=0.0005)


def test_one_class_only_is_full_agreement():
    assert krippendorff_alpha(["neutral"] * 4, ["neutral"] * 4) == 1.0
    assert alpha_interval(["neutral"] * 4, ["neutral"] * 4, 100, 0) == (1.0, 1.0)


def test_unlike_coders_go_below_zero():
    assert krippendorff_alpha(["a", "b"] * 5, ["b", "a"] * 5) < -0.5


@pytest.mark.parametrize("seed", range(4))
def test_nltk_and_the_closed_form_agree(seed):
    rng = np.random.default_rng(seed)
    first = rng.choice(["against", "neutral", "favor"], 60, p=[0.4, 0.5, 0.1])
    second = np.where(rng.random(60) < 0.7, first, rng.choice(["against", "neutral", "favor"], 60))
    task = AnnotationTask(data=[(c, i, x) for c, codes in (("a", first), ("b", second)) for i, x in enumerate(codes)])
    expected = closed_form(first, second)
    assert krippendorff_alpha(first.tolist(), second.tolist()) == pytest.approx(expected) == pytest.approx(task.alpha())
    # The bootstrap's own formula: without resampling noise, its values surround the estimate.
    low, high = alpha_interval(first.tolist(), second.tolist(), 2000, seed)
    assert low < expected < high


def test_interval_ends_are_quantiles_of_alpha_of_resampled_articles():
    rng = np.random.default_rng(8)
    first = rng.choice(["a", "b", "c"], 30)
    second = np.where(rng.random(30) < 0.6, first, rng.choice(["a", "b", "c"], 30))
    draws = np.random.default_rng(99).integers(0, 30, size=(300, 30))
    by_hand = [closed_form(first[d], second[d]) for d in draws]
    assert alpha_interval(first.tolist(), second.tolist(), 300, 99) == pytest.approx(tuple(np.quantile(by_hand, [0.025, 0.975])))


def test_the_interval_covers_the_alpha_of_the_population():
    rng = np.random.default_rng(21)
    size = 200_000
    first = rng.choice([0, 1, 2], size, p=[0.4, 0.5, 0.1])
    second = np.where(rng.random(size) < 0.75, first, rng.choice([0, 1, 2], size))
    names = np.array(["against", "neutral", "favor"])
    truth = closed_form(names[first[:50_000]], names[second[:50_000]])
    covered = 0
    for k in range(200):
        part = rng.integers(0, size, 120)
        low, high = alpha_interval(names[first[part]].tolist(), names[second[part]].tolist(), 300, k)
        covered += low <= truth <= high
    assert 0.89 <= covered / 200 <= 0.99
