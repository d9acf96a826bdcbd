import math
from itertools import product

import numpy as np
import pandas as pd
from reporting import NAN, a_cell, keyness_table, results

from pipeline.sections import (
    change_rows,
    concept_precision,
    detectable_rows,
    keyness_passages,
    keyness_rows,
    lexicon_rows,
    pair_cells,
    term_passages,
    word_choice_sections,
)
from pipeline.voice import OWN


def test_every_outlet_has_a_cell_in_every_category_total_first():
    rows = [("b", "own", o, s) for o in ("Tern", "Auk") for s in ("rate", "ratio")] + [
        ("all", "own", o, "rate") for o in ("Tern", "Auk")
    ]
    table = pd.DataFrame(rows, columns=["category", "voice", "outlet", "statistic"]).assign(
        measure="loaded_terms", **a_cell() | {"q": [NAN, 0.01, NAN, 0.5, NAN, NAN]}
    )
    got = lexicon_rows(table, "loaded_terms", {("loaded_terms", "b"): "Boosters"}, ["Auk", "Tern"])
    assert [(row["category"], row["label"]) for row in got] == [("all", "All together"), ("b", "Boosters")]
    assert got[1]["cells"]["Tern"]["q"] == 0.01 and got[1]["cells"]["Auk"]["q"] == 0.5 and np.isnan(got[0]["cells"]["Tern"]["q"])


def test_shown_keyness_is_an_outlets_own_and_says_nothing_twice():
    table = keyness_table(
        ("Tern", "prime minister", 2.0, 0.001, 2.5, False),
        ("Tern", "minister", 1.5, 0.001, 2.5, False),
        ("Tern", "harbour", 1.0, 0.001, 2.5, False),
        ("Tern", "tern", 3.0, 0.001, 4.0, True),
        ("Tern", "others'", -2.0, 0.001, -1.0, False),
        ("Tern", "perhaps", 0.1, 0.2, 0.5, False),
        ("Auk", "minister", 0.5, 0.01, 1.0, False),
    )
    assert keyness_rows(table, 0.05, 12)[["outlet", "term"]].to_numpy().tolist() == [
        ["Auk", "minister"],
        ["Tern", "prime minister"],
        ["Tern", "harbour"],
    ]
    assert len(keyness_rows(table, 0.05, 1)) == 2
    assert keyness_rows(pd.DataFrame({"outlet": []}), 0.05, 12).empty and keyness_rows(table[:0], 0.05, 12).empty


def test_terms_an_outlet_uses_are_counted_in_its_own_voice_with_passages():
    given = results()
    (term,) = term_passages(given, "loaded_terms", np.array([True, False, False]), 8, 3)
    assert (term["entry"], term["own"], term["all"], term["articles"]) == ("mob", 2, 3, 1)
    (passage,) = term["passages"]
    assert (passage.words, passage.outlet, passage.voice) == ("mob", "Tern", "own")
    assert term_passages(given, "loaded_terms", np.array([True, False, False]), 8, 0)[0]["passages"] == []
    assert term_passages(given, "frames", np.array([True, True, True]), 8, 3) == []


def test_passages_of_keyness_terms_are_the_outlets_own_words():
    given = results()
    rows = keyness_table(("Tern", "a mob", 1.0, 0.01, 1.0, False), ("(unknown outlet)", "mob", 1.0, 0.01, 1.0, False))
    found = keyness_passages(given, rows, 3)
    assert [p.words for p in found["Tern", "a mob"]] == ["A mob"]
    assert [p.article_id for p in found["(unknown outlet)", "mob"]] == ["a02"]
    own = given.tokens.voice == OWN
    assert own.any() and not own.all()


def test_the_smallest_ratio_that_would_be_found_stands_per_outlet_total_first():
    table = pd.DataFrame(
        {"category": ["b", "all"], "outlet": ["Tern", "Tern"], "detectable": [2.5, 1.2], "voice": "own", "statistic": "ratio"}
    ).assign(measure="loaded_terms")
    rows = detectable_rows(table, "loaded_terms", {("loaded_terms", "b"): "Boosters"}, ["Auk", "Tern"])
    assert [row["label"] for row in rows] == ["All together", "Boosters"]
    assert rows[0]["values"][1] == 1.2 and np.isnan(rows[0]["values"][0])


