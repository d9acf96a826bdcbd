"""Everything the report reads, from the tables of all stages."""

from __future__ import annotations

import csv
from typing import NamedTuple

import pandas as pd

from pipeline import paths
from pipeline.params import Params, load_params
from pipeline.storage import read_json, read_table
from pipeline.tokens import TokenTable, load_tokens

# Columns of the cleaned articles that tell what may still be wrong with a text.
UNSETTLED = ("lost_characters", "unrepaired", "unbalanced", "unmarked_lines", "lost_initial")


class Results(NamedTuple):
    """Everything the report reads."""

    params: Params
    articles: pd.DataFrame
    refused: pd.DataFrame
    removals: pd.DataFrame
    groups: pd.DataFrame
    copies: pd.DataFrame
    outlets: pd.DataFrame
    estimates: pd.DataFrame
    keyness: pd.DataFrame
    null: pd.DataFrame
    entries: pd.DataFrame
    hits: pd.DataFrame
    sentences: pd.DataFrame
    tokens: TokenTable
    terms: list[str]
    scores: dict[str, dict]
    coded: pd.DataFrame
    reliability: pd.DataFrame
    weights: pd.DataFrame
    categories: list[dict[str, str]]
    abbreviations: int
    audit: pd.DataFrame
    precision: pd.DataFrame
    codes: pd.DataFrame
    within: pd.DataFrame
    quoting: pd.DataFrame
    word_choice: pd.DataFrame
    name_uses: pd.DataFrame
    distances: pd.DataFrame
    places: pd.DataFrame
    sensitivity: pd.DataFrame
    changes: pd.DataFrame
    attributions: pd.DataFrame
    copy_groups: pd.DataFrame
    edits: pd.DataFrame
    quotations: pd.DataFrame
    stories: pd.DataFrame
    pairs: pd.DataFrame
    weeks: pd.DataFrame
    rivals: pd.DataFrame
    cue_classes: pd.DataFrame


def load_results() -> Results:
    """Read the tables of all stages."""
    trained, compared = paths.TRAINED, paths.COMPARED
    with paths.CATEGORIES.open(encoding="utf-8", newline="") as file:
        categories = list(csv.DictReader(file))
    columns = ["article_id", "outlet", "title", "subtitle", "published", "url", "text", *UNSETTLED]
    return Results(
        load_params(),
        read_table(paths.CLEANED, columns),
        read_table(paths.REFUSED),
        read_table(paths.REMOVALS),
        read_table(paths.GROUPS),
        read_table(paths.COPIES),
        read_table(compared / "outlets.parquet"),
        read_table(compared / "estimates.parquet"),
        read_table(compared / "keyness.parquet"),
        pd.concat([read_table(compared / "null.parquet"), read_table(compared / "null_further.parquet")], ignore_index=True),
        read_table(paths.ENTRIES),
        read_table(paths.HITS),
        read_table(paths.SENTENCES),
        load_tokens(),
        read_table(paths.VOCABULARY, ["term"])["term"].tolist(),
        read_json(trained / "scores.json"),
        read_table(trained / "coded.parquet"),
        read_table(trained / "reliability.parquet"),
        read_table(trained / "weights.parquet"),
        categories,
        len(read_json(paths.PUNKT)["abbreviations"]),
        read_table(paths.AUDITED / "audit.parquet"),
        read_table(paths.AUDITED / "precision.parquet"),
        read_table(paths.AUDITED / "codes.parquet"),
        read_table(compared / "within_story.parquet"),
        read_table(compared / "quoting.parquet"),
        read_table(compared / "word_choice.parquet"),
        read_table(paths.NAME_USES),
        read_table(compared / "distances.parquet"),
        read_table(compared / "map.parquet"),
        read_table(compared / "sensitivity.parquet"),
        read_table(compared / "changes.parquet"),
        read_table(paths.ATTRIBUTIONS),
        read_table(paths.COPY_GROUPS),
        read_table(paths.EDITS),
        read_table(paths.QUOTATIONS),
        read_table(paths.STORIES),
        read_table(compared / "pairs.parquet"),
        read_table(compared / "weeks.parquet"),
        read_table(paths.AUDITED / "rivals.parquet"),
        read_table(compared / "cue_classes.parquet"),
    )
