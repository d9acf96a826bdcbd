"""What could have been found: the smallest ratio that a comparison of this size would detect."""

from __future__ import annotations

import numpy as np
from scipy import special


def detectable_ratio(log_se: np.ndarray, df: np.ndarray, level: float, power: float) -> np.ndarray:
    """Smallest ratio above 1 found with probability `power` by a two-sided test at 1 - level: exp((t_(1+level)/2 + t_power) se).

    Its inverse is the largest ratio below 1 (Bloom 1995, with t for the normal distribution). NaN where there is no standard
    error.
    """
    with np.errstate(invalid="ignore"):
        return np.exp((special.stdtrit(df, (1 + level) / 2) + special.stdtrit(df, power)) * log_se)
