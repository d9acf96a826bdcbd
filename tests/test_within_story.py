"""Within-story contrasts against statsmodels' Mantel-Haenszel and a conditional Poisson regression, and on invented stories."""

import itertools

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import norm
from statsmodels.stats.contingency_tables import StratifiedTable

from pipeline.inference import moments_of_layers
from pipeline.measures import Measures, make_units, sum_units
from pipeline.params import Compare
from pipeline.within_story import (
    few_hit_ratios,
    mantel_haenszel,
    shared_stories,
    shuffle_within,
    within_others,
    within_pairs,
    within_ratios,
)

PARAMS = Compare()


def strata(seed: int = 5, stories: int = 40, ratio: float = 1.6) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    t, u = rng.integers(200, 900, (2, 1, stories, 1)).astype(float)
    level = rng.lognormal(-5, 0.8, (1, stories, 1))
    return [rng.poisson(ratio * level * t).astype(float), t, rng.poisson(level * u).astype(float), u]


def sums_of(frame: pd.DataFrame):
    """One measure from a frame of outlet, story, hits and tokens, one row an article."""
    documents = frame.assign(copy_group=[f"g{i}" for i in range(len(frame))])
    y, x = (frame[[name]].to_numpy(dtype=float) for name in ("hits", "tokens"))
    return sum_units(Measures(y, x, [("lexicon", "heat", "own", "per 1,000 own-voice tokens")]), make_units(documents))


def test_ratio_is_the_mantel_haenszel_risk_ratio_of_statsmodels():
    a, t, b, u = strata()
    tables = [np.array([[p, q - p], [r, s - r]]) for p, q, r, s in zip(*(part[0, :, 0] for part in (a, t, b, u)), strict=True)]
    found = mantel_haenszel(a, t, b, u, PARAMS)
    assert found.within.value[0, 0] == pytest.approx(StratifiedTable(tables).riskratio_pooled, rel=1e-9)


def test_ratio_is_close_to_that_of_a_poisson_regression_with_an_effect_of_each_story():
    a, t, b, u = strata(stories=150)
    count = np.concatenate([a[0, :, 0], b[0, :, 0]])
    design = np.hstack([np.repeat([1.0, 0.0], 150)[:, None], np.tile(np.eye(150), (2, 1))])
    fit = sm.GLM(count, design, family=sm.families.Poisson(), exposure=np.concatenate([t[0, :, 0], u[0, :, 0]])).fit()
    found = mantel_haenszel(a, t, b, u, PARAMS)
    assert np.log(found.within.value[0, 0]) == pytest.approx(fit.params[0], abs=0.03)
    assert found.within.log_se[0, 0] == pytest.approx(fit.bse[0], rel=0.25)


def few_hits(p: list[float], q: list[float], level: float = 0.95):
    return few_hit_ratios(moments_of_layers(*(np.array(part, dtype=float).reshape(1, -1, 1) for part in (p, q))), level)


def test_few_hits_by_hand():
    # P 2, 1, 1 and Q 0, 1, 0: sum (P - Q) = 3, sum (P - Q)^2 = 5. The second interval's ends are the roots of
    # (9 - 5 theta)^2 = far (13 - 12 theta + 5 theta^2).
    found = few_hits([2, 1, 1], [0, 1, 0])
    assert found.p[0, 0] == pytest.approx(2 * norm.sf(3 / np.sqrt(5)))
    assert (found.value[0, 0], found.low[0, 0], found.high[0, 0]) == (4, 0, np.inf)
    high = few_hits([2, 1, 1, 1, 1, 2, 1], [0, 1, 0, 1, 1, 1, 1], 0.9).high[0, 0]
    far = norm.ppf(0.95) ** 2
    assert (9 - 5 * high) ** 2 == pytest.approx(far * (13 - 2 * 6 * high + 5 * high**2))


def test_few_hits_are_close_to_the_mid_p_of_all_exchanges_of_sides():
    rng = np.random.default_rng(6)
    gaps, ours, exact = [], [], []
    signs = np.array(list(itertools.product([-1, 1], repeat=9)))
    for _ in range(200):
        p, q = rng.poisson(0.9, (2, 9)).astype(float)
        if p.sum() + q.sum() < 5 or not np.any(p - q):
            continue
        every = np.abs(signs @ (p - q))
        seen = abs((p - q).sum())
        exact.append((every > seen + 1e-9).mean() + (np.abs(every - seen) < 1e-9).mean() / (2 if seen else 1))
        ours.append(few_hits(p.tolist(), q.tolist()).p[0, 0])
        gaps.append(ours[-1] - exact[-1])
    assert np.abs(gaps).mean() < 0.03
    assert np.mean(np.array(ours) <= 0.05) == pytest.approx(np.mean(np.array(exact) <= 0.05), abs=0.02)


@pytest.mark.parametrize("more", [0, 1, 2, 4, 8])
def test_few_hits_hold_1_in_the_interval_exactly_when_p_is_above_the_level(more):
    found = few_hits([1 + more, 0, 1, 2 + more, 0, 1, more], [1, 0, 0, 1, 1, 0, 1])
    assert (found.low[0, 0] <= 1 <= found.high[0, 0]) == (found.p[0, 0] >= 0.05)


