"""What the pages under docs say of modules, parameters and columns is what there is."""

from __future__ import annotations

import re

import pyarrow as pa
from builders import PROJECT

from pipeline.clean import ADDED, REMOVAL_SCHEMA, cleaned_schema
from pipeline.ingest import ARTICLE_SCHEMA, REFUSED_SCHEMA
from pipeline.params import document_params
from pipeline.tokenize import ATTRIBUTION_COLUMNS, TOKEN_COLUMNS


def documented(table: str) -> list[str]:
    """The columns that docs/output.md names in the row of a table, without what stands in brackets."""
    for line in (PROJECT / "docs/output.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if cells[0] == table:
            text = cells[-1]
            while "(" in text:
                text = re.sub(r"\([^()]*\)", "", text)
            return re.findall(r"[a-z_0-9]+", text)
    raise AssertionError(f"no row of docs/output.md is about {table}")


def undocumented(table: str, columns: list[str]) -> set[str]:
    return set(columns) - set(documented(table))


def test_every_module_stands_in_the_architecture() -> None:
    page = (PROJECT / "docs/architecture.md").read_text(encoding="utf-8")
    rows = [line.split(" | ")[1].split(", ") for line in page.splitlines() if line.startswith("| ") and " | " in line]
    listed = {name.strip() for row in rows for name in row} | set(re.findall(r"`(\w+)`", page))
    assert {path.stem for path in (PROJECT / "pipeline").glob("*.py")} - {"__init__"} - listed == set()


def test_parameters_stand_in_the_usage_as_they_are() -> None:
    assert document_params() in (PROJECT / "docs/usage.md").read_text(encoding="utf-8")


def test_columns_of_the_tables_between_stages_are_documented() -> None:
    articles = ARTICLE_SCHEMA.names
    assert undocumented("ingest/articles.parquet", articles) == set()
    assert set(cleaned_schema(pa.schema(ARTICLE_SCHEMA)).names) == {*articles, *ADDED}
    assert undocumented("clean/articles.parquet", list(ADDED)) == set()
    assert undocumented("ingest/refused.parquet", REFUSED_SCHEMA.names) == set()
    assert undocumented("refused.csv", REFUSED_SCHEMA.names) == set()
    assert undocumented("clean/removals.parquet", REMOVAL_SCHEMA.names) == set()
    assert undocumented("tokenize/tokens.parquet", list(TOKEN_COLUMNS)) == set()
    assert undocumented("tokenize/attributions.parquet", list(ATTRIBUTION_COLUMNS)) == set()
