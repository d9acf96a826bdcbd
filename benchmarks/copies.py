"""Copies, measured: planted near-copies and planted shared quotations in the corpus that stages ingest to tokenize left in data/.

`python -m benchmarks.copies [--seed N]` prints recall by share of changed words and kind of rebuilding, precision, and how shared
quotations are taken. `--read N` prints N found pairs of the corpus itself for reading.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipeline import paths
from pipeline.copies import Pairs, copy_groups, copy_pairs
from pipeline.group import days_of
from pipeline.params import Group, load_params
from pipeline.quotations import shared_quotations
from pipeline.shingles import formula_tokens
from pipeline.storage import read_table
from pipeline.tokens import BODY, load_tokens
from pipeline.voice import DIRECT

CHANGES = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.40)
REBUILDS = ("none", "reordered", "cut", "wrapped", "embedded", "all")
LEAST_TOKENS = 60


class Corpus(NamedTuple):
    """Token, sentence, direct: one array an article; outlet (code) and day: one entry an article."""

    token: list[np.ndarray]
    sentence: list[np.ndarray]
    direct: list[np.ndarray]
    outlet: np.ndarray
    day: np.ndarray

    def pairs(self, params: Group) -> Pairs:
        """Copies as stage group finds them."""
        article = np.repeat(np.arange(len(self.token)), [len(t) for t in self.token])
        token, own = np.concatenate(self.token), ~np.concatenate(self.direct)
        formula = formula_tokens(token, article, self.outlet, self.day)
        return copy_pairs(token, article, own, formula, self.outlet, params.shingle, params.copy_containment)


class Plant(NamedTuple):
    """A planted copy: its source, what was done, and other articles that lent passages."""

    source: int
    change: float
    rebuild: str
    lenders: tuple[int, ...]


def load_corpus() -> Corpus:
    """The corpus as stage tokenize left it, bodies only."""
    tokens, documents = load_tokens(), read_table(paths.DOCUMENTS)
    body = tokens.part == BODY
    bounds = np.searchsorted(tokens.article[body], np.arange(1, len(documents)))
    split = [np.split(a[body], bounds) for a in (tokens.token, tokens.sentence, tokens.voice == DIRECT)]
    return Corpus(*split, pd.factorize(documents["outlet"])[0], days_of(documents["published"]))


def change_words(
    token: np.ndarray, direct: np.ndarray, share: float, pool: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A text with a share of its words changed: half of the changes replace a word, a quarter drop it, a quarter add one."""
    kind = rng.choice(4, size=len(token), p=[1 - share, share / 2, share / 4, share / 4])
    new = np.where(kind == 1, rng.choice(pool, size=len(token)), token)
    repeat = np.array([1, 1, 0, 2])[kind]
    out, voice = np.repeat(new, repeat), np.repeat(direct, repeat)
    second = np.flatnonzero(np.repeat(kind == 3, repeat))[1::2]
    out[second] = rng.choice(pool, size=len(second))
    return out, voice


def blocks_of(sentence: np.ndarray, per_block: int) -> list[np.ndarray]:
    """Positions of a text's tokens in blocks of some sentences."""
    number = np.unique(sentence, return_inverse=True)[1] // per_block
    return [np.flatnonzero(number == k) for k in range(int(number.max()) + 1)]


