"""The measures and plants of the grouping benchmarks."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.copies import CHANGES, REBUILDS, Corpus, blocks_of, change_words, judge_plants, plant_copies, plant_quotations
from benchmarks.stories import b_cubed, cross_validate, score_corpus, shared
from benchmarks.word_frequencies import document_shares
from pipeline.copies import Pairs


def small_corpus(n: int, words: int = 80) -> Corpus:
    rng = np.random.default_rng(1)
    token = [rng.integers(0, 5000, words) for _ in range(n)]
    sentence = [np.arange(words) // 10 + 100 * k for k in range(n)]
    return Corpus(token, sentence, [np.zeros(words, dtype=bool)] * n, np.arange(n) % 3, np.arange(n, dtype=float))


def test_b_cubed_by_hand():
    # Found: {0, 1, 2}, {3}; gold: {0, 1}, {2, 3}. Precision 2/3, 2/3, 1/3, 1; recall 1, 1, 1/2, 1/2.
    score = b_cubed(np.array([0, 0, 0, 1]), np.array(["a", "a", "b", "b"]))
    assert score[:2] == pytest.approx((8 / 12, 3 / 4))
    assert score.f1 == pytest.approx(2 * (2 / 3) * 0.75 / (2 / 3 + 0.75))
    assert b_cubed(np.array([5, 5, 9]), np.array([1, 1, 0])) == (1, 1, 1)


def test_b_cubed_of_some_articles_keeps_the_clusters_whole():
    gold = np.array(["a", "a", "b"])
    assert shared(gold).tolist() == [True, True, False]
    assert b_cubed(np.zeros(3), gold, shared(gold)).precision == pytest.approx(2 / 3)


def test_the_setting_for_a_window_is_chosen_on_the_others():
    scores = {(1, 0.1): {"x": 1.0, "y": 0.0, "z": 0.0}, (2, 0.2): {"x": 0.0, "y": 0.6, "z": 0.6}}
    assert cross_validate(scores, ["x", "y", "z"]) == [("x", (2, 0.2)), ("y", (1, 0.1)), ("z", (1, 0.1))]


def test_changed_words_are_as_many_as_asked_for():
    rng = np.random.default_rng(2)
    token = np.arange(20_000)
    out, direct = change_words(token, np.zeros(20_000, dtype=bool), 0.2, np.array([-1]), rng)
    assert len(out) == len(direct) == pytest.approx(20_000, rel=0.02)
    # Half of the changes replace a word and a quarter add one.
    assert (out == -1).sum() == pytest.approx(0.75 * 0.2 * 20_000, rel=0.05)
    assert change_words(token, token < 0, 0.0, np.array([-1]), rng)[0].tolist() == token.tolist()


def test_every_kind_is_planted_from_another_source_and_judged():
    corpus = small_corpus(60)
    planted, plants = plant_copies(corpus, 1, np.random.default_rng(3))
    assert len(plants) == len(CHANGES) * len(REBUILDS) == len(planted.token) - 60
    assert len({p.source for p in plants}) == len(plants)
    none = Pairs(*[np.empty(0, dtype=int)] * 2, *[np.empty(0)] * 4)
    pairs = Pairs(np.array([plants[0].source, 59]), np.array([60, 61]), *[np.ones(2)] * 4)
    rows, precision = judge_plants(corpus, plants, pairs, none)
    assert rows["found"].sum() == 1 and rows["found"].iloc[0]
    wrong = 59 not in (plants[1].source, *plants[1].lenders)
    assert precision["precision"] == (0.5 if wrong else 1.0)
    with pytest.raises(ValueError, match="each: 9 needs more articles than the corpus has"):
        plant_copies(corpus, 9, np.random.default_rng(3))


def test_a_planted_quotation_stands_in_both_articles():
    corpus, pairs = plant_quotations(small_corpus(10), 2, 30, np.random.default_rng(4))
    for i, j in pairs:
        assert corpus.token[i][corpus.direct[i]].tolist() == corpus.token[j][corpus.direct[j]].tolist()
        assert corpus.direct[i].sum() == 30


def test_blocks_hold_sentences_whole():
    assert [b.tolist() for b in blocks_of(np.array([4, 4, 5, 7, 7]), 2)] == [[0, 1, 2], [3, 4]]


def test_word_shares_leave_out_rare_words():
    table = document_shares(np.array([30, 9, 60]), np.array(["ferry", "kestrel", "a"], dtype=object), 100)
    pd.testing.assert_frame_equal(table, pd.DataFrame({"term": ["a", "ferry"], "share": [0.6, 0.3]}), check_dtype=False)


def test_stories_of_any_corpus_are_scored_by_a_column_of_events(tmp_path):
    storm = "A storm tore the roof off the fish market in Morrow Bay on Tuesday, and the harbour master closed both piers to boats."
    vote = "Council members in Brackenford voted by nine to four for a new tram line to the hospital, open by next spring."
    rows = [(outlet, text, event) for event, text in (("storm", storm), ("vote", vote)) for outlet in ("Tern", "Auk")]
    table = pd.DataFrame(rows, columns=["outlet", "text", "event"]).assign(published="2031-03-01")
    table.loc[len(table)] = ["Gull", "Too short.", "none", "2031-03-01"]
    table.to_csv(tmp_path / "gold.csv", index=False)
    scores = score_corpus(tmp_path / "gold.csv")
    assert scores == {"articles": 4, "refused": 1, "events": 2, "stories": 2, "precision": 1, "recall": 1, "f1": 1, "f1_shared": 1}
    with pytest.raises(ValueError, match="no column event among outlet, text"):
        table[["outlet", "text"]].to_csv(tmp_path / "gold.csv", index=False)
        score_corpus(tmp_path / "gold.csv")
