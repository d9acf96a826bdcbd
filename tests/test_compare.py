"""Tables of the compare stage on invented corpora."""

import numpy as np
import pandas as pd
import pytest

from pipeline.compare import (
    ALL_VOICES,
    COLUMNS,
    OK,
    OTHERS,
    THIN,
    WITHHELD,
    compare_distances,
    compare_keyness,
    compare_measures,
    compare_pairs,
    compare_stance,
    compare_time,
    keyness_terms,
    name_words,
)
from pipeline.keyness import prepare_terms
from pipeline.measures import Measures, make_units, sum_units
from pipeline.params import Compare
from pipeline.tokens import BODY, TokenTable
from pipeline.voice import DIRECT, OWN

PARAMS = Compare(keyness_min_articles=5)
NAMES = [("frames", "security", "own", "per 1,000 own-voice tokens"), ("voice", "direct", ALL_VOICES, "% of tokens")]


def corpus(sizes: dict[str, int], seed: int = 1) -> tuple[Measures, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    outlet = np.repeat(list(sizes), list(sizes.values()))
    n = len(outlet)
    days = [f"2017-03-{1 + i % 28:02d}" for i in range(n)]
    documents = pd.DataFrame(
        {"outlet": outlet, "copy_group": np.arange(n).astype(str), "story": (np.arange(n) % 9).astype(str), "published": days}
    )
    x = np.full((n, 2), 500.0)
    return Measures(rng.poisson([[6.0, 90.0]] * n).astype(float), x, NAMES), documents


def test_rates_carry_their_units_and_small_outlets_are_thin_or_withheld():
    measures, documents = corpus({"A": 40, "B": 10, "C": 3})
    table = compare_measures(measures, sum_units(measures, make_units(documents)), PARAMS)
    assert list(table.columns) == COLUMNS
    rate = table[table["statistic"] == "rate"].set_index(["category", "outlet"])
    assert rate["status"]["security"].to_dict() == {"A": OK, "B": THIN, "C": WITHHELD}
    assert rate["estimate"]["security"]["A"] == pytest.approx(1000 * measures.y[:40, 0].sum() / 20000)
    assert rate["estimate"]["direct"]["A"] == pytest.approx(100 * measures.y[:40, 1].sum() / 20000)
    assert np.isnan(rate["estimate"]["security"]["C"])
    ratio = table[table["statistic"] == "ratio"].set_index(["category", "outlet"])
    assert (ratio["reference"] == OTHERS).all()
    assert ratio["note"]["security"]["C"] == "too little data"
    assert ratio["detectable"]["security"]["A"] > 1


def test_one_outlet_has_rates_and_no_ratios():
    measures, documents = corpus({"A": 20})
    table = compare_measures(measures, sum_units(measures, make_units(documents)), PARAMS)
    assert set(table["statistic"]) == {"rate"}


def test_pairs_come_raw_and_within_stories():
    measures, documents = corpus({"A": 40, "B": 30, "C": 20})
    raw, within = compare_pairs(
        measures, sum_units(measures, make_units(documents)), PARAMS.model_copy(update={"simultaneous": True})
    )
    assert len(raw) == len(within) == 3 * 2
    assert (raw["simultaneous_low"] < raw["low"]).all()
    np.testing.assert_allclose(within["mix"], within["crude"] / within["estimate"])
    assert set(zip(raw["outlet"], raw["reference"], strict=True)) == {("A", "B"), ("A", "C"), ("B", "C")}


def test_time_tables_follow_the_measures():
    measures, documents = corpus({"A": 56, "B": 56})
    weeks, changes = compare_time(measures, sum_units(measures, make_units(documents)), documents["published"], PARAMS)
    assert len(weeks) == 5 * 2 * 2
    assert weeks["estimate"].notna().sum() > 10
    assert set(changes["since"]) == {"2017-03-15"}


def token_table(articles: list[list[int]], direct: set[int] = frozenset()) -> TokenTable:
    """One sentence an article; words (by id) in `direct` are direct speech."""
    token = np.concatenate([np.array(words) for words in articles])
    article = np.repeat(np.arange(len(articles)), [len(words) for words in articles])
    voice = np.where(np.isin(token, list(direct)), DIRECT, OWN)
    zero = np.zeros(len(token), dtype=np.int64)
    bounds = np.concatenate([[0], np.cumsum([len(words) for words in articles])])
    return TokenTable(token, zero, zero, zero, voice, np.full(len(token), BODY), article, article, bounds)


def test_keyness_counts_own_words_and_pairs_in_enough_units():
    tokens = token_table([[0, 1, 2, 0]] * 6 + [[3, 4]] * 6, direct={2})
    documents = pd.DataFrame({"outlet": ["A"] * 6 + ["B"] * 6, "copy_group": np.arange(12).astype(str), "story": "s"})
    counts, totals, names = keyness_terms(tokens, ["storm", "hits", "coast", "calm", "7"], make_units(documents), PARAMS)
    # `coast` is quoted, `7` has no letter; neither stands in a pair.
    assert names == ["storm", "storm hits", "hits", "calm"]
    assert counts.toarray()[0].tolist() == [2, 1, 1, 0]
    assert totals.tolist() == [3] * 6 + [2] * 6


def test_keyness_table_has_directions_and_flags_outlet_names():
    rng = np.random.default_rng(1)
    articles = [[0] * rng.integers(0, 4) + [1, 2] * 20 for _ in range(30)] + [
        [3] * rng.integers(0, 4) + [1, 2] * 20 for _ in range(30)
    ]
    documents = pd.DataFrame({"outlet": ["A"] * 30 + ["B"] * 30, "copy_group": np.arange(60).astype(str), "story": "s"})
    units = make_units(documents)
    counts, totals, names = keyness_terms(token_table(articles), ["storm", "the", "sea", "herald"], units, PARAMS)
    table = compare_keyness(prepare_terms(counts, totals), names, units, {"herald"}, PARAMS).set_index(["outlet", "term"])
    assert table["log_odds"]["A"]["storm"] > 0 > table["log_odds"]["B"]["storm"]
    assert table["q"]["A"]["storm"] < 0.01
    assert table["p"]["A"]["the"] > 0.05
    assert table["outlet_name"]["A"].to_dict()["herald"]
    assert (table["low"] <= table["log_odds"]).all()


def test_distances_cover_all_pairs_with_enough_units():
    tokens = token_table([[0, 1, 1]] * 10 + [[2, 1, 1]] * 10 + [[0, 2, 1]] * 2)
    documents = pd.DataFrame({"outlet": ["A"] * 10 + ["B"] * 10 + ["C"] * 2, "copy_group": np.arange(22).astype(str), "story": "s"})
    units = make_units(documents)
    counts, totals, names = keyness_terms(tokens, ["storm", "the", "calm"], units, PARAMS)
    table, places = compare_distances(prepare_terms(counts, totals), names, units, PARAMS)
    assert table[["outlet", "reference"]].to_numpy().tolist() == [["A", "B"]]
    # A third of the words is each outlet's own: it gives itself away, the rest are a coin toss.
    assert table["estimate"][0] == pytest.approx(1 / 3 + 2 / 3 * 0.5)
    assert places["outlet"].tolist() == ["A", "B"]


def test_too_few_labels_withhold_a_share():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "target": "dam",
            "outlet": ["A"] * 30 + ["B"] * 30 + ["C"] * 10,
            "copy_group": np.arange(70).astype(str),
            "label": ["against"] * 20 + [""] * 10 + ["neutral"] * 18 + ["against"] * 2 + [""] * 10 + ["neutral"] * 2 + [""] * 8,
            "probability": 0.5,
            **{f"p_{name}": rng.random(70) for name in ("against", "neutral", "favor")},
        }
    )
    table = compare_stance(frame, ["A", "B", "C"], 10, PARAMS)
    share = table[table["statistic"] == "share"].set_index(["category", "outlet"])
    assert share["status"]["against"]["C"] == WITHHELD
    assert share["note"]["against"]["C"].startswith("too few labels (2 of 10")
    assert share["estimate"]["against"]["A"] > share["estimate"]["against"]["B"]
    assert set(table[table["statistic"] == "difference"]["outlet"]) == {"A", "B"}


def test_words_of_outlet_names_leave_out_common_ones():
    assert name_words(["The Daily Herald"], ["News of Norwick"]) == {"daily", "herald", "norwick"}
