"""Which findings survive other choices: every headline contrast again under each switch, in one pass over the tables.

A headline finding is a contrast of a lexicon category in the outlet's own voice with all others that holds after correction.
Each switch changes one choice and leaves the rest as it is: which hits are counted, which articles are, or what clusters the
variance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from pipeline.conventions import ALL_VOICES, TOTAL
from pipeline.inference import Estimates, benjamini_hochberg
from pipeline.measures import (
    Measures,
    adjust_within,
    all_units,
    contrast_with_rest,
    make_units,
    sum_units,
    voice_tokens,
)
from pipeline.params import Compare
from pipeline.tokens import BODY, TokenTable
from pipeline.voice import OWN, VOICES

BASE = "as reported"
# Where a hit stands: in the cleaned text, in a passage taken out of it, or in the text of a repaired article before repair.
TEXT, REMOVED, UNMENDED = range(3)
COLUMNS = ["measure", "category", "voice", "outlet", "switch", "estimate", "low", "high", "p", "q", "same_direction", "holds"]


class Corpus(NamedTuple):
    """What the switches act on: documents with `outlet`, `copy_group` and `story`; the score stage's hits (column `found_in`: TEXT,
    REMOVED or UNMENDED); the rows of each lexicon and category, and which rows count towards a lexicon's total; tokens of
    each voice, and removed ones, per article; which articles repair changed, and their tokens in the outlet's own voice
    before it.
    """

    documents: pd.DataFrame
    hits: pd.DataFrame
    rows: dict[tuple[str, str], np.ndarray]
    counted: np.ndarray
    sizes: dict[str, np.ndarray]
    removed: np.ndarray
    repaired: np.ndarray
    unmended: np.ndarray


class Elsewhere(NamedTuple):
    """What lexicons find outside the cleaned text: hits and `tokens` per `article` of removed passages, and those of the articles
    that repair changed, as they were before it, in the outlet's own voice.
    """

    removed_hits: pd.DataFrame
    removed_sizes: pd.DataFrame
    unmended_hits: pd.DataFrame
    unmended_sizes: pd.DataFrame


def make_corpus(documents: pd.DataFrame, hits: pd.DataFrame, tokens: TokenTable, elsewhere: Elsewhere) -> Corpus:
    """The corpus of the switches from the tables of earlier stages."""
    parts = ((hits, TEXT), (elsewhere.removed_hits, REMOVED), (elsewhere.unmended_hits, UNMENDED))
    every = pd.concat([part.assign(found_in=place) for part, place in parts], ignore_index=True)
    rows = every.groupby(["lexicon", "category"], sort=True).indices
    n = len(documents)
    taken, before = (
        np.bincount(sizes["article"], weights=sizes["tokens"], minlength=n)
        for sizes in (elsewhere.removed_sizes, elsewhere.unmended_sizes)
    )
    repaired = np.zeros(n, dtype=bool)
    repaired[elsewhere.unmended_sizes["article"]] = True
    counted = every["counted"].to_numpy(dtype=bool)
    return Corpus(documents, every, rows, counted, voice_tokens(tokens), taken, repaired, before)


class Choice(NamedTuple):
    """One way to count: hits (mask), articles (mask), voice of hits, tokens per article, column that clusters the variance."""

    hits: np.ndarray
    articles: np.ndarray
    voice: str
    tokens: np.ndarray
    cluster: str


def make_choices(corpus: Corpus, params: Compare) -> dict[str, Choice]:
    """The choice as reported, and one for each switch."""
    hits, documents = corpus.hits, corpus.documents
    place = hits["found_in"].to_numpy()
    kept = place == TEXT
    own = corpus.sizes[VOICES[OWN]]
    base = Choice(kept, np.ones(len(documents), dtype=bool), VOICES[OWN], own, params.cluster)
    size = documents.groupby("copy_group")["copy_group"].transform("size").to_numpy()
    frequency = (hits["found_in"] == TEXT).groupby([hits["lexicon"], hits["category"], hits["entry"]]).transform("sum")
    # Ties are broken by the entry's number, so that one entry goes and no more.
    rank = frequency - hits["entry"] / (hits["entry"].max() + 1 if len(hits) else 1)
    top = rank == rank.groupby([hits["lexicon"], hits["category"]]).transform("max")
    other = "story" if params.cluster == "copy_group" else "copy_group"
    known = {
        "with_quotations": base._replace(voice=ALL_VOICES, tokens=corpus.sizes[ALL_VOICES]),
        "without_copies": base._replace(articles=size == 1),
        "long_articles": base._replace(articles=documents["body_tokens"].to_numpy() >= params.long_article),
        "single_words": base._replace(hits=kept & (hits["length"] == 1).to_numpy()),
        "without_top_entry": base._replace(hits=kept & ~top.to_numpy()),
        "with_removed_text": base._replace(hits=kept | (place == REMOVED), tokens=own + corpus.removed),
        "raw_typography": base._replace(
            hits=(kept & ~corpus.repaired[hits["article"]]) | (place == UNMENDED),
            tokens=np.where(corpus.repaired, corpus.unmended, own),
        ),
        "other_cluster": base._replace(cluster=other),
    }
    return {BASE: base, **{name: known[name] for name in params.sensitivity}}


def count_choice(corpus: Corpus, choice: Choice, names: list[tuple[str, str]]) -> Measures:
    """Counts and exposures of the lexicon categories `names` under a choice."""
    hits, n = corpus.hits, len(corpus.documents)
    keep = choice.hits & (hits["part"] == BODY).to_numpy() & choice.articles[hits["article"].to_numpy()]
    if choice.voice != ALL_VOICES:
        keep &= (hits["voice"] == OWN).to_numpy()
    article = hits["article"].to_numpy()
    y = np.zeros((n, len(names)))
    place = {name: j for j, name in enumerate(names)}
    for (lexicon, category), rows in corpus.rows.items():
        mine = rows[keep[rows]]
        if (lexicon, category) in place:
            y[:, place[lexicon, category]] += np.bincount(article[mine], minlength=n)
        if (lexicon, TOTAL) in place:
            y[:, place[lexicon, TOTAL]] += np.bincount(article[mine[corpus.counted[mine]]], minlength=n)
    exposure = np.where(choice.articles, choice.tokens, 0.0)
    # The families are those of the outlet's own voice, whatever is counted.
    return Measures(y, np.broadcast_to(exposure[:, None], y.shape), [(*name, VOICES[OWN], "") for name in names])


def contrast_choice(
    corpus: Corpus, choice: Choice, names: list[tuple[str, str]], params: Compare
) -> tuple[list[str], Estimates, np.ndarray]:
    """Outlets, contrasts with all others (outlets, measures), and their q."""
    units = make_units(corpus.documents, choice.cluster)
    sums = sum_units(count_choice(corpus, choice, names), units)
    found = contrast_with_rest(sums, units.sets, all_units(units), params)[1]
    return units.outlets, found, adjust_within(sums.families, found.p, benjamini_hochberg)


def sensitivity_table(corpus: Corpus, params: Compare) -> pd.DataFrame:
    """One row a headline finding and choice, in the columns `COLUMNS`.

    a choice with too little data holds nothing and has NaN.
    """
    names = list(corpus.rows)
    names += [(lexicon, TOTAL) for lexicon in sorted({lexicon for lexicon, _ in names})]
    if not names or corpus.documents["outlet"].nunique() < 2:
        return pd.DataFrame(columns=COLUMNS)
    results = {name: contrast_choice(corpus, choice, names, params) for name, choice in make_choices(corpus, params).items()}
    outlets, base, q = results[BASE]
    rows = []
    with np.errstate(invalid="ignore"):
        for i, j in np.argwhere(q <= params.false_discovery_rate):
            for switch, (_, found, adjusted) in results.items():
                same = (found.value[i, j] > 1) == (base.value[i, j] > 1) and not np.isnan(found.value[i, j])
                holds = bool(same and adjusted[i, j] <= params.false_discovery_rate)
                values = [float(part[i, j]) for part in (found.value, found.low, found.high, found.p, adjusted)]
                rows.append((*names[j], VOICES[OWN], outlets[i], switch, *values, bool(same), holds))
    return pd.DataFrame(rows, columns=COLUMNS)
