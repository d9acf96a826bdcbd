"""What the report gives to other programs: tables, metrics, provenance."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline import __version__
from pipeline.conventions import UNKNOWN_OUTLET
from pipeline.panels import select
from pipeline.results import UNSETTLED, Results
from pipeline.tokens import BODY, SUBTITLE, TITLE
from pipeline.voice import VOICES

PARTS = {TITLE: "title", SUBTITLE: "subtitle", BODY: "body"}
PACKAGES = ("scikit-learn", "pandas", "nltk", "matplotlib", "dvc", "scipy", "numpy", "pyarrow", "skops")


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


def flag_summary(articles: pd.DataFrame) -> pd.DataFrame:
    """What cleaning could not settle, one row an outlet: `UNSETTLED`, each with the number of articles concerned."""
    flags = articles[list(UNSETTLED)].assign(lost_initial=(articles["lost_initial"] == "found").astype(int))
    outlet = articles["outlet"].replace("", UNKNOWN_OUTLET)
    counts, concerned = flags.groupby(outlet).sum(), (flags > 0).groupby(outlet).sum()
    table = pd.DataFrame({"articles": outlet.value_counts().sort_index()})
    for flag in UNSETTLED:
        table[flag], table[f"{flag}_articles"] = counts[flag], concerned[flag]
    return table.rename_axis("outlet").reset_index()


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
            "part": hits["part"].map(PARTS),
            "voice": hits["voice"].map(VOICES),
            "counted": hits["counted"],
        }
    )
    said = results.attributions
    attributions = said.drop(columns="article").assign(part=said["part"].map(PARTS))
    attributions.insert(0, "article_id", identity[said["article"]])
    attributions.insert(1, "outlet", outlet[said["article"]])
    total = select(estimates, measure="loaded_terms", category="all", voice="own", statistic="rate")
    tables = {
        "outlets": results.outlets,
        "refused": results.refused,
        "removals": removal_summary(results.removals),
        "flags": flag_summary(results.articles),
        "estimates": estimates,
        "loaded_terms_total": total[["outlet", "estimate", "low", "high", "groups", "hits", "tokens", "status"]],
        "keyness": shown,
        "entries": results.entries,
        "hits": all_hits,
        "attributions": attributions,
        "null": results.null,
        "within_story": results.within,
        "quoting": results.quoting,
        "word_choice": results.word_choice,
        "distances": results.distances,
        "sensitivity": results.sensitivity,
        "changes": results.changes,
        "audit": results.audit[results.audit["measure"] != "unmatched_entry"],
        "precision": results.precision,
        "rivals": results.rivals,
        "groups": results.groups,
        "copies": results.copies,
        "copy_groups": results.copy_groups,
        "edits": results.edits,
        "quotations": results.quotations,
        "stories": results.stories,
        "pairs": results.pairs,
        "weeks": results.weeks,
        "cue_classes": results.cue_classes,
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
    null: dict[str, dict] = {}
    for row in results.null.to_dict("records"):
        numbers = {key: row[key] for key in ("below_5_percent_shuffled", "shuffles_with_findings")}
        null.setdefault(row["null"], {})[row["family"]] = numbers
    sizes = results.groups["copy_group"].value_counts()
    corpus = {
        "articles": len(results.articles),
        "refused": len(results.refused),
        "outlets": len(results.outlets),
        "tokens": int(results.outlets["tokens_all"].sum()),
        "copy_groups": int((sizes > 1).sum()),
        "articles_in_copy_groups": int(sizes[sizes > 1].sum()),
        "stories": int(results.groups["story"].nunique()),
        "stories_of_several": int((results.groups["story"].value_counts() > 1).sum()),
        "digests": int(results.groups["digest"].sum()),
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
