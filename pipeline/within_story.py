"""The same story, different outlets: contrasts that the mix of topics can't make.

Over the stories s in which both sides have text, with hits a, b and exposures t, u of the two sides, the Mantel-Haenszel rate
ratio (Rothman and Boice 1979) is a ratio of sums over stories,

    RR = sum_s P_s / sum_s Q_s,    P = a u / (t + u),    Q = b t / (t + u)

so that the project's one estimator gives its variance, clustered by story, and its interval. Beside it stands the crude ratio
of the same texts, (sum a / sum t) / (sum b / sum u). Crude over within-story is what the mix of stories made of the
difference; its interval comes from the difference of the two influences, story by story.

With few hits the log is avoided, as in pipeline/few_hits.py: if the ratio is theta, P - theta Q of a story is above 0 as often as
below,

    z = sum (P - theta Q) / sqrt(sum (P - theta Q)^2),

the variance being that over all ways to exchange the sides of each story (Fisher 1935). The interval holds every theta with |z|
below the normal quantile, the roots of a quadratic (Fieller 1954).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse, special

from pipeline.inference import FEW_HITS, Estimates, Moments, moments_of_layers, ratios
from pipeline.measures import Sums
from pipeline.params import Compare


class WithinStory(NamedTuple):
    """Arrays (tests, measures): the within-story ratio, the crude one of the same texts, crude over within, hits and stories."""

    within: Estimates
    crude: np.ndarray
    mix: np.ndarray
    mix_low: np.ndarray
    mix_high: np.ndarray
    hits: np.ndarray
    stories: np.ndarray


class Stories(NamedTuple):
    """Units of the stories of at least two outlets: rows of the unit table, their story (0 .. count - 1) and outlet."""

    rows: np.ndarray
    story: np.ndarray
    owner: np.ndarray
    count: int


def shared_stories(sums: Sums) -> Stories:
    """The stories in which at least two outlets have text."""
    story, owner = sums.units.story, sums.units.owner
    pairs = np.unique(np.stack([story, owner], axis=1), axis=0)
    rows = np.flatnonzero(np.bincount(pairs[:, 0], minlength=story.max(initial=-1) + 1)[story] > 1)
    names, code = np.unique(story[rows], return_inverse=True)
    return Stories(rows, code, owner[rows], len(names))


def story_sums(values: np.ndarray, stories: Stories, owner: np.ndarray, outlets: int) -> np.ndarray:
    """Sums (outlets, stories, measures) of `values` (units of shared stories, measures) with the outlets `owner`."""
    place = owner * stories.count + stories.story
    member = sparse.csr_matrix((np.ones(len(owner)), (place, np.arange(len(owner)))), shape=(outlets * stories.count, len(owner)))
    return (member @ values).reshape(outlets, stories.count, values.shape[1])


def _parts(a: np.ndarray, t: np.ndarray, b: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """P, Q and whether both sides have text, (tests, stories, measures)."""
    both = (t > 0) & (u > 0)
    total = np.where(both, t + u, np.inf)
    return a * u / total, b * t / total, both


def _few_hit_ends(m: Moments, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper end of the interval of the ratio of sums of y to x."""
    far = special.ndtri((1 + level) / 2) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        # Roots of (S_P - theta S_Q)^2 = far (S_PP - 2 theta S_PQ + theta^2 S_QQ).
        second, first, free = m.x**2 - far * m.xx, m.y * m.x - far * m.xy, m.y**2 - far * m.yy
        root = first + np.sqrt(np.maximum(first**2 - second * free, 0.0))
        return np.where(free > 0, free / root, 0.0), np.where(second > 0, root / second, np.inf)


