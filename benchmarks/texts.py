"""Texts of a gold file through the pipeline's own repair, tokenizer and engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.attribution import load_rules
from pipeline.errors import InputError
from pipeline.language import load_language
from pipeline.lexicon import Corpus
from pipeline.negation import load_negation
from pipeline.params import Tokenize
from pipeline.sentences import SentenceTokenizer, learn_punkt
from pipeline.tokenize import tokenize_articles
from pipeline.tokens import TokenTable
from pipeline.typography import repair


def read_gold(path: str | Path, needed: tuple[str, ...]) -> pd.DataFrame:
    """A gold CSV with at least the needed columns, none of their cells empty; raises `InputError`."""
    try:
        gold = pd.read_csv(path, dtype={"text": str})
    except (OSError, ValueError) as error:
        raise InputError(str(path), [f"can't be read: {error}"]) from None
    faults = [f"needs a column {name!r} (columns found: {', '.join(gold.columns)})" for name in needed if name not in gold]
    faults += [f"column {name!r} has empty cells" for name in needed if name in gold and gold[name].isna().any()]
    if not len(gold):
        faults.append("holds no rows")
    if faults:
        raise InputError(str(path), faults)
    return gold


def tokenize_texts(texts: list[str]) -> Corpus:
    """The texts as a corpus, one article each in the order given, all of it body."""
    params = Tokenize()
    language = load_language(params.language)
    repaired = [repair(text) for text in texts]
    learned = learn_punkt(repaired, params.punkt_characters, language.abbreviations)
    articles = pd.DataFrame({"article_id": [str(k) for k in range(len(texts))], "text": repaired})
    articles = articles.assign(outlet="", published="", title="", subtitle="")
    tables = tokenize_articles(articles, language, SentenceTokenizer(learned), load_rules(language.name))
    sizes = tables["documents"]["tokens"].to_numpy()
    derived = {
        "article": np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
        "bounds": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
    }
    columns = {name: tables["tokens"][name].to_numpy() for name in TokenTable._fields if name not in derived}
    return Corpus(TokenTable(**columns, **derived), tables["vocabulary"]["term"].tolist(), language, load_negation(params.language))