def test_a_side_without_a_hit_is_withheld_since_no_interval_belongs_to_it():
    t = np.full((1, 12, 1), 100.0)
    a = np.tile([1.0, 2.0], 6).reshape(1, 12, 1)
    found = mantel_haenszel(a, t, np.zeros_like(a), t, PARAMS)
    assert np.isnan([found.within.value[0, 0], found.within.low[0, 0], found.within.high[0, 0], found.within.p[0, 0]]).all()


def test_ratio_by_hand():
    # Two stories: 4 in 100 against 1 in 100, 6 in 100 against 4 in 300. (4/2 + 6 * 3/4) / (1/2 + 4 * 1/4) = 6.5 / 1.5.
    parts = [np.array(values, dtype=float).reshape(1, 2, 1) for values in ([4, 6], [100, 100], [1, 4], [100, 300])]
    found = mantel_haenszel(*parts, PARAMS.model_copy(update={"min_groups": 2}))
    assert found.within.value[0, 0] == pytest.approx(6.5 / 1.5)
    assert found.crude[0, 0] == pytest.approx((10 / 200) / (5 / 400))
    assert found.mix[0, 0] == pytest.approx(4 / (6.5 / 1.5))


def test_a_difference_made_by_topics_alone_is_named_as_such():
    # Outlet A writes long on heated stories, B on cool ones; within a story both write alike.
    rng = np.random.default_rng(3)
    heat = np.tile([0.04, 0.01], 60)[None, :, None]
    t = np.where(heat > 0.02, 900.0, 300.0)
    u = 1200.0 - t
    found = mantel_haenszel(rng.poisson(heat * t).astype(float), t, rng.poisson(heat * u).astype(float), u, PARAMS)
    assert found.crude[0, 0] > 1.5
    assert found.within.low[0, 0] < 1 < found.within.high[0, 0]
    assert found.mix_low[0, 0] > 1.3


def test_intervals_of_the_ratio_cover_the_truth():
    covered = [
        (found.low[0, 0] <= 1.6 <= found.high[0, 0])
        for seed in range(300)
        for found in [mantel_haenszel(*strata(seed, 30), PARAMS).within]
    ]
    assert 0.915 < np.mean(covered) < 0.985


def test_only_stories_of_two_outlets_count():
    frame = pd.DataFrame(
        {
            "outlet": ["A", "B"] * 6 + ["A"] * 4,
            "story": [f"s{i // 2}" for i in range(12)] + ["alone"] * 4,
            "hits": [2, 1] * 6 + [50] * 4,
            "tokens": [100] * 16,
        }
    )
    sums = sums_of(frame)
    stories = shared_stories(sums)
    assert stories.count == 6
    found = within_others(sums, stories, PARAMS)
    np.testing.assert_allclose(found.within.value[:, 0], [2, 0.5])
    pair = within_pairs(sums, stories, np.array([0]), np.array([1]), PARAMS)
    assert pair.within.value[0, 0] == pytest.approx(2)
    assert pair.stories[0, 0] == 6


def test_too_few_stories_give_no_number():
    found = mantel_haenszel(*(part[:, :3] for part in strata()), PARAMS)
    assert np.isnan(found.within.value[0, 0])
    assert np.isnan(found.mix[0, 0])


def test_shuffling_within_stories_keeps_each_storys_outlets():
    frame = pd.DataFrame({"outlet": list("ABCABBCA"), "story": list("xxxyyzzz"), "hits": [1] * 8, "tokens": [100] * 8})
    stories = shared_stories(sums_of(frame))
    rng = np.random.default_rng(0)
    dealt = [shuffle_within(stories, rng) for _ in range(20)]
    for owner in dealt:
        for story in range(stories.count):
            here = stories.story == story
            assert sorted(owner[here]) == sorted(stories.owner[here])
    assert len({tuple(owner) for owner in dealt}) > 5


def test_without_intervals_all_else_is_the_same():
    for size in (6, 40):
        parts = strata(stories=size)
        whole, bare = within_ratios(*parts, PARAMS), within_ratios(*parts, PARAMS, intervals=False)
        assert np.isfinite(whole.low[0, 0])
        assert np.isnan([bare.low, bare.high]).all()
        for name in ("value", "log_se", "df", "p"):
            np.testing.assert_array_equal(getattr(whole, name), getattr(bare, name))


def test_with_few_hits_p_does_not_hang_on_whether_an_interval_is_wanted():
    rng = np.random.default_rng(3)
    t = np.full((1, 8, 400), 100.0)
    a, b = rng.poisson(1.1, t.shape).astype(float), rng.poisson(0.25, t.shape).astype(float)
    whole, bare = (within_ratios(a, t, b, t, PARAMS, intervals=wanted) for wanted in (True, False))
    withheld = np.isnan(whole.p) & (a.sum(axis=1) > 0) & (b.sum(axis=1) > 0) & ((a + b).sum(axis=1) >= PARAMS.min_hits)
    assert withheld.any()
    np.testing.assert_array_equal(whole.p, bare.p)
