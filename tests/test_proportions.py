import pytest
from statsmodels.stats.proportion import proportion_confint

from pipeline.proportions import wilson_interval


def test_the_published_example():
    # Newcombe (1998), 81 of 263: .2553 to .3662.
    assert wilson_interval(81 / 263, 263, 0.95) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@pytest.mark.parametrize(("hits", "n"), [(0, 3), (1, 7), (5, 5), (13, 40)])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_it_is_that_of_statsmodels(hits, n, level):
    assert wilson_interval(hits / n, n, level) == pytest.approx(proportion_confint(hits, n, 1 - level, "wilson"), abs=1e-9)


def test_it_holds_its_share_at_the_ends():
    for n in range(1, 300):
        for share in (0.0, 1.0):
            low, high = wilson_interval(share, n, 0.95)
            assert 0 <= low <= share <= high <= 1
