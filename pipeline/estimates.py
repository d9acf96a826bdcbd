"""What the estimators take and give: sums of powers of counts and exposures, and estimates with their intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Moments(NamedTuple):
    """Sums over units of y^i x^j, arrays (sets, measures), named by their letters; n: units with x > 0."""

    y: np.ndarray
    x: np.ndarray
    yy: np.ndarray
    xy: np.ndarray
    xx: np.ndarray
    yyy: np.ndarray
    xyy: np.ndarray
    xxy: np.ndarray
    xxx: np.ndarray
    yyyy: np.ndarray
    xyyy: np.ndarray
    xxyy: np.ndarray
    xxxy: np.ndarray
    xxxx: np.ndarray
    n: np.ndarray

    def __sub__(self, other: Moments) -> Moments:  # type: ignore[override]
        """Moments of a set without one of its subsets."""
        return Moments(*(a - b for a, b in zip(self, other, strict=True)))

    def __getitem__(self, index) -> Moments:  # type: ignore[override]
        """Moments of some of the sets."""
        return Moments(*(part[index] for part in tuple(self)))

    def whole(self) -> Moments:
        """Moments of all sets together, in the shape of each."""
        return Moments(*(np.broadcast_to(part.sum(axis=0), part.shape) for part in self))


class Estimates(NamedTuple):
    """Arrays of one shape: estimate and interval (NaN where undefined), standard error of the log, degrees of freedom, p."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    log_se: np.ndarray
    df: np.ndarray
    p: np.ndarray
