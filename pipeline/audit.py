"""The audit of a lexicon: what drives each category's score, and what the score depends on besides the words.

All functions are pure and give rows of one long table: lexicon, category (or `all`, overlaps counted once), scope, measure,
entry, outlet, value, n. Scopes: `all`; `without_quotations` (own voice only); `first_copies` (one article a copy group,
its first); `own_first_copies` (both). Rates are hits per 1,000 tokens of the scope, titles and subtitles included.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline import paths
from pipeline.conventions import TOTAL
from pipeline.errors import run_stage
from pipeline.parallel import begin
from pipeline.params import Params, load_params
from pipeline.precision import measure_precision, read_codes
from pipeline.rivals import propose_rivals
from pipeline.storage import read_table, write_table
from pipeline.tokens import TokenTable, load_tokens
from pipeline.voice import OWN
from pipeline.word_choice import WordChoice, read_word_choice

SCOPES = ("all", "without_quotations", "first_copies", "own_first_copies")
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
        if scope in ("without_quotations", "own_first_copies"):
            mask, length = mask & own_hit, articles["own_tokens"].to_numpy()
        if scope in ("first_copies", "own_first_copies"):
            mask, length = mask & first_hit, np.where(articles["first"], length, 0)
        for category in [*sorted(set(categories)), TOTAL]:
            whole = category == TOTAL
            members = np.arange(len(entries)) if whole else np.flatnonzero(categories == category)
            mine = hits[mask & (hits["counted"] if whole else hits["category"] == category).to_numpy()]
            number = np.searchsorted(members, mine["entry"].to_numpy())
            found = _audit_category(mine["article"].to_numpy(), number, length, outlet, texts[members].tolist(), outlets.tolist())
            rows += [(name, category, scope, *row) for row in found]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"value": float})


def name_entries(choice: WordChoice, uses: pd.DataFrame) -> pd.DataFrame:
    """Uses of every name as entries of a lexicon: lexicon, category (the concept), entry (the name), hits."""
    counts = uses.groupby(["concept", "name"]).size().rename("hits").reset_index()
    table = choice.table[["concept", "name"]].merge(counts, how="left", on=["concept", "name"]).fillna({"hits": 0})
    table = table.rename(columns={"concept": "category", "name": "entry"}).assign(lexicon=choice.lexicon.name)
    return table[["lexicon", "category", "entry", "hits"]].astype({"hits": int})


def read_documents() -> pd.DataFrame:
    """Documents with copy group and story."""
    return read_table(paths.DOCUMENTS).merge(read_table(paths.GROUPS), on="article_id", how="left", validate="one_to_one")


def find_rivals(params: Params) -> pd.DataFrame:
    """Names that may be rivals (`propose_rivals`), by what the earlier stages wrote."""
    documents = read_documents()
    story, outlet = (pd.factorize(documents[column])[0] for column in ("story", "outlet"))
    terms = read_table(paths.VOCABULARY, ["term"])["term"].tolist()
    choice = read_word_choice(params.score.word_choice)
    return propose_rivals(load_tokens(), terms, story, outlet, read_table(paths.EDITS), choice, params.audit)


def main() -> None:
    params = load_params()
    rivals = begin(find_rivals, [params], serial=1)  # in another process, beside all else
    documents = read_documents()
    tokens = load_tokens()
    articles = describe_articles(tokens, documents["outlet"], documents["copy_group"])
    hits, entries = read_table(paths.HITS), read_table(paths.ENTRIES)
    lexicons = entries["lexicon"].drop_duplicates().tolist()
    audits = [
        audit_lexicon(hits[hits["lexicon"] == name], entries[entries["lexicon"] == name].reset_index(drop=True), articles)
        for name in lexicons
    ]
    choice = read_word_choice(params.score.word_choice)
    named = pd.concat([entries, name_entries(choice, read_table(paths.NAME_USES))], ignore_index=True)
    files = dict(zip(lexicons, params.audit.precision, strict=False)) | {choice.lexicon.name: params.audit.word_choice_precision}
    codes = read_codes(files, named)
    precision = measure_precision(codes, named, params.compare.level, {choice.lexicon.name})
    [proposed] = rivals()
    write_table(paths.AUDITED / "audit.parquet", pd.concat(audits, ignore_index=True))
    write_table(paths.AUDITED / "precision.parquet", precision)
    write_table(paths.AUDITED / "codes.parquet", codes)
    write_table(paths.AUDITED / "rivals.parquet", proposed)
    print(f"audit: {len(lexicons)} lexicons, {len(codes)} coded hits, {len(proposed)} pairs of words that may be rival names")


if __name__ == "__main__":
    run_stage(main)
