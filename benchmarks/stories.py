"""Stories, measured: B-cubed precision, recall and F1 against data/labels/stories.csv, and cross-validation of the two parameters.

`python -m benchmarks.stories` on what stages ingest to tokenize left in data/ of the demonstration corpus. `--agreement FILE`
compares a second coding of some of the articles with the first. `--gold FILE` measures the stages on a corpus of your own: a CSV
with one article a row, columns `text`, `event`, and any that stage ingest knows (`outlet`, `title`, `published`, ...); its last
line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from itertools import groupby, product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from benchmarks.copies import load_corpus
from benchmarks.other_corpus import stages_run
from pipeline import paths
from pipeline.copies import copy_groups
from pipeline.group import background_shares, days_of, digest_articles, without_background
from pipeline.language import load_language
from pipeline.params import load_params
from pipeline.storage import read_table
from pipeline.stories import article_weights, average_linkage, similar_articles, without_digests
from pipeline.tokens import load_tokens

GOLD = Path("data/labels/stories.csv")
DAYS = (2, 3, 4, 5, 6, 8)
COSINES = (0.09, 0.10, 0.11, 0.12, 0.13, 0.14, 0.15, 0.17, 0.20)


class Score(NamedTuple):
    """B-cubed precision, recall and F1."""

    precision: float
    recall: float
    f1: float


def b_cubed(found: np.ndarray, gold: np.ndarray, counted: np.ndarray | None = None) -> Score:
    """B-cubed scores (Bagga and Baldwin 1998; Amigó et al. 2009) of one clustering against another, averaged over articles.

    precision(i) = |found(i) & gold(i)| / |found(i)|, recall(i) = |found(i) & gold(i)| / |gold(i)|, where found(i), gold(i) are the
    clusters that hold article i; F1 is the harmonic mean of the averages. `counted` (bool) restricts the average, not the clusters.
    """
    _, a = np.unique(found, return_inverse=True)
    _, b = np.unique(gold, return_inverse=True)
    pair = a.astype(np.int64) * (int(b.max(initial=0)) + 1) + b
    _, both, both_size = np.unique(pair, return_inverse=True, return_counts=True)
    counted = np.ones(len(a), dtype=bool) if counted is None else counted
    precision = float((both_size[both] / np.bincount(a)[a])[counted].mean())
    recall = float((both_size[both] / np.bincount(b)[b])[counted].mean())
    return Score(precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0)


def shared(gold: np.ndarray) -> np.ndarray:
    """Whether an article's event has another article."""
    _, index, size = np.unique(gold, return_inverse=True, return_counts=True)
    return size[index] > 1


def cross_validate(scores: dict[tuple, dict[str, float]], windows: list[str]) -> list[tuple[str, tuple]]:
    """For each window the setting that is best on average over the other windows."""
    return [
        (w, max(scores, key=lambda setting: (np.mean([scores[setting][v] for v in windows if v != w]), setting))) for w in windows
    ]


def print_agreement(second: Path, gold: pd.DataFrame) -> None:
    """B-cubed of a second coding against the first, on the articles that both have, and agreement on pairs."""
    both = pd.read_csv(second, dtype=str).merge(gold, on="article_id", suffixes=("_second", ""))
    one, two = both["event"].to_numpy(), both["event_second"].to_numpy()
    i, j = np.triu_indices(len(both), 1)
    same, again = one[i] == one[j], two[i] == two[j]
    observed = float((same == again).mean())
    chance = float(same.mean() * again.mean() + (1 - same.mean()) * (1 - again.mean()))
    print(f"{len(both)} articles coded twice: B-cubed F1 {b_cubed(two, one).f1:.3f}")
    print(
        f"pairs together: {int((same | again).sum())} in either coding, {int((same & again).sum())} in both; "
        f"Cohen's kappa over pairs {(observed - chance) / (1 - chance):.3f}"
    )


