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
    check_names,
    compare_cue_classes,
    compare_distances,
    compare_keyness,
    compare_measures,
    compare_pairs,
    compare_stance,
    compare_time,
    keyness_styles,
    keyness_terms,
    keyness_within_stories,
    name_words,
    usual_forms,
)
from pipeline.errors import InputError
from pipeline.house_style import SELF_NAME
from pipeline.inference import benjamini_hochberg
from pipeline.keyness import prepare_terms
from pipeline.measures import Measures, make_units, sum_units
from pipeline.params import Compare
from pipeline.tokens import BODY, CAPITALISED, CAPITALS, LOWER, TokenTable
from pipeline.voice import DIRECT, OWN
from pipeline.within_story import shared_stories

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
    kinds = np.full((2, len(names)), "", dtype=object)
    kinds[0, names.index("herald")] = SELF_NAME
    terms = prepare_terms(counts, totals)
    table = compare_keyness(terms, names, units, kinds, {"herald"}, PARAMS).set_index(["outlet", "term"])
    assert table["log_odds"]["A"]["storm"] > 0 > table["log_odds"]["B"]["storm"]
    assert table["q"]["A"]["storm"] < 0.01
    assert table["p"]["A"]["the"] > 0.05
    assert table["outlet_name"]["A"].to_dict()["herald"]
    assert (table["low"] <= table["log_odds"]).all()
    assert table["house_style"].to_dict() == {key: SELF_NAME if key == ("A", "herald") else "" for key in table.index}
    without = compare_keyness(
        terms, names, units, kinds, {"herald"}, PARAMS.model_copy(update={"keyness_leave_out": [SELF_NAME]})
    ).set_index(["outlet", "term"])
    assert ("A", "herald") not in without.index
    # What is left out is no test: the others' correction is over one fewer.
    np.testing.assert_allclose(without["q"], benjamini_hochberg(without["p"].to_numpy()))
    assert len(without) == len(table) - 1


def test_an_outlets_own_name_is_its_house_style_alone():
    units = make_units(pd.DataFrame({"outlet": ["Bay TV", "The Tern"], "copy_group": ["1", "2"], "story": "s"}))
    names = ["tv", "bay tv", "bay", "tern", "told tern", "mr"]
    uses = {"tv": 10.0, "bay tv": 8.0, "bay": 40.0, "tern": 9.0, "told tern": 3.0, "mr": 50.0}
    styles = np.array(["", "", "", "", "", "courtesy_title"], dtype=object)
    kinds = keyness_styles(names, uses, units, {"The Tern": ["Tern"]}, styles)
    assert kinds.tolist() == [
        [SELF_NAME, SELF_NAME, "", "", "", "courtesy_title"],
        ["", "", "", SELF_NAME, SELF_NAME, "courtesy_title"],
    ]


def test_names_that_there_are_not_are_refused_at_once():
    check_names(PARAMS.model_copy(update={"keyness_leave_out": ["self_name"], "reference": "Tern"}), ["self_name"], ["Tern"])
    wrong = PARAMS.model_copy(update={"keyness_leave_out": ["self_nam"], "reference": "Terns"})
    with pytest.raises(InputError, match="2 faults") as raised:
        check_names(wrong, ["self_name"], ["Tern"])
    assert raised.value.faults == [
        "compare.keyness_leave_out: no such kind of house style: 'self_nam'; did you mean 'self_name'?",
        "compare.reference: no such outlet: 'Terns'; did you mean 'Tern'?",
    ]


def test_words_are_told_as_they_are_usually_written():
    tokens = token_table([[0, 0, 0, 1, 2]])._replace(case=np.array([CAPITALISED, CAPITALISED, LOWER, CAPITALS, LOWER]))
    assert usual_forms(tokens, ["mr", "nato", "storm"]) == {"mr": "Mr", "nato": "NATO"}


def test_keyness_findings_are_set_against_the_others_within_stories():
    # In every story A says `storm` twice as often as B; `dam` stands in three stories, too few for a ratio.
    articles = [[0] * 4 + [1] * 36 + [2] * (i < 3) for i in range(12)] + [[0] * 2 + [1] * 38 for _ in range(12)]
    documents = pd.DataFrame(
        {"outlet": ["A"] * 12 + ["B"] * 12, "copy_group": np.arange(24).astype(str), "story": [f"s{i % 12}" for i in range(24)]}
    )
    units = make_units(documents)
    params = PARAMS.model_copy(update={"keyness_min_articles": 3})
    counts, totals, names = keyness_terms(token_table(articles), ["storm", "the", "dam"], units, params)
    terms = prepare_terms(counts, totals)
    kinds = np.full((2, len(names)), "", dtype=object)
    table = compare_keyness(terms, names, units, kinds, set(), params).assign(q=0.01)
    measures = Measures(totals[:, None], totals[:, None], NAMES[:1])
    stories = shared_stories(sum_units(measures, units))
    found = keyness_within_stories(table, terms, names, units, stories, params).set_index(["outlet", "term"]).loc["A"]
    # Mantel and Haenszel: stories of 40 and 40 words, and three of 41 and 40.
    expected = (9 * 4 * 40 / 80 + 3 * 4 * 40 / 81) / (9 * 2 * 40 / 80 + 3 * 2 * 41 / 81)
    assert found["within"]["storm"] == pytest.approx(expected)
    assert found["within_low"]["storm"] < expected < found["within_high"]["storm"]
    assert found["within_stories"][["storm", "dam", "the"]].tolist() == [12, 3, 0]
    assert found["within_status"][["storm", "dam", "the"]].tolist() == [OK, WITHHELD, ""]
    assert np.isnan(found["within"]["dam"])


def test_cue_classes_are_shares_of_what_a_kind_of_source_says():
    units = make_units(
        pd.DataFrame({"outlet": ["A"] * 6 + ["B"] * 2, "copy_group": ["g0", "g0", *map(str, range(6))], "story": "s"})
    )
    # An official is quoted neutrally in every article of A, and with doubt in the first two, which are copies.
    said = [(i, "official", "neutral", True) for i in range(8)] + [(i, "official", "doubting", True) for i in (0, 1)]
    wish = (2, "official", "doubting", False)
    attributions = pd.DataFrame([*said, wish], columns=["article", "kind", "cue_class", "spoken"]).assign(part=BODY)
    table = compare_cue_classes(attributions, units, 8, PARAMS).set_index(["outlet", "kind", "cue_class"])
    doubt = table.loc["A", "official", "doubting"]
    assert doubt[["count", "total", "groups", "status"]].tolist() == [2, 8, 5, THIN]
    assert doubt["estimate"] == pytest.approx(25)
    # One copy group has all of them: nothing tells how they spread.
    assert np.isnan([doubt["low"], doubt["high"]]).all()
    neutral = table.loc["A", "official", "neutral"]
    assert neutral["estimate"] == pytest.approx(75)
    assert 0 < neutral["low"] < 75 < neutral["high"] <= 100
    hidden = table.loc["B", "official", "neutral"]
    assert hidden["status"] == WITHHELD
    assert np.isnan(hidden["estimate"])
    assert compare_cue_classes(None, units, 8, PARAMS).empty


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
    assert name_words(["The Daily Herald", "News of Norwick"]) == {"daily", "herald", "norwick"}
