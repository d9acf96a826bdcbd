"""Distance of wordings: unbiased for two halves of one outlet, and right where the truth is known."""

import numpy as np
import pytest
from scipy import sparse

from pipeline.distance import distance, draw_map


def texts(rng: np.random.Generator, units: int, share: np.ndarray, length: int = 150) -> sparse.csr_matrix:
    """Bursty texts: each has word shares of its own around `share`."""
    shares = rng.dirichlet(share * 300, units)
    return sparse.csr_matrix(np.stack([rng.multinomial(length, row) for row in shares]).astype(float))


def shares(rng: np.random.Generator, words: int = 400) -> np.ndarray:
    share = rng.lognormal(0, 1.2, words)
    return share / share.sum()


def truth(one: np.ndarray, other: np.ndarray) -> float:
    return float(0.5 * ((one**2 + other**2) / (one + other)).sum())


def test_halves_of_one_outlet_are_at_one_half_and_the_plug_in_value_is_not():
    rng = np.random.default_rng(1)
    share = shares(rng)
    found = [distance(texts(rng, 25, share), texts(rng, 40, share)) for _ in range(60)]
    assert np.mean([one.value for one in found]) == pytest.approx(0.5, abs=0.002)
    assert np.mean([one.plug_in for one in found]) > 0.53
    assert np.mean([one.low <= 0.5 <= one.high for one in found]) > 0.88


def test_different_outlets_are_at_their_true_distance_and_intervals_cover_it():
    rng = np.random.default_rng(2)
    one = shares(rng)
    other = one * rng.lognormal(0, 0.7, len(one))
    other /= other.sum()
    expected = truth(one, other)
    found = [distance(texts(rng, 60, one), texts(rng, 90, other)) for _ in range(80)]
    assert np.mean([each.value for each in found]) == pytest.approx(expected, abs=0.006)
    assert np.mean([each.low <= expected <= each.high for each in found]) > 0.88


def test_distance_is_symmetric_and_one_without_a_common_word():
    rng = np.random.default_rng(3)
    a, b = texts(rng, 10, shares(rng, 30)), texts(rng, 12, shares(rng, 30))
    assert distance(a, b).value == pytest.approx(distance(b, a).value)
    apart = distance(sparse.csr_matrix(np.tile([5.0, 0], (4, 1))), sparse.csr_matrix(np.tile([0, 7.0], (4, 1))))
    assert (apart.value, apart.plug_in) == (pytest.approx(1), pytest.approx(1))


def test_map_keeps_the_distances_of_three_outlets():
    value = np.array([[0.5, 0.6, 0.6], [0.6, 0.5, 0.7], [0.6, 0.7, 0.5]])
    points = draw_map(value.copy())
    apart = np.linalg.norm(points[:, None] - points[None], axis=2) ** 2
    np.testing.assert_allclose(apart, np.where(np.eye(3) > 0, 0, 2 * value - 1), atol=1e-9)
    assert (points.max(axis=0) >= -points.min(axis=0)).all()
