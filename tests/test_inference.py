"""Ratios, contrasts and corrections against statsmodels and against worked numbers."""

import subprocess
import sys

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse, stats
from statsmodels.stats.multitest import multipletests

from pipeline import inference
from pipeline.inference import (
    benjamini_hochberg,
    bounded_rates,
    contrasts,
    influences,
    moments,
    rates,
    ratios,
    shared_covariance,
    unit_sums,
)


def draw(seed: int = 1, units: int = 60, rate: float = 0.01) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.integers(80, 900, units).astype(float)
    return rng.poisson(rate * x * rng.gamma(1.5, 1 / 1.5, units)).astype(float), x


def one_set(y: np.ndarray, x: np.ndarray):
    return moments(np.ones((1, len(y))), y[:, None], x[:, None])


def test_log_rate_variance_is_the_cluster_covariance_of_a_poisson_regression():
    y, x = draw()
    cluster = np.repeat(np.arange(20), 3)
    fit = sm.GLM(y, np.ones(len(y)), family=sm.families.Poisson(), exposure=x).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )
    summed = [unit_sums(part, cluster, 20) for part in (y, x)]
    found = rates(one_set(*summed))
    residual = summed[0] - y.sum() / x.sum() * summed[1]
    leverage = (residual**2 * summed[1]).sum() / (x.sum() * (residual**2).sum())
    assert np.log(found.value[0, 0]) == pytest.approx(fit.params[0], abs=1e-9)
    assert found.log_se[0, 0] ** 2 * (1 - leverage) == pytest.approx(fit.cov_params()[0, 0], rel=1e-8)


def test_with_equal_exposure_the_correction_is_that_of_ordinary_least_squares():
    y, _ = draw()
    x = np.full(len(y), 500.0)
    fit = sm.OLS(y / 500, np.ones(len(y))).fit()
    found = rates(one_set(y, x))
    assert found.log_se[0, 0] * found.value[0, 0] == pytest.approx(fit.bse[0], rel=1e-9)


def test_contrast_is_the_coefficient_of_a_poisson_regression_with_clustered_covariance():
    y, x = draw(units=80)
    group = np.repeat([0, 1], [30, 50])
    fit = sm.GLM(y, sm.add_constant(group), family=sm.families.Poisson(), exposure=x).fit(
        cov_type="cluster", cov_kwds={"groups": np.arange(80), "use_correction": False}
    )
    m = moments(np.stack([group == 1, group == 0]).astype(float), y[:, None], x[:, None])
    found = contrasts(m[:1], m[1:])
    assert np.log(found.value[0, 0]) == pytest.approx(fit.params[1], abs=1e-8)
    # CR2's factor and the variance lent between the outlets are all that differs.
    assert 1.005 < found.log_se[0, 0] / fit.bse[1] < 1.08


def test_shared_clusters_give_the_cluster_covariance_across_both_sets():
    y, x = draw(units=60)
    group = np.tile([0, 1], 30)
    cluster = np.repeat(np.arange(30), 2)
    fit = sm.GLM(y, sm.add_constant(group), family=sm.families.Poisson(), exposure=x).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )
    sets = np.stack([group == 1, group == 0]).astype(float)
    y, x = y[:, None], x[:, None]
    m = moments(sets, y, x)
    u = influences(sets[:1], sets[1:], y, x, m[:1], m[1:])
    variance = (u**2).sum() + shared_covariance(cluster, u)[0, 0]
    assert variance == pytest.approx(fit.cov_params()[1, 1], rel=1e-8)


def test_worked_example_by_hand():
    # Units (hits, tokens): (1, 100), (3, 100). R = 4 / 200 = .02; e = -1, 1; sum e^2 = 2; h = 1/2;
    # var(log R) = 2 / (1/2) / 16 = .25.
    found = rates(one_set(np.array([1.0, 3.0]), np.array([100.0, 100.0])))
    assert found.value[0, 0] == pytest.approx(0.02)
    assert found.log_se[0, 0] == pytest.approx(0.5)
    assert found.df[0, 0] == 1
    # Inflation .25 * 4 = 1, so lambda = 1/3; t(1) * .5 = 6.35 is far, which holds lambda to 1 / (2 * 6.35).
    assert found.high[0, 0] == pytest.approx(0.02 * 1.5 ** (2 * stats.t.ppf(0.975, 1) * 0.5))
    assert ratios(one_set(np.array([1.0, 3.0]), np.array([100.0, 100.0]))).high[0, 0] == pytest.approx(
        0.02 * np.exp(stats.t.ppf(0.975, 1) * 0.5)
    )


