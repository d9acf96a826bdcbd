"""Stage compare: estimates per outlet, contrasts against all others, keyness, stance shares, and the same under shuffled labels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from pipeline import paths
from pipeline.errors import run_stage
from pipeline.inference import Moments, benjamini_hochberg, contrasts, moments, rates, unit_sums
from pipeline.outlets import read_outlet_names
from pipeline.keyness import keyness
from pipeline.labels import CLASSES
from pipeline.matrices import count_matrix, pair_ids
from pipeline.params import Compare, load_params
from pipeline.shares import Share, estimate_share, share_difference
from pipeline.storage import read_table, write_json, write_table
from pipeline.tokens import BODY, TOKEN, TokenTable, load_tokens
from pipeline.voice import DIRECT, MARKED, OWN, VOICES

UNKNOWN_OUTLET = "(unknown outlet)"
OTHERS = "all others"
ALL_VOICES = "all"
OK, THIN, WITHHELD = "ok", "thin", "withheld"
COLUMNS = (
    "measure category voice outlet statistic reference unit estimate low high p q family groups hits tokens status note"
).split()


class Units(NamedTuple):
    """Copy groups within outlets: outlet names, unit of each article, sets (outlets, units) of 0/1."""

    outlets: list[str]
    of_article: np.ndarray
    sets: sparse.csr_matrix

    @property
    def count(self) -> int:
        return self.sets.shape[1]


class Measures(NamedTuple):
    """Counts y and exposures x, (articles, measures) each, with measure, category, voice and unit of every column."""

    y: np.ndarray
    x: np.ndarray
    names: list[tuple[str, str, str, str]]


def make_units(documents: pd.DataFrame) -> Units:
    """Units of a document table with `outlet` and `copy_group`."""
    outlet = documents["outlet"].replace("", UNKNOWN_OUTLET)
    outlets = sorted(outlet.unique())
    pair = outlet + "\x1f" + documents["copy_group"]
    names, of_article = np.unique(pair.to_numpy(dtype=str), return_inverse=True)
    owner = np.array([outlets.index(name.split("\x1f")[0]) for name in names])
    sets = sparse.csr_matrix((np.ones(len(names)), (owner, np.arange(len(names)))), shape=(len(outlets), len(names)))
    return Units(outlets, of_article, sets)


def voice_tokens(tokens: TokenTable) -> dict[str, np.ndarray]:
    """Body tokens per article of each voice, and of all."""
    n = len(tokens.bounds) - 1
    body = tokens.part == BODY
    table = {name: np.bincount(tokens.article[body & (tokens.voice == code)], minlength=n) for code, name in VOICES.items()}
    return {**table, ALL_VOICES: np.bincount(tokens.article[body], minlength=n)}


def build_measures(counts: pd.DataFrame, tokens: TokenTable) -> Measures:
    """Lexicon categories in the outlet's own voice, in direct speech and in all, and the shares of the voices themselves."""
    sizes = voice_tokens(tokens)
    n = len(tokens.bounds) - 1
    body = counts[counts["part"] == BODY]
    columns, exposures, names = [], [], []
    present = set(np.unique(tokens.voice).tolist())
    voices = [(VOICES[code], code) for code in (OWN, DIRECT) if code in present or code == OWN] + [(ALL_VOICES, None)]
    for (lexicon, category), part in body.groupby(["lexicon", "category"], sort=True):
        for voice, code in voices:
            here = part if code is None else part[part["voice"] == code]
            columns.append(np.bincount(here["article"], weights=here["count"], minlength=n))
            exposures.append(sizes[voice])
            which = f"{voice}-voice" if code is not None else "all"
            names.append((lexicon, category, voice, f"per 1,000 {which} tokens"))
    for code in (DIRECT, MARKED):
        columns.append(sizes[VOICES[code]].astype(float))
        exposures.append(sizes[ALL_VOICES])
        names.append(("voice", VOICES[code], ALL_VOICES, "% of tokens"))
    return Measures(np.stack(columns, axis=1), np.stack(exposures, axis=1).astype(float), names)


def scale_of(unit: str) -> float:
    """Factor from a ratio of counts to the unit in which it is told."""
    return 100.0 if unit.startswith("%") else 1000.0


