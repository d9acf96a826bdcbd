"""Shares of coded articles against independent computations and simulation."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from pipeline.shares import Share, clustered_mean_variance, estimate_share, korn_graubard, share_difference


def test_clustered_variance_is_that_of_a_weighted_regression_on_a_constant():
    rng = np.random.default_rng(1)
    values, weights, group = rng.random(60), rng.uniform(1, 4, 60), np.repeat(np.arange(20), 3)
    fit = sm.WLS(values, np.ones(60), weights=weights).fit(cov_type="cluster", cov_kwds={"groups": group, "use_correction": False})
    mean, variance = clustered_mean_variance(values, weights, group)
    assert mean == pytest.approx(fit.params[0])
    assert variance * 19 / 20 == pytest.approx(fit.cov_params()[0, 0])


def test_one_group_has_no_variance():
    assert np.isnan(clustered_mean_variance(np.array([0.0, 1]), np.ones(2), np.array(["g", "g"]))[1])


def test_interval_without_clustering_is_clopper_pearsons():
    low, high, effective = korn_graubard(0.3, 0.3 * 0.7 / 40, 40, 0.95)
    assert effective == pytest.approx(40)
    assert (low, high) == pytest.approx(proportion_confint(12, 40, method="beta"))


def test_clustering_costs_effective_groups_and_never_gives_any():
    # var = 2 * p (1 - p) / n halves the effective number: 20 * .3 = 6 successes of 20.
    low, high, effective = korn_graubard(0.3, 2 * 0.3 * 0.7 / 40, 40, 0.95)
    assert effective == pytest.approx(20)
    assert (low, high) == pytest.approx((stats.beta.ppf(0.025, 6, 15), stats.beta.ppf(0.975, 7, 14)))
    assert korn_graubard(0.3, 1e-6, 40, 0.95)[2] == 40


def test_none_of_ten_has_an_upper_end():
    found = estimate_share(np.zeros(10), np.ones(10), np.arange(10), None, None, np.arange(10))
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 10))


def independent_ppi(labels, coded, everything):
    """Angelopoulos et al. 2023 with the tuned weight, one article a group, written out."""
    n, total = len(labels), len(everything)
    weight = np.clip(np.cov(labels, coded)[0, 1] / ((1 + n / total) * np.var(everything, ddof=1)), 0, 1)
    value = labels.mean() + weight * (everything.mean() - coded.mean())
    variance = np.var(labels - weight * coded, ddof=1) / n + weight**2 * np.var(everything, ddof=1) / total
    return value, variance, weight


def test_prediction_powered_share_is_the_published_estimator():
    rng = np.random.default_rng(3)
    truth = rng.random(300) < 0.4
    everything = np.clip(0.3 * truth + rng.normal(0.35, 0.1, 300), 0, 1)
    coded = rng.permutation(300)[:60]
    labels = truth[coded].astype(float)
    found = estimate_share(labels, np.full(60, 0.2), coded, everything[coded], everything, np.arange(300))
    value, variance, weight = independent_ppi(labels, everything[coded], everything)
    assert found.weight == pytest.approx(weight)
    assert found.value == pytest.approx(value)
    assert found.variance == pytest.approx(variance)


def test_unequal_probabilities_are_undone():
    labels = np.array([1, 1, 1, 1, 0, 0])
    probability = np.array([0.5, 0.5, 0.5, 0.5, 0.1, 0.1])
    assert estimate_share(labels, probability, np.arange(6), None, None, np.arange(6)).value == pytest.approx(8 / 28)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_coverage_with_predictions(share):
    rng = np.random.default_rng(int(100 * share))
    covered = []
    for _ in range(400):
        truth = rng.random(400) < share
        predicted = np.clip(0.4 * truth + rng.normal(0.3, 0.15, 400), 0, 1)
        coded = rng.permutation(400)[:50]
        # The population is itself a sample of the outlet's articles.
        found = estimate_share(truth[coded], np.full(50, 0.125), coded, predicted[coded], predicted, np.arange(400))
        covered.append(found.low <= share <= found.high)
    assert np.mean(covered) > 0.93


def test_difference_from_others_weighs_them_by_their_articles():
    one = Share(0.6, 0.4, 0.8, 0.01, 0, 20, 20, 20)
    two, three = Share(0.2, 0.1, 0.4, 0.01, 0, 20, 20, 20), Share(0.4, 0.2, 0.6, 0.01, 0, 20, 20, 20)
    value, low, high, p = share_difference(one, [two, three], [300, 100])
    assert value == pytest.approx(0.6 - 0.25)
    # MOVER (Zou and Donner 2008): each end takes the sides of the intervals that face it.
    below = (0.2**2 + 0.75**2 * 0.2**2 + 0.25**2 * 0.2**2) ** 0.5
    above = (0.2**2 + 0.75**2 * 0.1**2 + 0.25**2 * 0.2**2) ** 0.5
    assert (low, high) == pytest.approx((0.35 - below, 0.35 + above))
    assert p == pytest.approx(2 * stats.norm.sf(0.35 * 1.959964 / below))


def test_difference_of_a_share_of_nothing_is_not_certain():
    none, some = Share(0.0, 0.0, 0.25, 0.0, 0, 13, 13, 13), Share(0.4, 0.3, 0.5, 0.003, 0, 80, 80, 80)
    value, low, high, p = share_difference(none, [some], [100])
    assert (value, low, high) == pytest.approx((-0.4, -0.4 - 0.1, -0.4 + (0.25**2 + 0.1**2) ** 0.5))
    assert 0.001 < p < 0.01


def test_difference_without_variance_has_no_p():
    still = Share(0.0, 0, 0.0, 0.0, 0, 10, 10, 10)
    assert np.isnan(share_difference(still, [still], [10])[3])
