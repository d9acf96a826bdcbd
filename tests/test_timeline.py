"""Weeks and halves on invented dates."""

import numpy as np
import pandas as pd
import pytest

from pipeline.measures import Measures, make_units, sum_units
from pipeline.params import Compare
from pipeline.timeline import change_between_halves, unit_days, weekly_rates

PARAMS = Compare()


def make(published: list[str], hits: list[int]):
    n = len(published)
    documents = pd.DataFrame({"outlet": ["A"] * n, "copy_group": [f"g{i}" for i in range(n)], "story": "s", "published": published})
    y, x = np.array(hits, dtype=float)[:, None], np.full((n, 1), 100.0)
    units = make_units(documents)
    return (
        sum_units(Measures(y, x, [("lexicon", "heat", "own", "per 1,000 own-voice tokens")]), units),
        documents["published"],
        units,
    )


def test_weeks_start_on_mondays_and_hold_their_own_hits():
    # 2017-03-05 was a Sunday, 2017-03-06 a Monday.
    sums, published, units = make(["2017-03-05"] * 5 + ["2017-03-06T09:00:00"] * 5 + [""], [1, 2, 1, 2, 1, 4, 5, 4, 5, 4, 99])
    weeks = weekly_rates(sums, unit_days(published, units), PARAMS)
    assert weeks.start == ["2017-02-27", "2017-03-06"]
    np.testing.assert_allclose(weeks.estimates.value[:, 0], [7 / 500, 22 / 500])


def test_a_thin_week_has_no_rate():
    sums, published, units = make(["2017-03-01"] * 5 + ["2017-03-08"] * 2, [1, 2, 1, 2, 1, 4, 5])
    weeks = weekly_rates(sums, unit_days(published, units), PARAMS)
    assert np.isnan(weeks.estimates.value[:, 0]).tolist() == [False, True]


@pytest.mark.parametrize("dates", [["2017-03-06", "2017-03-10"], ["", ""]])
def test_dates_within_a_week_or_none_give_no_weeks(dates):
    sums, published, units = make(dates * 5, [1] * 10)
    assert weekly_rates(sums, unit_days(published, units), PARAMS) is None


def test_change_is_the_ratio_of_the_later_half_to_the_earlier():
    sums, published, units = make(["2017-03-01"] * 6 + ["2017-03-20"] * 6, [1, 2, 1, 2, 1, 2, 3, 5, 3, 5, 3, 5])
    middle, change = change_between_halves(sums, unit_days(published, units), PARAMS)
    assert change.value[0, 0] == pytest.approx(24 / 9)
    assert change.low[0, 0] > 1
    assert "2017-03-01" < middle <= "2017-03-20"


def test_a_unit_has_the_day_of_its_earliest_article():
    documents = pd.DataFrame(
        {"outlet": ["A", "A"], "copy_group": ["g", "g"], "story": "s", "published": ["2017-03-09", "2017-03-02"]}
    )
    units = make_units(documents)
    assert unit_days(documents["published"], units).tolist() == [pd.Timestamp("2017-03-02").toordinal()]
