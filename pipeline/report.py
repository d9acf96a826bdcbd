"""Stage report: charts, tables and one self-contained page, from what the other stages estimated; nothing is computed anew."""

from __future__ import annotations

import csv
import hashlib
import importlib.metadata
import platform
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import numpy as np
import pandas as pd

from pipeline import __version__, charts, paths, wording
from pipeline.agreement import closed_form_alpha
from pipeline.charts import Panel, Point
from pipeline.conventions import OTHERS, THIN, UNKNOWN_OUTLET
from pipeline.errors import run_stage
from pipeline.labels import CLASSES
from pipeline.parallel import map_chunks
from pipeline.params import Params, active_targets, load_params
from pipeline.passages import Passage, passage_at, pick
from pipeline.storage import csv_bytes, read_json, read_table, replace_folder, write_bytes, write_json
from pipeline.tokens import BODY, TokenTable, load_tokens
from pipeline.voice import OWN, VOICES

TEMPLATES = Path(__file__).parent / "templates"
PACKAGES = ("scikit-learn", "pandas", "nltk", "matplotlib", "dvc", "scipy", "numpy", "pyarrow", "skops")
AUDIT_MEASURES = (
    "entries", "entries_unmatched", "hits", "coverage", "top_entries_share", "length_correlation_rate", "leave_one_out_least_tau",
)  # fmt: skip
VOICE_TITLES = {"direct": "direct speech", "reported": "reported speech", "marked": "marked phrases"}
SOURCE_TITLES = {
    "named": "a named person or body", "official": "officials", "spokesperson": "spokespeople", "military": "military and police",
    "expert": "experts", "citizen": "citizens", "media": "other media", "document": "documents", "organisation": "organisations",
    "culture": "artists and athletes", "place": "places for governments", "unnamed": "unnamed sources", "unknown": "kind not known",
}  # fmt: skip
CUE_TITLES = {
    "neutral": "neutral (said)",
    "doubting": "doubting (claimed)",
    "endorsing": "endorsing (noted)",
    "forceful": "forceful (slammed)",
}
SOURCES = {
    "demo": "the public corpus of Dai (2017), nine outlets, February and March 2017",
    "example": "the small invented corpus that comes with Parallax",
    "files": "your own articles",
}


# A chart to draw: the function and its arguments.
Job = tuple[Callable[..., str], tuple]


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


def load_results() -> Results:
    """Read the tables of all stages."""
    trained, compared = paths.TRAINED, paths.COMPARED
    with paths.CATEGORIES.open(encoding="utf-8", newline="") as file:
        categories = list(csv.DictReader(file))
    columns = ["article_id", "outlet", "title", "subtitle", "published", "url", "text", "lost_characters"]
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
    )


def category_labels(categories: list[dict[str, str]]) -> dict[tuple[str, str], str]:
    """(lexicon, category) -> its name for readers."""
    return {(row["lexicon"], row["category"]): row["label"] for row in categories}


def label_of(labels: Mapping[tuple[str, str], str], lexicon: str, category: str) -> str:
    """A category's name for readers; without one, its own."""
    return labels.get((lexicon, category), category.replace("_", " "))


def _point(row: Mapping[str, Any], styles: Mapping[str, tuple[str, str]], faint: bool = False) -> Point:
    colour, marker = styles[row["outlet"]]
    return Point(row["outlet"], row["estimate"], row["low"], row["high"], colour, marker, row["status"] == THIN, faint)


def select(estimates: pd.DataFrame, **wanted: str) -> pd.DataFrame:
    """Rows of the estimates whose columns have the wanted values."""
    mask = np.ones(len(estimates), dtype=bool)
    for column, value in wanted.items():
        mask &= (estimates[column] == value).to_numpy()
    return estimates[mask]


def pooled_rate(rows: pd.DataFrame) -> float | None:
    """The rate of all outlets together, in the rows' unit; None without tokens."""
    tokens = rows["tokens"].sum()
    if not tokens:
        return None
    factor = 100 if rows["unit"].iloc[0].startswith("%") else 1000
    return float(factor * rows["hits"].sum() / tokens)


