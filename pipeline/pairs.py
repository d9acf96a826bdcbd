"""Every outlet against every other, or against one chosen reference, with simultaneous intervals on request (max-T)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse, special

from pipeline.inference import Estimates, influences
from pipeline.measures import Sums, contrast_sets, set_moments
from pipeline.params import Compare

DRAWS = 2000


class Pairs(NamedTuple):
    """Outlets compared: indices of the first and of the second, equal in length."""

    first: np.ndarray
    second: np.ndarray


def choose_pairs(outlets: list[str], reference: str) -> Pairs:
    """All pairs, or each outlet against the reference, which is one of them."""
    if not reference:
        return Pairs(*np.triu_indices(len(outlets), 1))
    chosen = outlets.index(reference)
    first = np.array([i for i in range(len(outlets)) if i != chosen], dtype=int)
    return Pairs(first, np.full(len(first), chosen))


def contrast_pairs(sums: Sums, pairs: Pairs, params: Compare) -> Estimates:
    """Ratios of rates, (pairs, measures); NaN below the minimum of groups or hits."""
    m = set_moments(sums, sums.units.sets)
    near = sums.units.sets[:, sums.together].toarray()
    return contrast_sets(sums, near[pairs.first], near[pairs.second], m[pairs.first], m[pairs.second], params)


def simultaneous(sums: Sums, pairs: Pairs, found: Estimates, params: Compare) -> tuple[np.ndarray, np.ndarray]:
    """Intervals (low, high) that hold together for all pairs and measures of a family, by the multiplier bootstrap.

    The largest |sum of g_c u_c| / se over the family, with u_c the influence of cluster c on a log ratio and g_c standard
    normal (Chernozhukov, Chetverikov and Kato 2013), has the quantile c; each interval is then that of its own method at the
    level 1 - 2 * (1 - Phi(c)).
    """
    rng = np.random.default_rng(params.seed)
    m = set_moments(sums, sums.units.sets)
    sets = sums.units.sets.toarray()
    _, cluster = np.unique(sums.units.cluster, return_inverse=True)
    member = sparse.csr_matrix((np.ones(len(cluster)), (cluster, np.arange(len(cluster)))))
    weights = rng.standard_normal((DRAWS, member.shape[0]))
    low, high = np.full(found.value.shape, np.nan), np.full(found.value.shape, np.nan)
    for family in sorted(set(sums.families.tolist())):
        columns = np.flatnonzero(sums.families == family)
        largest = np.zeros(DRAWS)
        for i, j in zip(*pairs, strict=True):
            a, b = (type(m)(*(part[[k]][:, columns] for part in tuple(m))) for k in (i, j))
            u = influences(sets[[i]], sets[[j]], sums.y[:, columns], sums.x[:, columns], a, b)[0]
            u = member @ np.nan_to_num(u)
            size = np.sqrt((u**2).sum(axis=0))
            usable = size > 0
            if usable.any():
                largest = np.maximum(largest, np.abs(weights @ (u[:, usable] / size[usable])).max(axis=1))
        level = 1 - 2 * float(special.ndtr(-np.quantile(largest, params.level)))
        wide = contrast_pairs(sums, pairs, params.model_copy(update={"level": level}))
        low[:, columns], high[:, columns] = wide.low[:, columns], wide.high[:, columns]
    return low, high
