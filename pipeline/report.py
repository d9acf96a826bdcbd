"""Stage report: charts, tables and self-contained pages, from what the other stages estimated; nothing is computed anew."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from pipeline import charts, paths, wording
from pipeline.attribution import load_rules
from pipeline.conventions import THIN, UNKNOWN_OUTLET
from pipeline.coverage import article_rows, copy_rows, own_counts, own_hits, quotation_rows, speaker_rows, story_rows
from pipeline.errors import run_stage
from pipeline.exports import flag_summary, make_metrics, make_provenance, make_tables
from pipeline.findings import find
from pipeline.labels import CLASSES
from pipeline.panels import (
    category_labels,
    keyness_grid,
    map_spots,
    quoting_grid,
    rate_chart,
    ratio_grid,
    reliability_figure,
    score_chart,
    select,
    select_weeks,
    select_within,
    share_grid,
    stance_grid,
    story_grid,
    week_chart,
)
from pipeline.parallel import begin, call
from pipeline.params import active_targets
from pipeline.results import Results, load_results
from pipeline.sections import (
    audit_rows,
    change_rows,
    coding_agreement,
    concept_precision,
    detectable_rows,
    distance_rows,
    keyness_passages,
    keyness_rows,
    lexicon_rows,
    pair_cells,
    stance_sections,
    term_passages,
    word_choice_sections,
)
from pipeline.storage import csv_bytes, replace_folder, write_bytes, write_json

TEMPLATES = Path(__file__).parent / "templates"
PAGES = ("stories", "audit", "index")
# Proposed names shown of tables/rivals.csv.
SHOWN_RIVALS = 30
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
# How surely a text comes from its likely origin, and how that is known.
ORIGINS = {
    "credit": ("from", "credited"),
    "agency_outlet": ("probably from", "an agency among the outlets"),
    "one_outlet": ("from", "the only outlet"),
    "earliest": ("perhaps from", "alone on the first day; hours are not known"),
}
SOURCES = {
    "demo": "the public corpus of Dai (2017), nine outlets, February and March 2017",
    "example": "the small invented corpus that comes with Parallax",
    "files": "your own articles",
}


# A chart to draw: the function and its arguments.
Job = tuple[Callable[..., str], tuple]


def begin_charts(jobs: Mapping[str, Job]) -> Callable[[], dict[str, str]]:
    """Begin to draw the charts, those of most rows first; what is returned waits for them and gives them by name."""
    order = sorted(jobs, key=lambda name: -len(jobs[name][1][0]))
    wait = begin(call, [(function, *arguments) for function, arguments in map(jobs.__getitem__, order)], serial=4)
    return lambda: dict(zip(order, wait(), strict=True))


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


def lexicon_section(results: Results, lexicon: str, labels: Mapping[tuple[str, str], str], outlets: list[str]) -> dict[str, Any]:
    """Numbers, terms and passages of one lexicon."""
    estimates, params = results.estimates, results.params
    entries = results.entries[results.entries["lexicon"] == lexicon]
    outlet_of = results.articles["outlet"].replace("", UNKNOWN_OUTLET).to_numpy()
    total = lexicon in params.report.totals
    alone = results._replace(hits=results.hits[results.hits["lexicon"] == lexicon])
    return {
        "name": lexicon,
        "entries": len(entries),
        "unmatched": int((entries["hits"] == 0).sum()),
        "categories": int(entries["category"].nunique()),
        "audit": audit_rows(results, lexicon, labels),
        "agreement": coding_agreement(results.codes, lexicon),
        "rows": lexicon_rows(estimates, lexicon, labels, outlets),
        "told": bool(select(estimates, measure=lexicon, voice="own", statistic="rate")["estimate"].notna().any()),
        "detectable": detectable_rows(estimates, lexicon, labels, outlets),
        "pairs": pair_cells(results.pairs, lexicon) if total else {},
        "outlets": [
            {"outlet": o, "terms": term_passages(alone, lexicon, outlet_of == o, 8, params.report.examples)} for o in outlets
        ],
    }


def lexicon_charts(
    results: Results, lexicon: str, labels: Mapping[tuple[str, str], str], styles: Mapping[str, tuple[str, str]]
) -> dict[str, Job]:
    """Charts of a lexicon's section: rates, ratios, within stories, quoting against wording, weeks; the total's only where one is
    meant."""
    estimates, several = results.estimates, len(styles) > 1
    jobs: dict[str, Job] = {}
    ratios = select(estimates, measure=lexicon, voice="own", statistic="ratio")
    single = ratios[ratios["category"] != "all"]
    if several and single["estimate"].notna().any():
        jobs[f"{lexicon}_categories"] = (ratio_grid, (single, labels, styles, results.params.compare.false_discovery_rate))
    if lexicon not in results.params.report.totals:
        return jobs
    for voice, x_label in (("own", "per 1,000 own-voice tokens"), ("direct", "per 1,000 tokens of direct speech")):
        rates = select(estimates, measure=lexicon, category="all", voice=voice, statistic="rate")
        if rates["estimate"].notna().any():
            jobs[f"{lexicon}_{voice}"] = (rate_chart, (rates, styles, x_label))
    within = select_within(results.within, lexicon)
    if several and len(within) and ratios["estimate"].notna().any():
        jobs[f"{lexicon}_stories"] = (story_grid, (ratios[ratios["category"] == "all"], within, styles))
    quoting = results.quoting[results.quoting["measure"] == lexicon] if "measure" in results.quoting else pd.DataFrame()
    if len(quoting) and quoting["estimate"].notna().any():
        thin = set(ratios.loc[ratios["status"] == THIN, "outlet"])
        jobs[f"{lexicon}_quoting"] = (quoting_grid, (quoting, styles, thin))
    weeks = select_weeks(results.weeks, lexicon)
    if len(weeks):
        jobs[f"{lexicon}_weeks"] = (week_chart, (weeks, styles, "per 1,000 own-voice tokens"))
    return jobs


def share_charts(estimates: pd.DataFrame, styles: Mapping[str, tuple[str, str]]) -> dict[str, Job]:
    """Charts of voices, sources and cues."""
    jobs: dict[str, Job] = {}
    for measure, names, x_label, columns in (
        ("voice", VOICE_TITLES, "% of body tokens", 3),
        ("sources", SOURCE_TITLES, "% of spoken attributions", 4),
        ("cues", CUE_TITLES, "% of spoken attributions", 4),
    ):
        shares = select(estimates, measure=measure, statistic="rate")
        if shares["estimate"].notna().any():
            jobs[measure] = (share_grid, (shares, names, styles, x_label, columns))
    return jobs


def coverage_context(results: Results) -> dict[str, Any]:
    """What the page on stories shows."""
    most, articles = results.params.report.stories, results.articles
    lexicon = next(iter(results.params.report.totals), "")
    entries = results.entries.loc[results.entries["lexicon"] == lexicon, "entry"].to_numpy()
    counts = own_counts(results.tokens, results.hits, lexicon, len(articles))
    mine = own_hits(results.hits, lexicon)
    return {
        "story_lexicon": lexicon,
        "stories": story_rows(results.stories, results.groups, articles, counts, mine, entries, most),
        "copies": copy_rows(results.copy_groups, results.groups, results.edits, articles, most),
        "quotations": quotation_rows(results.quotations, articles, most),
    }


def article_context(results: Results, labels: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """What is shown of single articles and speakers."""
    articles = results.articles
    entries = {name: part["entry"].to_numpy() for name, part in results.entries.groupby("lexicon", sort=False)}
    small = len(articles) <= results.params.report.single_articles
    totals = results.params.report.totals
    rows = article_rows(articles, results.tokens, results.hits, results.attributions, entries, labels, totals) if small else []
    names = load_rules(results.params.tokenize.language).sources
    return {"single": rows, "speakers": speaker_rows(articles, results.attributions, names)}


def make_notices(results: Results, labels: Mapping[tuple[str, str], str]) -> list[str]:
    """What a reader must know before any number: what is thin, missing or failed."""
    params = results.params
    notices = wording.null_notices(results.null, params.compare)
    notices += wording.corpus_notices(
        results.outlets, results.refused, len(results.articles), int(results.articles["lost_characters"].sum()), params.compare
    )
    notices += wording.period_notices(results.articles, params.compare)
    notices += wording.stance_notices(results.scores, params.predict.min_outlet_labels, results.estimates)
    return notices + wording.precision_notices(results.precision, labels, params.audit.min_precision)


def make_context(results: Results) -> tuple[dict[str, Any], Callable[[], dict[str, str]], pd.DataFrame]:
    """What the pages show but for their figures; those by name, which are being drawn and have to be waited for; and the keyness
    terms they show."""
    params, estimates = results.params, results.estimates
    labels = category_labels(results.categories)
    outlets = results.outlets["outlet"].tolist()
    styles = charts.outlet_styles(outlets)
    rate = params.compare.false_discovery_rate
    names = results.entries["lexicon"].drop_duplicates().tolist()
    stance = stance_sections(results)
    shown = keyness_rows(results.keyness, rate, params.report.top_terms)

    jobs: dict[str, Job] = {}
    for lexicon in names:
        jobs |= lexicon_charts(results, lexicon, labels, styles)
    jobs |= share_charts(estimates, styles)
    spots = map_spots(results.places, styles)
    if spots:
        jobs["map"] = (charts.scatter_map, (spots,))
    if len(shown):
        jobs["keyness"] = (keyness_grid, (shown, styles))
    for section in stance:
        jobs |= stance_charts(results, section, styles)
    drawn = begin_charts(jobs)

    passages = keyness_passages(results, shown, params.report.examples)
    targets = {target.id: target.label for target in active_targets(params)}
    days = results.articles["published"].str.slice(0, 10)
    days = days[days != ""]
    context = {
        "title": params.report.title,
        "source": SOURCES[params.ingest.source],
        "params": params,
        "rate": rate,
        "level": f"{100 * params.compare.level:.0f}",
        "articles": len(results.articles),
        "span": (days.min(), days.max()) if len(days) else None,
        "outlets": results.outlets.to_dict("records"),
        "known_outlets": len(set(outlets) - {UNKNOWN_OUTLET}),
        "unknown": int(results.outlets.loc[results.outlets["outlet"] == UNKNOWN_OUTLET, "articles"].sum()),
        "styles": styles,
        "several": len(outlets) > 1,
        "notices": make_notices(results, labels),
        "flags": flag_summary(results.articles).to_dict("records"),
        "findings": find(estimates, labels, targets, params.report.totals, params.compare, results.within, results.sensitivity),
        "word_choice": word_choice_sections(results, outlets, params.report.concepts),
        "concepts": concept_precision(results),
        "distances": distance_rows(results.distances, outlets),
        "changes": change_rows(results.changes, labels, rate),
        "lexicons": [lexicon_section(results, lexicon, labels, outlets) for lexicon in names],
        "keyness": [
            {"outlet": o, "terms": [{**r, "passages": passages[o, r["term"]]} for r in part.to_dict("records")]}
            for o, part in (shown.groupby("outlet", sort=True) if len(shown) else [])
        ],
        "keyness_tested": int(results.keyness["term"].nunique()) if "term" in results.keyness else 0,
        "null": results.null.to_dict("records"),
        "stance": stance,
        "categories": results.categories,
        "abbreviations": results.abbreviations,
        "metrics": make_metrics(results)["corpus"],
        "provenance": make_provenance(results),
        "rivals": results.rivals.head(SHOWN_RIVALS).to_dict("records"),
        **article_context(results, labels),
        **coverage_context(results),
    }
    return context, drawn, shown


def safe_link(url: str) -> str:
    """The address when it is a web address, else nothing: other schemes could run code."""
    return url if url.lower().startswith(("http://", "https://")) else ""


def render_page(context: Mapping[str, Any], page: str = "index") -> str:
    """One of `PAGES`; every value from data is escaped, only the charts (made here) are not."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=wording.number,
        p_value=wording.p_value,
        points=wording.points,
        heading=wording.heading,
        plural=wording.plural,
        safe_link=safe_link,
    )
    environment.globals.update(CLASSES=CLASSES, ORIGINS=ORIGINS)
    return environment.get_template(f"{page}.html.j2").render(**context, page=page)


