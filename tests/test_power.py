"""Smallest detectable ratio against the power it promises."""

import numpy as np
import pytest
from scipy import stats

from pipeline.power import detectable_ratio


def test_by_hand_with_many_degrees_of_freedom():
    # (1.95996 + 0.84162) * .1 = .280158.
    assert detectable_ratio(np.array(0.1), np.array(1e9), 0.95, 0.8) == pytest.approx(np.exp(0.280158), rel=1e-5)


def test_the_ratio_is_found_with_the_power_it_promises():
    se, df = 0.2, 12
    gap = np.log(detectable_ratio(np.array(se), np.array(df), 0.95, 0.8))
    exact = stats.nct.sf(stats.t.ppf(0.975, df), df, gap / se)
    assert exact == pytest.approx(0.8, abs=0.02)


def test_no_standard_error_gives_no_ratio():
    assert np.isnan(detectable_ratio(np.array(np.nan), np.array(5.0), 0.95, 0.8))
