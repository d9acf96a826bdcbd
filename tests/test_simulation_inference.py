"""The simulation of benchmarks/simulation_inference.py in a short form: coverage, false discoveries and power with a fixed seed."""

import numpy as np
import pytest

from benchmarks.simulation_inference import KINDS, STRUCTURES, coverage, false_discoveries, make_design, power


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [15, 100])
def test_intervals_cover(size, kind, structure):
    # 1,500 runs: three standard errors are 1.7 points around the band of 93.5 to 96.5 %.
    rate, contrast, used = coverage(size, kind, structure, 0.004, 1500, 1)
    assert 0.918 <= rate <= 0.982
    assert 0.918 <= contrast <= 0.982
    assert used > 0.98


@pytest.mark.parametrize("kind", KINDS)
def test_false_discoveries_stay_below_the_rate(kind):
    complete, partial = (false_discoveries(kind, changed, 200, 3)[0] for changed in (0, 6))
    # 200 runs: 5 % and three standard errors.
    assert complete <= 0.097
    assert partial <= 0.08


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
