"""What docs/output.md says of the columns of tables."""

from __future__ import annotations

import re
from collections.abc import Iterable

from builders import PROJECT


def documented(table: str) -> list[str]:
    """The columns that docs/output.md names in the row of a table, without what stands in brackets."""
    for line in (PROJECT / "docs/output.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if cells[0] == table:
            text = cells[-1]
            while text != (shorter := re.sub(r"\([^()]*\)", "", text)):
                text = shorter
            return re.findall(r"[a-z_0-9]+", text)
    raise AssertionError(f"no row of docs/output.md is about {table}")


def undocumented(table: str, columns: Iterable[str]) -> set[str]:
    """Columns of a table that its row there does not name."""
    return set(columns) - set(documented(table))