def test_scale_of_a_rate_by_hand():
    # 36 units of 100 tokens, half with 0 hits and half with 2: S_y = 36, e = -1 and 1, sum e^2 = 36, 1 - h = 35/36, so
    # var(log R) = 1 / 35, inflation 36 / 35, lambda = 2/3 * 35/36 - 1/3. Their kurtosis is below a normal one; a negative
    # binomial count of that inflation has 3 * 1/35 * 36/36, so 1 / df = 1/35 + 1.5 * 3/35 / 72.
    found = rates(one_set(np.tile([0.0, 2.0], 18), np.full(36, 100.0)))
    df = 1 / (1 / 35 + 1.5 * 3 / 35 / 72)
    half, power = stats.t.ppf(0.975, df) / np.sqrt(35), 2 / 3 * 35 / 36 - 1 / 3
    assert found.df[0, 0] == pytest.approx(df)
    assert found.low[0, 0] == pytest.approx(0.01 * (1 - power * half) ** (1 / power))
    assert found.high[0, 0] == pytest.approx(0.01 * (1 + power * half) ** (1 / power))


def test_poisson_hits_come_close_to_the_exact_interval_and_clustered_ones_reach_higher():
    even = np.tile([0.0, 1.0], 100)
    hits = np.zeros(200)
    hits[:10] = 10
    one, other = (rates(one_set(y, np.full(200, 100.0))) for y in (even, hits))
    exact = stats.chi2.ppf([0.025, 0.975], [200, 202]) / 2 / 20_000
    np.testing.assert_allclose([one.low[0, 0], one.high[0, 0]], exact, rtol=0.15)
    log = ratios(one_set(hits, np.full(200, 100.0)))
    assert other.high[0, 0] > log.high[0, 0] * 1.02
    assert 0 < other.low[0, 0] < other.value[0, 0]


def test_no_bounded_rate_reaches_above_one_and_no_interval_is_given_that_tells_nothing():
    # Both hits in one of 400 texts: nothing tells how they spread, and the interval would end far above 1.
    lonely = one_set(np.r_[2.0, np.zeros(399)], np.full(400, 200.0))
    found = bounded_rates(lonely)
    assert rates(lonely).high[0, 0] > 1 and np.isnan([found.low[0, 0], found.high[0, 0]]).all() and 0 < found.value[0, 0] < 1e-4
    none = bounded_rates(one_set(np.zeros(40), np.full(40, 200.0)))
    assert none.low[0, 0] == 0 < none.high[0, 0] < 1
    parts = one_set(np.r_[np.full(3, 90.0), np.full(3, 100.0)], np.full(6, 100.0))
    assert rates(parts).high[0, 0] > bounded_rates(parts).high[0, 0] == 1
    common = one_set(*draw())
    assert bounded_rates(common).high[0, 0] == rates(common).high[0, 0] < 1


def test_heavy_tails_lower_the_degrees_of_freedom_and_poisson_counts_do_not():
    rng = np.random.default_rng(3)
    x = np.full(200, 400.0)
    even = rng.poisson(2.0, 200).astype(float)
    heavy = rng.poisson(2.0 * rng.lognormal(-0.72, 1.2, 200)).astype(float)
    assert rates(one_set(even, x)).df[0, 0] > 150
    assert rates(one_set(heavy, x)).df[0, 0] < 60


