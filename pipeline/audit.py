"""The audit of a lexicon: what drives each category's score, and what the score depends on besides the words.

All functions are pure and give rows of one long table: lexicon, category (or `all`, overlaps counted once), scope, measure,
entry, outlet, value, n. Scopes: `all`; `without_quotations` (own voice only); `without_copies` (one article a copy group, its
first); `without_both`. Rates are hits per 1,000 tokens of the scope.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special

from pipeline import paths
from pipeline.conventions import TOTAL
from pipeline.errors import InputError, run_stage
from pipeline.lexicon_formats import read_text
from pipeline.params import load_params
from pipeline.storage import read_table, write_table
from pipeline.tokens import TokenTable, load_tokens
from pipeline.voice import OWN

SCOPES = ("all", "without_quotations", "without_copies", "without_both")
COLUMNS = ["lexicon", "category", "scope", "measure", "entry", "outlet", "value", "n"]
TOP_ENTRIES = 5
MOST_CHANGING = 5


def describe_articles(tokens: TokenTable, outlet: pd.Series, copy_group: pd.Series) -> pd.DataFrame:
    """Outlet, copy_group, tokens, own_tokens (in the outlet's own voice) and first (of its copy group) of each article."""
    n = len(tokens.bounds) - 1
    return pd.DataFrame(
        {
            "outlet": outlet.to_numpy(),
            "copy_group": copy_group.to_numpy(),
            "tokens": np.diff(tokens.bounds),
            "own_tokens": np.bincount(tokens.article[tokens.voice == OWN], minlength=n),
            "first": ~copy_group.duplicated().to_numpy(),
        }
    )


def _ranks(rates: np.ndarray) -> np.ndarray:
    """Ranks along the first axis, 1 the highest rate, ties sharing their mean."""
    return pd.DataFrame(-rates).rank().to_numpy()


def leave_one_out(counts: np.ndarray, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much the ranking of outlets by rate depends on each entry: Kendall's tau-b with the full ranking, and the greatest
    change of any outlet's rank, when the entry's hits are taken out (what else its words might then match is not added).

    counts: outlets x entries; tokens: of each outlet, above 0. Tau is NaN where a ranking has no order at all.
    """
    total = counts.sum(axis=1)
    full = _ranks((total / tokens)[:, None])
    without = _ranks((total[:, None] - counts) / tokens[:, None])
    shift = np.abs(without - full).max(axis=0)
    pairs = np.triu_indices(len(tokens), 1)
    a = np.sign(full[pairs[0]] - full[pairs[1]])
    b = np.sign(without[pairs[0]] - without[pairs[1]])
    with np.errstate(invalid="ignore"):
        tau = (a * b).sum(axis=0) / np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    return tau, shift


def length_confound(count: np.ndarray, tokens: np.ndarray) -> tuple[float, float]:
    """Spearman's correlation, over articles, of tokens with hits per token and with hits; NaN where either does not vary."""
    used = tokens > 0
    length, hits = tokens[used], count[used]
    rate = hits / length
    found = [
        float(np.corrcoef(_ranks(length[:, None])[:, 0], _ranks(score[:, None])[:, 0])[0, 1])
        if len(length) > 2 and np.ptp(score) > 0 and np.ptp(length) > 0
        else np.nan
        for score in (rate, hits)
    ]
    return found[0], found[1]


def _audit_category(
    article: np.ndarray, entry: np.ndarray, length: np.ndarray, outlet: np.ndarray, names: list[str], outlets: list[str]
) -> list[tuple]:
    """Rows (measure, entry, outlet, value, n) of one category in one scope.

    article, entry: of each hit; length, outlet: tokens and row of `outlets` of each article; names: the category's entries.
    """
    counts = np.bincount(entry, minlength=len(names))
    total = int(counts.sum())
    per_article = np.bincount(article, minlength=len(length))
    used = length > 0
    articles = int(used.sum())
    matched = np.flatnonzero(counts)
    rows: list[tuple] = [
        ("hits", "", "", total, articles),
        ("coverage", "", "", float((per_article[used] > 0).mean()) if articles else np.nan, articles),
        ("entries", "", "", len(names), total),
        ("entries_unmatched", "", "", len(names) - len(matched), len(names)),
    ]
    rows += [("unmatched_entry", names[k], "", 0, total) for k in np.flatnonzero(counts == 0)]
    top = np.argsort(-counts, kind="stable")[:TOP_ENTRIES]
    top = top[counts[top] > 0]
    rows += [("top_entry_share", names[k], "", counts[k] / total, total) for k in top]
    rows.append(("top_entries_share", "", "", counts[top].sum() / total if total else np.nan, total))
    by_rate, by_count = length_confound(per_article, length)
    rows += [("length_correlation_rate", "", "", by_rate, articles), ("length_correlation_count", "", "", by_count, articles)]
    tokens = np.bincount(outlet, weights=length, minlength=len(outlets))
    table = np.zeros((len(outlets), len(names)))
    np.add.at(table, (outlet[article], entry), 1)
    some = np.flatnonzero(tokens)
    rows += [("outlet_rate", "", outlets[o], 1000 * table[o].sum() / tokens[o], int(tokens[o])) for o in some]
    if len(some) > 1 and len(matched):
        tau, shift = leave_one_out(table[np.ix_(some, matched)], tokens[some])
        order = np.lexsort((-shift, tau))[:MOST_CHANGING]
        order = order[shift[order] > 0]
        rows += [("leave_one_out_tau", names[matched[k]], "", tau[k], total) for k in order]
        rows += [("leave_one_out_rank_change", names[matched[k]], "", shift[k], total) for k in order]
        rows.append(("leave_one_out_least_tau", "", "", float(np.nanmin(tau)) if not np.isnan(tau).all() else np.nan, len(matched)))
        rows.append(("leave_one_out_greatest_rank_change", "", "", float(shift.max()), len(matched)))
    return rows


def audit_lexicon(hits: pd.DataFrame, entries: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    """The audit of one lexicon, all categories and scopes.

    hits, entries: as `score` writes them, of this lexicon; articles: `describe_articles`, in order of the articles' rows.
    Measures: hits, coverage (share of articles with a hit), entries, entries_unmatched, unmatched_entry (one row an entry),
    top_entry_share (five rows), top_entries_share, length_correlation_rate and _count (Spearman), outlet_rate (one row an
    outlet), leave_one_out_tau and leave_one_out_rank_change (the five entries that change most), and the extremes of the two.
    """
    name = entries["lexicon"].iloc[0]
    outlets, outlet = np.unique(articles["outlet"].to_numpy(), return_inverse=True)
    rows: list[tuple] = []
    categories = entries["category"].to_numpy()
    texts = entries["entry"].to_numpy()
    own_hit = (hits["voice"] == OWN).to_numpy()
    first_hit = articles["first"].to_numpy()[hits["article"]]
    for scope in SCOPES:
        mask = np.ones(len(hits), dtype=bool)
        length = articles["tokens"].to_numpy()
        if scope in ("without_quotations", "without_both"):
            mask, length = mask & own_hit, articles["own_tokens"].to_numpy()
        if scope in ("without_copies", "without_both"):
            mask, length = mask & first_hit, np.where(articles["first"], length, 0)
        for category in [*sorted(set(categories)), TOTAL]:
            whole = category == TOTAL
            members = np.arange(len(entries)) if whole else np.flatnonzero(categories == category)
            mine = hits[mask & (hits["counted"] if whole else hits["category"] == category).to_numpy()]
            number = np.searchsorted(members, mine["entry"].to_numpy())
            found = _audit_category(mine["article"].to_numpy(), number, length, outlet, texts[members].tolist(), outlets.tolist())
            rows += [(name, category, scope, *row) for row in found]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"value": float})


def wilson_interval(successes: float, n: float, level: float) -> tuple[float, float]:
    """Wilson's (1927) interval of a share; successes and n may be effective numbers, n above 0."""
    z = float(special.ndtri((1 + level) / 2))
    share = successes / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def measure_precision(codes: pd.DataFrame, entries: pd.DataFrame, level: float) -> pd.DataFrame:
    """Precision from hits that a person read in context, per category and over all, with its interval.

    codes: lexicon, category, correct (0/1), one row a hit, drawn at random within its category; entries: as `score` writes
    them. Over all categories each one's precision has the weight of its hits: p = sum_h W_h p_h, variance sum_h W_h^2
    p_h (1 - p_h) / (n_h - 1); its interval is Wilson's at the size that gives that variance. Columns: lexicon, category,
    coded, hits, precision, low, high. A category with a single coded hit counts with the variance of p = 1/2.
    """
    hits = entries.groupby(["lexicon", "category"])["hits"].sum()
    rows: list[tuple] = []
    for lexicon, of_lexicon in codes.groupby("lexicon"):
        share, variance, weight = [], [], []
        for category, coded in of_lexicon.groupby("category"):
            n, right = len(coded), int(coded["correct"].sum())
            p = right / n
            rows.append((lexicon, category, n, int(hits[lexicon, category]), p, *wilson_interval(right, n, level)))
            share.append(p)
            variance.append(p * (1 - p) / (n - 1) if n > 1 else 0.25)
            weight.append(int(hits[lexicon, category]))
        w = np.array(weight) / max(sum(weight), 1)
        p, v = float(w @ share), float(w**2 @ variance)
        n = p * (1 - p) / v if v > 0 else float(len(of_lexicon))
        rows.append((lexicon, TOTAL, len(of_lexicon), sum(weight), p, *wilson_interval(p * n, n, level)))
    return pd.DataFrame(rows, columns=["lexicon", "category", "coded", "hits", "precision", "low", "high"])


def parse_codes(text: str, source: str) -> pd.DataFrame:
    """Coded hits: category, entry, correct (0/1), second (0/1, or NaN); raises `InputError` with every fault."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    found = list(reader.fieldnames or [])
    faults = [
        f"needs a column {name!r} (columns found: {', '.join(found) or 'none'})"
        for name in ("category", "code")
        if name not in found
    ]
    if faults:
        raise InputError(source, faults)
    rows = []
    for line, row in enumerate(reader, start=2):
        code, second = (row["code"] or "").strip(), (row.get("second_code") or "").strip()
        if code not in ("0", "1"):
            faults.append(f"line {line}: code: must be 0 or 1 (got {code!r})")
        if second not in ("", "0", "1"):
            faults.append(f"line {line}: second_code: must be 0, 1 or empty (got {second!r})")
        rows.append((row["category"], row.get("entry") or "", code == "1", float(second) if second in ("0", "1") else np.nan))
    if faults:
        raise InputError(source, faults)
    return pd.DataFrame(rows, columns=["category", "entry", "correct", "second"]).astype({"correct": int, "second": float})


def read_codes(files: list[str], lexicons: list[str], entries: pd.DataFrame) -> pd.DataFrame:
    """The coded samples of all lexicons, with a column `lexicon`; codes of categories that are no more are left out."""
    frames = []
    for lexicon, file in zip(lexicons, files, strict=False):
        if file and Path(file).exists():
            codes = parse_codes(read_text(file), file).assign(lexicon=lexicon)
            known = set(entries[entries["lexicon"] == lexicon]["category"])
            frames.append(codes[codes["category"].isin(known)])
    return (
        pd.concat(frames, ignore_index=True)
        if frames
        else pd.DataFrame(columns=["lexicon", "category", "entry", "correct", "second"])
    )


def main() -> None:
    params = load_params()
    documents = read_table(paths.DOCUMENTS).merge(read_table(paths.GROUPS), on="article_id", how="left", validate="one_to_one")
    articles = describe_articles(load_tokens(), documents["outlet"], documents["copy_group"])
    hits, entries = read_table(paths.HITS), read_table(paths.ENTRIES)
    lexicons = entries["lexicon"].drop_duplicates().tolist()
    audits = [
        audit_lexicon(hits[hits["lexicon"] == name], entries[entries["lexicon"] == name].reset_index(drop=True), articles)
        for name in lexicons
    ]
    codes = read_codes(params.audit.precision, lexicons, entries)
    precision = measure_precision(codes, entries, params.compare.level) if len(codes) else pd.DataFrame({"lexicon": []})
    write_table(paths.AUDITED / "audit.parquet", pd.concat(audits, ignore_index=True))
    write_table(paths.AUDITED / "precision.parquet", precision)
    write_table(paths.AUDITED / "codes.parquet", codes)
    print(f"audit: {len(lexicons)} lexicons, {len(codes)} coded hits")


if __name__ == "__main__":
    run_stage(main)