def rebuild_text(
    corpus: Corpus, source: int, how: str, lenders: tuple[int, ...], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Tokens and voices of the part that is the copy, and of all that stands around it (before: first half of the rest)."""
    token, direct = corpus.token[source], corpus.direct[source]
    blocks = blocks_of(corpus.sentence[source], 2)
    if how in ("reordered", "all"):
        blocks = [blocks[k] for k in rng.permutation(len(blocks))]
    if how in ("cut", "all") and len(blocks) > 2:
        gone = set(rng.choice(len(blocks), size=max(1, len(blocks) // 4), replace=False).tolist())
        blocks = [b for k, b in enumerate(blocks) if k not in gone]
    kept = np.concatenate(blocks)
    if how in ("wrapped", "all"):
        around = len(token) // 3
    elif how == "embedded":
        around = 2 * len(token)
    else:
        around = 0
    lent = [corpus.token[k] for k in lenders]
    rest = np.resize(np.concatenate(lent), around) if around else token[:0]
    voice = np.resize(np.concatenate([corpus.direct[k] for k in lenders]), around) if around else direct[:0]
    return token[kept], direct[kept], rest, voice


def plant_copies(corpus: Corpus, each: int, rng: np.random.Generator) -> tuple[Corpus, list[Plant]]:
    """The corpus with `each` copies of different articles for every share of changes and kind of rebuilding."""
    pool = np.concatenate(corpus.token)
    usable = np.flatnonzero([len(t) >= LEAST_TOKENS for t in corpus.token])
    chosen = iter(rng.permutation(usable).tolist())
    plants, tokens, sentences, directs, outlets, days = [], [], [], [], [], []
    for change in CHANGES:
        for how in REBUILDS:
            for _ in range(each):
                source = next(chosen, None)
                if source is None:
                    raise ValueError(
                        f"each: {each} needs more articles than the corpus has ({len(usable)} of {LEAST_TOKENS} words or more)"
                    )
                lenders = tuple(rng.choice(usable, size=3, replace=False).tolist())
                text, voice, rest, rest_voice = rebuild_text(corpus, source, how, lenders, rng)
                text, voice = change_words(text, voice, change, pool, rng)
                half = len(rest) // 2
                tokens.append(np.concatenate([rest[:half], text, rest[half:]]))
                directs.append(np.concatenate([rest_voice[:half], voice, rest_voice[half:]]))
                sentences.append(np.zeros(len(tokens[-1]), dtype=np.int32))
                outlets.append((corpus.outlet[source] + 1) % (corpus.outlet.max() + 1))
                days.append(corpus.day[source] + rng.integers(0, 3))
                plants.append(Plant(source, change, how, lenders))
    planted = Corpus(
        corpus.token + tokens,
        corpus.sentence + sentences,
        corpus.direct + directs,
        np.r_[corpus.outlet, outlets],
        np.r_[corpus.day, days],
    )
    return planted, plants


def judge_plants(corpus: Corpus, plants: list[Plant], pairs: Pairs, before: Pairs) -> tuple[pd.DataFrame, dict[str, float]]:
    """Whether each plant is paired with its source; and the precision over all pairs that hold a plant.

    A pair is right when the other article is the source, a copy of the source (by the pairs of the corpus without plants), another
    plant of those, or a lender of passages long enough to be its own copy (`embedded`).
    """
    n = len(corpus.token)
    related = copy_groups(n, before.left, before.right)
    found = {(int(i), int(j)) for i, j in zip(pairs.left, pairs.right, strict=True)}
    rows = pd.DataFrame(
        [{"change": p.change, "rebuild": p.rebuild, "found": (p.source, n + k) in found} for k, p in enumerate(plants)]
    )

    def origins(row: int) -> set[int]:
        if row < n:
            return {int(related[row])}
        plant = plants[row - n]
        return {int(related[k]) for k in (plant.source, *plant.lenders)}

    touched = [(i, j) for i, j in found if j >= n]
    right = sum(bool(origins(i) & origins(j)) for i, j in touched)
    return rows, {"pairs_with_plants": len(touched), "right": right, "precision": right / max(len(touched), 1)}


def plant_quotations(corpus: Corpus, n: int, words: int, rng: np.random.Generator) -> tuple[Corpus, list[tuple[int, int]]]:
    """The corpus with one long quotation put into both articles of `n` unrelated pairs of short articles."""
    pool = np.concatenate(corpus.token)
    short = np.flatnonzero([LEAST_TOKENS <= len(t) <= 4 * LEAST_TOKENS for t in corpus.token])
    pairs = rng.permutation(short)[: 2 * n].reshape(-1, 2)
    token, direct, sentence = list(corpus.token), list(corpus.direct), list(corpus.sentence)
    fresh = int(max(s.max(initial=0) for s in sentence)) + 1
    for i, j in pairs.tolist():
        quotation = rng.choice(pool, size=words)
        for row in (i, j):
            at = int(np.searchsorted(sentence[row], np.median(sentence[row])))
            token[row] = np.insert(token[row], at, quotation)
            direct[row] = np.insert(direct[row], at, np.ones(words, dtype=bool))
            sentence[row] = np.insert(sentence[row], at, np.full(words, fresh))
            fresh += 1
    return corpus._replace(token=token, direct=direct, sentence=sentence), [(int(i), int(j)) for i, j in pairs]


def judge_quotations(corpus: Corpus, planted: list[tuple[int, int]], params: Group) -> dict[str, float]:
    """Share of the planted pairs that were taken for copies, and share whose quotation was found in both."""
    pairs = corpus.pairs(params)
    copied = {(int(i), int(j)) for i, j in zip(pairs.left, pairs.right, strict=True)}
    article = np.repeat(np.arange(len(corpus.token)), [len(t) for t in corpus.token])
    group = copy_groups(len(corpus.token), pairs.left, pairs.right)
    token, sentence, direct = (np.concatenate(part) for part in (corpus.token, corpus.sentence, corpus.direct))
    formula = formula_tokens(token, article, corpus.outlet, corpus.day)
    # Which tokens are clitics is not kept here; so long are the quotations that it makes no difference.
    quoted = shared_quotations(token, article, sentence, direct, formula, np.zeros(len(token), dtype=bool), group)
    holders = quoted.groupby("quotation")["article"].agg(set)
    shared = {(i, j) for found in holders for i in found for j in found if i < j and len(found) < 50}
    planted = [(min(p), max(p)) for p in planted]
    return {
        "pairs": len(planted),
        "taken_for_copies": float(np.mean([p in copied for p in planted])),
        "quotation_found": float(np.mean([p in shared for p in planted])),
    }


def pairs_to_read(corpus: Corpus, pairs: Pairs, n: int, rng: np.random.Generator) -> Iterator[str]:
    """A random sample of found pairs: ids, outlets, measures, titles and the heads of the texts."""
    articles = read_table(paths.CLEANED)
    for k in np.sort(rng.permutation(len(pairs.left))[:n]):
        i, j = articles.iloc[int(pairs.left[k])], articles.iloc[int(pairs.right[k])]
        yield f"{i.article_id} {j.article_id} {i.outlet} | {j.outlet} {pairs.containment[k]:.2f} {pairs.identical[k]:.2f}"
        for row in (i, j):
            yield f"    {row.title[:80]} | {row.text[:200]}".replace("\n", " ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=20170401)
    parser.add_argument("--each", type=int, default=40, help="copies a share of changes and kind of rebuilding")
    parser.add_argument("--read", type=int, default=0, help="print this many found pairs of the corpus and stop")
    arguments = parser.parse_args()
    rng, params, corpus = np.random.default_rng(arguments.seed), load_params().group, load_corpus()
    before = corpus.pairs(params)
    if arguments.read:
        print("\n".join(pairs_to_read(corpus, before, arguments.read, rng)))
        return
    planted, plants = plant_copies(corpus, arguments.each, rng)
    rows, precision = judge_plants(corpus, plants, planted.pairs(params), before)
    table = rows.pivot_table(index="change", columns="rebuild", values="found", aggfunc="mean", margins=True)
    print(table.round(3).to_string())
    print(
        f"recall up to .25 changed: {rows.loc[rows['change'] <= 0.25, 'found'].mean():.4f} of {int((rows['change'] <= 0.25).sum())}"
    )
    print(json.dumps(precision))
    print(json.dumps(judge_quotations(*plant_quotations(corpus, 200, 60, rng), params)))


if __name__ == "__main__":
    main()