def rate_chart(estimates: pd.DataFrame, styles: Mapping[str, tuple[str, str]], x_label: str) -> str:
    """Rates per outlet, highest first, with the pooled rate as a line."""
    rows = estimates.sort_values(["estimate", "outlet"], ascending=[False, True], na_position="last")
    panel = Panel("", [_point(row, styles) for row in rows.to_dict("records")], pooled_rate(rows))
    return charts.dot_chart(panel, x_label)


def ratio_grid(
    estimates: pd.DataFrame, labels: Mapping[tuple[str, str], str], styles: Mapping[str, tuple[str, str]], rate: float
) -> str:
    """Ratios to all others, one panel a category; faint where not told apart from 1 after correction."""
    panels = []
    for (lexicon, category), rows in estimates.groupby(["measure", "category"], sort=True):
        points = [_point(row, styles, faint=not row["q"] <= rate) for row in rows.sort_values("outlet").to_dict("records")]
        panels.append(Panel(label_of(labels, lexicon, category), points, 1.0))
    columns = 5 if len(panels) <= 5 else 4
    return charts.dot_grid(panels, "rate as a multiple of all others' (logarithmic)", log=True, columns=columns)


def keyness_rows(keyness: pd.DataFrame, rate: float, top: int) -> pd.DataFrame:
    """The shown terms: an outlet's own after correction, by the lower end of their interval; no outlet's name, no part of a shown pair."""
    if keyness.empty or "term" not in keyness:
        return pd.DataFrame()
    holds = keyness[(keyness["q"] <= rate) & (keyness["log_odds"] > 0) & ~keyness["outlet_name"]]
    shown = []
    for _, rows in holds.groupby("outlet", sort=True):
        ordered = rows.sort_values(["low", "term"], ascending=[False, True]).to_dict("records")
        kept: list[dict] = []
        for row in ordered:
            words = set(row["term"].split())
            if not any(words <= set(other["term"].split()) or set(other["term"].split()) <= words for other in kept):
                kept.append(row)
            if len(kept) == top:
                break
        shown.extend(kept)
    return pd.DataFrame(shown)


def keyness_grid(rows: pd.DataFrame, styles: Mapping[str, tuple[str, str]]) -> str:
    """Log-odds of the shown terms, one panel an outlet."""
    panels = []
    for outlet, part in rows.groupby("outlet", sort=True):
        colour, marker = styles[outlet]
        points = [Point(r["term"], r["log_odds"], r["low"], r["high"], colour, marker) for r in part.to_dict("records")]
        panels.append(Panel(outlet, points, None))
    return charts.dot_grid(panels, "log-odds ratio against all others", columns=3, own_rows=True)


def story_grid(estimates: pd.DataFrame, within: pd.DataFrame, styles: Mapping[str, tuple[str, str]]) -> str:
    """Ratios to all others over all articles beside those over stories that the others cover, too."""
    raw = estimates.sort_values("outlet")
    same = within.set_index("outlet")
    points = [_point(row, styles) for row in raw.to_dict("records")]
    matched = []
    for row in raw.to_dict("records"):
        found = same.loc[row["outlet"]] if row["outlet"] in same.index else {"estimate": np.nan, "low": np.nan, "high": np.nan}
        matched.append(_point({**row, **{key: float(found[key]) for key in ("estimate", "low", "high")}}, styles))
    panels = [Panel("all articles", points, 1.0), Panel("within the same stories", matched, 1.0)]
    return charts.dot_grid(panels, "rate as a multiple of all others' (logarithmic)", log=True, columns=2, width=8.0)


def select_within(within: pd.DataFrame, lexicon: str) -> pd.DataFrame:
    """Within-story contrasts of a lexicon's total with all others, own voice."""
    if "reference" not in within:
        return pd.DataFrame()
    return select(within, measure=lexicon, category="all", voice="own", reference=OTHERS)


def share_grid(
    estimates: pd.DataFrame, names: Mapping[str, str], styles: Mapping[str, tuple[str, str]], x_label: str, columns: int
) -> str:
    """Rates of several categories, one panel each, in the order of `names`, with the pooled rate as a line."""
    panels = []
    for category, title in names.items():
        rows = estimates[estimates["category"] == category].sort_values("outlet")
        if len(rows):
            panels.append(Panel(title, [_point(row, styles) for row in rows.to_dict("records")], pooled_rate(rows)))
    return charts.dot_grid(panels, x_label, columns=columns)