def test_pairs_stand_both_ways_round():
    row = {"measure": "loaded_terms", "category": "all", "voice": "own", "outlet": "Auk", "reference": "Tern", "q": 0.01}
    cells = pair_cells(pd.DataFrame([row | {"estimate": 2.0, "low": 1.25, "high": 4.0}]), "loaded_terms")
    assert cells["Auk", "Tern"]["estimate"] == 2.0
    other = cells["Tern", "Auk"]
    assert (other["estimate"], other["low"], other["high"], other["q"]) == (0.5, 0.25, 0.8, 0.01)
    nothing = pair_cells(pd.DataFrame([row | {"estimate": NAN, "low": NAN, "high": NAN}]), "loaded_terms")
    assert list(nothing) == [("Auk", "Tern"), ("Tern", "Auk")]
    assert all(math.isnan(cell[key]) for cell in nothing.values() for key in ("estimate", "low", "high"))
    zero = pair_cells(pd.DataFrame([row | {"estimate": 0.5, "low": 0.0, "high": 3.0}]), "loaded_terms")
    assert zero["Tern", "Auk"]["high"] == float("inf")
    none = pair_cells(pd.DataFrame([row | {"estimate": 0.0, "low": 0.0, "high": 0.4}]), "loaded_terms")["Tern", "Auk"]
    assert (none["estimate"], none["low"], none["high"]) == (float("inf"), 2.5, float("inf"))
    every = pair_cells(pd.DataFrame([row | {"estimate": np.inf, "low": 2.5, "high": np.inf}]), "loaded_terms")["Tern", "Auk"]
    assert (every["estimate"], every["low"], every["high"]) == (0.0, 0.0, 0.4)
    assert pair_cells(pd.DataFrame({"empty": []}), "loaded_terms") == {}


def test_concepts_are_shown_with_their_precision_total_first():
    rows = [
        ("loaded_terms", "all", 0.9),
        ("word_choice", "state_rule", 0.7),
        ("word_choice", "all", 0.8),
        ("word_choice", "gulf", 1.0),
    ]
    precision = pd.DataFrame(rows, columns=["lexicon", "category", "precision"])
    codes = pd.DataFrame({"lexicon": ["word_choice"] * 2, "correct": [1, 0], "second": [1.0, 0.0]})
    got = concept_precision(results()._replace(precision=precision, codes=codes))
    assert [(row["label"], row["precision"]) for row in got["rows"]] == [("All together", 0.8), ("gulf", 1.0), ("state rule", 0.7)]
    assert got["agreement"] == {"hits": 2, "alpha": 1.0}
    assert concept_precision(results()) == {"rows": [], "agreement": None}


def test_names_of_a_concept_stand_with_their_quotations_and_stories():
    given = results()
    columns = ["measure", "name", "outlet", "voice", "estimate"]
    every = product(("mob", "crowd"), ("Auk", "Tern"), ("own", "quoted"))
    rows = [("name_share", *which, 0.5) for which in every]
    rows += [("own_minus_quoted", "mob", "Auk", "all", -0.2), ("within_story", "mob", "Auk", "all", NAN)]
    table = pd.DataFrame(rows, columns=columns).assign(concept="people", low=0.1, high=0.9, uses=7, groups=5)
    at = given.hits["position"].to_numpy()[:2]
    uses = pd.DataFrame({"concept": "people", "name": "mob", "article": 0, "position": at, "length": 1, "voice": ["own", "quoted"]})
    (found,) = word_choice_sections(given._replace(word_choice=table, name_uses=uses), ["Auk", "Tern", "Gull"], 5)
    assert found["names"] == ["crowd", "mob"] and found["outlets"] == ["Auk", "Tern"] and found["uses"] == 14
    assert found["quoted"]["Auk", "mob"]["estimate"] == 0.5 and found["own_minus_quoted"]["Auk", "mob"]["estimate"] == -0.2
    assert found["within_story"] == {}
    assert [p.words.lower() for p in found["passages"]["mob"]["own"]] == ["mob"] and found["passages"]["crowd"]["own"] == []
    one = table[table["outlet"] == "Auk"]
    assert word_choice_sections(given._replace(word_choice=one, name_uses=uses), ["Auk"], 5) == []


def test_changes_of_a_total_name_their_lexicon():
    row = {"measure": "loaded_terms", "category": "all", "voice": "own", "outlet": "Tern", "q": 0.01, "since": "2031-03-03"}
    rows = [row, row | {"category": "b", "q": 0.02}, row | {"voice": "all"}, row | {"q": 0.2}]
    got = change_rows(pd.DataFrame(rows), {("loaded_terms", "b"): "Boosters"}, 0.05)
    assert [change["label"] for change in got] == ["Loaded terms, all together", "Boosters"]
