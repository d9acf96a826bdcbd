"""Keyness: which terms set an outlet's own words apart, with error rates that hold on articles.

Effect: log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, eq. 15 and 16): with counts y and
totals n of the outlet (A) and the others (B), and prior parameters alpha = a0 * (share of the term in the whole corpus),

    delta = log[(y_A + alpha) / (n_A + a0 - y_A - alpha)] - log[(y_B + alpha) / (n_B + a0 - y_B - alpha)]

Test: a score test of equal rates whose variance is that between units (copy groups), not between words. With the pooled share
p = (y_A + y_B) / (n_A + n_B), residuals e = y - p x of the units, V_A, V_B and V their sums of squares, and f = n_A / (n_A +
n_B),

    T = sum_A e,    var(T) = (1 - f)^2 V*_A + f^2 V*_B,    z = T / sqrt(var(T))
    V*_A = f y (V_A + b V / y) / (y_A + b),    V*_B likewise with 1 - f

V*_A is the variance expected under equal rates when each of the outlet's hits brings as much of it as its own hits did (V_A /
y_A), drawn towards what a hit brings anywhere (V / y) as if `BORROWED` = b hits had been seen there: an outlet in which a
term stands in no unit, or in one, says nothing of its own variance. With V_A itself in its place, units with many hits would
raise T and its variance together, and rare terms could never be found.

For rare terms T is skewed. Its p-value is two-sided by distance from 0, both tails those of a Pearson III (shifted gamma)
distribution with skewness f (1 - f) (1 - 2 f) sum e^3 / (f (1 - f) V)^1.5, that of sums over units dealt out at random; the
tails are Wilson and Hilferty's (1931), with t in place of the normal distribution. A continuous tail at the observed count is
close to the mid-p of the discrete one (Lancaster 1961). The interval of delta is test-based (Miettinen 1976): it excludes 0
exactly when p < 1 - level.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse, special

BORROWED = 10.0
_SYMMETRIC = 1e-4
# Most of skewness * reach / 2 on the bounded side, doubled; 2 would be the end of the support.
_BOUNDED = 1.5


class Keyness(NamedTuple):
    """Arrays (outlets, terms): effect with interval, z, two-sided p, hits, units with a hit."""

    effect: np.ndarray
    low: np.ndarray
    high: np.ndarray
    z: np.ndarray
    p: np.ndarray
    hits: np.ndarray
    present: np.ndarray


class Terms(NamedTuple):
    """What a score test needs of the counts and no set of units changes.

    counts: (units, terms); squares: e^2 - p^2 x^2 of each unit and term, 0 where the term is not; exposure: (units,) tokens;
    share: p of each term; hits, squared, cubed: sums of y, e^2 and e^3 of each term.
    """

    counts: sparse.csr_matrix
    squares: sparse.csr_matrix
    exposure: np.ndarray
    share: np.ndarray
    hits: np.ndarray
    squared: np.ndarray
    cubed: np.ndarray


class Score(NamedTuple):
    """Arrays (sets, terms): hits, z, skewness and degrees of freedom of the score statistic."""

    hits: np.ndarray
    z: np.ndarray
    skew: np.ndarray
    df: np.ndarray


def log_odds(y_a: np.ndarray, n_a: np.ndarray, y_b: np.ndarray, n_b: np.ndarray, alpha: np.ndarray, a0: float) -> np.ndarray:
    """Log-odds ratio with an informative Dirichlet prior (see the module); all arrays broadcast."""
    return np.log((y_a + alpha) / (n_a + a0 - y_a - alpha)) - np.log((y_b + alpha) / (n_b + a0 - y_b - alpha))


def prepare_terms(counts: sparse.csr_matrix, exposure: np.ndarray) -> Terms:
    """Sums over all units; counts: (units, terms), exposure: tokens of each unit. Linear in the non-zeros."""
    counts = counts.astype(np.float64).tocsr()
    x = np.asarray(exposure, dtype=float).ravel()
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    column, y, width = counts.indices, counts.data, counts.shape[1]
    hits = np.bincount(column, weights=y, minlength=width)
    share = hits / x.sum()
    # e^k = (-p x)^k where the term is not; the sums add what differs from that.
    expected = share[column] * x[row]
    squares = (y - expected) ** 2 - expected**2
    cubes = (y - expected) ** 3 + expected**3
    squared = np.bincount(column, weights=squares, minlength=width) + share**2 * (x**2).sum()
    cubed = np.bincount(column, weights=cubes, minlength=width) - share**3 * (x**3).sum()
    return Terms(counts, sparse.csr_matrix((squares, column, counts.indptr), shape=counts.shape), x, share, hits, squared, cubed)


def score(sets: sparse.csr_matrix, terms: Terms) -> Score:
    """Score test of each set of units against all others.

    sets: (sets, units) 0/1, each a test by itself: sets of several shuffles may be stacked. A column may be empty (a unit in
    no set is then among the others of every set).
    """
    x = terms.exposure
    # Dense right-hand sides: faster than the product of two sparse matrices. From here on arrays are (terms, sets), in the
    # order of memory that the products have.
    columns = sets.T.toarray()
    y_a, own = terms.counts.T @ columns, terms.squares.T @ columns
    n_a, nn_a = sets @ x, sets @ (x * x)
    n, nn = x.sum(), (x * x).sum()
    f = n_a / n
    share, hits, squared = (part[:, None] for part in (terms.share, terms.hits, terms.squared))
    with np.errstate(divide="ignore", invalid="ignore"):
        own += share**2 * nn_a
        np.maximum(own, 0.0, out=own)
        lent = BORROWED * squared / hits
        part_b = squared - own
        np.maximum(part_b, 0.0, out=part_b)
        part_b += lent
        part_b /= hits + BORROWED - y_a
        part_b *= f**2 * (1 - f) * hits
        part_a = own
        part_a += lent
        part_a /= y_a + BORROWED
        part_a *= (1 - f) ** 2 * f * hits
        variance = part_a + part_b
        z = y_a - share * n_a
        z /= np.sqrt(variance)
        z[~(variance > 0)] = np.nan
        df_a, df_b = np.maximum(n_a**2 / nn_a - 1, 1), np.maximum((n - n_a) ** 2 / (nn - nn_a) - 1, 1)
        part_a *= part_a
        part_a /= df_a
        part_b *= part_b
        part_b /= df_b
        part_a += part_b
        variance *= variance
        variance /= part_a
        skew = (1 - 2 * f) / np.sqrt(f * (1 - f)) * (terms.cubed / terms.squared**1.5)[:, None]
    return Score(y_a.T, z.T, skew.T, variance.T)


def normal_deviate(z: np.ndarray, skew: np.ndarray, reach: np.ndarray | None = None) -> np.ndarray:
    """The normal deviate with the tail of a standardised Pearson III variable at z.

    Infinite beyond its support (Wilson and Hilferty 1931). reach: how far |z| can really go on the bounded side; the skewness there
    is held so low that the support ends beyond it. Where one unit holds most hits it would end before what was seen, with a p of 0.
    """
    if reach is not None:
        most = _BOUNDED / reach
        skew = np.where(z * skew < 0, np.clip(skew, -most, most), skew)
    skew = np.where(np.abs(skew) < _SYMMETRIC, _SYMMETRIC, skew)
    inside = 1 + skew * z / 2
    with np.errstate(invalid="ignore"):
        return np.where(inside > 0, 6 / skew * (np.cbrt(inside) - 1) + skew / 6, -np.sign(skew) * np.inf)


def two_sided(z: np.ndarray, skew: np.ndarray, df: np.ndarray) -> np.ndarray:
    """P(|Z| >= |z|) of a standardised Pearson III variable, with t tails (see the module).

    Never 0 for want of support: it ends on one side only, and the tail of the other counts at the same distance.
    """
    distance = np.abs(z)
    return special.stdtr(df, -normal_deviate(distance, skew)) + special.stdtr(df, normal_deviate(-distance, skew))


def keyness(sets: sparse.csr_matrix, terms: Terms, a0: float, level: float = 0.95) -> Keyness:
    """Keyness of each set of units (outlet) against all units of the others.

    sets: (outlets, units) 0/1, disjoint and complete.
    """
    found = score(sets, terms)
    p = two_sided(found.z, found.skew, found.df)
    present = (sets @ (terms.counts > 0).astype(np.float64)).toarray()
    n_a = np.asarray(sets @ terms.exposure)[:, None]
    n = terms.exposure.sum()
    effect = log_odds(found.hits, n_a, terms.hits - found.hits, n - n_a, a0 * terms.share, a0)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Half width such that the bound of level p would touch 0.
        reached = -special.ndtri(np.maximum(p, 1e-300) / 2)
        half = special.ndtri((1 + level) / 2) * np.where(reached > 1e-9, np.abs(effect) / reached, np.nan)
    return Keyness(effect, effect - half, effect + half, found.z, p, found.hits, present)


def dispersion(sets: sparse.csr_matrix, terms: Terms) -> np.ndarray:
    """Gries' DP (2008) of each term over the units of each set, (sets, terms): 0 spread like the words, towards 1 in one
    small unit.

    DP = 1/2 sum_i |v_i - s_i|, v_i the unit's part of the term's hits and s_i its part of the words. NaN without a hit.
    sets: (sets, units) 0/1, disjoint.
    """
    counts = terms.counts
    owner = np.asarray(sets.T @ np.arange(sets.shape[0]), dtype=int)
    words = np.asarray(sets @ terms.exposure)
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    place = owner[row] * counts.shape[1] + counts.indices
    hits = np.bincount(place, weights=counts.data, minlength=sets.shape[0] * counts.shape[1])
    part_of_words = (terms.exposure / words[owner])[row]
    # Units without the term add s_i each: all of them 1 less the s_i of the units with it.
    excess = np.abs(counts.data / hits[place] - part_of_words) - part_of_words
    total = np.bincount(place, weights=excess, minlength=len(hits))
    return np.where(hits > 0, (1 + total) / 2, np.nan).reshape(sets.shape[0], counts.shape[1])
