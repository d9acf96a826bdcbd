"""Stage score: occurrences of every lexicon's entries, and counts per article, category and voice."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline import paths
from pipeline.conventions import TOTAL
from pipeline.entries import Lexicon
from pipeline.errors import InputError, run_stage
from pipeline.language import load_language
from pipeline.lexicon import Corpus
from pipeline.lexicon_formats import read_lexicon
from pipeline.negation import load_negation
from pipeline.parallel import begin, call
from pipeline.params import load_params
from pipeline.removed import tokenize_removed
from pipeline.storage import read_table, write_table
from pipeline.tokens import TokenTable, load_tokens, load_unmended
from pipeline.voice import OWN
from pipeline.word_choice import find_names, read_word_choice


def score_lexicon(lexicon: Lexicon, corpus: Corpus) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hits and entries of one lexicon.

    Hits: lexicon, entry (row of `entries` within the lexicon), category, article, sentence, position (token), length, part,
    voice, counted (in the lexicon's total), negated, weight. Entries: lexicon, category, entry, hits, articles.
    """
    tokens = corpus.tokens
    hits = corpus.find(lexicon)
    category = np.array([entry.category for entry in lexicon.entries], dtype=object)
    frame = pd.DataFrame(
        {
            "lexicon": lexicon.name,
            "entry": hits.entry,
            "category": category[hits.entry],
            "article": tokens.article[hits.position],
            "sentence": tokens.sentence[hits.position],
            "position": hits.position,
            "length": hits.length,
            "part": tokens.part[hits.position],
            "voice": tokens.voice[hits.position],
            "counted": hits.counted,
            "negated": hits.negated,
            "weight": np.array([entry.weight for entry in lexicon.entries])[hits.entry],
        }
    )
    articles = frame.groupby("entry")["article"].nunique().reindex(range(len(lexicon.entries)), fill_value=0)
    entries = pd.DataFrame(
        {
            "lexicon": lexicon.name,
            "category": category,
            "entry": [entry.text for entry in lexicon.entries],
            "hits": np.bincount(hits.entry, minlength=len(lexicon.entries)).astype(np.int64),
            "articles": articles.to_numpy(dtype=np.int64),
        }
    )
    return frame, entries


def count_hits(hits: pd.DataFrame) -> pd.DataFrame:
    """Counts per lexicon, category (and `all`, overlaps counted once), article, part and voice; zero counts left out.

    count: hits, negated ones among them; negated: those alone; weighted: sum of the hits' weights.
    """
    keys = ["lexicon", "category", "article", "part", "voice"]
    rows = pd.concat([hits, hits[hits["counted"]].assign(category=TOTAL)], ignore_index=True)
    counts = rows.groupby(keys, as_index=False).agg(
        count=("weight", "size"), negated=("negated", "sum"), weighted=("weight", "sum")
    )
    return counts.astype({"count": "int32", "negated": "int32"})


def own_sizes(tokens: TokenTable) -> pd.DataFrame:
    """Tokens in the outlet's own voice, one row for each article that has any token: article, tokens."""
    rows = np.flatnonzero(np.diff(tokens.bounds))
    sizes = np.bincount(tokens.article[tokens.voice == OWN], minlength=len(tokens.bounds) - 1)
    return pd.DataFrame({"article": rows.astype(np.int32), "tokens": sizes[rows].astype(np.int32)})


def read_lexicons(files: list[str]) -> list[Lexicon]:
    """All lexicons; raises one `InputError` with the faults of all of them."""
    lexicons: list[Lexicon] = []
    faults: list[str] = []
    for file in files:
        try:
            lexicon = read_lexicon(file)
        except InputError as error:
            faults.extend(f"{error.where}: {fault}" for fault in error.faults)
            continue
        if lexicon.name in [known.name for known in lexicons]:
            faults.append(f"{file}: another lexicon has the name {lexicon.name!r}")
        if TOTAL in lexicon.categories:
            faults.append(f"{file}: {TOTAL!r} is no name for a category: it stands for the sum of all")
        lexicons.append(lexicon)
    if faults:
        raise InputError("score.lexicons", faults)
    return lexicons


def score_elsewhere(lexicons: list[Lexicon], language: str) -> None:
    """Score and write what stands in removed passages, and in the texts that repair changed as they were before it."""
    rules, negation = load_language(language), load_negation(language)
    articles = read_table(paths.DOCUMENTS, ["article_id"])["article_id"].tolist()
    removals = read_table(paths.REMOVALS, ["article_id", "part", "text"])
    for hits_path, sizes_path, (tokens, terms) in (
        (paths.REMOVED_HITS, paths.REMOVED_TOKENS, tokenize_removed(removals, articles, rules)),
        (paths.UNMENDED_HITS, paths.UNMENDED_SIZES, load_unmended()),
    ):
        corpus = Corpus(tokens, terms, rules, negation)
        write_table(hits_path, pd.concat([score_lexicon(lexicon, corpus)[0] for lexicon in lexicons], ignore_index=True))
        write_table(sizes_path, own_sizes(tokens))


def main() -> None:
    params = load_params()
    language = params.tokenize.language
    lexicons = read_lexicons(params.score.lexicons)
    elsewhere = begin(call, [(score_elsewhere, lexicons, language)], serial=1)  # in another process
    choice = read_word_choice(params.score.word_choice)
    terms = read_table(paths.VOCABULARY, ["term"])["term"].tolist()
    rules, negation = load_language(language), load_negation(language)
    corpus = Corpus(load_tokens(), terms, rules, negation)
    scored = [score_lexicon(lexicon, corpus) for lexicon in lexicons]
    hits = pd.concat([frame for frame, _ in scored], ignore_index=True)
    write_table(paths.HITS, hits)
    write_table(paths.COUNTS, count_hits(hits))
    write_table(paths.ENTRIES, pd.concat([frame for _, frame in scored], ignore_index=True))
    uses = find_names(choice, corpus)
    write_table(paths.NAME_USES, uses)
    elsewhere()
    for lexicon in lexicons:
        if lexicon.notes:
            print(f"score: {lexicon.name}: {len(lexicon.notes)} lines of its file left out: {'; '.join(lexicon.notes[:5])}")
    print(
        f"score: {len(hits)} hits of {sum(len(lexicon.entries) for lexicon in lexicons)} entries, "
        f"{len(uses)} uses of competing names"
    )


if __name__ == "__main__":
    run_stage(main)
