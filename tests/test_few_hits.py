"""The permutation test for few hits against all ways to deal the units, worked numbers, and the interval that inverts it."""

import itertools

import numpy as np
import pytest
from scipy import stats

from pipeline.few_hits import deviate, few_hit_contrasts
from pipeline.inference import FEW_HITS, contrasts, few_hits, moments
from pipeline.power import detectable_ratio

NONE = np.zeros((1, 1))


def two_sets(first: list[float], second: list[float], x_first: float = 100.0, x_second: float = 100.0):
    y = np.array([*first, *second], dtype=float)[:, None]
    x = np.repeat([x_first, x_second], [len(first), len(second)])[:, None]
    owner = np.repeat([0, 1], [len(first), len(second)])
    m = moments(np.stack([owner == 0, owner == 1]).astype(float), y, x)
    return m[:1], m[1:]


def mid_p(first: list[float], second: list[float]) -> float:
    """Twice the smaller tail of the hits in the first set, over all ways to deal the units."""
    y = np.array([*first, *second])
    dealt = np.array([y[list(chosen)].sum() for chosen in itertools.combinations(range(len(y)), len(first))])
    same = (dealt == sum(first)).mean() / 2
    return min(2 * min((dealt < sum(first)).mean() + same, (dealt > sum(first)).mean() + same), 1.0)


def test_moments_are_those_of_all_ways_to_deal_the_units():
    a, b = two_sets([3, 0, 1, 2], [0, 0, 1, 0, 0, 1, 0])
    y = np.array([3, 0, 1, 2, 0, 0, 1, 0, 0, 1, 0], dtype=float)
    dealt = np.array([y[list(chosen)].sum() for chosen in itertools.combinations(range(11), 4)])
    observed, variance = deviate(a, b, NONE, NONE)
    assert variance[0, 0] == pytest.approx(dealt.var(), rel=1e-12)
    # Wilson and Hilferty's deviate with the skewness of the same list.
    skew = stats.skew(dealt)
    z = (6 - dealt.mean()) / dealt.std()
    assert observed[0, 0] == pytest.approx(6 / skew * (np.cbrt(1 + skew * z / 2) - 1) + skew / 6, rel=1e-9)


def test_worked_example_by_hand():
    # Hits 4, 2 and 0, 0, equal exposures: R x = 1.5, e = 2.5, .5, -1.5, -1.5, sum e^2 = 11, f = 1/2, so var(T) = 11 / 4 * 4 / 3
    # and no skew; T = 6 - 3.
    a, b = two_sets([4, 2], [0, 0])
    observed, variance = deviate(a, b, NONE, NONE)
    assert variance[0, 0] == pytest.approx(11 / 3)
    assert observed[0, 0] == pytest.approx(3 / np.sqrt(11 / 3), abs=1e-4)
    found = few_hit_contrasts(a, b, 0.95, NONE)
    assert found.p[0, 0] == pytest.approx(2 * stats.norm.sf(3 / np.sqrt(11 / 3)), abs=1e-4)
    assert found.log_se[0, 0] == pytest.approx(np.sqrt(11 / 3) / (6 / 4))
    assert (found.value[0, 0], found.high[0, 0], found.df[0, 0]) == (np.inf, np.inf, np.inf)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([2, 1, 1, 1, 0, 1], [0, 0, 1, 0, 0, 0]),
        ([1, 0, 1, 0, 2, 1], [0, 1, 0, 0, 1, 0]),
        ([0, 0, 0, 0], [1, 1, 2, 0, 1, 3, 0, 1, 1, 0]),
        ([5, 1, 2], [0, 1, 0, 0, 0, 1, 0, 0, 2, 0, 0]),
        ([1, 0, 0, 0, 0, 0, 0], [6, 0, 1, 0, 2, 1, 0]),
    ],
)
def test_p_is_close_to_the_mid_p_of_all_ways_to_deal_the_units(first, second):
    a, b = two_sets(first, second)
    assert few_hit_contrasts(a, b, 0.95, NONE).p[0, 0] == pytest.approx(mid_p(first, second), abs=0.05)


def test_over_many_small_samples_it_rejects_as_often_as_the_permutations_do():
    rng = np.random.default_rng(2)
    ours, exact = [], []
    for _ in range(250):
        y = rng.poisson(rng.gamma(0.7, 1.0, 14)).tolist()
        if sum(y) >= 5:
            ours.append(few_hit_contrasts(*two_sets(y[:5], y[5:]), 0.95, NONE).p[0, 0])
            exact.append(mid_p(y[:5], y[5:]))
    assert np.mean(np.array(ours) <= 0.05) == pytest.approx(np.mean(np.array(exact) <= 0.05), abs=0.03)
    assert np.abs(np.array(ours) - exact).mean() < 0.06


@pytest.mark.parametrize("level", [0.9, 0.95, 0.999])
def test_the_interval_ends_where_the_test_rejects_at_its_level(level):
    a, b = two_sets([2, 0, 3, 1, 0, 1], [1, 0, 0, 1, 2, 0, 0, 0, 1, 0], 300, 200)
    found = few_hit_contrasts(a, b, level, NONE)
    for end, sign in ((found.low, 1), (found.high, -1)):
        assert deviate(a, b, np.log(end), NONE)[0][0, 0] == pytest.approx(sign * stats.norm.ppf((1 + level) / 2), abs=1e-5)


