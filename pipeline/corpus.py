"""What training and prediction read: the corpus, and for each target the articles about it with their features."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from pipeline import paths
from pipeline.features import masked_terms, mention_tokens, stance_counts
from pipeline.language import Language, load_language
from pipeline.outlets import read_outlet_names
from pipeline.params import Params, Target, Train, active_targets
from pipeline.relevance import relevant_articles
from pipeline.storage import read_table
from pipeline.tokens import BODY, TokenTable, load_tokens


class Corpus(NamedTuple):
    """All that was read: documents with copy group and story, raw articles, tokens, terms, lexicon rates."""

    documents: pd.DataFrame
    articles: pd.DataFrame
    tokens: TokenTable
    terms: list[str]
    lexicon_rates: np.ndarray
    masked: np.ndarray


class Mentions(NamedTuple):
    """Articles about a target: a mask of them, their counts (articles about it, features) and features, see `stance_counts`."""

    relevant: np.ndarray
    counts: sparse.csr_matrix
    features: np.ndarray


class Prepared(NamedTuple):
    """What is learned from: documents, terms, lexicon rates (articles, categories), and the mentions of each target by its id."""

    documents: pd.DataFrame
    terms: list[str]
    lexicon_rates: np.ndarray
    mentions: dict[str, Mentions]


def lexicon_rates(counts: pd.DataFrame, documents: pd.DataFrame) -> np.ndarray:
    """Hits per 1,000 body tokens of every lexicon's categories: (articles, categories); one column of zeros without any hit."""
    body = counts[(counts["part"] == BODY) & (counts["category"] != "all")]
    names = body["lexicon"] + ":" + body["category"]
    columns = {name: i for i, name in enumerate(sorted(names.unique()))}
    table = np.zeros((len(documents), max(len(columns), 1)))
    np.add.at(table, (body["article"].to_numpy(), names.map(columns).to_numpy(dtype=int)), body["count"].to_numpy())
    return 1000 * table / np.maximum(documents["body_tokens"].to_numpy(), 1)[:, None]


def load_corpus(language: Language) -> Corpus:
    """Read what training and prediction need."""
    documents = read_table(paths.DOCUMENTS).merge(read_table(paths.GROUPS), on="article_id", how="left", validate="one_to_one")
    terms = read_table(paths.VOCABULARY, ["term"])["term"].tolist()
    names = list(documents["outlet"].unique()) + read_outlet_names(paths.OUTLETS)
    return Corpus(
        documents,
        read_table(paths.ARTICLES, ["article_id", "title", "text"]),
        load_tokens(),
        terms,
        lexicon_rates(read_table(paths.COUNTS), documents),
        masked_terms(names, terms, language),
    )


def prepare(corpus: Corpus, targets: Iterable[Target], params: Train, language: Language) -> Prepared:
    """The articles about each target with their features, and of the corpus what else is learned from."""
    mentions = {}
    for target in targets:
        relevant = relevant_articles(corpus.articles, target.names, params.min_mentions)
        mentions_of = mention_tokens(corpus.tokens, corpus.terms, target.names, language)
        found = stance_counts(corpus.tokens, np.flatnonzero(relevant), corpus.masked, mentions_of, corpus.terms, params.min_df)
        mentions[target.id] = Mentions(relevant, *found)
    return Prepared(corpus.documents, corpus.terms, corpus.lexicon_rates, mentions)


def read_prepared(params: Params) -> Prepared:
    """Read and prepare the corpus for the targets of a run."""
    language = load_language(params.tokenize.language)
    return prepare(load_corpus(language), active_targets(params), params.train, language)
