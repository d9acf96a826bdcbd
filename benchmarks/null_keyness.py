"""How often keyness tests find differences between outlets whose labels mean nothing.

    python -m benchmarks.null_keyness [--shuffles 500] [--seed 20170301] [--corpus FILE]

Reads the derived tables of the corpus in data/ (run the pipeline up to `group` first), or runs the stages on a file of articles
(any format that stage ingest reads, with outlets) elsewhere. The last line is one JSON object. The labels are shuffled over copy
groups; then each outlet is split at random into two halves. A test at 5 % should reject 5 % of such comparisons, and a
Benjamini-Hochberg correction at 5 % should leave a finding in at most 5 % of the shuffles. Beside the clustered test stand
the tests on tokens of:

    quanteda.textstats   chi-square with Yates's correction; likelihood ratio G2 of the 2 x 2 table
    pycorpdiff           chi-square without correction; G2 of the two observed cells (Rayson and Garside 2000), with BH
    ConvoKit, scattertext  z of the log-odds with a Dirichlet prior (Monroe et al. 2008): |z| > 1.96, and with BH

each re-derived here and tested against an independent computation in tests/test_null_keyness.py.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy import sparse, stats
from scipy.special import xlogy

from benchmarks.other_corpus import stages_run
from pipeline import paths
from pipeline.compare import keyness_terms
from pipeline.keyness import Terms, log_odds, prepare_terms, score, two_sided
from pipeline.measures import Units, make_units
from pipeline.null import NOMINAL, count_findings, halved_sets, shuffled_sets
from pipeline.params import load_params
from pipeline.storage import read_table
from pipeline.tokens import load_tokens

UNIFORM_PRIOR = 0.1
BINS = (0, 2, 4, 8, 16, 32, np.inf)


def chi_square(y_a: np.ndarray, n_a: np.ndarray, y_b: np.ndarray, n_b: np.ndarray, yates: bool) -> np.ndarray:
    """Pearson's chi-square of the 2 x 2 tables term or not by outlet or not."""
    y, n = y_a + y_b, n_a + n_b
    gap = np.abs(y_a * (n_b - y_b) - y_b * (n_a - y_a))
    if yates:
        gap = np.maximum(gap - n / 2, 0)
    return n * gap**2 / (n_a * n_b * y * (n - y))


def likelihood_ratio(y_a: np.ndarray, n_a: np.ndarray, y_b: np.ndarray, n_b: np.ndarray, cells: int) -> np.ndarray:
    """G2 of the same tables from all four cells, or from the two of the term."""
    y, n = y_a + y_b, n_a + n_b
    both = [(y_a, y * n_a / n), (y_b, y * n_b / n)]
    if cells == 4:
        both += [(n_a - y_a, (n - y) * n_a / n), (n_b - y_b, (n - y) * n_b / n)]
    return 2 * sum(xlogy(observed, observed / expected) for observed, expected in both)


def log_odds_z(
    y_a: np.ndarray, n_a: np.ndarray, y_b: np.ndarray, n_b: np.ndarray, alpha: np.ndarray | float, a0: float
) -> np.ndarray:
    """Log-odds by its standard error under independent words (Monroe et al. 2008, eq. 22)."""
    return log_odds(y_a, n_a, y_b, n_b, alpha, a0) / np.sqrt(1 / (y_a + alpha) + 1 / (y_b + alpha))


def token_tests(terms: Terms, prior: float) -> dict[str, Callable[..., np.ndarray]]:
    """Name -> two-sided p from y_a, n_a, y_b, n_b."""
    alpha = prior * terms.share

    def of_chi(value: np.ndarray) -> np.ndarray:
        return stats.chi2.sf(value, 1)

    def of_z(value: np.ndarray) -> np.ndarray:
        return 2 * stats.norm.sf(np.abs(value))

    return {
        "chi-square, Yates (quanteda)": lambda *t: of_chi(chi_square(*t, yates=True)),
        "chi-square (pycorpdiff)": lambda *t: of_chi(chi_square(*t, yates=False)),
        "G2, 4 cells (quanteda)": lambda *t: of_chi(likelihood_ratio(*t, cells=4)),
        "G2, 2 cells (pycorpdiff)": lambda *t: of_chi(likelihood_ratio(*t, cells=2)),
        "log-odds z, uniform prior (ConvoKit)": lambda *t: of_z(log_odds_z(*t, UNIFORM_PRIOR, UNIFORM_PRIOR * len(alpha))),
        "log-odds z, informative prior (scattertext)": lambda *t: of_z(log_odds_z(*t, alpha, prior)),
    }