def test_a_contrast_lends_variance_from_the_more_to_the_less_certain_set():
    y, x = draw(seed=8, units=50, rate=0.02)
    y[:25] = np.round(x[:25] / 50)
    m = moments(np.repeat(np.eye(2), 25, axis=1), y[:, None], x[:, None])
    var_a, var_b = rates(m).log_se[:, 0] ** 2
    # 25 / 4 units lent on either side, at the mean square sizes of each.
    size = (m.xx / m.x**2)[:, 0]
    lent = (25 * var_a + 6.25 * var_b / size[1] * size[0] + 25 * var_b + 6.25 * var_a / size[0] * size[1]) / 31.25
    assert contrasts(m[:1], m[1:]).log_se[0, 0] == pytest.approx(np.sqrt(lent))


def test_no_hit_gives_zero_with_the_exact_upper_end():
    m = moments(np.array([[1.0, 1, 0, 0], [0, 0, 1, 1]]), np.array([[0.0], [0], [2], [5]]), np.full((4, 1), 100.0))
    found = rates(m)
    assert (found.value[0, 0], found.low[0, 0]) == (0, 0)
    assert found.high[0, 0] == pytest.approx(stats.chi2.ppf(0.975, 2) / 2 / 200)
    assert np.isnan(contrasts(m[:1], m[:1]).p[0, 0])


def test_no_exposure_and_a_single_unit_give_no_interval():
    m = moments(np.eye(2), np.array([[0.0], [4]]), np.array([[0.0], [100]]))
    found = rates(m)
    assert np.isnan(found.value[0, 0])
    assert np.isnan(found.low[1, 0])


def test_counts_in_proportion_to_exposure_have_no_variance_and_no_p():
    x = np.array([100.0, 200, 300, 100, 200, 300])
    for hits in (1, 20):
        m = moments(np.repeat(np.eye(2), 3, axis=1), (hits * x / 100)[:, None], x[:, None])
        found = contrasts(m[:1], m[1:])
        assert found.value[0, 0] == pytest.approx(1)
        assert not found.log_se[0, 0] > 1e-6


def test_moments_of_sparse_sets_equal_those_of_dense_ones():
    y, x = draw(units=12)
    sets = np.repeat(np.eye(3), 4, axis=1)
    dense = moments(sets, y[:, None], x[:, None])
    for one, other in zip(dense, moments(sparse.csr_matrix(sets), y[:, None], x[:, None]), strict=True):
        np.testing.assert_allclose(one, other)
    np.testing.assert_allclose((dense.whole() - dense).y[0, 0], y[4:].sum())


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_benjamini_hochberg_equals_statsmodels(p):
    np.testing.assert_allclose(benjamini_hochberg(np.array(p)), multipletests(p, method="fdr_bh")[1], atol=1e-12)


def test_benjamini_hochberg_leaves_missing_tests_out():
    q = benjamini_hochberg(np.array([0.01, np.nan, 0.04]))
    assert np.isnan(q[1])
    np.testing.assert_allclose(q[[0, 2]], [0.02, 0.04])


def test_a_scale_of_exposure_changes_no_contrast():
    y, x = draw(units=40)
    sets = np.repeat(np.eye(2), 20, axis=1)
    one, other = (contrasts(m[:1], m[1:]) for m in (moments(sets, y[:, None], x[:, None] * k) for k in (1, 1000)))
    for left, right in zip(one, other, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-6)


@pytest.mark.parametrize("df", [1.0, 1.7, 4.0, 30.5, 1e6, np.inf])
def test_p_and_interval_have_the_tails_of_scipys_t(df, monkeypatch):
    monkeypatch.setattr(inference, "_degrees", lambda m, excess: np.full(excess.shape, df))
    y, x = draw(units=300, rate=0.03)
    found = ratios(one_set(y, x))
    np.testing.assert_allclose(found.p, 2 * stats.t.sf(np.abs(np.log(found.value)) / found.log_se, df), rtol=1e-12, atol=0)
    half = np.log(found.high / found.value)
    np.testing.assert_allclose(half, stats.t.ppf(0.975, df) * found.log_se, rtol=1e-12)


def test_stages_without_a_classifier_do_not_load_all_of_scipys_distributions():
    stages = ", ".join(f"pipeline.{name}" for name in ("group", "score", "audit", "compare", "report"))
    code = f"import sys, {stages}; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
