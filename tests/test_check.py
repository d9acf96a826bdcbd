import pytest

from pipeline import check
from pipeline.check import file_faults, lexicon_faults, section_faults
from pipeline.errors import InputError
from pipeline.params import Params


def test_the_files_that_params_name_must_be_there(tmp_path):
    values = {"ingest": {"path": str(tmp_path)}, "score": {"lexicons": ["x.csv", str(tmp_path)], "word_choice": "y.csv"}}
    assert file_faults(values) == [
        "score.lexicons[0]: no such file or folder (got 'x.csv')",
        "score.word_choice: no such file or folder (got 'y.csv')",
    ]
    assert file_faults({"ingest": {"path": "nowhere"}}) == ["ingest.path: no such file or folder (got 'nowhere')"]


def test_lexicons_with_a_chart_of_their_own_must_be_read():
    assert lexicon_faults({}) == []
    assert lexicon_faults({"score": {"lexicons": ["my/terms.csv"]}, "report": {"totals": ["term", "terms"]}}) == [
        "report.totals: no lexicon of score.lexicons is named 'term' (known: terms); did you mean 'terms'?"
    ]


def test_values_of_another_kind_are_no_files_and_the_others_are_looked_for():
    values = {"ingest": {"path": 3}, "score": {"lexicons": [None, "x.csv"], "word_choice": []}, "report": {"totals": [5, "terms"]}}
    assert file_faults(values) == ["score.lexicons[1]: no such file or folder (got 'x.csv')"]
    assert lexicon_faults(values) == ["report.totals: no lexicon of score.lexicons is named 'terms' (known: x)"]
    assert lexicon_faults([]) == lexicon_faults({"report": 3}) == []


def test_no_section_may_be_missing():
    whole = Params().model_dump()
    assert section_faults(whole) == []
    del whole["report"]
    assert section_faults(whole | {"clean": None}) == [
        "clean: the section must be there, with a key at least",
        "report: the section must be there, with a key at least",
    ]
    assert section_faults([]) == []


def test_all_is_told_at_once(tmp_path, monkeypatch):
    (tmp_path / "params.yaml").write_text("ingest: {sourc: files}\nscore: {word_choice: nowhere.csv}\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"ingest.sourc: no such parameter") as raised:
        check.main()
    told = "\n".join(raised.value.faults)
    assert "report: the section must be there" in told and "score.word_choice: no such file or folder (got 'nowhere.csv')" in told
    (tmp_path / "params.yaml").write_text("ingest: {source: files}\n")
    with pytest.raises(InputError, match=r"report: the section must be there(.|\n)*ingest.path: no such file"):
        check.main()