def quoting_grid(quoting: pd.DataFrame, styles: Mapping[str, tuple[str, str]]) -> str:
    """What makes up each outlet's difference from all others: quoting more or less, and wording in each voice."""
    titles = {
        "quoting": "how much is quoted",
        "own": "own words",
        "direct": "words quoted",
        "reported": "words reported",
        "marked": "marked phrases",
    }
    panels = []
    for component, title in titles.items():
        rows = quoting[quoting["component"] == component].sort_values("outlet")
        points = [Point(r["outlet"], r["estimate"], r["low"], r["high"], *styles[r["outlet"]]) for r in rows.to_dict("records")]
        panels.append(Panel(title, points, 0.0))
    return charts.dot_grid(panels, "contribution to the difference from all others, hits per 1,000 tokens", columns=5)


def word_choice_sections(results: Results, outlets: list[str], most: int) -> list[dict]:
    """Concepts by how often they are named in own voice: shares of their names per outlet, own minus quoted, passages."""
    table = results.word_choice
    if "concept" not in table:
        return []
    own = table[(table["measure"] == "name_share") & (table["voice"] == "own") & table["estimate"].notna()]
    usable = own.groupby("concept").filter(lambda part: part["outlet"].nunique() > 1 and part["name"].nunique() > 1)
    uses = usable.drop_duplicates(["concept", "outlet"]).groupby("concept")["uses"].sum()
    order = uses.reset_index().sort_values(["uses", "concept"], ascending=[False, True])["concept"].tolist()[:most]
    outlet_of = results.articles["outlet"].replace("", UNKNOWN_OUTLET).to_numpy()
    out = []
    for concept in order:
        rows = usable[usable["concept"] == concept]
        names = sorted(rows["name"].unique())
        cells = {(r["outlet"], r["name"]): r for r in rows.to_dict("records")}
        where = results.name_uses[(results.name_uses["concept"] == concept) & (results.name_uses["voice"] == "own")]
        passages = {}
        for name in names:
            these = where[where["name"] == name]
            chosen = pick(these["position"].to_numpy(), these["article"].to_numpy(), results.params.report.examples, "names")
            passages[name] = [
                passage_at(
                    int(these["position"].iloc[i]),
                    int(these["length"].iloc[i]),
                    results.tokens,
                    results.sentences,
                    results.articles,
                    "own",
                )
                for i in chosen
            ]
        mine = [o for o in outlets if (o, names[0]) in cells and o in outlet_of]
        out.append(
            {"concept": concept, "names": names, "outlets": mine, "cells": cells, "uses": int(uses[concept]), "passages": passages}
        )
    return out


def change_rows(changes: pd.DataFrame, labels: Mapping[tuple[str, str], str], rate: float) -> list[dict]:
    """Changes between the halves of the span that hold after correction, own voice, strongest first."""
    if "since" not in changes:
        return []
    rows = changes[(changes["q"] <= rate) & (changes["voice"] == "own")]
    rows = rows.assign(label=[label_of(labels, m, c) for m, c in zip(rows["measure"], rows["category"], strict=True)])
    return rows.sort_values(["q", "measure", "category", "outlet"]).to_dict("records")


def distance_rows(distances: pd.DataFrame, outlets: list[str]) -> dict[tuple[str, str], dict]:
    """Distance of every pair, both ways round."""
    if "reference" not in distances:
        return {}
    cells = {}
    for row in distances.to_dict("records"):
        cells[row["outlet"], row["reference"]] = cells[row["reference"], row["outlet"]] = row
    return {key: value for key, value in cells.items() if key[0] in outlets}


def stance_grid(estimates: pd.DataFrame, styles: Mapping[str, tuple[str, str]]) -> str:
    """Shares of the three classes per outlet."""
    panels = []
    for name in CLASSES:
        rows = estimates[estimates["category"] == name].sort_values("outlet")
        panels.append(Panel(name, [_point(row, styles) for row in rows.to_dict("records")], limits=(-1.0, 101.0)))
    return charts.dot_grid(panels, "% of the articles about the target", columns=3)


