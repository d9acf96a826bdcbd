import csv

import pytest

from pipeline.csvtables import table_rows


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_cells_are_parted_as_the_header_is(mark):
    rows = table_rows(f'id{mark}text\r\n1{mark}"a{mark} b"\r\n2{mark}c')
    assert rows.fieldnames == ["id", "text"]
    assert list(rows) == [{"id": "1", "text": f"a{mark} b"}, {"id": "2", "text": "c"}]


def test_lines_may_end_in_a_carriage_return_alone():
    assert list(table_rows("id;text\r1;a, b\r")) == [{"id": "1", "text": "a, b"}]


def test_a_comma_in_the_header_decides():
    assert list(table_rows("id,text\n1,a;b\n")) == [{"id": "1", "text": "a;b"}]
    assert table_rows("id\n1\n").fieldnames == ["id"]
    assert table_rows("").fieldnames is None


def test_malformed_marks_are_an_error_on_request():
    with pytest.raises(csv.Error, match="expected after"):
        list(table_rows('id,text\n1,"a"b\n', strict=True))
