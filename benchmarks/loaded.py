"""Loaded terms against sentences that people judged: `python -m benchmarks.loaded --gold FILE`.

FILE: CSV with `text`, `label` (0/1), optionally `loaded_words` (a list of words or phrases in JSON or Python form) and `outlet`.
The score of a sentence is the number of the lexicon's hits, overlaps counted once, over its tokens; nothing is trained. Length
alone (tokens) stands beside it. Last line: one JSON object.
"""

from __future__ import annotations

import argparse
import ast
import json

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from benchmarks.texts import read_gold, tokenize_texts
from pipeline.entries import Lexicon
from pipeline.errors import InputError, run_stage
from pipeline.lexicon import Corpus, Hits
from pipeline.lexicon_formats import read_lexicon
from pipeline.typography import repair

LEXICON = "data/lexicons/loaded_terms.csv"


def parse_words(cell: object, row: int) -> list[str]:
    """The words of a gold cell: a list in JSON or Python form, empty where the cell is."""
    if not isinstance(cell, str) or not cell.strip():
        return []
    try:
        words = ast.literal_eval(cell)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise InputError("loaded_words", [f"row {row}: must be a list of words (got {cell[:60]!r})"])
    return words


def mark_words(words: list[list[str]], corpus: Corpus) -> np.ndarray:
    """Mask of the tokens that are part of a gold word or phrase of their own text (every occurrence of it)."""
    tokens = corpus.tokens
    mask = np.zeros(len(tokens.token), dtype=bool)
    for article, phrases in enumerate(words):
        first, end = tokens.bounds[article], tokens.bounds[article + 1]
        here = tokens.token[first:end].tolist()
        for phrase in phrases:
            wanted = corpus.index.ids_of(repair(phrase))
            for k in range(len(here) - len(wanted) + 1) if wanted else ():
                if here[k : k + len(wanted)] == wanted:
                    mask[first + k : first + k + len(wanted)] = True
    return mask


def mark_hits(hits: Hits, n_tokens: int) -> np.ndarray:
    """Mask of the tokens that are part of a hit."""
    edges = np.zeros(n_tokens + 1, dtype=np.int64)
    np.add.at(edges, hits.position, 1)
    np.add.at(edges, hits.position + hits.length, -1)
    return np.cumsum(edges[:-1]) > 0


def f1_score(found: np.ndarray, gold: np.ndarray) -> float:
    """F1 of two masks: 2 TP / (2 TP + FP + FN); 0 where nothing is marked in either."""
    both = int((found & gold).sum())
    marked = int(found.sum()) + int(gold.sum())
    return 2 * both / marked if marked else 0.0


def measure(lexicon: Lexicon, corpus: Corpus, label: np.ndarray, words: list[list[str]] | None) -> tuple[dict, pd.DataFrame]:
    """The measures of the last line, and a table per category: hits, AUC of its rate alone, share of its hits in loaded texts."""
    hits = corpus.find(lexicon)
    article = corpus.tokens.article[hits.position]
    tokens = np.diff(corpus.tokens.bounds)
    count = np.bincount(article[hits.counted], minlength=len(tokens))
    rate = count / np.maximum(tokens, 1)
    result: dict[str, float | int | None] = {
        "n": len(label),
        "auc_rate": round(float(roc_auc_score(label, rate)), 4),
        "auc_count": round(float(roc_auc_score(label, count)), 4),
        "auc_length": round(float(roc_auc_score(label, tokens)), 4),
        "word_f1": None,
    }
    found = mark_hits(hits, len(corpus.tokens.token))
    gold = None if words is None else mark_words(words, corpus)
    if gold is not None:
        result["word_f1"] = round(f1_score(found, gold), 4)
        result["word_precision"] = round(float(gold[found].mean()) if found.any() else 0.0, 4)
        result["word_recall"] = round(float(found[gold].mean()) if gold.any() else 0.0, 4)
    category = np.array([entry.category for entry in lexicon.entries])[hits.entry]
    rows = []
    for name in lexicon.categories:
        mine = article[category == name]
        alone = np.bincount(mine, minlength=len(tokens)) / np.maximum(tokens, 1)
        loaded = float(label[mine].mean()) if len(mine) else np.nan
        rows.append((name, len(mine), float(roc_auc_score(label, alone)), loaded))
    return result, pd.DataFrame(rows, columns=["category", "hits", "auc_rate", "share_in_loaded"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gold", required=True, help="CSV with text, label, optionally loaded_words and outlet")
    parser.add_argument("--lexicon", default=LEXICON, help=f"lexicon file (default {LEXICON})")
    options = parser.parse_args()
    gold = read_gold(options.gold, ("text", "label"))
    label = gold["label"].to_numpy()
    if set(np.unique(label)) != {0, 1}:
        raise InputError(options.gold, [f"label: 0 and 1, both present (got {sorted(set(label.tolist()))[:5]})"])
    words = [parse_words(cell, k) for k, cell in enumerate(gold["loaded_words"], start=1)] if "loaded_words" in gold else None
    result, table = measure(read_lexicon(options.lexicon), tokenize_texts(gold["text"].tolist()), label, words)
    print(table.round(3).to_string(index=False))
    print(json.dumps(result))


if __name__ == "__main__":
    run_stage(main)
