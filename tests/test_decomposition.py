"""Kitagawa's decomposition: worked example, exact sum, and coverage of its interval."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.decomposition import components, decompose


def test_worked_example_splits_into_quoting_and_wording() -> None:
    # A: half own (rate .02), half quoted (rate .04); B: all own (rate .02), quoted rate .04 on its few quoted words.
    found = components(np.array([10.0, 20.0]), np.array([500.0, 500.0]), np.array([18.0, 4.0]), np.array([900.0, 100.0]))
    assert found == pytest.approx([0.4 * (0.04 - 0.02), 0.0, 0.0])


def test_parts_add_up_to_the_difference_of_rates() -> None:
    rng = np.random.default_rng(5)
    hits, tokens = rng.poisson(6, (40, 3)), rng.integers(50, 400, (40, 3))
    inside = np.arange(40) < 12
    value, low, high = decompose(hits, tokens, inside)
    difference = hits[inside].sum() / tokens[inside].sum() - hits[~inside].sum() / tokens[~inside].sum()
    assert value.sum() == pytest.approx(difference)
    assert np.all(low < value)
    assert np.all(value < high)


def test_interval_covers_the_truth() -> None:
    rng = np.random.default_rng(11)
    shares = (np.array([0.7, 0.3]), np.array([0.9, 0.1]))
    rates = (np.array([0.01, 0.03]), np.array([0.012, 0.02]))
    truth = components(shares[0] * rates[0], shares[0], shares[1] * rates[1], shares[1])
    covered = []
    for _ in range(400):
        parts = []
        for share, rate in zip(shares, rates, strict=True):
            total = rng.integers(200, 900, 60)[:, None]
            tokens = rng.binomial(total, np.clip(share + rng.normal(0, 0.05, (60, 1)) * [1, -1], 0.01, 0.99))
            parts.append((rng.poisson(tokens * rate * rng.gamma(4, 0.25, (60, 1))), tokens))
        hits, tokens = (np.concatenate(both) for both in zip(*parts, strict=True))
        _, low, high = decompose(hits, tokens, np.arange(120) < 60)
        covered.append((low <= truth) & (truth <= high))
    assert np.all(np.abs(np.mean(covered, axis=0) - 0.95) < 0.035)
