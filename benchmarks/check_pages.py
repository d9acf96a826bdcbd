"""Check a folder of scraped pages against the facts its README states: `python -m benchmarks.check_pages FOLDER`.

The README holds a table with the columns file, published by, written by, title, published. A cell that says "not stated" or "none"
asks
that nothing be found. Prints a table, and ends with status 1 when a fact is missed or made up.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pandas as pd

from pipeline import paths
from pipeline.clean import clean_articles
from pipeline.ingest import Settings, ingest_records, read_outlets
from pipeline.params import Clean, Ingest
from pipeline.readers import read_folder
from pipeline.rules import load_rules

COLUMNS = ("file", "published by", "written by", "title", "published")
_NOTHING = re.compile(r"^(?:not stated|none)\b")
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\d(?: \d\d:\d\d)?")


def read_facts(readme: str) -> list[dict[str, str]]:
    """Rows of the table of facts, as cells by column."""
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in readme.splitlines() if line.startswith("|")]
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows if len(row) == len(COLUMNS) and row[0] not in ("file", "---")]


def compare(fact: dict[str, str], article: pd.Series) -> list[tuple[str, str, str, bool]]:
    """Name, stated, found and verdict of each fact of one article."""
    out = []
    for name, found in (("published by", article["outlet"]), ("title", article["title"])):
        stated = "" if _NOTHING.match(fact[name]) else fact[name]
        out.append((name, stated, found, found == stated))
    moment = _MOMENT.match(fact["published"])
    stated = moment.group().replace(" ", "T") if moment else ""
    out.append(("published", stated, article["published"], article["published"] == stated))
    writers = [article[name] for name in ("byline", "credit") if article[name]] or [article["outlet"]]
    out.append(
        ("written by", fact["written by"], ", ".join(writers), all(writer and writer in fact["written by"] for writer in writers))
    )
    photo = re.search(r"photo ([\w ]+)", fact["written by"])
    if photo:
        out.append(("photo by", photo.group(1), article["photo_credit"], article["photo_credit"] == photo.group(1)))
    return out


def main(folder: Path) -> int:
    params = Ingest()
    stream, faults = read_folder(folder, params.columns)
    if faults:
        print("\n".join(faults))
        return 1
    settings = Settings(read_outlets(paths.OUTLETS), load_rules(), params.min_words, tuple(params.languages))
    articles, outcome = ingest_records(stream, settings)
    cleaned, removals = clean_articles(articles, Clean())
    by_file = cleaned.set_index("source")
    facts = read_facts((folder / "README.md").read_text(encoding="utf-8"))
    missed = 0
    print("| file | fact | stated | found | |\n|---|---|---|---|---|")
    for fact in facts:
        for name, stated, found, right in compare(fact, by_file.loc[fact["file"]]):
            missed += not right
            cells = (fact["file"][:8], name, stated[:60] or "(nothing)", found[:60] or "(nothing)", "ok" if right else "MISSED")
            print(f"| {' | '.join(cells)} |")
    print(f"\n{len(facts)} articles, {missed} facts missed; refused: {outcome.refused['source'].tolist()}")
    words = sum(len(text.split()) for text in cleaned["text"])
    kinds = ", ".join(f"{count} {kind}" for kind, count in removals["kind"].value_counts().items())
    lost = cleaned.loc[cleaned["lost_initial"] != "", "lost_initial"].tolist()
    print(f"{words} words kept; removed: {kinds}; lost initials: {lost}")
    return 1 if missed or len(facts) != len(articles) else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    raise SystemExit(main(Path(sys.argv[1])))
