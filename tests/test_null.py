"""The null panel: what it shuffles, what it counts, and that it finds what a broken test would do."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from statsmodels.stats.multitest import multipletests

from pipeline.keyness import prepare_terms, score, two_sided
from pipeline.measures import Measures, make_units, sum_units
from pipeline.null import (
    HALVES,
    SHUFFLED,
    count_findings,
    halved_sets,
    keyness_null,
    null_of_halves,
    null_of_keyness,
    null_of_measures,
    null_within_stories,
    shuffled_sets,
)
from pipeline.params import Compare
from pipeline.within_story import shared_stories

PARAMS = Compare(shuffles=60, keyness_shuffles=4, further_shuffles=60)


def make_sums(seed: int = 1, per_outlet: int = 50, measures: int = 8, louder: float = 1.0):
    rng = np.random.default_rng(seed)
    n = 4 * per_outlet
    x = rng.integers(200, 900, (n, 1)).astype(float)
    outlet = np.repeat(["A", "B", "C", "D"], per_outlet)
    factor = np.where(outlet == "A", louder, 1.0)[:, None]
    y = rng.poisson(0.008 * x * factor * rng.gamma(1.0, 1.0, (n, measures))).astype(float)
    documents = pd.DataFrame(
        {"outlet": outlet, "copy_group": [f"g{i}" for i in range(n)], "story": [f"s{i % per_outlet}" for i in range(n)]}
    )
    names = [("lexicon", f"c{k}", "own", "per 1,000 own-voice tokens") for k in range(measures)]
    return sum_units(Measures(y, np.broadcast_to(x, y.shape), names), make_units(documents))


def test_shuffles_keep_the_number_of_units_of_each_outlet():
    units = make_sums().units
    for sets in shuffled_sets(units, 5, 1):
        np.testing.assert_array_equal(np.asarray(sets.sum(axis=1)).ravel(), np.full(4, 50))
        np.testing.assert_array_equal(np.asarray(sets.sum(axis=0)).ravel(), np.ones(200))


def test_halves_hold_half_of_each_outlets_own_units():
    units = make_sums(per_outlet=51).units
    drawn = list(halved_sets(units, 5, 1))
    for sets in drawn:
        assert (sets.multiply(units.sets) != sets).nnz == 0
        assert set(np.asarray(sets.sum(axis=1)).ravel()) == {26}
    assert (drawn[0] != drawn[1]).nnz > 0


def test_the_same_seed_gives_the_same_shuffles():
    units = make_sums().units
    one, other = (list(shuffled_sets(units, 3, 9)) for _ in range(2))
    assert all((a != b).nnz == 0 for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("seed", range(5))
def test_findings_are_counted_as_statsmodels_does(seed):
    p = np.random.default_rng(seed).beta(0.4, 1, 60)
    assert count_findings(p, 60, 0.05) == multipletests(p, 0.05, "fdr_bh")[0].sum()
    assert count_findings(p[p <= 0.05], 60, 0.05) == count_findings(p, 60, 0.05)


def test_equal_outlets_give_few_false_findings_and_a_loud_one_real_ones():
    for panel, kind in ((null_of_measures, SHUFFLED), (null_of_halves, HALVES)):
        quiet = panel(make_sums(), PARAMS)
        assert set(quiet["null"]) == {kind}
        assert quiet["below_5_percent_shuffled"].between(0.02, 0.08).all()
        assert (quiet["shuffles_with_findings"] <= 0.12).all()
    # Halves are of one outlet each: what sets the outlets apart isn't in them.
    loud = null_of_halves(make_sums(louder=2.5), PARAMS)
    assert (loud["findings"] >= 8).all()
    assert (loud["shuffles_with_findings"] <= 0.12).all()


def test_within_stories_gives_few_false_findings_even_when_an_outlet_is_loud():
    sums = make_sums(louder=2.5)
    found = null_within_stories(sums, shared_stories(sums), PARAMS)
    assert found["findings"].sum() >= 8
    assert (found["shuffles_with_findings"] <= 0.12).all()


def test_keyness_null_counts_every_p_below_five_per_cent():
    rng = np.random.default_rng(4)
    x = rng.integers(100, 900, 200).astype(float)
    counts = sparse.csr_matrix(rng.poisson(x[:, None] * rng.lognormal(-7, 1.3, 300) * rng.gamma(0.4, 2.5, (200, 300))))
    terms = prepare_terms(counts[:, np.asarray((counts > 0).sum(axis=0)).ravel() >= 3], x)
    draws = list(shuffled_sets(make_sums().units, 6, 2))
    for sets, (tests, below, findings) in zip(draws, keyness_null(terms, iter(draws), 0.05), strict=True):
        found = score(sets, terms)
        p = two_sided(found.z, found.skew, found.df).ravel()
        assert (tests, below) == (np.sum(~np.isnan(p)), np.sum(p <= 0.05))
        assert findings == multipletests(p[~np.isnan(p)], 0.05, "fdr_bh")[0].sum()


def test_no_shuffles_give_no_panel():
    sums = make_sums()
    none = PARAMS.model_copy(update={"shuffles": 0, "keyness_shuffles": 0, "further_shuffles": 0})
    assert null_of_measures(sums, none).empty
    assert null_of_halves(sums, none).empty
    assert null_within_stories(sums, shared_stories(sums), none).empty
    assert null_of_keyness(prepare_terms(sparse.csr_matrix(np.ones((200, 1))), np.ones(200)), sums.units, none).empty
