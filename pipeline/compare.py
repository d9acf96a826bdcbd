"""Stage compare: estimates per outlet, contrasts against all others, keyness, stance shares, and the same under shuffled
labels.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from pipeline import paths
from pipeline.conventions import ALL_VOICES, OK, OTHERS, THIN, UNKNOWN_OUTLET, WITHHELD
from pipeline.decomposition import decompose
from pipeline.distance import distance, draw_map
from pipeline.errors import InputError, run_stage, suggest
from pipeline.house_style import SELF_NAME, holding, style_kinds, style_of_terms, taken_by
from pipeline.inference import Estimates, benjamini_hochberg, bounded_rates, moments, unit_sums
from pipeline.keyness import Terms, dispersion, keyness, prepare_terms
from pipeline.labels import CLASSES
from pipeline.language import load_language
from pipeline.matrices import count_matrix, pair_ids
from pipeline.measures import (
    Measures,
    Sums,
    Units,
    adjust_within,
    all_units,
    build_measures,
    contrast_with_rest,
    make_units,
    scale_of,
    sum_units,
    voice_tokens,
)
from pipeline.null import null_of_halves, null_of_keyness, null_of_measures, null_within_stories
from pipeline.outlets import read_own_names
from pipeline.pairs import choose_pairs, contrast_pairs, simultaneous
from pipeline.parallel import begin, call
from pipeline.params import PARAMS_FILE, Compare, load_params
from pipeline.power import detectable_ratio
from pipeline.rules import PageRules, load_rules
from pipeline.sensitivity import Elsewhere, make_corpus, sensitivity_table
from pipeline.shares import Share, estimate_share, share_difference
from pipeline.storage import read_table, write_json, write_table
from pipeline.timeline import change_between_halves, unit_days, weekly_rates
from pipeline.tokens import BODY, CAPITALISED, CAPITALS, TOKEN, TokenTable, load_tokens
from pipeline.voice import OWN, VOICES
from pipeline.within_story import Stories, WithinStory, outlet_sums, shared_stories, within_others, within_pairs, within_ratios
from pipeline.word_choice import count_names, measure_word_choice

COLUMNS = [
    *("measure", "category", "voice", "outlet", "statistic", "reference", "unit", "estimate", "low", "high"),
    *("p", "q", "family", "groups", "hits", "tokens", "status", "note", "detectable"),
]

HIT_COLUMNS = ["lexicon", "category", "entry", "article", "length", "part", "voice", "counted"]


def _status(groups: np.ndarray, params: Compare) -> np.ndarray:
    return np.where(groups < params.min_groups, WITHHELD, np.where(groups < params.thin_groups, THIN, OK))


def compare_measures(measures: Measures, sums: Sums, params: Compare) -> pd.DataFrame:
    """Rates of every outlet and contrasts against all others, in the columns `COLUMNS`."""
    units, families = sums.units, sums.families
    m, (ratio, low, high, log_se, df, p) = contrast_with_rest(sums, units.sets, all_units(units), params)
    detectable = detectable_ratio(log_se, df, params.level, params.power)
    rate = bounded_rates(m, params.level)
    status = _status(m.n, params)
    q = adjust_within(families, p, benjamini_hochberg)
    rows = []
    for j, (measure, category, voice, unit) in enumerate(measures.names):
        factor = scale_of(unit)
        for i, outlet in enumerate(units.outlets):
            base = {
                "measure": measure,
                "category": category,
                "voice": voice,
                "outlet": outlet,
                "groups": int(m.n[i, j]),
                "hits": int(m.y[i, j]),
                "tokens": int(m.x[i, j]),
            }
            hidden = status[i, j] == WITHHELD
            note = f"fewer than {params.min_groups} copy groups" if hidden else ""
            values = (np.nan,) * 3 if hidden else tuple(factor * part[i, j] for part in (rate.value, rate.low, rate.high))
            rows.append(
                {**base, "statistic": "rate", "reference": "", "unit": unit, "family": "", "p": np.nan, "q": np.nan}
                | dict(zip(("estimate", "low", "high"), values, strict=True))
                | {"status": status[i, j], "note": note, "detectable": np.nan}
            )
            if len(units.outlets) > 1:
                missing = np.isnan(ratio[i, j])
                rows.append(
                    {**base, "statistic": "ratio", "reference": OTHERS, "unit": "ratio of rates", "family": families[j]}
                    | {"estimate": ratio[i, j], "low": low[i, j], "high": high[i, j], "p": p[i, j], "q": q[i, j]}
                    | {"status": WITHHELD if missing else status[i, j], "note": "too little data" if missing else ""}
                    | {"detectable": detectable[i, j]}
                )
    return pd.DataFrame(rows)[COLUMNS]


def _coded_share(rows: pd.DataFrame, name: str, level: float) -> Share:
    coded = rows[rows["label"] != ""]
    predicted = f"p_{name}"
    usable = rows[predicted].notna().all() and len(rows) > 0
    return estimate_share(
        (coded["label"] == name).to_numpy(),
        coded["probability"].to_numpy(dtype=float),
        coded["copy_group"].to_numpy(dtype=str),
        coded[predicted].to_numpy(dtype=float) if usable else None,
        rows[predicted].to_numpy(dtype=float) if usable else None,
        rows["copy_group"].to_numpy(dtype=str),
        level,
    )


def compare_stance(stance: pd.DataFrame, outlets: list[str], min_labels: int, params: Compare) -> pd.DataFrame:
    """Shares of the classes per outlet and target, and differences from all others, in the columns `COLUMNS`.

    Articles of classes that were not learned have no prediction for them: those shares rest on the labels alone.
    """
    rows = []
    for target, here in stance.groupby("target", sort=True):
        here = here.assign(outlet=here["outlet"].replace("", UNKNOWN_OUTLET))
        shares: dict[str, dict[str, Share]] = {name: {} for name in CLASSES}
        sizes = here["outlet"].value_counts()
        for outlet in outlets:
            mine = here[here["outlet"] == outlet]
            coded = mine[mine["label"] != ""]
            enough = len(coded) >= min_labels and coded["copy_group"].nunique() >= params.min_groups
            for name in CLASSES:
                base = {
                    "measure": f"stance:{target}",
                    "category": name,
                    "voice": ALL_VOICES,
                    "outlet": outlet,
                    "statistic": "share",
                    "reference": "",
                    "unit": "% of relevant articles",
                    "estimate": np.nan,
                    "low": np.nan,
                    "high": np.nan,
                    "p": np.nan,
                    "q": np.nan,
                    "family": "",
                    "groups": int(coded["copy_group"].nunique()),
                    "hits": int((coded["label"] == name).sum()),
                    "tokens": len(mine),
                    "status": WITHHELD,
                    "detectable": np.nan,
                    "note": f"too few labels ({len(coded)} of {len(mine)} relevant articles; {min_labels} needed)",
                }
                if enough:
                    share = shares[name][outlet] = _coded_share(mine, name, params.level)
                    base |= {"estimate": 100 * share.value, "low": 100 * share.low, "high": 100 * share.high}
                    base |= {
                        "status": str(_status(np.array(share.groups), params)),
                        "note": f"weight of predictions {share.weight:.2f}",
                    }
                rows.append(base)
        family = [(name, outlet) for name in CLASSES for outlet in shares[name] if len(shares[name]) > 1]
        differences = [
            share_difference(
                shares[name][outlet],
                [share for other, share in shares[name].items() if other != outlet],
                [int(sizes[other]) for other in shares[name] if other != outlet],
                params.level,
            )
            for name, outlet in family
        ]
        q = benjamini_hochberg(np.array([difference[3] for difference in differences])) if family else []
        labelled = {(row["category"], row["outlet"]): row["hits"] for row in rows if row["measure"] == f"stance:{target}"}
        for (name, outlet), (value, low, high, p), adjusted in zip(family, differences, q, strict=True):
            share = shares[name][outlet]
            rows.append(
                {
                    "measure": f"stance:{target}",
                    "category": name,
                    "voice": ALL_VOICES,
                    "outlet": outlet,
                    "statistic": "difference",
                    "reference": OTHERS,
                    "unit": "percentage points",
                    "estimate": 100 * value,
                    "low": 100 * low,
                    "high": 100 * high,
                    "p": p,
                    "q": adjusted,
                    "family": f"stance:{target}",
                    "groups": share.groups,
                    "hits": labelled[name, outlet],
                    "tokens": int(sizes[outlet]),
                    "status": str(_status(np.array(share.groups), params)),
                    "note": "",
                    "detectable": np.nan,
                }
            )
    return pd.DataFrame(rows, columns=COLUMNS)


def keyness_terms(
    tokens: TokenTable, terms: list[str], units: Units, params: Compare
) -> tuple[sparse.csr_matrix, np.ndarray, list[str]]:
    """Own-voice body counts (units, terms) of the words and word pairs in enough units, token totals (units,), and the terms."""
    mask = (tokens.part == BODY) & (tokens.voice == OWN)
    lettered = np.array([any(c.isalpha() for c in term) for term in terms], dtype=bool)
    unit = units.of_article.astype(np.int32)
    single = mask & lettered[tokens.token]
    words = count_matrix(unit[tokens.article[single]], tokens.token[single], (units.count, len(terms)))
    # A pair is in no more units than each of its words.
    frequent = np.bincount(words.indices, minlength=len(terms)) >= params.keyness_min_articles
    left, right, article = pair_ids(tokens, single & frequent[tokens.token])
    pair, column = np.unique(left.astype(np.int64) * len(terms) + right, return_inverse=True)
    pairs = count_matrix(unit[article], column, (units.count, len(pair)))
    width = len(terms) + 1
    word = np.flatnonzero(frequent)
    keys = np.concatenate([word * width, pair // max(len(terms), 1) * width + pair % max(len(terms), 1) + 1])
    counts = sparse.hstack([words[:, word], pairs]).tocsc()
    spread = np.diff(counts.indptr)
    keep = np.flatnonzero(spread >= params.keyness_min_articles)
    keep = keep[np.argsort(keys[keep], kind="stable")]
    if len(keep) > params.keyness_max_terms:
        keep = keep[np.sort(np.argsort(-spread[keep], kind="stable")[: params.keyness_max_terms])]
    names = [terms[k // width] if k % width == 0 else f"{terms[k // width]} {terms[k % width - 1]}" for k in keys[keep].tolist()]
    totals = np.bincount(units.of_article[tokens.article[mask]], minlength=units.count).astype(float)
    return counts[:, keep].tocsr(), totals, names


def name_words(names: Iterable[str]) -> set[str]:
    """Words of outlets' own names, which mark themselves and not a framing."""
    return {word.lower() for name in names for word in TOKEN.findall(name)} - {"the", "of", "and", "new", "news"}


