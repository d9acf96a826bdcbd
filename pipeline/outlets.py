"""Names by which known outlets call themselves (data/outlets.csv)."""

from __future__ import annotations

import csv
from pathlib import Path


def read_own_names(path: Path) -> dict[str, list[str]]:
    """The names by which each known outlet calls itself, from data/outlets.csv."""
    names: dict[str, set[str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names.setdefault(row["outlet"], set()).update(name for name in row["names"].split(";") if name)
    return {outlet: sorted(own) for outlet, own in names.items()}


def read_outlet_names(path: Path) -> list[str]:
    """Every name by which a known outlet calls itself, from data/outlets.csv."""
    return sorted({name for own in read_own_names(path).values() for name in own})
