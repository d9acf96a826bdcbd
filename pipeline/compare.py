"""Stage compare: estimates per outlet, contrasts against all others, keyness, stance shares, and the same under shuffled labels."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from pipeline import paths
from pipeline.errors import run_stage
from pipeline.inference import benjamini_hochberg, rates
from pipeline.ingest import read_outlet_names
from pipeline.keyness import Terms, keyness, prepare_terms
from pipeline.labels import CLASSES
from pipeline.matrices import count_matrix, pair_ids
from pipeline.measures import (
    ALL_VOICES,
    UNKNOWN_OUTLET,
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
from pipeline.null import null_of_keyness, null_of_measures
from pipeline.params import Compare, load_params
from pipeline.shares import Share, estimate_share, share_difference
from pipeline.storage import read_table, write_json, write_table
from pipeline.tokens import BODY, TOKEN, TokenTable, load_tokens
from pipeline.voice import OWN

OTHERS = "all others"
OK, THIN, WITHHELD = "ok", "thin", "withheld"
COLUMNS = (
    "measure category voice outlet statistic reference unit estimate low high p q family groups hits tokens status note"
).split()


def _status(groups: np.ndarray, params: Compare) -> np.ndarray:
    return np.where(groups < params.min_groups, WITHHELD, np.where(groups < params.thin_groups, THIN, OK))


def compare_measures(measures: Measures, sums: Sums, params: Compare) -> pd.DataFrame:
    """Rates of every outlet and contrasts against all others, in the columns `COLUMNS`."""
    units, families = sums.units, sums.families
    m, (ratio, low, high, _, _, p) = contrast_with_rest(sums, units.sets, all_units(units), params)
    rate = rates(m, params.level)
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
                | {"status": status[i, j], "note": note}
            )
            if len(units.outlets) > 1:
                missing = np.isnan(ratio[i, j])
                rows.append(
                    {**base, "statistic": "ratio", "reference": OTHERS, "unit": "ratio of rates", "family": families[j]}
                    | {"estimate": ratio[i, j], "low": low[i, j], "high": high[i, j], "p": p[i, j], "q": q[i, j]}
                    | {"status": WITHHELD if missing else status[i, j], "note": "too little data" if missing else ""}
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
                    "note": f"too few labels ({len(coded)} of {len(mine)} relevant articles; {min_labels} needed)",
                }
                if enough:
                    share = shares[name][outlet] = _coded_share(mine, name, params.level)
                    base |= {"estimate": 100 * share.value, "low": 100 * share.low, "high": 100 * share.high}
                    base |= {"status": str(_status(np.array(share.groups), params)), "note": f"weight of predictions {share.weight:.2f}"}
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
                    "hits": 0,
                    "tokens": int(sizes[outlet]),
                    "status": str(_status(np.array(share.groups), params)),
                    "note": "",
                }
            )
    return pd.DataFrame(rows, columns=COLUMNS)


def keyness_terms(tokens: TokenTable, terms: list[str], units: Units, params: Compare) -> tuple[sparse.csr_matrix, np.ndarray, list[str]]:
    """Own-voice body counts (units, terms) of the words and word pairs in enough units, token totals (units,), and the terms."""
    mask = (tokens.part == BODY) & (tokens.voice == OWN)
    lettered = np.array([any(c.isalpha() for c in term) for term in terms], dtype=bool)
    left, right, article = pair_ids(tokens, mask & lettered[tokens.token])
    single = mask & lettered[tokens.token]
    width = len(terms) + 1
    key = np.concatenate([tokens.token[single].astype(np.int64) * width, left.astype(np.int64) * width + right + 1])
    unit = units.of_article[np.concatenate([tokens.article[single], article])]
    keys, column = np.unique(key, return_inverse=True)
    counts = count_matrix(unit, column, (units.count, len(keys)))
    spread = np.bincount(counts.indices, minlength=len(keys))
    keep = np.flatnonzero(spread >= params.keyness_min_articles)
    if len(keep) > params.keyness_max_terms:
        order = np.lexsort((keep, -spread[keep]))[: params.keyness_max_terms]
        keep = np.sort(keep[order])
    names = [terms[k // width] if k % width == 0 else f"{terms[k // width]} {terms[k % width - 1]}" for k in keys[keep].tolist()]
    totals = np.bincount(units.of_article[tokens.article[mask]], minlength=units.count).astype(float)
    return counts[:, keep].tocsr(), totals, names


def name_words(outlets: list[str], known: list[str]) -> set[str]:
    """Words of the outlets' own names, which mark themselves and not a framing."""
    return {word.lower() for name in [*outlets, *known] for word in TOKEN.findall(name)} - {"the", "of", "and", "new", "news"}


def compare_keyness(terms: Terms, names: list[str], units: Units, own_names: set[str], params: Compare) -> pd.DataFrame:
    """One row an outlet and term: effect (log-odds), low, high, z, p, q, counts, copy groups, and a flag on names."""
    if not names or len(units.outlets) < 2:
        return pd.DataFrame()
    result = keyness(units.sets, terms, params.prior_tokens, params.level)
    hits, present = result.hits, result.present
    enough = np.asarray(units.sets.sum(axis=1)).reshape(-1, 1) >= params.min_groups
    p = np.where(enough, result.p, np.nan)
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
            "groups": present.ravel().astype(int),
            "groups_others": (present.sum(axis=0) - present).ravel().astype(int),
            "outlet_name": np.tile(flagged, k),
        }
    )
    return frame[frame["p"].notna()].reset_index(drop=True)


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


def main() -> None:
    loaded = load_params()
    params = loaded.compare
    documents = read_table(paths.DOCUMENTS).merge(read_table(paths.GROUPS), on="article_id", how="left", validate="one_to_one")
    tokens = load_tokens()
    units = make_units(documents, params.cluster)
    measures = build_measures(read_table(paths.COUNTS), tokens)
    sums = sum_units(measures, units)
    estimates = compare_measures(measures, sums, params)
    stance = read_table(paths.PREDICTED / "stance.parquet")
    if len(stance):
        estimates = pd.concat([estimates, compare_stance(stance, units.outlets, loaded.predict.min_outlet_labels, params)], ignore_index=True)
    vocabulary = read_table(paths.VOCABULARY, ["term"])["term"].tolist()
    counts, totals, names = keyness_terms(tokens, vocabulary, units, params)
    terms = prepare_terms(counts, totals)
    own_names = name_words(units.outlets, read_outlet_names(paths.OUTLETS))
    found = compare_keyness(terms, names, units, own_names, params)
    null = pd.concat([null_of_measures(sums, params), null_of_keyness(terms, units, params)], ignore_index=True)
    write_table(paths.COMPARED / "estimates.parquet", estimates)
    write_table(paths.COMPARED / "keyness.parquet", found if len(found) else pd.DataFrame({"outlet": []}))
    write_table(paths.COMPARED / "null.parquet", null if len(null) else pd.DataFrame({"family": []}))
    write_table(paths.COMPARED / "outlets.parquet", overview(documents, tokens, units))
    write_json(paths.COMPARED / "summary.json", {"articles": len(documents), "units": units.count, "keyness_terms": len(names)})
    print(f"compare: {len(estimates)} estimates, {len(names)} terms tested for keyness")


if __name__ == "__main__":
    run_stage(main)