def usual_forms(tokens: TokenTable, terms: list[str]) -> dict[str, str]:
    """Each word of the outlets' own voice as it is most often written: lower case, capitalised, or in capitals."""
    mask = (tokens.part == BODY) & (tokens.voice == OWN)
    cases = np.bincount(tokens.token[mask].astype(np.int64) * 3 + tokens.case[mask], minlength=3 * len(terms)).reshape(-1, 3)
    usual = cases.argmax(axis=1)
    written = {CAPITALISED: str.capitalize, CAPITALS: str.upper}
    return {terms[i]: written[int(usual[i])](terms[i]) for i in np.flatnonzero(usual).tolist()}


def keyness_styles(
    names: list[str], uses: dict[str, float], units: Units, own_names: dict[str, list[str]], styles: np.ndarray
) -> np.ndarray:
    """Kind of house style of each outlet's terms, (outlets, terms), empty where there is none; styles: that of each term."""
    kinds = np.tile(styles, (len(units.outlets), 1))
    for row, outlet in zip(kinds, units.outlets, strict=True):
        spellings = {" ".join(TOKEN.findall(name)).lower() for name in (outlet, *own_names.get(outlet, []))}
        row[holding(names, set().union(*(taken_by(name, uses) for name in spellings)))] = SELF_NAME
    return kinds


