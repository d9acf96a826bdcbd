import numpy as np
import pytest
from builders import ENGLISH, article_frame, token_table, tokenized

from pipeline.features import feature_names, masked_terms, stance_counts


def corpus(texts, titles=None):
    made = tokenized(article_frame(texts, title=titles or [""] * len(texts)))
    return token_table(made), made["vocabulary"]["term"].tolist()


def features_of(texts, titles=None, rows=None, masked=(), min_df=1):
    tokens, terms = corpus(texts, titles)
    hidden = np.array([terms.index(term) for term in masked], dtype=np.int64)
    counts, features = stance_counts(tokens, np.arange(len(texts)) if rows is None else np.array(rows), hidden, len(terms), min_df)
    return {name: counts.toarray()[:, j].tolist() for j, name in enumerate(feature_names(features, terms))}


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
