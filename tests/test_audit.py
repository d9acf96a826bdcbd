"""The audit by hand on a corpus small enough to count."""

import numpy as np
import pandas as pd
import pytest

from pipeline.audit import audit_lexicon, describe_articles, leave_one_out, length_confound, name_entries
from pipeline.entries import Entry, Lexicon
from pipeline.score import TOTAL, count_hits, score_lexicon
from pipeline.voice import DIRECT, OWN
from pipeline.word_choice import parse_word_choice
from tests.corpora import make_corpus

LEXICON = Lexicon(
    "mine", [Entry("regime", "rule", weight=2.0), Entry("iron fist", "rule"), Entry("mob", "people"), Entry("fist", "people")]
)


@pytest.fixture
def audited():
    articles = [["the regime", "the mob"], ["iron fist of the regime"], ["iron fist of the regime"], ["plain words only"]]
    voices = [[OWN, OWN, DIRECT, DIRECT], [OWN] * 5, [OWN] * 5, [OWN] * 3]
    corpus = make_corpus(articles, voices)
    hits, entries = score_lexicon(LEXICON, corpus)
    described = describe_articles(corpus.tokens, pd.Series(["A", "A", "B", "B"]), pd.Series(["g", "h", "h", "k"]))
    return hits, entries, audit_lexicon(hits, entries, described)


def value(table, measure, category=TOTAL, scope="all", **where):
    rows = table[(table["measure"] == measure) & (table["category"] == category) & (table["scope"] == scope)]
    for column, wanted in where.items():
        rows = rows[rows[column] == wanted]
    assert len(rows) == 1
    return rows["value"].iloc[0]


def test_hits_coverage_and_unmatched_entries(audited):
    _, _, table = audited
    assert value(table, "hits", "rule") == 5
    assert value(table, "hits", "people") == 3
    assert value(table, "hits") == 6  # both fists stand inside the longer iron fist of another category
    assert value(table, "coverage", "rule") == 3 / 4
    assert value(table, "entries_unmatched", "people") == 0
    assert value(table, "entries_unmatched", "people", "without_quotations") == 1
    assert value(table, "unmatched_entry", "people", "without_quotations", entry="mob") == 0


def test_scopes_drop_quotations_and_copies(audited):
    _, _, table = audited
    assert [value(table, "hits", "rule", scope) for scope in ("without_quotations", "first_copies", "own_first_copies")] == [
        5,
        3,
        3,
    ]
    assert value(table, "outlet_rate", "rule", outlet="A") == pytest.approx(1000 * 3 / 9)
    assert value(table, "outlet_rate", "rule", "without_quotations", outlet="A") == pytest.approx(1000 * 3 / 7)
    assert value(table, "outlet_rate", "rule", "first_copies", outlet="B") == 0


def test_top_entries_and_their_share(audited):
    _, _, table = audited
    assert value(table, "top_entry_share", "rule", entry="regime") == 3 / 5
    assert value(table, "top_entries_share", "rule") == 1


def test_leave_one_out_finds_the_entry_that_makes_the_order():
    # Outlets of 100 tokens: 10, 8, 1 hits; without entry 0: 0, 8, 1; without entry 1: 10, 0, 1; without entry 2: 10, 8, 0.
    counts = np.array([[10.0, 0, 0], [0, 8, 0], [0, 0, 1]])
    tau, shift = leave_one_out(counts, np.array([100.0, 100, 100]))
    assert shift.tolist() == [2, 1, 0]
    # Pairs (1,2) (1,3) (2,3): the first leaves only (2,3) in order, the second swaps (2,3), the third changes none.
    assert tau == pytest.approx([-1 / 3, 1 / 3, 1])


def test_length_confound_is_spearman_with_rate_and_with_count():
    by_rate, by_count = length_confound(np.array([4, 4, 4, 0]), np.array([10, 20, 40, 0]))
    assert by_rate == pytest.approx(-1)
    assert np.isnan(by_count)


def test_names_are_counted_as_entries_of_their_concepts():
    choice = parse_word_choice(
        "concept,name,entries,exclude,implies,source\nrule,lawful,government,,,\nrule,harsh,regime,,,\n", "mine.csv"
    )
    uses = pd.DataFrame({"concept": ["rule", "rule"], "name": ["harsh", "harsh"]})
    assert name_entries(choice, uses).to_numpy().tolist() == [["mine", "rule", "lawful", 0], ["mine", "rule", "harsh", 2]]


def test_counts_hold_negated_and_weighted_hits(audited):
    hits, entries, _ = audited
    counts = count_hits(hits.assign(negated=[True] + [False] * (len(hits) - 1)))
    first = counts[(counts["article"] == 0) & (counts["category"] == "rule")]
    assert first[["count", "negated", "weighted"]].to_numpy().tolist() == [[1, 1, 2.0]]
    assert entries["hits"].tolist() == [3, 2, 1, 2]
    assert entries["articles"].tolist() == [3, 2, 1, 2]