def check_names(params: Compare, kinds: list[str], outlets: list[str]) -> None:
    """Raise `InputError` where `compare.keyness_leave_out` names no kind of house style, or `compare.reference` no outlet."""
    faults = [
        f"compare.keyness_leave_out: no such kind of house style: {kind!r}{suggest(kind, kinds)}"
        for kind in params.keyness_leave_out
        if kind not in kinds
    ]
    if params.reference and params.reference not in outlets:
        faults.append(f"compare.reference: no such outlet: {params.reference!r}{suggest(params.reference, outlets)}")
    if faults:
        raise InputError(PARAMS_FILE, faults)


def compare_keyness(
    terms: Terms, names: list[str], units: Units, kinds: np.ndarray, own_names: set[str], params: Compare
) -> pd.DataFrame:
    """One row an outlet and term: effect (log-odds), low, high, z, p, q, counts, dispersion, copy groups, and flags.

    kinds: house style (outlets, terms), of which those of `keyness_leave_out` are no tests; own_names: words of outlets' names.
    """
    if not names or len(units.outlets) < 2:
        return pd.DataFrame()
    result = keyness(units.sets, terms, params.prior_tokens, params.level)
    hits, present = result.hits, result.present
    enough = np.asarray(units.sets.sum(axis=1)).reshape(-1, 1) >= params.min_groups
    p = np.where(enough & ~np.isin(kinds, params.keyness_leave_out), result.p, np.nan)
    q = benjamini_hochberg(p.ravel()).reshape(p.shape)
    k, n = p.shape
    flagged = np.array([any(word in own_names for word in name.split()) for name in names])
    frame = pd.DataFrame(
        {
            "outlet": np.repeat(units.outlets, n),
            "term": names * k,
            "log_odds": result.effect.ravel(),
            "low": result.low.ravel(),
            "high": result.high.ravel(),
            "z": result.z.ravel(),
            "p": p.ravel(),
            "q": q.ravel(),
            "count": hits.ravel().astype(int),
            "count_others": (hits.sum(axis=0) - hits).ravel().astype(int),
            "dispersion": dispersion(units.sets, terms).ravel(),
            "groups": present.ravel().astype(int),
            "groups_others": (present.sum(axis=0) - present).ravel().astype(int),
            "outlet_name": np.tile(flagged, k),
            "house_style": kinds.ravel(),
        }
    )
    return frame[frame["p"].notna()].reset_index(drop=True)