def panel(terms: Terms, draws: Iterator[sparse.csr_matrix], prior: float, rate: float) -> dict[str, np.ndarray]:
    """Per test an array (shuffles, 2 + bins): share of p below 5 %, findings after BH, and the share by expected copy groups."""
    tests = token_tests(terms, prior)
    spread = np.bincount(terms.counts.indices, minlength=terms.counts.shape[1])
    rows: dict[str, list] = {name: [] for name in ["clustered score (this project)", *tests]}
    for sets in draws:
        found = score(sets, terms)
        n_a = np.asarray(sets @ terms.exposure)[:, None]
        table = found.hits, n_a, terms.hits - found.hits, terms.exposure.sum() - n_a
        expected = n_a / terms.exposure.sum() * spread
        place = np.digitize(expected, BINS[1:-1])
        size = np.bincount(place.ravel(), minlength=len(BINS) - 1)
        values = {"clustered score (this project)": two_sided(found.z, found.skew, found.df)}
        values |= {name: test(*table) for name, test in tests.items()}
        for name, p in values.items():
            below = np.bincount(place[p <= NOMINAL], minlength=len(BINS) - 1)
            with np.errstate(invalid="ignore"):
                rows[name].append([below.sum() / size.sum(), count_findings(p.ravel(), p.size, rate), *(below / size)])
    return {name: np.array(row) for name, row in rows.items()}


def halves_against_each_other(
    terms: Terms, units: Units, shuffles: int, seed: int
) -> dict[str, list[tuple[Terms, sparse.csr_matrix]]]:
    """For each outlet its own terms (in at least 20 of its units) and the first halves of its splits, one row each."""
    owner = units.owner
    draws = list(halved_sets(units, shuffles, seed))
    result = {}
    for i, outlet in enumerate(units.outlets):
        mine = np.flatnonzero(owner == i)
        counts = terms.counts[mine]
        frequent = np.bincount(counts.indices, minlength=counts.shape[1]) >= 20
        own = prepare_terms(counts[:, frequent], terms.exposure[mine])
        result[outlet] = [(own, sets[i][:, mine]) for sets in draws]
    return result


def show(title: str, result: dict[str, np.ndarray]) -> None:
    """Print one table."""
    labels = [f"{low:g}-{high:g}" for low, high in itertools.pairwise(BINS)]
    print(
        f"\n{title}\n{'test':46s}{'p <= .05':>9s}{'BH mean':>9s}{'any BH':>8s}   p <= .05 by expected copy groups: "
        + "  ".join(labels)
    )
    for name, rows in result.items():
        filled = ~np.isnan(rows)
        mean = np.where(filled, rows, 0).sum(axis=0) / np.maximum(filled.sum(axis=0), 1)
        seen = filled[:, 2:].any(axis=0)
        bins = "  ".join(f"{100 * value:5.1f}" if any_ else "    -" for value, any_ in zip(mean[2:], seen, strict=True))
        print(f"{name:46s}{100 * mean[0]:8.1f}%{mean[1]:9.1f}{100 * (rows[:, 1] > 0).mean():7.1f}%   {bins}")


def summary(result: dict[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Per test, the share of comparisons with p <= .05 and that of draws with a finding after correction."""
    return {
        name: {"below_5_percent": round(float(np.nanmean(rows[:, 0])), 4), "any_finding": round(float((rows[:, 1] > 0).mean()), 4)}
        for name, rows in result.items()
    }


def measure(shuffles: int, halves: int, seed: int) -> dict[str, dict[str, dict[str, float]]]:
    """Print both tables for the corpus in data/, and give their summaries."""
    params = load_params().compare
    documents = read_table(paths.DOCUMENTS).merge(read_table(paths.GROUPS), on="article_id", validate="one_to_one")
    units = make_units(documents, params.cluster)
    counts, totals, names = keyness_terms(load_tokens(), read_table(paths.VOCABULARY, ["term"])["term"].tolist(), units, params)
    terms = prepare_terms(counts, totals)
    start = time.perf_counter()
    shuffled = panel(terms, shuffled_sets(units, shuffles, seed), params.prior_tokens, params.false_discovery_rate)
    show(
        f"Labels of {len(units.outlets)} outlets shuffled over {units.count} copy groups, {shuffles} times; "
        f"{len(names)} terms in at least {params.keyness_min_articles} copy groups; "
        f"seed {seed}; {time.perf_counter() - start:.0f} s for all tests",
        shuffled,
    )
    pieces: dict[str, list[np.ndarray]] = {}
    for splits in halves_against_each_other(terms, units, halves, seed).values():
        for own, half in splits:
            for name, rows in panel(own, iter([half]), params.prior_tokens, params.false_discovery_rate).items():
                pieces.setdefault(name, []).append(rows)
    split = {name: np.concatenate(rows) for name, rows in pieces.items()}
    show(f"Each outlet split into random halves, {halves} times", split)
    return {"shuffled": summary(shuffled), "halves": summary(split)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shuffles", type=int, default=500)
    parser.add_argument("--halves", type=int, default=20, help="splits of each outlet")
    parser.add_argument("--seed", type=int, default=20170301)
    parser.add_argument("--corpus", type=Path, help="file of articles to take in place of the corpus in data/")
    chosen = parser.parse_args()
    with stages_run(chosen.corpus):
        print(json.dumps(measure(chosen.shuffles, chosen.halves, chosen.seed)))


if __name__ == "__main__":
    main()
