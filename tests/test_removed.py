"""Passages that cleaning took out, made ready for the lexicons."""

import pandas as pd

from pipeline.entries import Entry, Lexicon
from pipeline.language import load_language
from pipeline.lexicon import Corpus
from pipeline.removed import tokenize_removed
from pipeline.score import own_sizes, score_lexicon
from pipeline.tokens import BODY

ENGLISH = load_language("english")
REMOVALS = pd.DataFrame(
    [
        ("c", "text", "Read more: brutal storm hits"),
        ("a", "text", "Sign up for the storm letter"),
        ("a", "text", "brutal"),
        ("b", "title", "Storm | The Tern"),
    ],
    columns=["article_id", "part", "text"],
)


def test_passages_of_the_text_are_sentences_of_their_articles():
    tokens, terms = tokenize_removed(REMOVALS, ["a", "b", "c"], ENGLISH)
    words = [terms[i] for i in tokens.token]
    assert words == ["sign", "up", "for", "the", "storm", "letter", "brutal", "read", "more", "brutal", "storm", "hits"]
    assert tokens.article.tolist() == [0] * 7 + [2] * 5
    assert tokens.bounds.tolist() == [0, 7, 7, 12]
    assert tokens.sentence.tolist() == [0] * 6 + [1] + [2] * 5
    assert own_sizes(tokens).to_numpy().tolist() == [[0, 7], [2, 5]]


def test_entries_do_not_reach_from_one_passage_into_the_next():
    tokens, terms = tokenize_removed(REMOVALS, ["a", "b", "c"], ENGLISH)
    lexicon = Lexicon("heat", [Entry("brutal storm", "surge"), Entry("letter brutal", "surge")])
    hits, _ = score_lexicon(lexicon, Corpus(tokens, terms, ENGLISH))
    assert hits[["article", "category", "part"]].to_numpy().tolist() == [[2, "surge", BODY]]


def test_nothing_removed_is_an_empty_table():
    tokens, terms = tokenize_removed(REMOVALS[:0], ["a"], ENGLISH)
    assert (len(tokens.token), terms, tokens.bounds.tolist()) == (0, [], [0, 0])
    assert own_sizes(tokens).empty
    assert score_lexicon(Lexicon("heat", [Entry("storm", "surge")]), Corpus(tokens, terms, ENGLISH))[0].empty