def write_report(
    pages: Mapping[str, str], figures: Mapping[str, str], tables: Mapping[str, bytes], metrics: dict, provenance: dict
) -> None:
    """Write pages, figures (SVG) and tables (CSV) by name, metrics and provenance.

    Everything beside the last report first, then put in its place: a failing run leaves the last report whole.
    """
    paths.REPORTS.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=paths.REPORTS, prefix=".new."))
    try:
        for name, svg in figures.items():
            write_bytes(work / "figures" / f"{name}.svg", ('<?xml version="1.0" encoding="utf-8"?>\n' + svg).encode("utf-8"))
        (work / "figures").mkdir(exist_ok=True)
        for name, table in tables.items():
            write_bytes(work / "tables" / f"{name}.csv", table)
        write_json(work / "metrics.json", metrics)
        write_json(work / "provenance.json", provenance)
        for name, page in pages.items():
            write_bytes(work / f"{name}.html", page.encode("utf-8"))
        for name in ("figures", "tables"):
            (work / name).chmod(0o755)
            replace_folder(work / name, paths.REPORTS / name)
        for name in ("metrics.json", "provenance.json", *(f"{page}.html" for page in pages)):
            (work / name).replace(paths.REPORTS / name)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def main() -> None:
    results = load_results()
    context, drawn, shown = make_context(results)
    tables = {name: csv_bytes(table) for name, table in make_tables(results, shown).items()}
    figures = drawn()
    pages = {page: render_page(context | {"figures": figures}, page) for page in PAGES}
    write_report(pages, figures, tables, make_metrics(results), context["provenance"])
    print(f"report: {paths.REPORTS / 'index.html'}")


if __name__ == "__main__":
    run_stage(main)
