"""Switches on an invented corpus of two outlets."""

import numpy as np
import pandas as pd
import pytest

from pipeline.params import Compare
from pipeline.sensitivity import BASE, TEXT, Corpus, Elsewhere, count_choice, make_choices, make_corpus, sensitivity_table
from pipeline.tokens import BODY, TokenTable
from pipeline.voice import DIRECT, OWN

LENGTH = 400
PARAMS = Compare()


def invent_corpus(seed: int = 1, per_outlet: int = 30) -> Corpus:
    """Outlet A has three times B's hits of `surge`, all by the entry 0 and half of them in direct speech."""
    rng = np.random.default_rng(seed)
    n = 2 * per_outlet
    voice = np.tile(np.repeat([OWN, DIRECT], [300, 100]), n).astype(np.int8)
    article = np.repeat(np.arange(n, dtype=np.int32), LENGTH)
    zero = np.zeros(len(article), dtype=np.int32)
    tokens = TokenTable(
        zero, zero, zero, zero, voice, np.full(len(article), BODY, dtype=np.int8), zero, article, np.arange(n + 1) * LENGTH
    )
    documents = pd.DataFrame(
        {
            "outlet": np.repeat(["A", "B"], per_outlet),
            "copy_group": [f"g{max(i, 1)}" for i in range(n)],
            "story": [f"s{i // 2}" for i in range(n)],
            "body_tokens": [LENGTH] * n,
        }
    )
    rows = []
    for i in range(n):
        for entry, rate in ((0, 9 if i < per_outlet else 3), (1, 2)):
            for k in range(rng.poisson(rate)):
                rows.append(("heat", entry, "surge", i, k, 1 + entry, BODY, DIRECT if k % 2 else OWN, True))
    columns = ["lexicon", "entry", "category", "article", "position", "length", "part", "voice", "counted"]
    # Two hits and ten tokens were taken out of the first article. The second was repaired: before it had one hit in 350 own tokens.
    removed = pd.DataFrame([("heat", 1, "surge", 0, 0, 2, BODY, OWN, k == 0) for k in range(2)], columns=columns)
    lost = pd.DataFrame({"article": [0], "tokens": [10]})
    unmended = pd.DataFrame([("heat", 1, "surge", 1, 0, 2, BODY, OWN, True)], columns=columns)
    elsewhere = Elsewhere(removed, lost, unmended, pd.DataFrame({"article": [1], "tokens": [350]}))
    return make_corpus(documents, pd.DataFrame(rows, columns=columns), tokens, elsewhere)


def in_cleaned_text(corpus: Corpus) -> pd.DataFrame:
    return corpus.hits[corpus.hits["found_in"] == TEXT]


def test_the_reported_choice_counts_own_voice_hits_and_tokens():
    corpus = invent_corpus()
    measures = count_choice(corpus, make_choices(corpus, PARAMS)[BASE], [("heat", "surge"), ("heat", "all")])
    own = in_cleaned_text(corpus)[lambda h: h["voice"] == OWN]
    np.testing.assert_array_equal(measures.y[:, 0], np.bincount(own["article"], minlength=60))
    np.testing.assert_array_equal(measures.y[:, 0], measures.y[:, 1])
    assert (measures.x == 300).all()


@pytest.mark.parametrize(
    ("switch", "hits", "exposure"),
    [
        ("with_quotations", lambda h: h, 400),
        ("single_words", lambda h: h[(h["voice"] == OWN) & (h["length"] == 1)], 300),
        ("without_top_entry", lambda h: h[(h["voice"] == OWN) & (h["entry"] != 0)], 300),
    ],
)
def test_a_switch_changes_what_is_counted(switch, hits, exposure):
    corpus = invent_corpus()
    measures = count_choice(corpus, make_choices(corpus, PARAMS)[switch], [("heat", "surge")])
    assert measures.y.sum() == len(hits(in_cleaned_text(corpus)))
    assert (measures.x == exposure).all()


def test_removed_passages_add_their_hits_and_their_tokens():
    corpus = invent_corpus()
    choices = make_choices(corpus, PARAMS)
    names = [("heat", "surge"), ("heat", "all")]
    base, measures = (count_choice(corpus, choices[name], names) for name in (BASE, "with_removed_text"))
    assert (measures.y - base.y)[:2].tolist() == [[2, 1], [0, 0]]
    assert (measures.x - base.x)[:2, 0].tolist() == [10, 0]


def test_raw_typography_counts_repaired_articles_as_they_came():
    corpus = invent_corpus()
    choices = make_choices(corpus, PARAMS)
    base, measures = (count_choice(corpus, choices[name], [("heat", "surge")]) for name in (BASE, "raw_typography"))
    assert (measures.y[1, 0], measures.x[1, 0]) == (1, 350)
    others = np.arange(60) != 1
    np.testing.assert_array_equal(measures.y[others], base.y[others])
    np.testing.assert_array_equal(measures.x[others], base.x[others])


def test_without_copies_leaves_out_every_article_that_has_one():
    corpus = invent_corpus()
    measures = count_choice(corpus, make_choices(corpus, PARAMS)["without_copies"], [("heat", "surge")])
    assert measures.x[:3, 0].tolist() == [0, 0, 300]


def test_a_finding_made_by_one_entry_falls_without_it_and_stands_otherwise():
    table = sensitivity_table(invent_corpus(), PARAMS).set_index(["category", "outlet", "switch"])
    held = table["holds"]["surge"]["A"]
    assert held[BASE]
    assert held[["with_quotations", "without_copies", "long_articles", "other_cluster"]].all()
    assert not held["without_top_entry"]


def test_no_article_long_enough_holds_nothing():
    table = sensitivity_table(invent_corpus(), PARAMS.model_copy(update={"long_article": 1000}))
    rows = table[table["switch"] == "long_articles"]
    assert len(rows) > 0
    assert rows["estimate"].isna().all()
    assert not rows["holds"].any()


def test_only_the_chosen_switches_are_run():
    table = sensitivity_table(invent_corpus(), PARAMS.model_copy(update={"sensitivity": ["single_words"]}))
    assert set(table["switch"]) == {BASE, "single_words"}