def keyness_within_stories(
    table: pd.DataFrame, terms: Terms, names: list[str], units: Units, stories: Stories, params: Compare
) -> pd.DataFrame:
    """The keyness table with each outlet's foremost findings set against all others within the same stories.

    within, within_low, within_high: ratio of the rates (Mantel-Haenszel) with its interval; within_stories: stories of
    both with the term; within_status: `ok`, `withheld` below the minima, empty where it isn't computed.
    """
    if table.empty:
        return table
    added = {name: np.full(len(table), np.nan) for name in ("within", "within_low", "within_high")}
    count, status = np.zeros(len(table), dtype=int), np.full(len(table), "", dtype=object)
    holds = table[(table["q"] <= params.false_discovery_rate) & (table["log_odds"] > 0) & ~table["outlet_name"]]
    place = {name: j for j, name in enumerate(names)}
    exposure = terms.exposure[:, None]
    for i, outlet in enumerate(units.outlets):
        mine = holds[holds["outlet"] == outlet].sort_values(["low", "term"], ascending=[False, True])[: params.keyness_within]
        if mine.empty or stories.count == 0:
            continue
        y = terms.counts[:, [place[term] for term in mine["term"]]].toarray()
        families = np.full(y.shape[1], "keyness", dtype=object)
        sums = Sums(units, y, np.broadcast_to(exposure, y.shape), families, np.array([], dtype=int), [np.arange(y.shape[1])])
        # The outlet against all others as one.
        a, t, b, u = (part[[0]] for part in outlet_sums(sums, stories, (stories.owner != i).astype(int)))
        found = within_ratios(a, t, b, u, params)
        rows = mine.index.to_numpy()
        count[rows] = np.sum((a + b > 0) & (t > 0) & (u > 0), axis=1)[0]
        status[rows] = np.where(np.isnan(found.value[0]) | (count[rows] < params.min_groups), WITHHELD, OK)
        for name, part in zip(added, found[:3], strict=True):
            added[name][rows] = np.where(status[rows] == OK, part[0], np.nan)
    return table.assign(**added, within_stories=count, within_status=status)


