"""Time and memory of the compare stage, and how its cost grows.

    python -m benchmarks.compare_speed [--shuffles 500]

Reads the derived tables of the corpus in data/ and writes none. All of `compare`, all pairs, with the given number of shuffles
for each null (rates, keyness, halves, within stories); processor time is that of all processes. Then keyness and its shuffles
on the corpus once, twice and four times over, with a straight line through the three.
"""

from __future__ import annotations

import argparse
import os
import resource
import time

import numpy as np
from scipy import sparse

from pipeline.compare import compare, keyness_terms, read_inputs
from pipeline.keyness import keyness, prepare_terms
from pipeline.measures import make_units, sets_of
from pipeline.null import keyness_null
from pipeline.params import load_params

TIMES = (1, 2, 4)
MILLION = 1_000_000


def time_keyness(
    counts: sparse.csr_matrix, exposure: np.ndarray, owner: np.ndarray, prior: float, shuffles: int
) -> tuple[float, float]:
    """Processor seconds for the real labels, and for one shuffle."""
    outlets = int(owner.max()) + 1
    rng = np.random.default_rng(1)
    start = time.process_time()
    terms = prepare_terms(counts, exposure)
    keyness(sets_of(owner, outlets), terms, prior)
    middle = time.process_time()
    keyness_null(terms, (sets_of(rng.permutation(owner), outlets) for _ in range(shuffles)), 0.05)
    return middle - start, (time.process_time() - middle) / shuffles


def processor_seconds() -> float:
    """Processor time of this process and of those that it started and that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shuffles", type=int, default=500)
    chosen = parser.parse_args()
    loaded = load_params()
    every = dict.fromkeys(("shuffles", "keyness_shuffles", "further_shuffles"), chosen.shuffles)
    params = loaded.compare.model_copy(update=every)
    start, busy = time.perf_counter(), processor_seconds()
    inputs = read_inputs(loaded.tokenize.language)
    tables, summary = compare(inputs, params, loaded.predict.min_outlet_labels)
    seconds, work = time.perf_counter() - start, processor_seconds() - busy
    peak, worker = (resource.getrusage(who).ru_maxrss / 1024**2 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    size = f"{summary['articles']} articles, {summary['keyness_terms']} terms"
    print(f"{size}, {chosen.shuffles} shuffles of the labels, {len(tables)} tables")
    print(f"compare: {seconds:.1f} s ({work:.1f} s of processor time), peak {peak:.2f} GiB, of a worker {worker:.2f} GiB")
    units = make_units(inputs.documents, params.cluster)
    counts, totals, _ = keyness_terms(inputs.tokens, inputs.vocabulary, units, params)
    sizes, costs = [], []
    for times in TIMES:
        many = sparse.vstack([counts] * times).tocsr()
        cost = time_keyness(many, np.tile(totals, times), np.tile(units.owner, times), params.prior_tokens, 20)
        sizes.append(times * len(inputs.documents))
        costs.append(cost)
        print(f"{sizes[-1]:7d} articles, {many.nnz:9d} non-zeros: keyness {cost[0]:.2f} s, a shuffle {1000 * cost[1]:.0f} ms")
    for name, cost in zip(("keyness", "a shuffle"), np.array(costs).T, strict=True):
        slope, start = np.polyfit(sizes, cost, 1)
        print(f"{name}: {1e6 * slope:.1f} microseconds an article; a million articles {slope * MILLION + start:.0f} s")


if __name__ == "__main__":
    main()
