"""The simulation of benchmarks/simulation_inference.py in a short form: coverage, false discoveries and power with a fixed seed."""

import numpy as np
import pytest

from benchmarks.simulation_inference import KINDS, STRUCTURES, coverage, false_discoveries, make_design, power


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("size", "hits"), [(15, 0.004), (15, 0.001), (100, 0.004)])
def test_intervals_cover(size, hits, kind, structure):
    # 1,500 runs: three standard errors are 1.7 points around the band of 93.5 to 96.5 %.
    found = coverage(size, kind, structure, hits, 1500, 1)
    assert 0.918 <= found.rate <= 0.982
    assert 0.918 <= found.contrast <= 0.982
    assert found.used > 0.95


def test_few_poisson_hits_are_covered_as_said_where_the_log_scale_covers_too_much():
    # 3,000 runs of about 8 hits: a standard error of .4 points.
    found = coverage(15, "poisson", "independent", 0.001, 3000, 2)
    assert found.rate <= 0.972
    assert found.log_t > found.rate + 0.003
    assert found.garwood > found.rate + 0.003


@pytest.mark.parametrize("kind", KINDS)
def test_false_discoveries_stay_below_the_rate(kind):
    complete, partial = (false_discoveries(kind, changed, 200, 3).rate for changed in (0, 6))
    # 200 runs: 5 % and three standard errors.
    assert complete <= 0.097
    assert partial <= 0.08


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hits", [0.0005, 0.0001])
def test_few_hits_are_rejected_as_often_as_said_and_seldom_after_correction(kind, hits):
    found = false_discoveries(kind, 0, 150, 3, hits)
    # 27,000 tests, those of one measure in one run alike: .5 points are more than three standard errors.
    assert 0.04 <= found.rejected <= 0.055
    assert found.rate <= 0.06


def test_power_is_within_a_tenth_of_the_oracle():
    _, oracle, ours = power(100, "negative binomial", 2000, 1)
    assert 0.7 < oracle < 0.9
    assert ours >= 0.9 * oracle


def test_copies_share_their_text_and_make_up_their_share():
    design = make_design(100, "copies", np.random.default_rng(1))
    size = np.bincount(design.text, minlength=200)[design.text]
    assert (size > 1).mean() == pytest.approx(0.3, abs=0.02)
    assert len(design.owner) < 200
    assert (np.diff(design.cluster) >= 0).all()
    outlets = [set(design.owner[design.unit[design.text == text]]) for text in set(design.text[size > 1])]
    assert {1, 2} == {len(found) for found in outlets}