def compare_cue_classes(attributions: pd.DataFrame | None, units: Units, articles: int, params: Compare) -> pd.DataFrame:
    """How each kind of source is made to speak: shares of the classes of cues among what it is given to say.

    One row an outlet, kind of source and class of cue: outlet, kind, cue_class, count, total (spoken attributions to the kind),
    estimate, low, high (%, clustered by copy group), groups, status.
    """
    if attributions is None or attributions.empty:
        return pd.DataFrame()
    body = attributions[(attributions["part"] == BODY) & attributions["spoken"]]
    classes = sorted(body["cue_class"].unique())
    frames = []
    for kind, here in body.groupby("kind", sort=True):
        article, code = here["article"].to_numpy(), np.searchsorted(classes, here["cue_class"].to_numpy(dtype=str))
        y = np.bincount(article * len(classes) + code, minlength=articles * len(classes)).reshape(articles, -1).astype(float)
        y, x = (unit_sums(part, units.of_article, units.count) for part in (y, y.sum(axis=1, keepdims=True)))
        m = moments(units.sets, y, x)
        rate, status = bounded_rates(m, params.level), _status(m.n, params)
        shown = [np.where(status == WITHHELD, np.nan, 100 * part).ravel() for part in (rate.value, rate.low, rate.high)]
        frames.append(
            pd.DataFrame(
                {
                    "outlet": np.repeat(units.outlets, len(classes)),
                    "kind": kind,
                    "cue_class": classes * len(units.outlets),
                    "count": m.y.ravel().astype(int),
                    "total": m.x.ravel().astype(int),
                    **dict(zip(("estimate", "low", "high"), shown, strict=True)),
                    "groups": m.n.ravel().astype(int),
                    "status": status.ravel(),
                }
            )
        )
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _described(measures: Measures, **columns: np.ndarray) -> pd.DataFrame:
    """Frame of arrays (rows, measures), one row an entry, with measure, category and voice."""
    rows = len(next(iter(columns.values())))
    described = {key: [name[k] for name in measures.names] * rows for k, key in enumerate(("measure", "category", "voice"))}
    return pd.DataFrame({**described, **{name: np.asarray(part).ravel() for name, part in columns.items()}})


def _wide(values: list[str] | np.ndarray, measures: Measures) -> np.ndarray:
    return np.repeat(np.asarray(values, dtype=object)[:, None], len(measures.names), axis=1)


def _families(sums: Sums, found: Estimates, what: str) -> np.ndarray:
    """Names of the families (rows, measures) of contrasts other than those of estimates.parquet."""
    return np.broadcast_to([f"{family}: {what}" for family in sums.families], found.value.shape)


def compare_within_stories(
    measures: Measures, found: WithinStory, sums: Sums, outlet: list[str], reference: list[str], what: str = "within stories"
) -> pd.DataFrame:
    """One row a contrast: within-story ratio with interval, p and q, crude ratio of the same texts, and crude over within.

    what: what sets the family of these contrasts apart from others of the same measures.
    """
    within = found.within
    return _described(
        measures,
        outlet=_wide(outlet, measures),
        reference=_wide(reference, measures),
        estimate=within.value,
        low=within.low,
        high=within.high,
        p=within.p,
        q=adjust_within(sums.families, within.p, benjamini_hochberg),
        family=_families(sums, within, what),
        crude=found.crude,
        mix=found.mix,
        mix_low=found.mix_low,
        mix_high=found.mix_high,
        stories=found.stories,
        hits=found.hits.astype(int),
    )


