"""The benchmark of stance on sentences of our own invention."""

import json
import sys

import numpy as np
import pandas as pd
import pytest

from benchmarks import stance
from benchmarks.texts import tokenize_texts
from pipeline.errors import InputError
from pipeline.stance import group_folds

SAID = {"against": "is a reckless failure", "neutral": "met the committee on tuesday", "favor": "deserves warm praise"}


def sentences(n: int = 90) -> pd.DataFrame:
    """Two mentions a sentence; only the words behind the one that is the target tell the stance towards it."""
    rng = np.random.default_rng(4)
    rows = []
    for k in range(n // 2):
        labels = rng.choice(list(SAID), 2, replace=False)
        text = f"Case {k}: Moor {SAID[labels[0]]}, but Venn {SAID[labels[1]]}."
        for name, label in zip(("Moor", "Venn"), labels, strict=True):
            rows.append((text, name, text.index(name), text.index(name) + 4, label))
    return pd.DataFrame(rows, columns=["text", "target", "start", "end", "label"])


def run(monkeypatch, capsys, *arguments) -> tuple[str, dict]:
    monkeypatch.setattr(sys, "argv", ["stance", *map(str, arguments)])
    stance.main()
    out = capsys.readouterr().out
    return out, json.loads(out.splitlines()[-1])


def test_what_stands_near_the_target_is_learned_and_the_plain_sentence_is_not_enough(tmp_path, monkeypatch, capsys):
    sentences().to_csv(tmp_path / "train.csv", index=False)
    out, result = run(monkeypatch, capsys, tmp_path / "train.csv")
    assert result["n"] == 90 and result["groups"] == 45
    assert result["macro_f1"] > 0.9 > 0.7 > result["floor_tfidf"] and result["low"] <= result["macro_f1"] <= result["high"]
    assert result["gain_over_tfidf"][0] == pytest.approx(result["macro_f1"] - result["floor_tfidf"], abs=1e-3)
    assert all("after" in blocks for blocks in result["blocks"])
    assert out.startswith("no column tells outlet, event or article")
    assert run(monkeypatch, capsys, tmp_path / "train.csv") == (out, result)


def test_only_the_blocks_asked_for_are_used(tmp_path, monkeypatch, capsys):
    sentences().to_csv(tmp_path / "train.csv", index=False)
    _, result = run(monkeypatch, capsys, tmp_path / "train.csv", "--folds", "3", "--blocks", "words")
    assert result["blocks"] == [["words"]] * 3 and result["macro_f1"] < 0.7


def test_dev_is_predicted_by_a_model_of_the_file_without_shared_texts(tmp_path, monkeypatch, capsys):
    gold = sentences()
    gold[:60].to_csv(tmp_path / "train.csv", index=False)
    gold[58:].to_csv(tmp_path / "dev.csv", index=False)
    out, result = run(monkeypatch, capsys, tmp_path / "train.csv", "--dev", tmp_path / "dev.csv")
    assert result["n"] == 32 and len(result["blocks"]) == 1
    assert "2 rows of" in out and "are not learned from" in out


def test_measures_of_floors_by_hand():
    gold = sentences(60)
    groups = pd.factorize(gold["text"])[0]
    result, table = stance.measure(gold, groups, group_folds(gold["label"].to_numpy(dtype=str), groups, 3, 1))
    assert table["classifier"].tolist() == ["ours", "majority", "tfidf", "length"]
    assert result["floor_majority"] <= 1 / 3
    assert table.loc[0, ["against", "favor", "neutral"]].mean() == pytest.approx(result["macro_f1"], abs=1e-4)
    assert 0 <= result["calibration_error"] <= 1


def test_a_column_of_groups_is_kept_apart():
    gold = sentences(4)
    assert stance.group_column(gold) == "text"
    assert stance.group_column(gold.assign(article_id="a", event="e")) == "event"


def test_mentions_are_found_by_offsets_into_the_text_as_given_and_else_by_words():
    text = "  Moor met Moor\u2019s \u201cfriend\u201d   Venn."
    gold = pd.DataFrame({"text": [text, "Venn met Moor."], "target": ["Venn", "Moor"]})
    corpus = tokenize_texts(gold["text"].tolist())

    def found(table):
        return np.flatnonzero(stance.find_mentions(table, corpus)).tolist()

    assert found(gold) == [5, 8]
    at = text.index("Moor\u2019s")
    assert found(gold.assign(start=[at, 0], end=[at + 4, 4])) == [2, 6]


def test_all_faults_are_told_at_once(tmp_path, monkeypatch, capsys):
    gold = sentences(8)
    gold["label"] = gold["label"].replace("favor", "pro")
    gold.loc[2, "target"] = " "
    gold["end"] = gold["end"].astype(object)
    gold.loc[3, "end"] = "9999"
    gold.loc[5, "end"] = "x"
    gold.to_csv(tmp_path / "train.csv", index=False)
    pd.DataFrame({"text": ["a"], "start": [0]}).to_csv(tmp_path / "dev.csv", index=False)
    with pytest.raises(InputError, match=r"benchmarks\.stance") as error:
        run(monkeypatch, capsys, tmp_path / "train.csv", "--dev", tmp_path / "dev.csv", "--folds", 1)
    faults = "\n".join(error.value.faults)
    assert "column 'target' has 1 empty cells, the first in row 3" in faults
    assert "column 'label' holds 'pro'; known are" in faults
    assert "2 mentions do not lie within their text, the first in row 4" in faults
    assert "needs a column 'target'" in faults and "needs a column 'label'" in faults
    assert "columns 'start' and 'end' come together" in faults and "--folds: 2 or more (got 1)" in faults
    with pytest.raises(InputError, match="can't be read"):
        run(monkeypatch, capsys, tmp_path / "none.csv")


def test_too_few_groups_for_the_folds_are_refused(tmp_path, monkeypatch, capsys):
    sentences(6).to_csv(tmp_path / "train.csv", index=False)
    with pytest.raises(InputError, match=r"fewer values of 'text' than folds \(5\)"):
        run(monkeypatch, capsys, tmp_path / "train.csv")
