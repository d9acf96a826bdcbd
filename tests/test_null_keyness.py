"""The token-level tests of benchmarks/null_keyness.py against scipy and against the packages they stand for."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.null_keyness import chi_square, likelihood_ratio, log_odds_z

Y_A, Y_B = np.array([10.0, 3, 40, 1]), np.array([5.0, 9, 100, 30])
N_A, N_B = 1000.0, 2500.0


def tables():
    return [np.array([[a, N_A - a], [b, N_B - b]]) for a, b in zip(Y_A, Y_B, strict=True)]


@pytest.mark.parametrize("yates", [True, False])
def test_chi_square_is_scipys(yates):
    expected = [stats.chi2_contingency(table, correction=yates)[0] for table in tables()]
    np.testing.assert_allclose(chi_square(Y_A, N_A, Y_B, N_B, yates), expected, rtol=1e-9, atol=1e-9)


def test_likelihood_ratio_of_four_cells_is_scipys():
    expected = [stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")[0] for table in tables()]
    np.testing.assert_allclose(likelihood_ratio(Y_A, N_A, Y_B, N_B, 4), expected, rtol=1e-9, atol=1e-9)


def test_likelihood_ratio_of_two_cells_by_hand():
    # 10 of 1000 against 5 of 2500: expected 30/7 and 75/7; 2 (10 log(7/3) + 5 log(7/15)) = 9.32456.
    assert likelihood_ratio(Y_A, N_A, Y_B, N_B, 2)[0] == pytest.approx(9.324557, abs=1e-6)


def test_log_odds_z_by_hand():
    # delta = log(12/108) - log(7/113) over sqrt(1/12 + 1/7).
    z = log_odds_z(np.array([10.0]), 100.0, np.array([5.0]), 100.0, np.array([2.0]), 20.0)
    assert z[0] == pytest.approx((np.log(12 / 108) - np.log(7 / 113)) / np.sqrt(1 / 12 + 1 / 7), abs=1e-12)
