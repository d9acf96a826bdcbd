"""What the tests find when the outlets' labels mean nothing: shuffled labels, and each outlet split at random.

`shuffled`: labels are dealt anew among all units, so that any difference found is false. `halves`: each outlet's units are
dealt into two halves that are compared with each other, so that outlets keep what is theirs and any difference found is false
as well. `within stories`: for the within-story contrasts, labels are dealt anew among the units of each story. (It is no null
for the raw contrasts: a story with one outlet would keep its label, and outlets their mix of stories.) The tests are the ones
of the real panel, family by family, with the same correction.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
from scipy import sparse, special

from pipeline.inference import benjamini_hochberg
from pipeline.keyness import Terms, normal_deviate, score, two_sided
from pipeline.measures import Sums, Units, all_units, contrast_with_rest, sets_of, some_columns
from pipeline.parallel import chunks, cores, map_chunks
from pipeline.params import Compare
from pipeline.within_story import Stories, outlet_sums, shuffle_within, story_sums, within_ratios

NOMINAL = 0.05
SHUFFLED, HALVES, WITHIN = "shuffled", "halves", "within stories"
# Shuffles within stories in one task.
_WITHIN = 10
# Measures tested at once, and the most numbers in an array of shuffles, measures and shared units.
_COLUMNS, _LARGEST = 16, 2_000_000
# Shuffles of keyness in one product: more fill the processor's cache.
_STACKED = 4
# No smaller |z| can reach p = .05 while its skewness is at most the second number: most tests need no p-value.
_FAR, _SKEWED = 1.5, 3.0
_DEVIATE = -special.ndtri(NOMINAL)


def shuffled_sets(units: Units, shuffles: int, seed: int) -> Iterator[sparse.csr_matrix]:
    """Sets of units (outlets, units) with the labels dealt anew among all units; numbers of units per outlet stay."""
    rng = np.random.default_rng(seed)
    for _ in range(shuffles):
        yield sets_of(rng.permutation(units.owner), len(units.outlets))


def halved_sets(units: Units, shuffles: int, seed: int) -> Iterator[sparse.csr_matrix]:
    """A random half of the units of each outlet, (outlets, units)."""
    rng = np.random.default_rng(seed)
    owner = units.owner
    for _ in range(shuffles):
        order = np.lexsort((rng.random(units.count), owner))
        rank = np.arange(units.count) - np.searchsorted(owner[order], owner[order])
        chosen = order[rank % 2 == 0]
        yield sparse.csr_matrix((np.ones(len(chosen)), (owner[chosen], chosen)), shape=units.sets.shape)


def on_all_cores(work: Callable, items: Iterable) -> list:
    # Threads suffice: NumPy and SciPy let go of the interpreter in long operations.
    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(work, items))


def count_findings(p: np.ndarray, tests: int, rate: float) -> int:
    """Rejections of the Benjamini-Hochberg procedure at `rate` among `tests`, of which `p` holds at least those with p <=
    rate.
    """
    low = np.sort(p[p <= rate])
    passed = np.flatnonzero(low <= rate * np.arange(1, len(low) + 1) / max(tests, 1))
    return int(passed[-1]) + 1 if len(passed) else 0


def null_of_measures(sums: Sums, params: Compare) -> pd.DataFrame:
    """One row a family: findings of the real labels beside those of shuffled ones."""
    return _panel(sums, SHUFFLED, shuffled_sets(sums.units, params.shuffles, params.seed), all_units(sums.units), params)


def null_of_halves(sums: Sums, params: Compare) -> pd.DataFrame:
    """One row a family: findings of the real labels beside those between random halves of each outlet."""
    return _panel(sums, HALVES, halved_sets(sums.units, params.further_shuffles, params.seed), sums.units.sets, params)


def _panel(sums: Sums, kind: str, draws: Iterator[sparse.csr_matrix], ground: sparse.csr_matrix, params: Compare) -> pd.DataFrame:
    units = sums.units
    drawn = list(draws)
    if not drawn or len(units.outlets) < 2:
        return pd.DataFrame()
    real = contrast_with_rest(sums, units.sets, all_units(units), params, intervals=False)[1].p
    # All shuffles at once and measures block by block: the powers of the counts are taken once and fit into memory.
    blocks = [block for columns in sums.alike for block in chunks(columns, _COLUMNS)]
    size = max(1, _LARGEST // (len(units.outlets) * _COLUMNS * max(1, len(sums.together))))
    batches = [sparse.vstack(part).tocsr() for part in chunks(drawn, size)]

    def test(columns: np.ndarray) -> np.ndarray:
        mine = some_columns(sums, columns)
        return np.concatenate([contrast_with_rest(mine, sets, ground, params, intervals=False)[1].p for sets in batches])

    p = np.empty((len(drawn) * len(units.outlets), len(sums.families)))
    for columns, part in zip(blocks, on_all_cores(test, blocks), strict=True):
        p[:, columns] = part
    return _by_family(sums, kind, real, p.reshape(len(drawn), len(units.outlets), -1), params)


def _by_family(sums: Sums, kind: str, real: np.ndarray, drawn: np.ndarray, params: Compare) -> pd.DataFrame:
    rows = []
    for family in sorted(set(sums.families.tolist())):
        here = sums.families == family
        rows.append(null_row(family, kind, real[:, here].ravel(), drawn[:, :, here].reshape(len(drawn), -1), params))
    return pd.DataFrame(rows)


def null_within_stories(sums: Sums, stories: Stories, params: Compare) -> pd.DataFrame:
    """One row a family: within-story contrasts with the labels dealt anew within each story."""
    if params.further_shuffles == 0 or stories.count == 0:
        return pd.DataFrame()
    rng = np.random.default_rng(params.seed)
    real = within_ratios(*outlet_sums(sums, stories, stories.owner), params, intervals=False).p
    owners = [shuffle_within(stories, rng) for _ in range(params.further_shuffles)]
    y, x = sums.y[stories.rows], sums.x[stories.rows]
    shared = (y, x, stories, len(sums.units.outlets), params)
    # Processes, not threads: the arrays are small.
    parts = map_chunks(_within_p, owners, "null within stories", shared, size=_WITHIN, serial=2 * _WITHIN, unit=" shuffles")
    return _by_family(sums, WITHIN, real, np.concatenate(list(parts)), params)


def _within_p(
    owners: Sequence[np.ndarray], y: np.ndarray, x: np.ndarray, stories: Stories, outlets: int, params: Compare
) -> np.ndarray:
    """p of the within-story contrasts, (shuffles, outlets, measures), for outlets `owners` of the units of shared stories.

    Outlet by outlet and over its own stories alone: a story without the outlet adds nothing to its contrast.
    """
    everyone = np.zeros_like(stories.owner)
    whole_y, whole_x = (story_sums(part, stories, everyone, 1)[0] for part in (y, x))
    p = np.empty((len(owners), outlets, y.shape[1]))
    for k, owner in enumerate(owners):
        place = owner * stories.count + stories.story
        order = np.argsort(place, kind="stable")
        places, first = np.unique(place[order], return_index=True)
        member = sparse.csr_matrix((np.ones(len(order)), order, np.append(first, len(order))), shape=(len(places), len(order)))
        hits, tokens = member @ y, member @ x
        story = places % stories.count
        others, rest = whole_y[story] - hits, whole_x[story] - tokens
        bounds = np.searchsorted(places, stories.count * np.arange(outlets + 1))
        for i, mine in enumerate(slice(*pair) for pair in itertools.pairwise(bounds)):
            parts = (part[None, mine] for part in (hits, tokens, others, rest))
            p[k, i] = within_ratios(*parts, params, intervals=False).p[0]
    return p


def null_row(family: str, kind: str, real: np.ndarray, drawn: np.ndarray, params: Compare) -> dict:
    """Row of the null panel from p-values: real (tests,) and drawn (shuffles, tests); NaN entries are no tests."""
    with np.errstate(invalid="ignore"):
        tests = np.sum(~np.isnan(drawn), axis=1)
        below = np.sum(drawn <= NOMINAL, axis=1)
    found = np.array([count_findings(p, n, params.false_discovery_rate) for p, n in zip(drawn, tests, strict=True)])
    return summarise_null(family, kind, real, tests, below, found, params)


def summarise_null(
    family: str, kind: str, real: np.ndarray, tests: np.ndarray, below: np.ndarray, found: np.ndarray, params: Compare
) -> dict:
    """Row of the null panel; tests, below, found: per shuffle, the tests, those below 5 %, and the findings after correction."""
    real = real[~np.isnan(real)]
    return {
        "family": family,
        "null": kind,
        "tests": len(real),
        "below_5_percent": float((real <= NOMINAL).mean()) if len(real) else np.nan,
        "findings": int(np.sum(benjamini_hochberg(real) <= params.false_discovery_rate)) if len(real) else 0,
        "shuffles": len(tests),
        "below_5_percent_shuffled": float(below.sum() / max(tests.sum(), 1)),
        "findings_shuffled_mean": float(found.mean()),
        "shuffles_with_findings": float((found > 0).mean()),
    }


def _count_shuffles(sets: sparse.csr_matrix, outlets: int, terms: Terms, rate: float) -> list[tuple[int, int, int]]:
    found = score(sets, terms)
    rows = []
    for start in range(0, sets.shape[0], outlets):
        # As `score` lays its arrays out in memory, so that nothing is copied.
        z, skew, df = (part[start : start + outlets].T.ravel() for part in (found.z, found.skew, found.df))
        near = ~np.isnan(z)
        tests = int(np.count_nonzero(near))
        if rate <= NOMINAL:
            near = (np.abs(z) > _FAR) | (skew > _SKEWED) & near
        near = np.flatnonzero(near)
        if rate <= NOMINAL:
            near = near[normal_deviate(np.abs(z[near]), skew[near]) > _DEVIATE]
        p = two_sided(z[near], skew[near], df[near])
        rows.append((tests, int(np.sum(p <= NOMINAL)), count_findings(p, tests, rate)))
    return rows


def keyness_null(terms: Terms, draws: Iterator[sparse.csr_matrix], rate: float) -> np.ndarray:
    """Tests, those below 5 %, and findings after correction, (shuffles, 3), of keyness under drawn sets of units."""
    # Single precision: counts stay exact, z keeps six digits, and half of the time is saved.
    single = Terms(*(part.astype(np.float32) for part in terms))
    drawn = list(draws)
    outlets = drawn[0].shape[0]
    batches = [sparse.vstack(part).tocsr().astype(np.float32) for part in chunks(drawn, _STACKED)]
    parts = on_all_cores(lambda sets: _count_shuffles(sets, outlets, single, rate), batches)
    return np.array([row for part in parts for row in part])


def null_of_keyness(terms: Terms, units: Units, params: Compare) -> pd.DataFrame:
    """The same for keyness, with its own number of shuffles; labels shuffled only."""
    if params.keyness_shuffles == 0 or terms.counts.shape[1] == 0 or len(units.outlets) < 2:
        return pd.DataFrame()
    found = score(units.sets, terms)
    real = two_sided(found.z, found.skew, found.df).ravel()
    counts = keyness_null(terms, shuffled_sets(units, params.keyness_shuffles, params.seed), params.false_discovery_rate)
    return pd.DataFrame([summarise_null("keyness, own voice", SHUFFLED, real, *counts.T, params)])