def compare_pairs(measures: Measures, sums: Sums, params: Compare) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Raw contrasts of pairs of outlets, and the same within stories."""
    outlets = sums.units.outlets
    pairs = choose_pairs(outlets, params.reference)
    if len(pairs.first) == 0:
        return pd.DataFrame(), pd.DataFrame()
    found = contrast_pairs(sums, pairs, params)
    first, second = ([outlets[i] for i in part] for part in pairs)
    frame = _described(
        measures,
        outlet=_wide(first, measures),
        reference=_wide(second, measures),
        estimate=found.value,
        low=found.low,
        high=found.high,
        p=found.p,
        q=adjust_within(sums.families, found.p, benjamini_hochberg),
        family=_families(sums, found, "pairs"),
        detectable=detectable_ratio(found.log_se, found.df, params.level, params.power),
    )
    if params.simultaneous:
        low, high = simultaneous(sums, pairs, found, params)
        frame = frame.assign(simultaneous_low=low.ravel(), simultaneous_high=high.ravel())
    within = within_pairs(sums, shared_stories(sums), *pairs, params)
    return frame, compare_within_stories(measures, within, sums, first, second, "pairs within stories")


def compare_distances(terms: Terms, names: list[str], units: Units, params: Compare) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Distances of all pairs of outlets from their single words, and a map of the outlets."""
    single = np.array([" " not in name for name in names], dtype=bool)
    counts = terms.counts[:, single]
    enough = [i for i in range(len(units.outlets)) if units.sets[i].sum() >= params.min_groups]
    if len(enough) < 2 or counts.shape[1] == 0:
        return pd.DataFrame(), pd.DataFrame()
    parts = {i: counts[np.flatnonzero(units.owner == i)] for i in enough}
    value, rows = np.full((len(enough),) * 2, 0.5), []
    for a, i in enumerate(enough):
        for b, j in enumerate(enough[:a]):
            found = distance(parts[j], parts[i], params.level)
            value[a, b] = value[b, a] = found.value
            rows.append((units.outlets[j], units.outlets[i], *found))
    points = draw_map(value)
    places = pd.DataFrame({"outlet": [units.outlets[i] for i in enough], "x": points[:, 0], "y": points[:, 1]})
    return pd.DataFrame(rows, columns=["outlet", "reference", "estimate", "low", "high", "plug_in"]), places


def compare_time(measures: Measures, sums: Sums, published: pd.Series, params: Compare) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Weekly rates, and the ratio of the second half of the days to the first.

    Both empty where the dates don't span two weeks.
    """
    day = unit_days(published, sums.units)
    weeks = weekly_rates(sums, day, params)
    if weeks is None:
        return pd.DataFrame(), pd.DataFrame()
    factor = np.array([scale_of(unit) for *_, unit in measures.names])
    weekly = _described(
        measures,
        outlet=_wide([sums.units.outlets[i] for i in weeks.outlet], measures),
        week=_wide(weeks.start, measures),
        estimate=weeks.estimates.value * factor,
        low=weeks.estimates.low * factor,
        high=weeks.estimates.high * factor,
        groups=weeks.moments.n.astype(int),
        hits=weeks.moments.y.astype(int),
    )
    middle, change = change_between_halves(sums, day, params)
    changes = _described(
        measures,
        outlet=_wide(sums.units.outlets, measures),
        since=_wide([middle] * len(sums.units.outlets), measures),
        estimate=change.value,
        low=change.low,
        high=change.high,
        p=change.p,
        q=adjust_within(sums.families, change.p, benjamini_hochberg),
        family=_families(sums, change, "change"),
    )
    return weekly, changes


def overview(documents: pd.DataFrame, tokens: TokenTable, units: Units) -> pd.DataFrame:
    """Per outlet: articles, copy groups, articles that are copies of another outlet's, dates, tokens and their voices."""
    sizes = voice_tokens(tokens)
    table = documents.assign(outlet=documents["outlet"].replace("", UNKNOWN_OUTLET), **{f"tokens_{k}": v for k, v in sizes.items()})
    across = table.groupby("copy_group")["outlet"].transform("nunique") > 1
    table = table.assign(shared=across.astype(int), dated=(table["published"] != "").astype(int))
    stamped = table["published"].str.slice(0, 10).replace("", None)
    rows = []
    for i, outlet in enumerate(units.outlets):
        here = table[table["outlet"] == outlet]
        days = stamped[here.index].dropna()
        rows.append(
            {
                "outlet": outlet,
                "articles": len(here),
                "copy_groups": int(units.sets[i].sum()),
                "shared_with_others": int(here["shared"].sum()),
                "stories": int(here["story"].nunique()),
                "dated": int(here["dated"].sum()),
                "first_date": days.min() if len(days) else "",
                "last_date": days.max() if len(days) else "",
                **{f"tokens_{name}": int(here[f"tokens_{name}"].sum()) for name in sizes},
            }
        )
    return pd.DataFrame(rows)


