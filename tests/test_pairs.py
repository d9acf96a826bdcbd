"""Pairs of outlets and simultaneous intervals."""

import numpy as np
import pandas as pd

from pipeline.inference import contrasts, moments
from pipeline.measures import Measures, make_units, sum_units
from pipeline.pairs import choose_pairs, contrast_pairs, simultaneous
from pipeline.params import Compare

PARAMS = Compare()


def make_sums(seed: int = 1, per_outlet: int = 40, measures: int = 6, copies: int = 0):
    rng = np.random.default_rng(seed)
    n = 3 * per_outlet
    x = rng.integers(200, 900, (n, 1)).astype(float)
    y = rng.poisson(0.01 * x * rng.gamma(1.0, 1.0, (n, measures))).astype(float)
    group = np.arange(n)
    for k in range(copies):
        group[per_outlet + k], x[per_outlet + k], y[per_outlet + k] = k, x[k], y[k]
    documents = pd.DataFrame({"outlet": np.repeat(["A", "B", "C"], per_outlet), "copy_group": group.astype(str), "story": "s"})
    names = [("lexicon", f"c{k}", "own", "per 1,000 own-voice tokens") for k in range(measures)]
    return sum_units(Measures(y, np.broadcast_to(x, y.shape), names), make_units(documents))


def test_all_pairs_once_and_a_reference_against_each():
    pairs = choose_pairs(["A", "B", "C"], "")
    assert list(zip(*pairs, strict=True)) == [(0, 1), (0, 2), (1, 2)]
    assert list(zip(*choose_pairs(["A", "B", "C"], "B"), strict=True)) == [(0, 1), (2, 1)]


def test_a_pair_is_the_contrast_of_its_two_outlets():
    sums = make_sums()
    found = contrast_pairs(sums, choose_pairs(sums.units.outlets, ""), PARAMS)
    m = moments(sums.units.sets, sums.y, sums.x)
    expected = contrasts(m[0:1], m[2:3])
    np.testing.assert_allclose(found.value[1], expected.value[0])
    np.testing.assert_allclose(found.p[1], expected.p[0])


def test_copies_in_both_outlets_make_their_contrast_more_certain():
    sums = make_sums(copies=25)
    found = contrast_pairs(sums, choose_pairs(sums.units.outlets, ""), PARAMS)
    apart = contrast_pairs(sums._replace(together=np.array([], dtype=int)), choose_pairs(sums.units.outlets, ""), PARAMS)
    assert (found.log_se[0] < 0.9 * apart.log_se[0]).all()
    np.testing.assert_allclose(found.log_se[2], apart.log_se[2])


def test_simultaneous_intervals_are_wider_and_hold_together():
    pairs = choose_pairs(["A", "B", "C"], "")
    misses = []
    for seed in range(40):
        sums = make_sums(seed, per_outlet=60)
        found = contrast_pairs(sums, pairs, PARAMS)
        low, high = simultaneous(sums, pairs, found, PARAMS)
        assert (low < found.low).all()
        assert (high > found.high).all()
        misses.append(((low > 1) | (high < 1)).any())
    assert np.mean(misses) <= 0.125