def few_hit_ratios(m: Moments, level: float) -> Estimates:
    """Ratio of sums of P to Q (y and x of `m`) with the interval and p of the test that exchanges the sides of the stories.

    NaN where one side has no hit: the test then rejects every ratio or none, and no interval belongs to it. Ends are 0 or infinite
    where no ratio that far is rejected; where 1 is, and both 0 and infinity are not, p is NaN, too. log_se is that of the log ratio
    at 1, df infinite.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        squared = m.yy - 2 * m.xy + m.xx
        squared = np.where((squared > 1e-12 * (m.yy + m.xx)) & (m.y > 0) & (m.x > 0), squared, np.nan)
        p = 2 * special.ndtr(-np.abs(m.y - m.x) / np.sqrt(squared))
        low, high = _few_hit_ends(m, level)
        p = np.where((low == 0) & np.isinf(high) & (p <= 1 - level), np.nan, p)
        log_se = np.sqrt(squared) / ((m.y + m.x) / 2)
        known = ~np.isnan(p)
        ratio, low, high = (np.where(known, part, np.nan) for part in (m.y / m.x, low, high))
        parts = (ratio, low, high, log_se, np.full(p.shape, np.inf), p)
    return Estimates(*parts)


def within_ratios(a: np.ndarray, t: np.ndarray, b: np.ndarray, u: np.ndarray, params: Compare, intervals: bool = True) -> Estimates:
    """Mantel-Haenszel ratios of hits a over exposure t to b over u, arrays (tests, stories, measures) each.

    NaN below the minima; by `few_hit_ratios` where fewer than `FEW_HITS` hits are expected on one side, or none are found.
    intervals: whether they are wanted beside p (else NaN, save with few hits).
    """
    p, q, both = _parts(a, t, b, u)
    stories = np.sum(both, axis=1).astype(float)
    m = moments_of_layers(p, q)._replace(n=stories)
    found = ratios(m, params.level if intervals else None)
    hits = (a + b) * both
    total = hits.sum(axis=1)
    expected = np.sum(hits * t / np.where(both, t + u, np.inf), axis=1)
    few = (np.minimum(expected, total - expected) < FEW_HITS) | (m.y == 0) | (m.x == 0)
    for part, other in zip(found, few_hit_ratios(m[few], params.level), strict=True):
        part[few] = other
    enough = (stories >= params.min_groups) & (total >= params.min_hits)
    return Estimates(*(np.where(enough, part, np.nan) for part in found))


def mantel_haenszel(a: np.ndarray, t: np.ndarray, b: np.ndarray, u: np.ndarray, params: Compare) -> WithinStory:
    """Within-story contrasts beside the crude ones of the same texts; arguments as of `within_ratios`."""
    within = within_ratios(a, t, b, u, params)
    p, q, both = _parts(a, t, b, u)
    stories = np.sum(both, axis=1)
    sum_a, sum_t, sum_b, sum_u = (np.sum(part * both, axis=1) for part in (a, t, b, u))
    with np.errstate(divide="ignore", invalid="ignore"):
        crude = np.where(np.isnan(within.value), np.nan, (sum_a / sum_t) / (sum_b / sum_u))
        of_within = p / p.sum(axis=1)[:, None] - q / q.sum(axis=1)[:, None]
        of_a = (a - (sum_a / sum_t)[:, None] * t) * both / sum_a[:, None]
        of_b = (b - (sum_b / sum_u)[:, None] * u) * both / sum_b[:, None]
        spread = np.sqrt(stories / (stories - 1) * np.sum((of_a - of_b - of_within) ** 2, axis=1))
        mix = crude / within.value
        factor = np.exp(special.stdtrit(within.df, (1 + params.level) / 2) * spread)
    return WithinStory(within, crude, mix, mix / factor, mix * factor, sum_a + sum_b, stories)


def outlet_sums(sums: Sums, stories: Stories, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Hits and exposure of each outlet and of the others in the same story, (outlets, stories, measures) each.

    owner: outlet of each unit of the shared stories.
    """
    y, x = (story_sums(part[stories.rows], stories, owner, len(sums.units.outlets)) for part in (sums.y, sums.x))
    return y, x, y.sum(axis=0) - y, x.sum(axis=0) - x


def within_others(sums: Sums, stories: Stories, params: Compare) -> WithinStory:
    """Each outlet against all others of the same stories, (outlets, measures)."""
    return mantel_haenszel(*outlet_sums(sums, stories, stories.owner), params)


def within_pairs(sums: Sums, stories: Stories, first: np.ndarray, second: np.ndarray, params: Compare) -> WithinStory:
    """Outlets `first` against outlets `second` (indices of equal length), in the stories that both have."""
    y, x, *_ = outlet_sums(sums, stories, stories.owner)
    return mantel_haenszel(y[first], x[first], y[second], x[second], params)


def shuffle_within(stories: Stories, rng: np.random.Generator) -> np.ndarray:
    """The outlets of the units, dealt anew within each story."""
    order = np.lexsort((rng.random(len(stories.rows)), stories.story))
    fixed = np.argsort(stories.story, kind="stable")
    owner = np.empty_like(stories.owner)
    owner[fixed] = stories.owner[order]
    return owner
