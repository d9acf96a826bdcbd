"""The engine beside others on one task, in one run: `python -m benchmarks.lexicon_engine` after the stage tokenize.

Task: every occurrence of 2,000 entries (words and terms of up to three words, no wildcards, none crossing a sentence) in the
tokens of the corpus. Entries: from the committed lexicons, evenly spaced, wildcards and alternatives replaced by matches, topped up
with word pairs that stand in the corpus at most 100 times, the most frequent first. All find the same occurrences, or the run
fails. What each starts from differs: ours from token ids, scikit-learn and ahocorasick_rs from text already lower-cased and
joined by spaces, spaCy from its own `Doc` objects, made before. Best of several runs, in seconds, one core. The committed
lexicons with all rules on come last.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from collections import Counter
from collections.abc import Callable
from itertools import product

import numpy as np

from pipeline import paths
from pipeline.entries import Entry, Lexicon, expand_entry, is_glob, split_words
from pipeline.errors import run_stage
from pipeline.language import load_language
from pipeline.lexicon import Corpus, TermIndex
from pipeline.lexicon_formats import read_lexicon
from pipeline.matrices import pair_ids
from pipeline.negation import load_negation
from pipeline.params import load_params
from pipeline.storage import read_table
from pipeline.tokens import TokenTable, load_tokens

SENTENCE_END = "\u00b6"
MOST_WORDS = 3
MOST_FORMS = 40
MOST_OFTEN = 100


def choose_entries(lexicons: list[Lexicon], tokens: TokenTable, terms: list[str], index: TermIndex, size: int) -> list[str]:
    """The entries of the task as terms joined by spaces, without repeats, in a fixed order."""
    chosen: dict[str, None] = {}
    for lexicon in lexicons:
        for entry in lexicon.entries:
            for words in expand_entry(entry.text):
                if len(words) > MOST_WORDS or "*" in words:
                    continue
                forms = [[terms[i] for i in index.match(w)[:MOST_FORMS]] if is_glob(w) else [index.term(w)] for w in words]
                chosen |= dict.fromkeys(" ".join(form) for form in product(*(f[:1] if len(words) > 1 else f for f in forms)))
    every = max(1, len(chosen) // size)
    chosen = dict.fromkeys(list(chosen)[::every][:size])
    left, right, _ = pair_ids(tokens, np.ones(len(tokens.token), dtype=bool))
    pairs, counts = np.unique(left.astype(np.int64) * len(terms) + right, return_counts=True)
    often = np.flatnonzero(counts <= MOST_OFTEN)
    for pair in pairs[often[np.argsort(-counts[often], kind="stable")]]:
        if len(chosen) >= size:
            break
        text = f"{terms[pair // len(terms)]} {terms[pair % len(terms)]}"
        if text.isascii() and " ".join(split_words(text)) == text:
            chosen.setdefault(text)
    return list(chosen)


def best_time(task: Callable[[], Counter], runs: int) -> tuple[float, Counter]:
    """Least seconds of several runs, and what the last one gave."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        result = task()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def sentence_words(tokens: TokenTable, terms: list[str]) -> list[list[str]]:
    """Each article's terms, with a mark of its own after every sentence."""
    ends = np.r_[(tokens.sentence[1:] != tokens.sentence[:-1]) | (tokens.part[1:] != tokens.part[:-1]), True]
    articles = []
    for first, end in zip(tokens.bounds[:-1], tokens.bounds[1:], strict=True):
        words: list[str] = []
        for token, last in zip(tokens.token[first:end].tolist(), ends[first:end].tolist(), strict=True):
            words.append(terms[token])
            if last:
                words.append(SENTENCE_END)
        articles.append(words)
    return articles


def ours(entries: list[str], tokens: TokenTable, terms: list[str], language_name: str) -> Callable[[], Counter]:
    """The engine from ids, its index of the vocabulary built anew each time; each entry is its own category, as in the others."""
    lexicon = Lexicon("task", [Entry(text, f"e{k}") for k, text in enumerate(entries)])
    language = load_language(language_name)

    def task() -> Counter:
        hits = Corpus(tokens, terms, language).find(lexicon)
        return Counter({entries[k]: int(n) for k, n in enumerate(np.bincount(hits.entry, minlength=len(entries))) if n})

    return task


