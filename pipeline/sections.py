"""What the sections of the report show: rows of estimates, terms and passages, as the templates want them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.agreement import krippendorff_alpha
from pipeline.conventions import TOTAL, UNKNOWN_OUTLET
from pipeline.panels import label_of, select
from pipeline.params import active_targets
from pipeline.passages import Passage, passage_at, pick
from pipeline.results import Results
from pipeline.tokens import BODY
from pipeline.voice import OWN, VOICES
from pipeline.wording import heading

AUDIT_MEASURES = (
    "entries", "entries_unmatched", "hits", "coverage", "top_entries_share", "length_correlation_rate", "leave_one_out_least_tau",
)  # fmt: skip


def keyness_rows(keyness: pd.DataFrame, rate: float, top: int) -> pd.DataFrame:
    """The shown terms: an outlet's own after correction, by the lower end of the interval; no outlet's name, no part of a pair."""
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


def term_passages(results: Results, lexicon: str, outlet_rows: np.ndarray, top: int, examples: int) -> list[dict]:
    """The entries an outlet uses most in its own voice: entry, category, hits in its own voice and in all, passages."""
    hits = results.hits
    mine = hits[outlet_rows[hits["article"].to_numpy()] & hits["counted"] & (hits["part"] == BODY)]
    mine = mine[mine["lexicon"] == lexicon]
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


def word_choice_sections(results: Results, outlets: list[str], most: int) -> list[dict]:
    """Concepts by how often they are named in own voice: shares of their names per outlet, own minus quoted, passages."""
    table = results.word_choice
    if "concept" not in table:
        return []
    shares = select(table, measure="name_share")
    own = select(shares[shares["estimate"].notna()], voice="own")
    usable = own.groupby("concept").filter(lambda part: part["outlet"].nunique() > 1 and part["name"].nunique() > 1)
    uses = usable.drop_duplicates(["concept", "outlet"]).groupby("concept")["uses"].sum()
    order = uses.reset_index().sort_values(["uses", "concept"], ascending=[False, True])["concept"].tolist()[:most]
    out = []
    for concept in order:
        rows = usable[usable["concept"] == concept]
        names = sorted(rows["name"].unique())
        mine = table[(table["concept"] == concept) & table["estimate"].notna()]
        cells = name_cells(rows)
        out.append(
            {
                "concept": concept,
                "names": names,
                "outlets": [o for o in outlets if (o, names[0]) in cells],
                "cells": cells,
                "quoted": name_cells(select(mine, measure="name_share", voice="quoted")),
                "own_minus_quoted": name_cells(select(mine, measure="own_minus_quoted")),
                "within_story": name_cells(select(mine, measure="within_story")),
                "uses": int(uses[concept]),
                "passages": {name: name_passages(results, concept, name) for name in names},
            }
        )
    return out


def name_cells(rows: pd.DataFrame) -> dict[tuple[str, str], dict]:
    """Rows of the word-choice table by outlet and name."""
    return {(row["outlet"], row["name"]): row for row in rows.to_dict("records")}


def name_passages(results: Results, concept: str, name: str) -> dict[str, list[Passage]]:
    """Passages with a name of a concept, in own voice and quoted."""
    uses = select(results.name_uses, concept=concept, name=name)
    found = {}
    for voice in ("own", "quoted"):
        these = uses[uses["voice"] == voice]
        chosen = pick(these["position"].to_numpy(), these["article"].to_numpy(), results.params.report.examples, "names")
        found[voice] = [
            passage_at(
                int(these["position"].iloc[i]),
                int(these["length"].iloc[i]),
                results.tokens,
                results.sentences,
                results.articles,
                voice,
            )
            for i in chosen
        ]
    return found


def change_rows(changes: pd.DataFrame, labels: Mapping[tuple[str, str], str], rate: float) -> list[dict]:
    """Changes between the halves of the span that hold after correction, own voice, strongest first."""
    if "since" not in changes:
        return []
    rows = changes[(changes["q"] <= rate) & (changes["voice"] == "own")]
    names = zip(rows["measure"], rows["category"], strict=True)
    rows = rows.assign(label=[f"{heading(m)}, all together" if c == TOTAL else label_of(labels, m, c) for m, c in names])
    return rows.sort_values(["q", "measure", "category", "outlet"]).to_dict("records")


def distance_rows(distances: pd.DataFrame, outlets: list[str]) -> dict[tuple[str, str], dict]:
    """Distance of every pair, both ways round."""
    if "reference" not in distances:
        return {}
    cells = {}
    for row in distances.to_dict("records"):
        cells[row["outlet"], row["reference"]] = cells[row["reference"], row["outlet"]] = row
    return {key: value for key, value in cells.items() if key[0] in outlets}


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
    alpha = krippendorff_alpha(both["correct"].astype(str).tolist(), both["second"].astype(int).astype(str).tolist())
    return {"hits": len(both), "alpha": alpha}


def concept_precision(results: Results) -> dict:
    """`rows`: precision of the names of each concept, the total first; `agreement` of their two codings, None without any."""
    lexicon = Path(results.params.score.word_choice).stem
    found = results.precision[results.precision["lexicon"] == lexicon].to_dict("records")
    rows = [
        row | {"label": "All together" if row["category"] == TOTAL else label_of({}, lexicon, row["category"])} for row in found
    ]
    rows.sort(key=lambda row: (row["category"] != TOTAL, row["label"]))
    return {"rows": rows, "agreement": coding_agreement(results.codes, lexicon)}


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


def detectable_rows(estimates: pd.DataFrame, lexicon: str, labels: Mapping[tuple[str, str], str], outlets: list[str]) -> list[dict]:
    """The smallest ratio to all others that would have been found in own voice: one row a category, one value an outlet (NaN:
    too little data)."""
    rows = select(estimates, measure=lexicon, voice="own", statistic="ratio")
    out = []
    for category, part in rows.groupby("category", sort=True):
        found = part.set_index("outlet")["detectable"]
        label = "All together" if category == "all" else label_of(labels, lexicon, category)
        out.append({"category": category, "label": label, "values": [float(found.get(o, np.nan)) for o in outlets]})
    return sorted(out, key=lambda row: (row["category"] != "all", row["label"]))


def reciprocal(ratio: float) -> float:
    """The ratio the other way round; that of 0 is infinity."""
    return 1 / ratio if ratio else float("inf")


def pair_cells(pairs: pd.DataFrame, lexicon: str) -> dict[tuple[str, str], dict]:
    """Ratios of a lexicon's total in own voice, of the outlet in the row to that in the column, both ways round."""
    if "reference" not in pairs:
        return {}
    cells = {}
    for row in select(pairs, measure=lexicon, category="all", voice="own").to_dict("records"):
        cells[row["outlet"], row["reference"]] = row
        other = {name: reciprocal(row[of]) for name, of in (("estimate", "estimate"), ("low", "high"), ("high", "low"))}
        cells[row["reference"], row["outlet"]] = {**row, **other}
    return cells