class Inputs(NamedTuple):
    """Tables that the stage reads: documents with their groups, tokens, terms, counts and hits of the lexicons, stance, names of
    known outlets, rules of house style, terms that stand for several spellings, what
    the lexicons find outside the cleaned text; attributions and uses of competing names, where
    there are any.
    """

    documents: pd.DataFrame
    tokens: TokenTable
    vocabulary: list[str]
    counts: pd.DataFrame
    hits: pd.DataFrame
    stance: pd.DataFrame
    own_names: dict[str, list[str]]
    rules: PageRules
    merged: frozenset[str]
    elsewhere: Elsewhere
    attributions: pd.DataFrame | None = None
    name_uses: pd.DataFrame | None = None


def compare_quoting(counts: pd.DataFrame, tokens: TokenTable, units: Units, params: Compare) -> pd.DataFrame:
    """How much of an outlet's difference from all others in a lexicon's total is quoting, and how much wording, voice by voice.

    One row a lexicon, outlet and component (`quoting`, then the voices): measure, outlet, component, estimate, low, high (hits per
    1,000 tokens). Outlets with fewer than `min_groups` units are left out.
    """
    if len(units.outlets) < 2:
        return pd.DataFrame()
    n = len(tokens.bounds) - 1
    sizes = voice_tokens(tokens)
    exposure = np.stack([sizes[name] for name in VOICES.values()], axis=1)
    body = counts[(counts["part"] == BODY) & (counts["category"] == "all")]
    rows = []
    for lexicon, part in body.groupby("lexicon", sort=True):
        hits = np.stack(
            [
                np.bincount(here["article"], weights=here["count"], minlength=n)
                for here in (part[part["voice"] == code] for code in VOICES)
            ],
            axis=1,
        )
        y, x = (unit_sums(table, units.of_article, units.count) for table in (hits, exposure))
        for i, outlet in enumerate(units.outlets):
            inside = units.owner == i
            if min(inside.sum(), (~inside).sum()) < params.min_groups:
                continue
            found = zip(
                ("quoting", *VOICES.values()), *(1000 * part for part in decompose(y, x, inside, params.level)), strict=True
            )
            rows += [(lexicon, outlet, *row) for row in found]
    return pd.DataFrame(rows, columns=["measure", "outlet", "component", "estimate", "low", "high"])


def compare_word_choice(uses: pd.DataFrame | None, documents: pd.DataFrame, params: Compare) -> pd.DataFrame:
    """Shares of competing names per outlet, own voice against quoted, and within stories (`pipeline.word_choice`)."""
    if uses is None or uses.empty:
        return pd.DataFrame()
    named = documents.assign(outlet=documents["outlet"].replace("", UNKNOWN_OUTLET))
    return measure_word_choice(count_names(uses, named), params.level, params.min_groups)


def read_inputs(language: str = "english") -> Inputs:
    """The inputs as the earlier stages wrote them; language: of the articles."""
    documents = read_table(paths.DOCUMENTS).merge(read_table(paths.GROUPS), on="article_id", how="left", validate="one_to_one")
    return Inputs(
        documents,
        load_tokens(),
        read_table(paths.VOCABULARY, ["term"])["term"].tolist(),
        read_table(paths.COUNTS, ["lexicon", "category", "article", "part", "voice", "count"]),
        read_table(paths.HITS, HIT_COLUMNS),
        read_table(paths.PREDICTED / "stance.parquet"),
        read_own_names(paths.OUTLETS),
        load_rules(language),
        frozenset(load_language(language).same_term.values()),
        Elsewhere(
            read_table(paths.REMOVED_HITS, HIT_COLUMNS),
            read_table(paths.REMOVED_TOKENS),
            read_table(paths.UNMENDED_HITS, HIT_COLUMNS),
            read_table(paths.UNMENDED_SIZES),
        ),
        read_table(paths.ATTRIBUTIONS, ["article", "part", "kind", "cue_class", "named", "spoken"]),
        read_table(paths.NAME_USES),
    )


