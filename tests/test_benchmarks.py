"""The benchmarks on gold of our own invention."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
from builders import PROJECT

from benchmarks import attribution_rows, cleaning_read, frames, loaded, texts, unmarked_lines
from benchmarks.lexicon_engine import choose_entries, ours, sentence_words, with_scikit_learn
from pipeline.entries import Entry, Lexicon
from pipeline.errors import InputError
from pipeline.furniture import KINDS
from pipeline.rules import load_rules
from pipeline.tokens import BODY
from tests.corpora import make_corpus

LOADED = Lexicon("mine", [Entry("mob*", "people"), Entry("iron fist", "rule")])


def test_loaded_words_are_read_from_both_forms_of_lists():
    assert loaded.parse_words("['iron fist', \"mob's\"]", 1) == ["iron fist", "mob's"]
    assert loaded.parse_words('["mob"]', 1) == ["mob"]
    assert loaded.parse_words(float("nan"), 1) == []
    with pytest.raises(InputError, match="row 7: must be a list of words"):
        loaded.parse_words("__import__('os')", 7)


def test_loaded_measures_by_hand():
    corpus = texts.tokenize_texts(["The mob ruled with an iron fist.", "The quiet council met.", "A mobster paid."])
    result, table = loaded.measure(LOADED, corpus, np.array([1, 0, 0]), [["Mob", "ruled"], [], []])
    # Hits: mob, iron fist, mobster, so 4 marked tokens, of which 1 is gold; gold has 2.
    assert (result["word_precision"], result["word_recall"]) == (0.25, 0.5)
    assert result["word_f1"] == pytest.approx(2 * 1 / (4 + 2), abs=1e-4)
    # Rates 2/7, 0, 1/3; counts 2, 0, 1; tokens 7, 4, 3.
    assert (result["auc_rate"], result["auc_count"], result["auc_length"]) == (0.5, 1.0, 1.0)
    assert table.set_index("category").loc["people", ["hits", "share_in_loaded"]].tolist() == [2, 0.5]


def test_loaded_ends_with_one_json_object(tmp_path, capsys, monkeypatch):
    gold = tmp_path / "gold.csv"
    pd.DataFrame({"text": ["A ruthless mob.", "A council met."], "label": [1, 0]}).to_csv(gold, index=False)
    monkeypatch.setattr(sys, "argv", ["loaded", "--gold", str(gold)])
    loaded.main()
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"auc_rate", "auc_count", "auc_length", "word_f1"} <= set(result)
    assert result["word_f1"] is None


def test_gold_without_its_columns_is_refused(tmp_path):
    path = tmp_path / "gold.csv"
    path.write_text("words,label\na,1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"needs a column 'text' \(columns found: words, label\)"):
        texts.read_gold(path, ("text", "label"))


def test_frames_find_their_categories():
    lexicon = Lexicon("frames", [Entry("cost", "economic_consequences"), Entry("feud", "conflict")])
    gold = pd.DataFrame({"text": ["a", "b"], "year": [2017, 2018], "economic": [0, 1], "conflict": [1, 0], "morality": [0, 0]})
    assert frames.find_frames(gold, lexicon) == {"economic": "economic_consequences", "conflict": "conflict"}


def test_frames_learn_what_the_words_say(tmp_path, capsys, monkeypatch):
    costs, feuds = (
        "The budget costs money and taxes rose in market number {}.",
        "The feud and clash between rivals began in house number {}.",
    )
    rows = [
        {"text": t.format(k), "economic": int(t is costs), "conflict": int(t is feuds), "outlet": f"o{k % 4}"}
        for k in range(12)
        for t in (costs, feuds)
    ]
    path = tmp_path / "gold.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    for arguments in (["--folds", "2", "--group", "outlet"], ["--test", str(path)]):
        monkeypatch.setattr(sys, "argv", ["frames", "--train", str(path), *arguments])
        frames.main()
        result = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert result["mean_macro_f1"] == 1
        assert result["mean_auc_lexicon"] == 1
        assert {"macro_f1_economic", "auc_lexicon_conflict"} <= set(result)


def test_engine_benchmark_compares_the_same_occurrences():
    corpus = make_corpus([["the iron fist of the mob", "fist of iron"], ["the mob", "of the iron"]])
    terms = list(corpus.index._ids)
    entries = choose_entries([LOADED], corpus.tokens, terms, corpus.index, 6)
    assert entries[:2] == ["mob", "iron fist"]
    assert len(entries) == 6
    found = ours(entries, corpus.tokens, terms, "english")()
    assert found == with_scikit_learn(entries, sentence_words(corpus.tokens, terms))()
    assert found["mob"] == 2


def test_rows_of_attributions_are_drawn_shown_and_scored():
    rows = pd.DataFrame({"part": [BODY, BODY, 0], "spoken": [True, False, True]})
    assert attribution_rows.draw(rows, 1, 5, True).index.tolist() == [0]
    assert sorted(attribution_rows.draw(rows, 2, 5, None).index) == [0, 1]
    spans = {"source_start": 10, "source_end": 14, "cue_start": 15, "cue_end": 19, "content_start": 20, "content_end": 29}
    text = "It rains. Venn said the ferry. Rain."
    assert attribution_rows.shown(spans, text, 10, 30) == "It rains. <S Venn S> <C said C> <T the ferry T>."
    codes = pd.DataFrame(1, index=range(4), columns=["spoken", *attribution_rows.COLUMNS])
    codes.loc[0, "kind"] = codes.loc[1, "content"] = 0
    table = attribution_rows.shares(codes).set_index("column")["right"]
    assert table[["cue", "kind", "content", "row"]].tolist() == [1, 0.75, 0.75, 0.5]


LEFT = (
    "The port is open. Dockers wait at the quay of Askerby The warden said so. It rained. Years of waiting But he stayed. "
    "He was heard by the board of the town. #quay He had no more to say."
)


def test_lines_left_without_a_mark_are_found_with_keys_and_features():
    articles = pd.DataFrame({"article_id": ["a"], "outlet": ["Bay Post"], "title": ["Waiting for the port"], "text": [LEFT]})
    rules = load_rules()
    lines = unmarked_lines.lines_left(articles, rules)
    found = [LEFT[line.start : line.end] for line in lines.itertuples()]
    assert found == ["Dockers wait at the quay of Askerby", "Years of waiting", "#quay"]
    assert lines["key"].tolist() == [unmarked_lines.line_key(f"{line}\n ") for line in found]
    table = unmarked_lines.features(lines, articles, rules)
    assert table["words"].tolist() == [7, 3, 1] and table["has_tag"].tolist() == [0, 0, 1]
    assert table["shared_with_title"].tolist() == [0, 0.5, 0]
    assert table["lines_in_article"].round(3).unique().tolist() == [1.099]


def test_lines_found_at_a_precision_are_those_of_the_longest_list_that_has_it():
    truth = np.array([True, True, False, True, False, False])
    chances = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    assert [unmarked_lines.found_at(truth, chances, level) for level in (1.0, 0.75, 0.5)] == [2, 3, 3]
    assert unmarked_lines.found_at(truth, -chances, 0.95) == 0


def test_codes_of_unmarked_lines_are_keys_and_kinds_and_no_text():
    codes = pd.read_csv(PROJECT / "data" / "labels" / "unmarked_lines.csv", dtype=str, keep_default_na=False)
    assert codes["article_id"].str.fullmatch("[0-9a-f]{16}").all() and codes["line"].str.fullmatch("[0-9a-f]{8}").all()
    assert set(codes["kind"]) == set(unmarked_lines.KINDS) and set(codes["second"]) <= {"", *unmarked_lines.KINDS}
    assert not codes.duplicated(["article_id", "line"]).any() and (codes["second"] != "").sum() == 200


def test_rounds_of_reading_are_told_with_their_intervals():
    part = pd.DataFrame({"found": ["yes", "no", "doubtful", "no"], "kinds": ["link caption", "", "note", ""]})
    part = part.assign(words=250, found_words=[20, 0, 0, 0])
    told = cleaning_read.told_of_articles(part)
    assert told == "1 of 4, 25.0 % (4.6 to 69.9), 20.0 words of 1,000; doubtful in 1 more; link 1, caption 1"
    part = pd.DataFrame({"verdict": ["right", "short", "wrong", "right"], "kind": ["link", "byline", "caption", "link"]})
    assert cleaning_read.told_of_removals(part) == "3 of 4, 75.0 % (30.1 to 95.4) right, 1 of them stop short; wrong: caption"
    assert cleaning_read.told_of_removals(part[part["verdict"] == "right"]).endswith("right, 0 of them stop short; wrong: none")


def test_codes_of_articles_and_removals_read_are_keys_and_verdicts_and_no_text():
    folder = PROJECT / "data" / "labels"
    articles = pd.read_csv(folder / "cleaned_articles.csv", dtype=str, keep_default_na=False)
    assert articles["article_id"].str.fullmatch("[0-9a-f]{16}").all() and articles["article_id"].is_unique
    assert set(articles["found"]) == {"yes", "no", "doubtful"} and articles["kinds"].str.fullmatch("[a-z_ ]*").all()
    assert articles["round"].value_counts().to_dict() == {"1": 200, "2": 200, "3": 200}
    removals = pd.read_csv(folder / "removals_read.csv", dtype=str)
    assert set(removals["verdict"]) == {"right", "short", "wrong"} and (removals["round"].value_counts() == 300).all()
    assert removals["article_id"].str.fullmatch("[0-9a-f]{16}").all() and set(removals["kind"]) < set(KINDS)