def with_scikit_learn(entries: list[str], articles: list[list[str]]) -> Callable[[], Counter]:
    from sklearn.feature_extraction.text import CountVectorizer

    texts = [" ".join(words) for words in articles]
    vectorizer = CountVectorizer(
        vocabulary=entries, ngram_range=(1, MOST_WORDS), lowercase=False, tokenizer=str.split, token_pattern=None
    )

    def task() -> Counter:
        counts = np.asarray(vectorizer.transform(texts).sum(axis=0)).ravel()
        return Counter({entries[k]: int(n) for k, n in enumerate(counts) if n})

    return task


def with_ahocorasick(entries: list[str], articles: list[list[str]]) -> Callable[[], Counter]:
    import ahocorasick_rs

    texts = [f" {' '.join(words)} " for words in articles]

    def task() -> Counter:
        automaton = ahocorasick_rs.AhoCorasick([f" {entry} " for entry in entries])
        found: Counter = Counter()
        for text in texts:
            found.update(pattern for pattern, _, _ in automaton.find_matches_as_indexes(text, overlapping=True))
        return Counter({entries[k]: n for k, n in found.items()})

    return task


def with_spacy(entries: list[str], articles: list[list[str]]) -> Callable[[], Counter]:
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

    vocab = Vocab()
    documents = [Doc(vocab, words=words) for words in articles]

    def task() -> Counter:
        matcher = PhraseMatcher(vocab, attr="ORTH")
        for entry in entries:
            matcher.add(entry, [Doc(vocab, words=entry.split(" "))])
        found: Counter = Counter()
        for document in documents:
            found.update(key for key, _, _ in matcher(document))
        return Counter({vocab.strings[key]: n for key, n in found.items()})

    return task


OTHERS = {"sklearn": with_scikit_learn, "ahocorasick_rs": with_ahocorasick, "spacy": with_spacy}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--entries", type=int, default=2000, help="entries of the task (default 2000)")
    parser.add_argument("--runs", type=int, default=5, help="runs of ours (default 5); of the others 2")
    options = parser.parse_args()
    params = load_params()
    name = params.tokenize.language
    tokens = load_tokens()
    terms = read_table(paths.VOCABULARY, ["term"])["term"].tolist()
    lexicons = [read_lexicon(file) for file in params.score.lexicons]
    entries = choose_entries(lexicons, tokens, terms, TermIndex(terms, load_language(name)), options.entries)
    seconds, expected = best_time(ours(entries, tokens, terms, name), options.runs)
    result: dict[str, float | int] = {
        "entries": len(entries),
        "tokens": len(tokens.token),
        "hits": expected.total(),
        "ours": round(seconds, 4),
    }
    print(f"{len(entries)} entries, {len(tokens.token)} tokens, {expected.total()} occurrences")
    print(f"{'ours, from ids':32}{seconds:9.3f} s")
    articles = sentence_words(tokens, terms)
    for package, make in OTHERS.items():
        if importlib.util.find_spec(package) is None:
            print(f"{package:32}   not installed")
            continue
        seconds, found = best_time(make(entries, articles), 2)
        if found != expected:
            differing = sorted(key for key in found | expected if found[key] != expected[key])
            raise SystemExit(f"{package} finds other occurrences: {[(key, expected[key], found[key]) for key in differing[:5]]}")
        print(f"{package:32}{seconds:9.3f} s   {seconds / result['ours']:6.0f} times ours")
        result[package] = round(seconds, 4)

    def all_rules() -> Counter:
        corpus = Corpus(tokens, terms, load_language(name), load_negation(name))
        return Counter({lexicon.name: len(corpus.find(lexicon).position) for lexicon in lexicons})

    seconds, found = best_time(all_rules, options.runs)
    result |= {"committed_entries": sum(len(lexicon.entries) for lexicon in lexicons), "committed": round(seconds, 4)}
    print(f"{'committed lexicons, all rules':32}{seconds:9.3f} s   {result['committed_entries']} entries, {found.total()} hits")
    print(json.dumps(result))


if __name__ == "__main__":
    run_stage(main)