def _status(groups: np.ndarray, params: Compare) -> np.ndarray:
    return np.where(groups < params.min_groups, WITHHELD, np.where(groups < params.thin_groups, THIN, OK))


def _family(measure: str, category: str, voice: str) -> str:
    return f"{measure}{' total' if category == 'all' else ''}, {voice} voice" if measure != "voice" else "voice"


def _whole(m: Moments) -> Moments:
    return Moments(*(np.broadcast_to(part.sum(axis=0), part.shape) for part in m))


def contrast_with_others(m: Moments, params: Compare) -> tuple[np.ndarray, ...]:
    """Ratio, low, high, p of each outlet against all others, NaN below the minimum of groups or hits."""
    others = _whole(m) - m
    found = contrasts(m, others, params.level)
    enough = (m.n >= params.min_groups) & (others.n >= params.min_groups) & (m.y + others.y >= params.min_hits)
    return tuple(np.where(enough, part, np.nan) for part in (found.value, found.low, found.high, found.p))


def compare_measures(measures: Measures, units: Units, params: Compare) -> pd.DataFrame:
    """Rates of every outlet and contrasts against all others, in the columns `COLUMNS`."""
    m = moments(units.sets, unit_sums(measures.y, units.of_article, units.count), unit_sums(measures.x, units.of_article, units.count))
    rate = rates(m, params.level)
    status = _status(m.n, params)
    ratio, low, high, p = contrast_with_others(m, params)
    families = [_family(measure, category, voice) for measure, category, voice, _ in measures.names]
    q = np.full(p.shape, np.nan)
    for family in sorted(set(families)):
        columns = [j for j, name in enumerate(families) if name == family]
        q[:, columns] = benjamini_hochberg(p[:, columns].ravel()).reshape(len(units.outlets), -1)
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
    """Own-voice body counts (units, terms) of the words and word pairs in enough units, token totals (units, 1), and the terms."""
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
    totals = np.bincount(units.of_article[tokens.article[mask]], minlength=units.count).astype(float)[:, None]
    return counts[:, keep].tocsr(), totals, names


def name_words(outlets: list[str], known: list[str]) -> set[str]:
    """Words of the outlets' own names, which mark themselves and not a framing."""
    return {word.lower() for name in [*outlets, *known] for word in TOKEN.findall(name)} - {"the", "of", "and", "new", "news"}


def compare_keyness(
    counts: sparse.csr_matrix, totals: np.ndarray, names: list[str], units: Units, own_names: set[str], params: Compare
) -> pd.DataFrame:
    """One row an outlet and term: effect (log-odds), low, high, z, p, q, counts, copy groups, and a flag on names."""
    if not names or len(units.outlets) < 2:
        return pd.DataFrame()
    result, m, present = keyness(units.sets, counts, totals, params.prior_tokens, params.level)
    enough = np.asarray(m.n[:, :1] >= params.min_groups)
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
            "count": m.y.ravel().astype(int),
            "count_others": (m.y.sum(axis=0) - m.y).ravel().astype(int),
            "groups": present.ravel().astype(int),
            "groups_others": (present.sum(axis=0) - present).ravel().astype(int),
            "outlet_name": np.tile(flagged, k),
        }
    )
    return frame[frame["p"].notna()].reset_index(drop=True)


def shuffled_sets(sets: sparse.csr_matrix, shuffles: int, seed: int) -> list[sparse.csr_matrix]:
    """The sets of units with the outlets' labels dealt anew among all units; numbers of units per outlet stay."""
    rng = np.random.default_rng(seed)
    return [sets[:, rng.permutation(sets.shape[1])] for _ in range(shuffles)]


