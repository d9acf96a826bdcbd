"""Units of inference and their contrasts."""

import numpy as np
import pandas as pd

from pipeline.inference import benjamini_hochberg, contrasts, moments
from pipeline.measures import UNKNOWN_OUTLET, Measures, adjust_within, all_units, contrast_with_rest, make_units, sum_units
from pipeline.params import Compare

DOCUMENTS = pd.DataFrame(
    {
        "outlet": ["B", "A", "A", "B", "", "A"],
        "copy_group": ["wire", "wire", "wire", "own", "loose", "third"],
        "story": ["s1", "s1", "s2", "s2", "s3", "s3"],
    }
)


def test_copies_within_an_outlet_are_one_unit_and_across_outlets_two():
    units = make_units(DOCUMENTS)
    assert units.outlets == [UNKNOWN_OUTLET, "A", "B"]
    assert units.count == 5
    assert units.of_article[1] == units.of_article[2] != units.of_article[0]
    assert units.cluster[units.of_article[0]] == units.cluster[units.of_article[1]]
    np.testing.assert_array_equal(units.owner[units.of_article], [2, 1, 1, 2, 0, 1])
    np.testing.assert_array_equal(units.sets.toarray()[units.owner, np.arange(5)], np.ones(5))


def test_stories_can_be_the_units():
    units = make_units(DOCUMENTS, "story")
    assert units.count == 6
    assert (units.cluster == units.story).all()


def test_units_sum_their_articles_and_list_those_that_share_a_cluster():
    y = np.arange(6, dtype=float)[:, None]
    sums = sum_units(Measures(y, np.full((6, 1), 10.0), [("lexicon", "heat", "own", "")]), make_units(DOCUMENTS))
    unit = sums.units.of_article
    assert sums.y[unit[1], 0] == 1 + 2
    assert sums.x[unit[1], 0] == 20
    assert set(sums.together) == {unit[0], unit[1]}


def test_contrast_with_the_rest_is_that_with_the_others_added_up():
    rng = np.random.default_rng(1)
    documents = pd.DataFrame({"outlet": np.repeat(["A", "B", "C"], 20), "copy_group": np.arange(60).astype(str), "story": "s"})
    y, x = rng.poisson(4, (60, 2)).astype(float), rng.integers(100, 900, (60, 2)).astype(float)
    sums = sum_units(Measures(y, x, [("lexicon", k, "own", "") for k in "ab"]), make_units(documents))
    m, found = contrast_with_rest(sums, sums.units.sets, all_units(sums.units), Compare())
    rest = moments(np.repeat([[0.0, 1, 1]], 20, axis=0).T.reshape(1, 60), sums.y, sums.x)
    order = np.argsort(sums.units.owner, kind="stable")
    assert (order == np.arange(60)).all()
    np.testing.assert_allclose(found.p[0], contrasts(m[:1], rest).p[0])


def test_below_the_minimum_of_groups_there_is_no_contrast():
    documents = pd.DataFrame({"outlet": ["A"] * 3 + ["B"] * 20, "copy_group": np.arange(23).astype(str), "story": "s"})
    y = np.full((23, 1), 3.0) + np.arange(23)[:, None] % 2
    sums = sum_units(Measures(y, np.full((23, 1), 100.0), [("lexicon", "heat", "own", "")]), make_units(documents))
    found = contrast_with_rest(sums, sums.units.sets, all_units(sums.units), Compare())[1]
    assert np.isnan(found.p).all()


def test_families_are_corrected_apart():
    families = np.array(["one", "two", "one"], dtype=object)
    q = adjust_within(families, np.array([[0.01, 0.01, 0.5]]), benjamini_hochberg)
    np.testing.assert_allclose(q, [[0.02, 0.01, 0.5]])


def test_families_tell_totals_and_voices_apart():
    names = [("frames", "all", "own", ""), ("frames", "war", "own", ""), ("voice", "direct", "all", "% of tokens")]
    assert Measures(np.zeros((1, 3)), np.zeros((1, 3)), names).families.tolist() == [
        "frames total, own voice",
        "frames, own voice",
        "voice",
    ]