def score_chart(score: Mapping[str, Any]) -> str:
    """Macro-F1 of the classifier and its baselines."""
    order = ("classifier", "lexicon", "outlet", "majority")
    names = {"classifier": "text (TF-IDF)", "lexicon": "loaded terms only", "outlet": "outlet only", "majority": "majority class"}
    found = [(name, score["macro_f1"][name]) for name in order]
    points = [
        Point(names[name], s["value"], s["low"], s["high"], charts.COLOURS[0] if name == "classifier" else charts.MUTED)
        for name, s in found
    ]
    return charts.dot_chart(Panel("", points, None), "macro-F1, cross-validated (stories kept together)")


def wilson(share: float, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson score interval of a share (Wilson 1927); holds the share, and stays in 0 to 1, whatever rounding does."""
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    return min(max(centre - half, 0.0), share), max(min(centre + half, 1.0), share)


def reliability_figure(curve: pd.DataFrame) -> str:
    """Calibration of the predicted probabilities."""
    curves: dict[str, list[tuple[float, float, float, float]]] = {}
    for row in curve.to_dict("records"):
        low, high = wilson(row["observed"], row["articles"])
        curves.setdefault(row["class"], []).append((row["predicted"], row["observed"], low, high))
    return charts.reliability_chart(curves)


def term_passages(results: Results, lexicon: str, outlet_rows: np.ndarray, top: int, examples: int) -> list[dict]:
    """The entries an outlet uses most in its own voice: entry, category, hits in its own voice and in all, passages."""
    hits = results.hits
    mine = hits[(hits["lexicon"] == lexicon) & hits["counted"] & (hits["part"] == BODY) & outlet_rows[hits["article"].to_numpy()]]
    own = mine[mine["voice"] == OWN]
    texts = results.entries[results.entries["lexicon"] == lexicon]["entry"].to_numpy()
    counts = own.groupby("entry").agg(count=("article", "size"), articles=("article", "nunique")).reset_index()
    counts = counts.sort_values(["articles", "count", "entry"], ascending=[False, False, True]).head(top)
    everywhere = mine.groupby("entry").size()
    out = []
    for row in counts.to_dict("records"):
        these = own[own["entry"] == row["entry"]]
        chosen = pick(these["position"].to_numpy(), these["article"].to_numpy(), examples, lexicon)
        passages = [make_passage(results, these.iloc[i]) for i in chosen]
        out.append(
            {
                "entry": texts[row["entry"]],
                "category": these["category"].iloc[0],
                "own": int(row["count"]),
                "all": int(everywhere[row["entry"]]),
                "articles": int(row["articles"]),
                "passages": passages,
            }
        )
    return out


def make_passage(results: Results, hit: pd.Series) -> Passage:
    """The passage of one hit."""
    return passage_at(
        int(hit["position"]), int(hit["length"]), results.tokens, results.sentences, results.articles, VOICES[int(hit["voice"])]
    )


def keyness_passages(results: Results, rows: pd.DataFrame, examples: int) -> dict[tuple[str, str], list[Passage]]:
    """Passages of every shown keyness term in its outlet's own voice."""
    tokens = results.tokens
    ids = {term: i for i, term in enumerate(results.terms)}
    outlet_of = results.articles["outlet"].replace("", UNKNOWN_OUTLET).to_numpy()
    mask = (tokens.part == BODY) & (tokens.voice == OWN)
    found: dict[tuple[str, str], list[Passage]] = {}
    for row in rows.to_dict("records"):
        words = [ids[word] for word in row["term"].split()]
        at = np.flatnonzero(mask & (tokens.token == words[0]))
        at = at[outlet_of[tokens.article[at]] == row["outlet"]]
        if len(words) == 2:
            at = at[at + 1 < len(tokens.token)]
            at = at[(tokens.token[at + 1] == words[1]) & (tokens.sentence[at] == tokens.sentence[at + 1])]
        chosen = [at[i] for i in pick(at, tokens.article[at], examples, "keyness")]
        found[row["outlet"], row["term"]] = [
            passage_at(int(p), len(words), tokens, results.sentences, results.articles, "own") for p in chosen
        ]
    return found


def shared_copies(results: Results, most: int = 15) -> list[dict]:
    """Copy groups that span outlets: their articles, by size."""
    table = results.groups.merge(results.articles[["article_id", "outlet", "title", "published", "url"]], on="article_id")
    table = table.assign(outlet=table["outlet"].replace("", UNKNOWN_OUTLET))
    wide = table[table.groupby("copy_group")["outlet"].transform("nunique") > 1]
    groups = []
    for group, rows in wide.groupby("copy_group", sort=True):
        groups.append({"group": group, "articles": rows.sort_values(["published", "outlet", "article_id"]).to_dict("records")})
    return sorted(groups, key=lambda g: (-len(g["articles"]), g["group"]))[:most]


def removal_summary(removals: pd.DataFrame) -> pd.DataFrame:
    """Removals per kind and outlet: number, articles, the commonest text."""
    if removals.empty:
        return pd.DataFrame(columns=["kind", "outlet", "removals", "articles", "commonest"])
    removals = removals.assign(outlet=removals["outlet"].replace("", UNKNOWN_OUTLET))
    grouped = removals.groupby(["kind", "outlet"], sort=True)
    table = grouped.agg(removals=("text", "size"), articles=("article_id", "nunique")).reset_index()
    commonest = [
        rows["text"].value_counts().sort_index().sort_values(ascending=False, kind="stable").index[0][:120] for _, rows in grouped
    ]
    return table.assign(commonest=commonest)


def make_tables(results: Results, shown: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The CSV tables of the report, by file name."""
    estimates, hits = results.estimates, results.hits
    identity = results.articles["article_id"].to_numpy()
    outlet = results.articles["outlet"].to_numpy()
    entry = results.entries.groupby("lexicon")["entry"].apply(lambda part: part.to_numpy()).to_dict()
    texts = np.array([entry[lexicon][row] for lexicon, row in zip(hits["lexicon"], hits["entry"], strict=True)], dtype=object)
    all_hits = pd.DataFrame(
        {
            "article_id": identity[hits["article"]],
            "outlet": outlet[hits["article"]],
            "sentence": hits["sentence"],
            "position": hits["position"],
            "lexicon": hits["lexicon"],
            "category": hits["category"],
            "entry": texts,
            "part": hits["part"].map({0: "title", 1: "subtitle", 2: "body"}),
            "voice": hits["voice"].map(VOICES),
        }
    )
    total = select(estimates, measure="loaded_terms", category="all", voice="own", statistic="rate")
    tables = {
        "outlets": results.outlets,
        "refused": results.refused,
        "removals": removal_summary(results.removals),
        "estimates": estimates,
        "loaded_terms_total": total[["outlet", "estimate", "low", "high", "groups", "hits", "tokens", "status"]],
        "keyness": shown,
        "entries": results.entries,
        "hits": all_hits,
        "null": results.null,
        "within_story": results.within,
        "quoting": results.quoting,
        "word_choice": results.word_choice,
        "distances": results.distances,
        "sensitivity": results.sensitivity,
        "changes": results.changes,
        "audit": results.audit[results.audit["measure"] != "unmatched_entry"],
        "precision": results.precision,
        "groups": results.groups,
        "copies": results.copies,
        "reliability": results.reliability,
        "stance_articles": results.coded,
        "stance_features": results.weights,
        "lexicon_categories": pd.DataFrame(results.categories),
    }
    return {name: table if len(table.columns) else pd.DataFrame({"empty": []}) for name, table in tables.items()}


def make_metrics(results: Results) -> dict[str, Any]:
    """Numbers to follow from run to run (`dvc metrics show`)."""
    stance = {}
    for target, score in results.scores.items():
        stance[target] = {"status": score["status"], "relevant": score["relevant"], "coded": score["coded_in_corpus"]}
        if score.get("agreement"):
            stance[target]["alpha"] = score["agreement"]
        if score["status"] == "ok":
            stance[target] |= {key: score[key] for key in ("macro_f1", "gain_over", "calibration_error", "class_f1")}
    null = {
        row["family"]: {key: row[key] for key in ("below_5_percent_shuffled", "shuffles_with_findings")}
        for row in results.null.to_dict("records")
    }
    sizes = results.groups["copy_group"].value_counts()
    corpus = {
        "articles": len(results.articles),
        "refused": len(results.refused),
        "outlets": len(results.outlets),
        "tokens": int(results.outlets["tokens_all"].sum()),
        "copy_groups": int((sizes > 1).sum()),
        "articles_in_copy_groups": int(sizes[sizes > 1].sum()),
        "stories": int(results.groups["story"].nunique()),
        "removals": len(results.removals),
    }
    return {"corpus": corpus, "stance": stance, "null": null}


def make_provenance(results: Results) -> dict[str, Any]:
    """What the report was made from and with."""
    lexicons = {file: hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in results.params.score.lexicons}
    digest = hashlib.sha256("\n".join(results.articles["article_id"]).encode()).hexdigest()
    return {
        "parallax": __version__,
        "python": ".".join(platform.python_version_tuple()[:2]),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "requirements_lock_sha256": hashlib.sha256(Path("requirements.lock").read_bytes()).hexdigest(),
        "articles": {"count": len(results.articles), "identities_sha256": digest},
        "lexicons_sha256": lexicons,
        "parameters": results.params.model_dump(),
    }


def draw_charts(chunk: Sequence[tuple[str, Job]]) -> list[tuple[str, str]]:
    """Draw some charts: name and SVG text of each."""
    return [(name, function(*arguments)) for name, (function, arguments) in chunk]


def draw_all(jobs: Mapping[str, Job]) -> dict[str, str]:
    """Every chart by name, drawn on all cores."""
    return dict(
        pair for part in map_chunks(draw_charts, list(jobs.items()), "charts", size=1, serial=4, unit=" charts") for pair in part
    )


def stance_charts(results: Results, section: Mapping[str, Any], styles: Mapping[str, tuple[str, str]]) -> dict[str, Job]:
    """Charts of a target's section: shares, the classifier's scores, calibration."""
    score, name = section["score"], f"stance_{section['target'].id}"
    shares = select(results.estimates, measure=f"stance:{section['target'].id}", statistic="share")
    jobs: dict[str, Job] = {}
    if score["status"] not in ("not_mentioned", "no_labels") and shares["estimate"].notna().any():
        jobs[f"{name}_shares"] = (stance_grid, (shares, styles))
    if score["status"] == "ok":
        jobs[f"{name}_scores"] = (score_chart, (score,))
        curve = results.reliability[results.reliability["target"] == section["target"].id]
        jobs[f"{name}_reliability"] = (reliability_figure, (curve,))
    return jobs


def stance_sections(results: Results) -> list[dict]:
    """One section a target: shares, the classifier's scores and its weightiest features."""
    out = []
    for target in active_targets(results.params):
        score = results.scores[target.id]
        measure = f"stance:{target.id}"
        shares = select(results.estimates, measure=measure, statistic="share")
        section: dict[str, Any] = {"target": target, "score": score, "shares": shares.to_dict("records")}
        if score["status"] == "ok":
            weights = results.weights[results.weights["target"] == target.id]
            section["weights"] = {name: part.sort_values("rank")["feature"].tolist() for name, part in weights.groupby("class")}
        out.append(section)
    return out


def make_context(results: Results) -> tuple[dict[str, Any], dict[str, str], pd.DataFrame]:
    """What the page shows; its figures by name; and the keyness terms it shows."""
    params = results.params
    estimates = results.estimates
    labels = category_labels(results.categories)
    outlets = results.outlets["outlet"].tolist()
    styles = charts.outlet_styles(outlets)
    rate = params.compare.false_discovery_rate
    several = len(outlets) > 1
    jobs: dict[str, Job] = {}
    outlet_of = results.articles["outlet"].replace("", UNKNOWN_OUTLET).to_numpy()

    lexicons = []
    for lexicon in results.entries["lexicon"].drop_duplicates():
        total = lexicon in params.report.totals
        own = select(estimates, measure=lexicon, category="all", voice="own", statistic="rate")
        direct = select(estimates, measure=lexicon, category="all", voice="direct", statistic="rate")
        if total and len(own):
            jobs[f"{lexicon}_own"] = (rate_chart, (own, styles, "per 1,000 own-voice tokens"))
        if total and len(direct):
            jobs[f"{lexicon}_direct"] = (rate_chart, (direct, styles, "per 1,000 tokens of direct speech"))
        ratios = select(estimates, measure=lexicon, voice="own", statistic="ratio")
        ratios = ratios[ratios["category"] != "all"]
        if several and len(ratios):
            jobs[f"{lexicon}_categories"] = (ratio_grid, (ratios, labels, styles, rate))
        lexicons.append(
            {
                "name": lexicon,
                "entries": int((results.entries["lexicon"] == lexicon).sum()),
                "unmatched": int(((results.entries["lexicon"] == lexicon) & (results.entries["hits"] == 0)).sum()),
                "categories": int(results.entries[results.entries["lexicon"] == lexicon]["category"].nunique()),
                "audit": audit_rows(results, lexicon, labels),
                "agreement": coding_agreement(results.codes, lexicon),
                "rows": lexicon_rows(estimates, lexicon, labels, outlets),
                "outlets": [
                    {"outlet": o, "terms": term_passages(results, lexicon, outlet_of == o, 8, params.report.examples)}
                    for o in outlets
                ],
            }
        )
        within = select_within(results.within, lexicon)
        if total and several and len(within):
            raw = select(estimates, measure=lexicon, category="all", voice="own", statistic="ratio")
            jobs[f"{lexicon}_stories"] = (story_grid, (raw, within, styles))
        quoting = results.quoting[results.quoting["measure"] == lexicon] if "measure" in results.quoting else pd.DataFrame()
        if total and len(quoting):
            jobs[f"{lexicon}_quoting"] = (quoting_grid, (quoting, styles))
    for measure, names, x_label in (
        ("voice", VOICE_TITLES, "% of body tokens"),
        ("sources", SOURCE_TITLES, "% of attributions"),
        ("cues", CUE_TITLES, "% of attributions"),
    ):
        shares = select(estimates, measure=measure, statistic="rate")
        if len(shares):
            jobs[measure] = (share_grid, (shares, names, styles, x_label, 4 if measure != "voice" else 3))
    if len(results.places) > 2 and "x" in results.places:
        spots = [(row["outlet"], row["x"], row["y"], *styles[row["outlet"]]) for row in results.places.to_dict("records")]
        jobs["map"] = (charts.scatter_map, (spots,))
    shown = keyness_rows(results.keyness, rate, params.report.top_terms)
    passages = {}
    if len(shown):
        jobs["keyness"] = (keyness_grid, (shown, styles))
        passages = keyness_passages(results, shown, params.report.examples)
    stance = stance_sections(results)
    for section in stance:
        jobs |= stance_charts(results, section, styles)
    figures = draw_all(jobs)

    targets = {target.id: target.label for target in active_targets(params)}
    notices = wording.null_notices(results.null, params.compare)
    notices += wording.corpus_notices(
        results.outlets, results.refused, len(results.articles), int(results.articles["lost_characters"].sum()), params.compare
    )
    notices += wording.stance_notices(results.scores, params.predict.min_outlet_labels, estimates)
    notices += wording.precision_notices(results.precision, labels, params.audit.min_precision)
    days = results.articles["published"].str.slice(0, 10)
    days = days[days != ""]
    context = {
        "title": params.report.title,
        "source": SOURCES[params.ingest.source],
        "params": params,
        "articles": len(results.articles),
        "span": (days.min(), days.max()) if len(days) else None,
        "outlets": results.outlets.to_dict("records"),
        "styles": styles,
        "several": several,
        "notices": notices,
        "findings": wording.findings(estimates, labels, targets, params.compare, results.within, results.sensitivity),
        "word_choice": word_choice_sections(results, outlets, params.report.concepts),
        "distances": distance_rows(results.distances, outlets),
        "changes": change_rows(results.changes, labels, rate),
        "lexicons": lexicons,
        "keyness": [
            {"outlet": o, "terms": [{**r, "passages": passages[o, r["term"]]} for r in part.to_dict("records")]}
            for o, part in (shown.groupby("outlet", sort=True) if len(shown) else [])
        ],
        "keyness_tested": int(results.keyness["term"].nunique()) if "term" in results.keyness else 0,
        "null": results.null.to_dict("records"),
        "copies": shared_copies(results),
        "stance": stance,
        "categories": results.categories,
        "abbreviations": results.abbreviations,
        "metrics": make_metrics(results)["corpus"],
        "provenance": make_provenance(results),
        "figures": figures,
    }
    return context, figures, shown


def lexicon_rows(estimates: pd.DataFrame, lexicon: str, labels: Mapping[tuple[str, str], str], outlets: list[str]) -> list[dict]:
    """Table of own-voice rates: one row a category, one cell an outlet (estimate, interval, q of its ratio, status)."""
    rates = select(estimates, measure=lexicon, voice="own", statistic="rate")
    ratios = select(estimates, measure=lexicon, voice="own", statistic="ratio").set_index(["category", "outlet"])["q"]
    rows = []
    for category, part in rates.groupby("category", sort=True):
        cells = part.set_index("outlet").to_dict("index")
        row = {o: {**cells[o], "q": ratios.get((category, o), np.nan)} for o in outlets}
        rows.append(
            {
                "category": category,
                "label": "All together" if category == "all" else label_of(labels, lexicon, category),
                "cells": row,
            }
        )
    return sorted(rows, key=lambda row: (row["category"] != "all", row["label"]))


def audit_rows(results: Results, lexicon: str, labels: Mapping[tuple[str, str], str]) -> list[dict]:
    """The audit of a lexicon, one row a category: size, use, what drives its score, what the score depends on, precision."""
    audit = results.audit[(results.audit["lexicon"] == lexicon) & (results.audit["scope"] == "all")]
    precision = results.precision[results.precision["lexicon"] == lexicon]
    measured = {row["category"]: row for row in precision.to_dict("records")} if "category" in precision else {}
    rows = []
    for category, part in audit.groupby("category", sort=True):
        single = part[part["entry"] == ""].drop_duplicates("measure").set_index("measure")["value"]
        top = part[part["measure"] == "top_entry_share"].sort_values(["value", "entry"], ascending=[False, True])
        rows.append(
            {
                "category": category,
                "label": "All together" if category == "all" else label_of(labels, lexicon, category),
                "top": top[["entry", "value"]].to_dict("records"),
                "precision": measured.get(category),
                **{name: float(single.get(name, np.nan)) for name in AUDIT_MEASURES},
            }
        )
    return sorted(rows, key=lambda row: (row["category"] != "all", row["label"]))


def coding_agreement(codes: pd.DataFrame, lexicon: str) -> dict | None:
    """Krippendorff's alpha of the hits coded twice; None without any."""
    both = codes[(codes["lexicon"] == lexicon) & codes["second"].notna()]
    if both.empty:
        return None
    alpha = closed_form_alpha(both["correct"].astype(str).tolist(), both["second"].astype(int).astype(str).tolist())
    return {"hits": len(both), "alpha": alpha}


def safe_link(url: str) -> str:
    """The address when it is a web address, else nothing: other schemes could run code."""
    return url if url.lower().startswith(("http://", "https://")) else ""


def render_page(context: Mapping[str, Any]) -> str:
    """The page; every value from data is escaped, only the charts (made here) are not."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=wording.number, p_value=wording.p_value, safe_link=safe_link, plural=wording.plural)
    environment.globals.update(CLASSES=CLASSES)
    return environment.get_template("report.html.j2").render(**context)


def write_report(
    page: str, figures: Mapping[str, str], tables: Mapping[str, pd.DataFrame], metrics: dict, provenance: dict
) -> None:
    """Write everything beside the last report first, then put it in its place: a failing run leaves the last report whole."""
    paths.REPORTS.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=paths.REPORTS, prefix=".new."))
    try:
        for name, svg in figures.items():
            write_bytes(work / "figures" / f"{name}.svg", ('<?xml version="1.0" encoding="utf-8"?>\n' + svg).encode("utf-8"))
        (work / "figures").mkdir(exist_ok=True)
        for name, table in tables.items():
            write_bytes(work / "tables" / f"{name}.csv", csv_bytes(table))
        write_json(work / "metrics.json", metrics)
        write_json(work / "provenance.json", provenance)
        write_bytes(work / "index.html", page.encode("utf-8"))
        for name in ("figures", "tables"):
            (work / name).chmod(0o755)
            replace_folder(work / name, paths.REPORTS / name)
        for name in ("metrics.json", "provenance.json", "index.html"):
            (work / name).replace(paths.REPORTS / name)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def main() -> None:
    results = load_results()
    context, figures, shown = make_context(results)
    write_report(render_page(context), figures, make_tables(results, shown), make_metrics(results), context["provenance"])
    print(f"report: {paths.REPORTS / 'index.html'}")


if __name__ == "__main__":
    run_stage(main)
