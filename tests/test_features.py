import numpy as np
import pytest
from builders import ENGLISH, article_frame, token_table, tokenized

from pipeline.features import letters_of, masked_terms, mention_tokens, near_mentions, stance_counts


def corpus(texts, titles=None):
    made = tokenized(article_frame(texts, title=titles or [""] * len(texts)))
    return token_table(made), made["vocabulary"]["term"].tolist()


def features_of(texts, titles=None, rows=None, masked=(), min_df=1, block="words", names=()):
    tokens, terms = corpus(texts, titles)
    hidden = np.array([terms.index(term) for term in masked], dtype=np.int64)
    mentions = mention_tokens(tokens, terms, names, ENGLISH)
    chosen = np.arange(len(texts)) if rows is None else np.array(rows)
    counts, features = stance_counts(tokens, chosen, hidden, mentions, terms, min_df)
    assert counts.shape == (len(chosen), len(features))
    return {name: counts.toarray()[:, j].tolist() for j, (of, name) in enumerate(features) if of == block}


def test_words_and_pairs_of_title_and_body_are_counted():
    got = features_of(["gulls cry. gulls cry loud", "boats cry"], ["gulls", ""])
    assert got == {
        "gulls": [3, 0],
        "gulls cry": [2, 0],
        "cry": [2, 1],
        "cry loud": [1, 0],
        "loud": [1, 0],
        "boats": [0, 1],
        "boats cry": [0, 1],
    }


def test_features_are_those_of_the_chosen_articles_in_their_order():
    got = features_of(["gulls cry", "boats cry", "boats sink"], rows=[2, 1])
    assert got == {"boats": [1, 1], "boats cry": [0, 1], "boats sink": [1, 0], "cry": [0, 1], "sink": [1, 0]}
    assert features_of(["gulls cry", "boats cry", "boats sink"], rows=[2, 1], min_df=2) == {"boats": [1, 1]}


def test_min_df_counts_articles_not_hits():
    assert features_of(["cry cry cry", "boats"], min_df=2) == {}


def test_a_masked_term_stands_in_no_word_and_no_pair():
    got = features_of(["the tern reports gulls", "gulls"], masked=["tern"])
    assert not any("tern" in name.split() for name in got) and "the reports" not in got
    assert set(got) == {"the", "reports", "reports gulls", "gulls"}


def test_runs_of_letters_are_those_of_a_word_with_its_edges():
    assert letters_of("cry") == ["_cr", "cry", "ry_", "_cry", "cry_", "_cry_"]
    assert letters_of("a") == ["_a_"]


def test_letters_are_counted_within_words_of_the_chosen_articles():
    got = features_of(["a cry. a cry", "crying", "moon"], rows=[0, 1], masked=["a"], block="letters")
    assert got["_cry"] == [2, 1] and got["cry_"] == [2, 0] and "ing_" in got
    assert "_a_" not in got and "moon" not in got
    common = features_of(["a cry. a cry", "crying"], min_df=2, block="letters")
    assert set(common) == {"_cr", "cry", "_cry"}


NEAR_MOOR = "Critics say that the reckless harbour chief Moor has failed Moor again. Gulls like nobody else."


def test_words_near_a_mention_are_told_by_side_and_within_its_sentence():
    before, after = (features_of([NEAR_MOOR], block=block, names=["Moor"]) for block in ("before", "after"))
    assert set(before) == {"the", "reckless", "harbour", "chief", "the reckless", "reckless harbour", "harbour chief"} | {
        "has", "failed", "has failed"
    }  # fmt: skip
    assert set(after) == {"has", "failed", "has failed", "again"}
    assert features_of([NEAR_MOOR], block="before", names=["Venn"]) == {}


def test_mentions_are_names_in_a_row_with_the_capitals_of_the_name():
    tokens, terms = corpus(["Ann Moor met Ann. Moor left the moor.", "Ann Moor's boat"])

    def found(*names):
        return [terms[i] for i in tokens.token[mention_tokens(tokens, terms, names, ENGLISH)]]

    assert found("Moor") == ["moor", "moor", "moor"]
    assert found("Ann Moor") == ["ann", "moor"] * 2
    assert found("moor") == ["moor"] * 4 and found("Venn", "") == []


def test_nothing_near_a_mention_reaches_into_another_article():
    tokens, terms = corpus(["one two Moor", "three four"])
    mentions = mention_tokens(tokens, terms, ["Moor"], ENGLISH)
    assert np.flatnonzero(near_mentions(tokens, mentions, -1)).tolist() == [0, 1]
    assert not near_mentions(tokens, mentions, 1).any()


@pytest.mark.parametrize(
    ("names", "hidden"),
    [
        (["Tern Post"], {"tern"}),
        (["Deutsche Welle", "RTÉ"], {"deutsche", "welle", "rté"}),
        (["The Daily News of the World"], set()),
        (["USA TODAY"], {"u.s."}),
        (["TERN"], {"tern"}),
        ([], set()),
    ],
)
def test_every_distinctive_word_of_an_outlets_name_is_masked(names, hidden):
    terms = ["the", "tern", "post", "deutsche", "welle", "rté", "u.s.", "today", "daily", "news", "of", "world"]
    got = masked_terms(names, terms, ENGLISH)
    assert {terms[i] for i in got} == hidden and got.dtype == np.int64
