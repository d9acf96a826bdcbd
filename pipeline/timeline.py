"""Rates over time: week by week, and the change between the two halves of the corpus's days."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from pipeline.inference import Estimates, Moments, bounded_rates
from pipeline.measures import Sums, Units, contrast_sets, set_moments
from pipeline.params import Compare


class Weeks(NamedTuple):
    """Rates of (week, outlet): first day (a Monday), outlet index, estimates (rows, measures) and moments."""

    start: list[str]
    outlet: np.ndarray
    estimates: Estimates
    moments: Moments


def unit_days(published: pd.Series, units: Units) -> np.ndarray:
    """Day of each unit's earliest article as a proleptic ordinal, 0 where none has a date."""
    day = (
        published.str.slice(0, 10).map(lambda text: dt.date.fromisoformat(text).toordinal() if text else 0).to_numpy(dtype=np.int64)
    )
    never = np.iinfo(np.int64).max
    first = np.full(units.count, never)
    np.minimum.at(first, units.of_article, np.where(day > 0, day, never))
    return np.where(first == never, 0, first)


def weekly_rates(sums: Sums, day: np.ndarray, params: Compare) -> Weeks | None:
    """Rates of every outlet and week with a date; None where the dates span less than two weeks."""
    dated = np.flatnonzero(day > 0)
    # Ordinal 1 was a Monday.
    week = (day[dated] - 1) // 7
    if len(dated) == 0 or week.max() == week.min():
        return None
    k = len(sums.units.outlets)
    key, row = np.unique(week * k + sums.units.owner[dated], return_inverse=True)
    sets = sparse.csr_matrix((np.ones(len(dated)), (row, dated)), shape=(len(key), sums.units.count))
    m = set_moments(sums, sets)
    found = bounded_rates(m, params.level)
    enough = m.n >= params.min_groups
    starts = [dt.date.fromordinal(int(value) * 7 + 1).isoformat() for value in key // k]
    return Weeks(starts, key % k, Estimates(*(np.where(enough, part, np.nan) for part in found)), m)


def change_between_halves(sums: Sums, day: np.ndarray, params: Compare) -> tuple[str, Estimates]:
    """Ratio of each outlet's rate from the corpus's median day on to that before it, (outlets, measures), and that day (""
    without dates).
    """
    dated = day > 0
    middle = int(np.ceil(np.median(day[dated]))) if dated.any() else 0
    late, early = (
        sparse.csr_matrix(sums.units.sets.multiply(part[None, :])) for part in (dated & (day >= middle), dated & (day < middle))
    )
    near = [part[:, sums.together].toarray() for part in (late, early)]
    found = contrast_sets(sums, *near, set_moments(sums, late), set_moments(sums, early), params)
    return dt.date.fromordinal(middle).isoformat() if middle else "", found
