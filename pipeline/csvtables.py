"""CSV tables that users write by hand or in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re

# Up to the end of the first line that holds something; some spreadsheets end lines by a carriage return alone.
_HEADER = re.compile(r"[\r\n]*+[^\r\n]*")


def table_rows(text: str, strict: bool = False) -> csv.DictReader:
    """Rows of a table with a header; cells are parted by commas, or where the header has none, by semicolons or tabs, as some
    spreadsheets write them. strict: malformed quotation marks raise `csv.Error`."""
    header = _HEADER.match(text)[0]
    delimiter = "," if "," in header else max(";\t,", key=header.count)
    return csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter if delimiter in header else ",", strict=strict)
