"""Word choice against worked examples, limiting cases and simulated coverage."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipeline.errors import InputError
from pipeline.voice import DIRECT, OWN
from pipeline.word_choice import (
    context_lines,
    count_names,
    design_effect,
    find_names,
    keyword_in_context,
    measure_word_choice,
    parse_word_choice,
    read_word_choice,
    share_intervals,
    story_difference,
    voice_difference,
)
from tests.corpora import make_corpus

HEADER = "concept,name,entries,exclude,implies,source\n"
RULE = (
    HEADER + "rule,government,(harland|the) government,,lawful,Author 1999\nrule,regime,regime;regimes,tax regime,illegitimate,\n"
)


def test_names_are_found_and_the_longest_wins_across_names():
    text = HEADER + "move,migrants,migrants,,choice,\nmove,illegal,illegal migrants,,crime,\n"
    corpus = make_corpus([["Illegal migrants met migrants"]])
    uses = find_names(parse_word_choice(text, "w.csv"), corpus)
    assert list(zip(uses["name"], uses["position"], strict=True)) == [("illegal", 0), ("migrants", 3)]


def test_exclusion_goes_to_the_entries_it_holds_and_voice_is_own_or_quoted():
    corpus = make_corpus([["the tax regime", "the regime"], ["regimes the government"]], [[OWN] * 5, [OWN, DIRECT, DIRECT]])
    uses = find_names(parse_word_choice(RULE, "w.csv"), corpus)
    assert uses[["name", "article", "voice"]].to_numpy().tolist() == [
        ["regime", 0, "own"],
        ["regime", 1, "own"],
        ["government", 1, "quoted"],
    ]


def test_all_faults_of_a_file_are_listed():
    text = HEADER + "a,one,x,,,\na,one,y,,,\na,two,X,zed,,\nb,only,(q,,,\na,none,,,,\n"
    with pytest.raises(InputError, match=r"w\.csv: 6 faults") as error:
        parse_word_choice(text, "w.csv")
    told = "\n".join(error.value.faults)
    for part in (
        "line 3: name 'one' stands",
        "line 4: 'X' is a name 'one'",
        "line 4: exclude",
        "line 5: entry",
        "line 6: entries",
        "'b': needs at least two",
    ):
        assert part in told


def test_wrong_columns_are_named():
    with pytest.raises(InputError, match="columns must be concept, name"):
        parse_word_choice("concept,entry\n", "w.csv")


def test_committed_word_choice_has_sixty_concepts_and_says_what_each_name_implies():
    choice = read_word_choice("data/lexicons/word_choice.csv")
    assert choice.table["concept"].nunique() >= 60
    assert (choice.table["implies"].str.len() > 3).all()


def test_one_use_a_group_gives_goodman_s_interval():
    # Goodman (1965) for 20, 30, 50 of 100 with one use a group: the design effect is 1 up to G / (G - 1).
    counts = np.eye(3)[np.repeat([0, 1, 2], [20, 30, 50])]
    assert design_effect(counts) == pytest.approx(100 / 99)
    share, low, high = share_intervals(counts, 0.95)
    n, a = 99.0, stats.f.ppf(1 - 0.05 / 3, 1, 99)
    assert share == pytest.approx([0.2, 0.3, 0.5])
    for p, edge in zip(np.r_[share, share], np.r_[low, high], strict=True):
        assert (p - edge) ** 2 == pytest.approx(a * edge * (1 - edge) / n)


def test_groups_all_of_a_piece_count_once():
    once = np.eye(2)[[0, 0, 1, 1, 1, 0]]
    assert design_effect(5 * once) == pytest.approx(5 * design_effect(once))
    assert np.allclose(share_intervals(5 * once, 0.9), share_intervals(once, 0.9))


def test_share_of_nothing_has_an_interval_that_is_not_empty():
    share, low, high = share_intervals(np.array([[3.0, 0.0], [1.0, 0.0], [2.0, 0.0]]), 0.95)
    assert share.tolist() == [1, 0]
    assert (low[0] < 1, high[0], low[1]) == (True, pytest.approx(1), pytest.approx(0))
    assert high[1] > 0.3


def test_intervals_cover_under_clustering():
    # 40 groups, each with its own leaning (beta 1, 3) and 1 to 6 uses: at least 93 % of simultaneous 95 % intervals hold.
    rng = np.random.default_rng(7)
    hold = 0
    for _ in range(600):
        sizes = rng.integers(1, 7, 40)
        x = rng.binomial(sizes, rng.beta(1, 3, 40))
        _, low, high = share_intervals(np.column_stack([x, sizes - x]).astype(float), 0.95)
        hold += low[0] <= 0.25 <= high[0]
    assert hold / 600 >= 0.93


def test_voice_difference_by_hand():
    own, quoted = np.array([[2.0, 0], [1, 1]]), np.array([[0, 1.0], [1, 0]])
    # own shares .75 and .25, quoted .5 and .5; d of name 1: (2-1.5)/4-(0-.5)/2 = .375 and (1-1.5)/4-(1-.5)/2 = -.375
    difference, low, high = voice_difference(own, quoted, 0.5)
    half = stats.t.ppf(0.75, 1) * np.sqrt(2 * 2 * 0.375**2)
    assert difference == pytest.approx([0.25, -0.25])
    assert high[0] == pytest.approx(0.25 + half)
    assert low[0] == pytest.approx(0.25 - half)


def test_story_difference_weighs_stories_and_ignores_what_they_are_about():
    # Within each story both use the names alike, however much the stories differ and whoever covers them more.
    mine, others = np.array([[9.0, 1], [1, 9]]), np.array([[90.0, 10], [2, 18]])
    assert story_difference(mine, others, 0.95)[0] == pytest.approx([0, 0])
    # weights 10*100/110 and 10*20/30
    shifted = np.array([[9.0, 1], [3, 7]])
    w = np.array([1000 / 110, 200 / 30])
    assert story_difference(shifted, others, 0.95)[0][0] == pytest.approx(0.2 * w[1] / w.sum())


def test_a_difference_in_which_nothing_varies_has_no_limits():
    # Neither side uses the third name: the difference is 0, and nothing tells how sure.
    own, quoted = np.array([[2.0, 1, 0], [1, 1, 0]]), np.array([[0, 1.0, 0], [1, 0, 0]])
    for found in (voice_difference(own, quoted, 0.95), story_difference(own, quoted, 0.95)):
        difference, low, high = found
        assert difference[2] == 0 and np.isnan([low[2], high[2]]).all()
        assert np.isfinite([low[0], high[0]]).all()


def test_long_table_has_every_measure_and_withholds_thin_ones():
    rows = [
        ("rule", "regime", outlet, f"{outlet}{g}", f"s{g}", voice, 1 + g % 2)
        for outlet in ("A", "B")
        for g in range(6)
        for voice in ("own", "quoted")
    ]
    rows += [("rule", "government", "A", "A0", "s0", "own", 3), ("rule", "government", "C", "C0", "s0", "own", 1)]
    counts = pd.DataFrame(rows, columns=["concept", "name", "outlet", "copy_group", "story", "voice", "count"])
    table = measure_word_choice(counts, 0.95, 4)
    assert set(table["measure"]) == {"name_share", "own_minus_quoted", "within_story"}
    one = table[(table["outlet"] == "A") & (table["measure"] == "name_share") & (table["voice"] == "own")].set_index("name")
    assert one.loc["government", "estimate"] == pytest.approx(3 / 12)
    assert (one["uses"] == 12).all()
    assert (one["groups"] == 6).all()
    thin = table[table["outlet"] == "C"]
    assert thin["estimate"].isna().all()
    assert (thin.loc[thin["measure"] == "name_share", "groups"] == 1).all()


def test_counts_are_per_copy_group():
    corpus = make_corpus([["the regime"], ["the regime"], ["regime regimes"]])
    articles = pd.DataFrame({"outlet": ["A", "A", "B"], "copy_group": ["g", "g", "h"], "story": ["s", "s", "t"]})
    counts = count_names(find_names(parse_word_choice(RULE, "w.csv"), corpus), articles)
    assert counts[["outlet", "copy_group", "count"]].to_numpy().tolist() == [["A", "g", 2], ["B", "h", 2]]


def test_keyword_in_context_is_cut_at_spaces():
    text = "Nobody in the whole town had\nseen the regime fall so quickly as that"
    start = text.index("regime")
    assert keyword_in_context(text, start, start + 6, 12) == ("seen the ", "regime", " fall so")
    assert keyword_in_context("regime", 0, 6) == ("", "regime", "")


def test_context_lines_show_the_words_as_they_stand():
    text = "The Regime fell."
    corpus = make_corpus([[text]])
    uses = find_names(parse_word_choice(RULE, "w.csv"), corpus)
    parts = pd.DataFrame({"title": [""], "subtitle": [""], "text": [text]})
    assert context_lines(uses, corpus.tokens, parts)[["left", "words", "right"]].to_numpy().tolist() == [
        ["The ", "Regime", " fell."]
    ]
