"""Names by which known outlets call themselves (data/outlets.csv)."""

from __future__ import annotations

import csv
from pathlib import Path


def read_outlet_names(path: Path) -> list[str]:
    """Every name by which a known outlet calls itself, from data/outlets.csv."""
    with path.open(encoding="utf-8", newline="") as file:
        return sorted({name for row in csv.DictReader(file) for name in row["names"].split(";") if name})
