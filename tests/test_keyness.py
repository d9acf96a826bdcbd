"""Keyness: effect against Monroe et al.'s formula, test against its definition and under shuffled labels."""

import math

import numpy as np
import pytest
from scipy import sparse, stats

from pipeline.keyness import BORROWED, dispersion, keyness, log_odds, normal_deviate, prepare_terms, score, two_sided

Z, SKEW = np.meshgrid(np.linspace(-4, 4, 33), np.linspace(0.05, 1.5, 12))


def corpus(seed: int = 2, units: int = 240, terms: int = 150) -> tuple[sparse.csr_matrix, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.integers(100, 900, units).astype(float)
    rate = rng.lognormal(-7, 1.2, terms)
    y = rng.poisson(x[:, None] * rate * rng.gamma(0.6, 1 / 0.6, (units, terms)))
    return sparse.csr_matrix(y[:, (y > 0).sum(axis=0) >= 5]), x


def sets_of(owner: np.ndarray) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones(len(owner)), (owner, np.arange(len(owner)))))


def monroe(y_a: int, n_a: int, y_b: int, n_b: int, alpha: float, a0: float) -> float:
    """Equation 15 term by term, in exact order, with the standard library alone."""
    odds_a = (y_a + alpha) / (n_a + a0 - (y_a + alpha))
    odds_b = (y_b + alpha) / (n_b + a0 - (y_b + alpha))
    return math.log(odds_a) - math.log(odds_b)


def test_effect_is_monroes_log_odds_of_the_outlet_against_the_others():
    counts, x = corpus()
    owner = np.arange(len(x)) % 3
    found = keyness(sets_of(owner), prepare_terms(counts, x), 500.0)
    y = counts.toarray()
    for outlet in range(3):
        mine = owner == outlet
        for j in range(0, y.shape[1], 7):
            alpha = 500 * y[:, j].sum() / x.sum()
            expected = monroe(y[mine, j].sum(), x[mine].sum(), y[~mine, j].sum(), x[~mine].sum(), alpha, 500)
            assert found.effect[outlet, j] == pytest.approx(expected, abs=1e-9)


def test_effect_by_hand():
    # (10 + 2) / (100 + 20 - 12) against (5 + 2) / (100 + 20 - 7): log(12/108) - log(7/113).
    assert log_odds(np.array(10.0), 100, np.array(5.0), 100, np.array(2.0), 20) == pytest.approx(
        math.log(12 / 108 * 113 / 7), abs=1e-12
    )


def test_score_is_its_definition():
    counts, x = corpus()
    owner = np.random.default_rng(1).integers(0, 4, len(x))
    terms = prepare_terms(counts, x)
    found = score(sets_of(owner), terms)
    y = counts.toarray().astype(float)
    p = y.sum(axis=0) / x.sum()
    e = y - p * x[:, None]
    np.testing.assert_allclose(terms.squared, (e**2).sum(axis=0), rtol=1e-9)
    np.testing.assert_allclose(terms.cubed, (e**3).sum(axis=0), rtol=1e-7, atol=1e-7)
    for outlet in range(4):
        mine = owner == outlet
        f = x[mine].sum() / x.sum()
        a, b, whole = ((e[part] ** 2).sum(axis=0) for part in (mine, ~mine, mine | ~mine))
        hits_a, hits_b = y[mine].sum(axis=0), y[~mine].sum(axis=0)
        lent = BORROWED * whole / (hits_a + hits_b)
        v_a = f * (hits_a + hits_b) * (a + lent) / (hits_a + BORROWED)
        v_b = (1 - f) * (hits_a + hits_b) * (b + lent) / (hits_b + BORROWED)
        np.testing.assert_allclose(found.z[outlet], e[mine].sum(axis=0) / np.sqrt((1 - f) ** 2 * v_a + f**2 * v_b), rtol=1e-9)
        np.testing.assert_allclose(
            found.skew[outlet], f * (1 - f) * (1 - 2 * f) * (e**3).sum(axis=0) / (f * (1 - f) * whole) ** 1.5, rtol=1e-7
        )


def test_normal_deviate_has_the_tails_of_pearson_three():
    exact = stats.pearson3.sf(Z, SKEW)
    ours = stats.norm.sf(normal_deviate(Z, SKEW))
    relevant = (exact > 1e-4) & (exact < 1 - 1e-4)
    assert np.abs(ours - exact)[relevant].max() < 0.006
    assert np.abs(np.log(ours / exact))[(exact > 1e-4) & (exact < 0.05)].max() < 0.15