def score_corpus(file: Path) -> dict[str, float | int]:
    """B-cubed of the stories that the stages find in a CSV of articles with a column `event`, over the articles taken in."""
    gold = pd.read_csv(file, dtype=str, keep_default_na=False)
    if missing := [name for name in ("text", "event") if name not in gold]:
        raise ValueError(f"{file}: no column {' or '.join(missing)} among {', '.join(gold)}")
    with stages_run(file):
        taken = read_table(paths.ARTICLES, ["article_id", "number"]).merge(read_table(paths.GROUPS), on="article_id")
    event, story = gold["event"].to_numpy()[taken["number"].to_numpy() - 1], taken["story"].to_numpy()
    counts = {"articles": len(taken), "refused": len(gold) - len(taken), "events": len(set(event)), "stories": len(set(story))}
    scores = b_cubed(story, event)._asdict() | {"f1_shared": b_cubed(story, event, shared(event)).f1}
    return counts | {name: round(value, 4) for name, value in scores.items()}


def score_settings(
    weights: sparse.csr_matrix,
    day: np.ndarray,
    outlet: np.ndarray,
    copies: np.ndarray,
    settings: Iterable[tuple[int, float]],
) -> Iterator[tuple[int, float, np.ndarray]]:
    """Story of each article for each setting (story_days, story_cosine)."""
    for days, cosines in groupby(sorted(settings), key=lambda setting: setting[0]):
        similarity = similar_articles(weights, day, outlet, days)
        for _, cosine in cosines:
            yield days, cosine, average_linkage(similarity, cosine, copies)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--agreement", type=Path, help="second coding, columns article_id and event")
    parser.add_argument("--gold", type=Path, help="CSV of articles with columns text and event")
    arguments = parser.parse_args()
    if arguments.gold:
        scores_there = score_corpus(arguments.gold)
        for name, value in scores_there.items():
            print(f"{name:>10} {value}")
        print(json.dumps(scores_there))
        return
    gold = pd.read_csv(GOLD, dtype=str)
    if arguments.agreement:
        print_agreement(arguments.agreement, gold)
        return
    params = load_params()
    documents = read_table(paths.DOCUMENTS)
    terms = read_table(paths.VOCABULARY, ["term"])["term"].to_numpy()
    rows = pd.Series(np.arange(len(documents)), index=documents["article_id"])[gold["article_id"]].to_numpy()
    event, window = gold["event"].to_numpy(), gold["window"].to_numpy()
    together = shared(event)
    day, outlet = days_of(documents["published"]), pd.factorize(documents["outlet"].replace("", None))[0]
    pairs = without_background(load_corpus().pairs(params.group), outlet, day)
    copies = copy_groups(len(documents), pairs.left, pairs.right)
    weights = article_weights(load_tokens(), len(terms), background_shares(terms, params.tokenize.language))
    titles = read_table(paths.ARTICLES, ["article_id", "title"]).set_index("article_id")["title"].loc[documents["article_id"]]
    weights = without_digests(weights, digest_articles(titles, load_language(params.tokenize.language)))
    windows = sorted(set(window))
    default = (params.group.story_days, params.group.story_cosine)
    scores: dict[tuple[int, float], dict[str, float]] = {}
    for days, cosine, story in score_settings(weights, day, outlet, copies, {*product(DAYS, COSINES), default}):
        found = story[rows]
        scores[days, cosine] = {w: b_cubed(found[window == w], event[window == w], together[window == w]).f1 for w in windows}
        if (days, cosine) == default:
            chosen = found
    print(
        f"{len(gold)} articles, {len(set(event))} events; {int(together.sum())} articles share {len(set(event[together]))} of them"
    )
    print(f"story_days {default[0]}, story_cosine {default[1]}:")
    for name, counted in (("all articles", np.ones(len(gold), dtype=bool)), ("articles of shared events", together)):
        print("  B-cubed of {}: P {:.3f} R {:.3f} F1 {:.3f}".format(name, *b_cubed(chosen, event, counted)))
    for w in windows:
        at = window == w
        every = b_cubed(chosen[at], event[at]).f1
        print(f"  window {w}: {int(at.sum())} articles, F1 {every:.3f}, of shared events {scores[default][w]:.3f}")
    held_out = cross_validate(scores, windows)
    for w, (days, cosine) in held_out:
        print(f"  held out {w}: days {days}, cosine {cosine} are best elsewhere; F1 of shared events {scores[days, cosine][w]:.3f}")
    print(f"cross-validated F1 of shared events {np.mean([scores[setting][w] for w, setting in held_out]):.3f}")
    best = sorted(scores, key=lambda s: -np.mean(list(scores[s].values())))[:6]
    print("best settings: " + ", ".join(f"{s} {np.mean(list(scores[s].values())):.3f}" for s in best))


if __name__ == "__main__":
    main()
