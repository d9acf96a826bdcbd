from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.labels import parse_labels, read_labels, second_coding


def faults_of(text: str) -> list[str]:
    with pytest.raises(InputError, match=r"labels\.csv") as caught:
        parse_labels(text, "labels.csv")
    return caught.value.faults


def test_a_label_file_in_order_of_its_ids_with_defaults():
    got = parse_labels("label,article_id\nfavor,b\n against , a \n", "labels.csv")
    assert got.to_dict("records") == [
        {"article_id": "a", "label": "against", "coder": "", "codebook": "", "stratum": "", "probability": 1.0},
        {"article_id": "b", "label": "favor", "coder": "", "codebook": "", "stratum": "", "probability": 1.0},
    ]


def test_columns_of_coding_sheets_are_kept():
    text = "article_id,label,coder,codebook,stratum,probability,centrality,confidence\na,neutral,Mia,1.0,Tern,0.25,main,3\n"
    (row,) = parse_labels(text, "labels.csv").to_dict("records")
    assert (row["coder"], row["codebook"], row["stratum"], row["probability"]) == ("Mia", "1.0", "Tern", 0.25)


def test_all_faults_at_once_with_line_rule_and_value():
    assert faults_of("article_id,label,probability\na,neutral,1\na,negative,0\n,favor,2\nb,,nan\nc,favor\n") == [
        "line 3: article_id 'a' stands in line 2 already",
        "line 3: label: must be one of against, neutral, favor (got 'negative')",
        "line 3: probability: must be above 0 and at most 1 (got '0')",
        "line 4: article_id is empty",
        "line 4: probability: must be above 0 and at most 1 (got '2')",
        "line 5: label: must be one of against, neutral, favor (got '')",
        "line 5: probability: must be above 0 and at most 1 (got 'nan')",
    ]


@pytest.mark.parametrize("probability", ["inf", "-0.5", "one", "1e-999", "0,5"])
def test_a_probability_is_a_number_above_0_and_at_most_1(probability):
    (fault,) = faults_of(f'article_id,label,probability\na,neutral,"{probability}"\n')
    assert fault == f"line 2: probability: must be above 0 and at most 1 (got {probability!r})"


def test_columns_missing_unknown_or_given_twice():
    assert faults_of("id,label\n") == [
        "needs a column 'article_id' (columns found: id, label)",
        "no such column 'id' (known: article_id, label, coder, codebook, stratum, probability, centrality, confidence)",
    ]
    assert faults_of("")[0] == "needs a column 'article_id' (columns found: none)"
    assert faults_of("article_id,label,label\na,favor,against\n") == ["column 'label' is given twice"]


def test_a_row_with_too_many_cells_is_a_fault():
    assert faults_of("article_id,label\na,favor,against\n") == ["line 2: 3 cells in a table of 2 columns"]


def test_a_table_that_is_no_csv_is_told():
    (fault,) = faults_of('article_id,label\n"a,favor\n' + "x" * 20_000_000)
    assert fault.startswith("not a CSV table: field larger than field limit")


def test_a_missing_file_is_an_empty_table_and_a_binary_one_a_fault(tmp_path):
    assert read_labels(tmp_path / "none.csv").empty
    (tmp_path / "binary.csv").write_bytes(b"article_id\x00label")
    with pytest.raises(InputError, match=r"binary\.csv(.|\n)*not text"):
        read_labels(tmp_path / "binary.csv")


def test_other_encodings_are_read(tmp_path):
    (tmp_path / "labels.csv").write_bytes("\ufeffarticle_id,label,coder\na,favor,Zoë\n".encode())
    assert read_labels(tmp_path / "labels.csv")["coder"].tolist() == ["Zoë"]
    (tmp_path / "labels.csv").write_bytes("article_id,label,coder\na,favor,Zoë\n".encode("cp1252"))
    assert read_labels(tmp_path / "labels.csv")["coder"].tolist() == ["Zoë"]


def test_where_the_second_coding_lies():
    assert second_coding("data/labels/harbour.csv") == Path("data/labels/harbour_second.csv")


def test_faults_of_columns_and_rows_are_told_together():
    assert faults_of("article_id;label;remark\na1;agianst;x\n") == [
        "no such column 'remark' (known: article_id, label, coder, codebook, stratum, probability, centrality, confidence)",
        "line 2: label: must be one of against, neutral, favor (got 'agianst')",
    ]