def null_of_measures(measures: Measures, units: Units, params: Compare) -> pd.DataFrame:
    """What the contrasts find when the outlets' labels mean nothing: one row a family, real beside shuffled."""
    if params.shuffles == 0 or len(units.outlets) < 2:
        return pd.DataFrame()
    y, x = unit_sums(measures.y, units.of_article, units.count), unit_sums(measures.x, units.of_article, units.count)
    k = len(units.outlets)
    real = contrast_with_others(moments(units.sets, y, x), params)[3]
    stacked = sparse.vstack(shuffled_sets(units.sets, params.shuffles, params.seed)).tocsr()
    m = moments(stacked, y, x)
    whole = moments(np.ones((1, units.count)), y, x)
    others = Moments(*(np.broadcast_to(part, m.y.shape) for part in whole)) - m
    p = contrasts(m, others, params.level).p
    enough = (m.n >= params.min_groups) & (others.n >= params.min_groups) & (m.y + others.y >= params.min_hits)
    p = np.where(enough, p, np.nan).reshape(params.shuffles, k, -1)
    families = np.array([_family(measure, category, voice) for measure, category, voice, _ in measures.names])
    rows = [
        null_row(family, real[:, families == family].ravel(), p[:, :, families == family].reshape(params.shuffles, -1), params)
        for family in sorted(set(families.tolist()))
    ]
    return pd.DataFrame(rows)


def null_of_keyness(counts: sparse.csr_matrix, totals: np.ndarray, units: Units, params: Compare) -> pd.DataFrame:
    """The same for keyness, with its own number of shuffles."""
    if params.keyness_shuffles == 0 or counts.shape[1] == 0 or len(units.outlets) < 2:
        return pd.DataFrame()
    real = keyness(units.sets, counts, totals, params.prior_tokens, params.level)[0].p
    drawn = [
        keyness(sets, counts, totals, params.prior_tokens, params.level)[0].p.ravel()
        for sets in shuffled_sets(units.sets, params.keyness_shuffles, params.seed)
    ]
    return pd.DataFrame([null_row("keyness, own voice", real.ravel(), np.stack(drawn), params)])


def null_row(family: str, real: np.ndarray, shuffled: np.ndarray, params: Compare) -> dict:
    """Tests, share below 5 %, findings after correction: for the real labels (tests,) and the shuffled (shuffles, tests)."""
    q_real = benjamini_hochberg(real)
    q = benjamini_hochberg(shuffled)
    rate = params.false_discovery_rate
    tests = np.sum(~np.isnan(shuffled), axis=1)
    with np.errstate(invalid="ignore"):
        found = np.sum(q <= rate, axis=1)
        return {
            "family": family,
            "tests": int(np.sum(~np.isnan(real))),
            "below_5_percent": float(np.nanmean(real <= 0.05)) if np.any(~np.isnan(real)) else np.nan,
            "findings": int(np.sum(q_real <= rate)),
            "shuffles": len(shuffled),
            "below_5_percent_shuffled": float(np.sum(shuffled <= 0.05) / max(tests.sum(), 1)),
            "findings_shuffled_mean": float(found.mean()),
            "shuffles_with_findings": float((found > 0).mean()),
        }


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
    units = make_units(documents)
    measures = build_measures(read_table(paths.COUNTS), tokens)
    estimates = compare_measures(measures, units, params)
    stance = read_table(paths.PREDICTED / "stance.parquet")
    if len(stance):
        estimates = pd.concat([estimates, compare_stance(stance, units.outlets, loaded.predict.min_outlet_labels, params)], ignore_index=True)
    terms = read_table(paths.VOCABULARY, ["term"])["term"].tolist()
    counts, totals, names = keyness_terms(tokens, terms, units, params)
    own_names = name_words(units.outlets, read_outlet_names(paths.OUTLETS))
    found = compare_keyness(counts, totals, names, units, own_names, params)
    null = pd.concat([null_of_measures(measures, units, params), null_of_keyness(counts, totals, units, params)], ignore_index=True)
    write_table(paths.COMPARED / "estimates.parquet", estimates)
    write_table(paths.COMPARED / "keyness.parquet", found if len(found) else pd.DataFrame({"outlet": []}))
    write_table(paths.COMPARED / "null.parquet", null if len(null) else pd.DataFrame({"family": []}))
    write_table(paths.COMPARED / "outlets.parquet", overview(documents, tokens, units))
    write_json(paths.COMPARED / "summary.json", {"articles": len(documents), "units": units.count, "keyness_terms": len(names)})
    print(f"compare: {len(estimates)} estimates, {len(names)} terms tested for keyness")


if __name__ == "__main__":
    run_stage(main)