def test_p_without_skewness_is_that_of_t():
    z = np.linspace(-4, 4, 17)
    np.testing.assert_allclose(two_sided(z, np.zeros(17), np.full(17, 9.0)), 2 * stats.t.sf(np.abs(z), 9), atol=1e-4)


def test_p_of_a_term_that_cannot_be_rarer_is_one_sided():
    # Beyond the lower end of the support only the upper tail is left.
    assert two_sided(np.array(2.5), np.array(1.0), np.array(1e9)) == pytest.approx(stats.pearson3.sf(2.5, 1.0), abs=1e-3)


def test_no_deviate_within_reach_is_infinite_and_the_unbounded_side_stays():
    skew, reach = np.array([3.0, -3.0]), np.array([1.6, 1.6])
    far = -np.sign(skew) * reach
    assert np.isinf(normal_deviate(far, skew)).all()
    held = normal_deviate(far, skew, reach)
    # The skewness that leaves a quarter: 1.5 / 1.6 = .9375, so 6 / .9375 (cbrt(.25) - 1) + .9375 / 6 = -2.2120.
    np.testing.assert_allclose(held, [-2.2120026, 2.2120026], rtol=1e-5)
    np.testing.assert_array_equal(normal_deviate(-far, skew, reach), normal_deviate(-far, skew))
    np.testing.assert_array_equal(normal_deviate(far, skew / 10, reach), normal_deviate(far, skew / 10))


def test_p_by_distance_is_not_below_the_unbounded_tail():
    z, skew = (part.ravel() for part in np.meshgrid(np.linspace(-4, 4, 33), np.linspace(-5, 5, 41)))
    unbounded = stats.norm.sf(normal_deviate(np.abs(z), np.abs(skew)))
    p = two_sided(z, skew, np.full(z.shape, np.inf))
    assert np.isinf(normal_deviate(z, skew)).any()
    assert (p >= unbounded * (1 - 1e-9)).all()
    assert (unbounded > 0).all()


def test_interval_excludes_zero_exactly_when_p_is_below_five_per_cent():
    counts, x = corpus(units=400)
    owner = (np.arange(len(x)) % 10 == 0).astype(int)
    found = keyness(sets_of(owner), prepare_terms(counts, x), 500.0)
    apart = (found.low > 0) | (found.high < 0)
    np.testing.assert_array_equal(apart, found.p < 0.05)


def test_shuffled_labels_are_rejected_at_the_nominal_rate_for_rare_terms_too():
    counts, x = corpus(seed=9, units=900, terms=500)
    terms = prepare_terms(counts, x)
    rng = np.random.default_rng(4)
    owner = np.repeat(np.arange(6), 150)
    p, expected = [], []
    for _ in range(40):
        sets = sets_of(rng.permutation(owner))
        found = score(sets, terms)
        p.append(two_sided(found.z, found.skew, found.df))
        expected.append(np.broadcast_to((counts > 0).sum(axis=0) / 6, found.z.shape))
    p, expected = np.array(p), np.array(expected)
    assert 0.04 < (p <= 0.05).mean() < 0.06
    assert 0.03 < (p[expected < 4] <= 0.05).mean() < 0.06


def test_a_term_in_one_unit_cannot_be_a_finding():
    y = np.zeros((200, 1))
    y[0] = 60
    found = score(sets_of(np.arange(200) % 4), prepare_terms(sparse.csr_matrix(y), np.full(200, 500.0)))
    assert two_sided(found.z, found.skew, found.df).min() > 0.05


def test_dispersion_by_hand():
    # Outlet A: 100, 100 and 200 words; 2, 0, 2 hits: 1/2 (|1/2 - 1/4| + 1/4 + |1/2 - 1/2|) = 1/4. Outlet B has none of the term.
    terms = prepare_terms(sparse.csr_matrix(np.array([[2.0], [0], [2], [0], [0]])), np.array([100.0, 100, 200, 50, 50]))
    found = dispersion(sets_of(np.array([0, 0, 0, 1, 1])), terms)
    assert found[0, 0] == pytest.approx(0.25)
    assert np.isnan(found[1, 0])