@pytest.mark.parametrize("more", [0, 1, 2, 3, 5, 8])
def test_the_interval_holds_1_exactly_when_p_is_above_the_level(more):
    a, b = two_sets([1 + more, 0, 1, more, 0, 1], [1, 0, 0, 1, 0, 0, 0, 0, 1, 1])
    found = few_hit_contrasts(a, b, 0.95, NONE)
    assert (found.low[0, 0] <= 1 <= found.high[0, 0]) == (found.p[0, 0] >= 0.05)


def test_swapping_the_sets_inverts_the_ratio_and_keeps_p():
    a, b = two_sets([2, 0, 3, 1], [0, 0, 1, 0, 0, 1, 0], 100, 400)
    one, other = few_hit_contrasts(a, b, 0.95, NONE), few_hit_contrasts(b, a, 0.95, NONE)
    np.testing.assert_allclose(one.p, other.p)
    np.testing.assert_allclose([one.low, one.high], [1 / other.high, 1 / other.low], rtol=1e-6)


def test_no_hit_beside_many_is_a_finding_with_a_ratio_of_0():
    a, b = two_sets([0] * 20, [1, 2, 0, 1, 1, 3, 0, 1, 2, 1, 0, 1, 1, 2, 0, 1, 1, 0, 2, 1])
    found = contrasts(a, b)
    assert (found.value[0, 0], found.low[0, 0]) == (0, 0)
    assert 0 < found.high[0, 0] < 0.5
    assert found.p[0, 0] < 1e-4


def test_one_article_with_all_hits_is_no_finding():
    # A word that one article uses 20 times says little about the set of 10 articles in which it happens to stand.
    first, second = [20] + [0] * 9, [0] * 10
    assert mid_p(first, second) > 0.4
    assert contrasts(*two_sets(first, second)).p[0, 0] > 0.25


def test_the_rule_does_not_depend_on_who_has_the_hits():
    for hits, expected in (([40, 0, 0], True), ([20, 20, 8], True), ([20, 20, 9], False), ([30, 30, 0], False)):
        first, second = two_sets(hits, [1, 0, 0]), two_sets([1, 0, 0], hits)
        assert few_hits(*first)[0, 0] == few_hits(*second)[0, 0] == expected
    assert FEW_HITS == 25


def test_both_routes_meet_where_hits_are_many():
    rng = np.random.default_rng(4)
    a, b = two_sets(rng.poisson(2, 200).tolist(), rng.poisson(2.4, 200).tolist())
    assert not few_hits(a, b)[0, 0]
    by_moments, by_log = few_hit_contrasts(a, b, 0.95, NONE), contrasts(a, b)
    np.testing.assert_allclose([by_moments.low, by_moments.high], [by_log.low, by_log.high], rtol=0.02)
    assert by_moments.p[0, 0] == pytest.approx(by_log.p[0, 0], rel=0.2)


def test_what_clusters_share_widens_or_narrows():
    a, b = two_sets([2, 0, 3, 1], [0, 1, 1, 0, 0, 1, 0])
    wide, plain, narrow = (few_hit_contrasts(a, b, 0.95, NONE + part).p[0, 0] for part in (0.3, 0.0, -0.1))
    assert wide > plain > narrow


def test_nothing_that_varies_and_two_units_give_no_p():
    assert np.isnan(few_hit_contrasts(*two_sets([1, 1, 1], [1, 1, 1]), 0.95, NONE).p[0, 0])
    assert np.isnan(few_hit_contrasts(*two_sets([5], [1]), 0.95, NONE).p[0, 0])


def test_the_smallest_detectable_ratio_is_known_without_a_hit_in_one_set():
    found = contrasts(*two_sets([0] * 8, [1, 0, 2, 0, 1, 0, 1, 0]))
    # 5 hits, e = y - 5/16: sum e^2 = 7 - 25/16, var(T) = that * 4/15 with f = 1/2; se = sqrt(var(T)) / (5/4).
    se = np.sqrt((7 - 25 / 16) * 4 / 15) / (5 / 4)
    assert found.log_se[0, 0] == pytest.approx(se)
    assert detectable_ratio(found.log_se, found.df, 0.95, 0.8)[0, 0] == pytest.approx(np.exp(2.801585 * se), rel=1e-5)


def test_without_a_level_all_but_the_interval_is_the_same():
    sets = [two_sets(first, [0, 1, 0, 1, 0, 0]) for first in ([3, 0, 1, 2], [60, 40, 50, 30])]
    for a, b in sets:
        whole, bare = contrasts(a, b), contrasts(a, b, None)
        assert np.isfinite(whole.low[0, 0])
        assert np.isnan([bare.low, bare.high]).all()
        for name in ("value", "log_se", "df", "p"):
            np.testing.assert_array_equal(getattr(whole, name), getattr(bare, name))