def compare(inputs: Inputs, params: Compare, min_labels: int) -> tuple[dict[str, pd.DataFrame], dict[str, int]]:
    """All tables of the stage by name, and the summary."""
    documents, tokens = inputs.documents, inputs.tokens
    units = make_units(documents, params.cluster)
    check_names(params, style_kinds(inputs.rules), units.outlets)
    measures = build_measures(inputs.counts, tokens, inputs.attributions)
    sums = sum_units(measures, units)
    stories = shared_stories(sums)
    # Half of the work and more: in other processes, beside all that follows here.
    shuffled = begin(
        call,
        [(null_within_stories, sums, stories, params), (null_of_measures, sums, params), (null_of_halves, sums, params)],
        serial=1,
    )
    estimates = compare_measures(measures, sums, params)
    if len(inputs.stance):
        shares = compare_stance(inputs.stance, units.outlets, min_labels, params)
        estimates = pd.concat([estimates, shares], ignore_index=True)
    counts, totals, names = keyness_terms(tokens, inputs.vocabulary, units, params)
    terms = prepare_terms(counts, totals)
    uses = dict(zip(names, terms.hits.tolist(), strict=True))
    styles = style_of_terms(names, uses, usual_forms(tokens, inputs.vocabulary), inputs.merged, inputs.rules)
    kinds = keyness_styles(names, uses, units, inputs.own_names, styles)
    known = name_words([*units.outlets, *(name for own in inputs.own_names.values() for name in own)])
    left_out = np.isin(styles, params.keyness_leave_out)
    tested = prepare_terms(counts[:, ~left_out], totals) if left_out.any() else terms
    shuffled_keyness = begin(call, [(null_of_keyness, tested, units, params)], serial=1)
    within = compare_within_stories(
        measures, within_others(sums, stories, params), sums, units.outlets, [OTHERS] * len(units.outlets)
    )
    pairs, pairs_within = compare_pairs(measures, sums, params)
    distances, places = compare_distances(terms, names, units, params)
    weeks, changes = compare_time(measures, sums, documents["published"], params)
    tables = {
        "estimates": estimates,
        "keyness": keyness_within_stories(
            compare_keyness(terms, names, units, kinds, known, params), terms, names, units, stories, params
        ),
        "outlets": overview(documents, tokens, units),
        "within_story": pd.concat([within, pairs_within], ignore_index=True),
        "pairs": pairs,
        "sensitivity": sensitivity_table(make_corpus(documents, inputs.hits, tokens, inputs.elsewhere), params),
        "distances": distances,
        "map": places,
        "weeks": weeks,
        "changes": changes,
        "quoting": compare_quoting(inputs.counts, tokens, units, params),
        "cue_classes": compare_cue_classes(inputs.attributions, units, len(documents), params),
        "word_choice": compare_word_choice(inputs.name_uses, documents, params),
    }
    within_null, null, halves_null = shuffled()
    tables["null"] = pd.concat([null, *shuffled_keyness()], ignore_index=True)
    tables["null_further"] = pd.concat([halves_null, within_null], ignore_index=True)
    return tables, {"articles": len(documents), "units": units.count, "keyness_terms": len(names)}


def main() -> None:
    params = load_params()
    tables, summary = compare(read_inputs(params.tokenize.language), params.compare, params.predict.min_outlet_labels)
    for name, table in tables.items():
        # A table without rows keeps one column, so that a reader finds a table.
        write_table(paths.COMPARED / f"{name}.parquet", table if len(table.columns) else pd.DataFrame({"outlet": []}))
    write_json(paths.COMPARED / "summary.json", summary)
    print(f"compare: {len(tables['estimates'])} estimates, {summary['keyness_terms']} terms tested for keyness")


if __name__ == "__main__":
    run_stage(main)
