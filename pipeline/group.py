"""Stage group: copies of one text, their origin and edits; shared quotations; stories of one event."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipeline import paths
from pipeline.copies import Pairs, copy_groups, copy_pairs
from pipeline.edits import trim_edits, word_edits
from pipeline.errors import run_stage
from pipeline.language import Language, load_language
from pipeline.origins import Agencies, likely_origin
from pipeline.params import Group, load_params
from pipeline.quotations import shared_quotations
from pipeline.shingles import formula_tokens
from pipeline.storage import read_table, read_yaml, write_table
from pipeline.stories import article_weights, similar_articles, story_groups, story_table, without_digests
from pipeline.tokens import BODY, CLITIC, TokenTable, load_tokens
from pipeline.voice import DIRECT

# Days after which an outlet's article is no update of another, unless it shares this much of the shorter one's words.
UPDATE_DAYS, REPRINT = 7, 0.8
# An update holds this share of the other's opening, or this share of the shorter one's words.
OPENED, CARRIED_ON = 0.4, 0.7
# Removed passages that may hold a credit.
CREDIT_KINDS = ("agency_tag", "dateline", "byline", "boilerplate", "page_line")


class Grouped(NamedTuple):
    """The stage's tables (docs/output.md gives the columns)."""

    groups: pd.DataFrame
    pairs: pd.DataFrame
    copy_groups: pd.DataFrame
    quotations: pd.DataFrame
    edits: pd.DataFrame
    stories: pd.DataFrame


def days_of(published: pd.Series) -> np.ndarray:
    """Days since 1970 of ISO dates, NaN where unknown."""
    stamp = pd.to_datetime(published.str.slice(0, 10).replace("", None), format="%Y-%m-%d")
    return ((stamp - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)).to_numpy(dtype=float)


def credits_of(articles: pd.DataFrame, removals: pd.DataFrame, agencies: Agencies, phrases: list[str]) -> list[set[str]]:
    """Agencies that each article credits: in its credit field, in what `clean` removed, in tags and credit lines of the text.

    articles: by article_id, with credit and text.
    """
    kept = removals[removals["kind"].isin(CREDIT_KINDS)]
    removed = kept.groupby("article_id")["text"].agg("\n".join) if len(kept) else pd.Series(dtype=object)
    return [
        agencies.named(credit) | agencies.credited(text, phrases) | agencies.credited(removed.get(identity, ""), phrases)
        for identity, credit, text in zip(articles.index, articles["credit"], articles["text"], strict=True)
    ]


def digest_articles(titles: Iterable[str], language: Language) -> np.ndarray:
    """Which articles (bool) tell many events, by their titles."""
    return np.array([language.digests.search(title) is not None for title in titles], dtype=bool)


def copy_group_table(
    documents: pd.DataFrame, copies: np.ndarray, day: np.ndarray, credits: list[set[str]], agencies: Agencies
) -> pd.DataFrame:
    """One row a group of two or more: copy_group, articles, outlets, origin, evidence, credits, first and last date."""
    outlet, published = documents["outlet"].to_numpy(), documents["published"].str.slice(0, 10).to_numpy()
    rows = []
    order = np.argsort(copies, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(copies[order])) + 1):
        if len(members) < 2:
            continue
        found = [credits[m] for m in members]
        origin = likely_origin(outlet[members].tolist(), day[members].tolist(), found, agencies)
        dates = sorted(d for d in published[members] if d)
        rows.append(
            {
                "copy_group": documents["article_id"].iloc[members[0]],
                "articles": len(members),
                "outlets": len(set(outlet[members]) - {""}),
                "origin": origin.origin,
                "evidence": origin.evidence,
                "credits": "; ".join(sorted(set().union(*found))),
                "first": dates[0] if dates else "",
                "last": dates[-1] if dates else "",
            }
        )
    return pd.DataFrame(rows, columns=["copy_group", "articles", "outlets", "origin", "evidence", "credits", "first", "last"])


def without_background(pairs: Pairs, outlet: np.ndarray, day: np.ndarray) -> Pairs:
    """Without pairs of one outlet that share a block of background, not a text that was carried on.

    Of those that share less than `REPRINT` of the shorter one's words: articles more than `UPDATE_DAYS` apart, and articles of
    which neither one's opening stands in the other and that share less than `CARRIED_ON`. day: NaN where unknown; such pairs are
    judged by their openings alone.
    """
    late = np.abs(day[pairs.left] - day[pairs.right]) > UPDATE_DAYS
    background = (pairs.opening < OPENED) & (pairs.containment < CARRIED_ON)
    keep = ~((late | background) & (outlet[pairs.left] == outlet[pairs.right]) & (pairs.containment < REPRINT))
    return Pairs(*(values[keep] for values in pairs))


def pair_table(documents: pd.DataFrame, pairs: Pairs) -> pd.DataFrame:
    """Copy pairs with their measures and relation: `update` within an outlet, `syndication` across, `unknown` without an outlet."""
    identity, outlet = documents["article_id"].to_numpy(), documents["outlet"].to_numpy()
    left, right = outlet[pairs.left], outlet[pairs.right]
    relation = np.where((left == "") | (right == ""), "unknown", np.where(left == right, "update", "syndication"))
    return pd.DataFrame(
        {
            "left": identity[pairs.left],
            "right": identity[pairs.right],
            "containment": pairs.containment,
            "resemblance": pairs.resemblance,
            "identical": pairs.identical,
            "opening": pairs.opening,
            "relation": relation,
        }
    )


def edit_table(tokens: TokenTable, documents: pd.DataFrame, pairs: Pairs, day: np.ndarray, terms: np.ndarray) -> pd.DataFrame:
    """Edits between copies of different outlets: from the earlier article (`old`; without dates the first in order) to the other.

    One row an edit: characters in the two bodies and the words on both sides, as terms.
    """
    outlet, identity = documents["outlet"].to_numpy(), documents["article_id"].to_numpy()
    columns = ["old", "new", "kind", "old_start", "old_end", "new_start", "new_end", "old_words", "new_words"]
    rows: list[tuple] = []
    for i, j in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True):
        if outlet[i] == outlet[j]:
            continue
        old, new = (j, i) if day[j] < day[i] else (i, j)
        at_old, at_new = (body_positions(tokens, row) for row in (old, new))
        edits = trim_edits(word_edits(tokens.token[at_old], tokens.token[at_new]), len(at_old), len(at_new))
        for edit in edits:
            old_at, new_at = at_old[edit.old_start : edit.old_end], at_new[edit.new_start : edit.new_end]
            spans = (
                *character_span(tokens, at_old, edit.old_start, edit.old_end),
                *character_span(tokens, at_new, edit.new_start, edit.new_end),
            )
            words = (" ".join(terms[tokens.token[at]]) for at in (old_at, new_at))
            rows.append((identity[old], identity[new], edit.kind, *spans, *words))
    return pd.DataFrame(rows, columns=columns).astype({name: "int32" for name in columns[3:7]})


def body_positions(tokens: TokenTable, row: int) -> np.ndarray:
    """Positions in the token table of an article's body."""
    span = np.arange(tokens.bounds[row], tokens.bounds[row + 1])
    return span[tokens.part[span] == BODY]


def character_span(tokens: TokenTable, at: np.ndarray, start: int, end: int) -> tuple[int, int]:
    """Characters [start, end) of a span of body tokens; an empty one lies where its next token starts, or at the last one's end."""
    if end > start:
        return int(tokens.start[at[start]]), int(tokens.start[at[end - 1]]) + int(tokens.length[at[end - 1]])
    if start < len(at):
        return int(tokens.start[at[start]]), int(tokens.start[at[start]])
    last = int(tokens.start[at[-1]]) + int(tokens.length[at[-1]]) if len(at) else 0
    return last, last


def quotation_table(
    tokens: TokenTable, documents: pd.DataFrame, formula: np.ndarray, copies: np.ndarray, terms: np.ndarray
) -> pd.DataFrame:
    """Shared quotations, one row a passage: quotation, article_id, outlet, start and end (characters), share quoted, words."""
    at = np.flatnonzero(tokens.part == BODY)
    direct = tokens.voice[at] == DIRECT
    clitic = (terms == CLITIC)[tokens.token[at]]
    found = shared_quotations(tokens.token[at], tokens.article[at], tokens.sentence[at], direct, formula, clitic, copies)
    spans = [character_span(tokens, at, first, end) for first, end in zip(found["first"], found["end"], strict=True)]
    inside = [float(direct[first:end].mean()) for first, end in zip(found["first"], found["end"], strict=True)]
    return pd.DataFrame(
        {
            "quotation": found["quotation"],
            "article_id": documents["article_id"].to_numpy()[found["article"]],
            "outlet": documents["outlet"].to_numpy()[found["article"]],
            "start": np.array([a for a, _ in spans], dtype=np.int32),
            "end": np.array([b for _, b in spans], dtype=np.int32),
            "quoted": np.array(inside, dtype=float),
            "words": [
                " ".join(terms[tokens.token[at[first:end]]]).replace(f" {CLITIC}", CLITIC)
                for first, end in zip(found["first"], found["end"], strict=True)
            ],
        }
    )


def group_articles(
    tokens: TokenTable,
    documents: pd.DataFrame,
    terms: np.ndarray,
    background: np.ndarray,
    credits: list[set[str]],
    digest: np.ndarray,
    agencies: Agencies,
    params: Group,
) -> Grouped:
    """All tables of the stage.

    terms, background: of each term of the vocabulary its form and the share of the language's articles that hold it; credits:
    agencies credited by each article; digest: articles that tell many events, which are linked to no other.
    """
    body = tokens.part == BODY
    day = days_of(documents["published"])
    token, article, direct = tokens.token[body], tokens.article[body], tokens.voice[body] == DIRECT
    outlet = pd.factorize(documents["outlet"])[0]
    known = pd.factorize(documents["outlet"].replace("", None))[0]
    weights = article_weights(tokens, len(terms), background)
    # A thread suffices: sorts and products of matrices let go of the interpreter.
    with ThreadPoolExecutor(1) as beside:
        similar = beside.submit(similar_articles, without_digests(weights, digest), day, known, params.story_days)
        formula = formula_tokens(token, article, outlet, day)
        pairs = copy_pairs(token, article, ~direct, formula, outlet, params.shingle, params.copy_containment)
        pairs = without_background(pairs, outlet, day)
        copies = copy_groups(len(documents), pairs.left, pairs.right)
        story = story_groups(similar.result(), day, params.story_cosine, copies)
    identity = documents["article_id"].to_numpy()
    stories = story_table(weights, story, documents["outlet"].to_numpy(), documents["published"].to_numpy(), terms)
    return Grouped(
        groups=pd.DataFrame({"article_id": identity, "copy_group": identity[copies], "story": identity[story], "digest": digest}),
        pairs=pair_table(documents, pairs),
        copy_groups=copy_group_table(documents, copies, day, credits, agencies),
        quotations=quotation_table(tokens, documents, formula, copies, terms),
        edits=edit_table(tokens, documents, pairs, day, terms),
        stories=stories.assign(story=identity[stories["story"]]),
    )


def background_shares(terms: np.ndarray, language: str) -> np.ndarray:
    """Share of a language's articles that hold each term; terms not listed get half of the smallest share that is."""
    listed = pd.read_csv(paths.LANGUAGES / f"{language}_frequencies.csv", dtype={"term": str}, keep_default_na=False)
    share = pd.Series(listed["share"].to_numpy(), index=listed["term"])
    return share.reindex(terms).fillna(share.min() / 2).to_numpy()


def load_agencies() -> tuple[Agencies, list[str]]:
    """Agencies and the phrases of credit lines."""
    values = read_yaml(paths.AGENCIES)
    return Agencies((agency, form) for agency, forms in values["agencies"].items() for form in forms), list(
        values["credit_phrases"]
    )


def main() -> None:
    params = load_params()
    documents = read_table(paths.DOCUMENTS)
    terms = read_table(paths.VOCABULARY, ["term"])["term"].to_numpy()
    agencies, phrases = load_agencies()
    articles = (
        read_table(paths.ARTICLES, ["article_id", "title", "credit", "text"]).set_index("article_id").loc[documents["article_id"]]
    )
    credits = credits_of(articles, read_table(paths.REMOVALS), agencies, phrases)
    digest = digest_articles(articles["title"], load_language(params.tokenize.language))
    background = background_shares(terms, params.tokenize.language)
    grouped = group_articles(load_tokens(), documents, terms, background, credits, digest, agencies, params.group)
    for path, table in zip(
        (paths.GROUPS, paths.COPIES, paths.COPY_GROUPS, paths.QUOTATIONS, paths.EDITS, paths.STORIES), grouped, strict=True
    ):
        write_table(path, table)
    print(
        f"group: {len(grouped.copy_groups)} copy groups of {int(grouped.copy_groups['articles'].sum())} articles, "
        f"{grouped.quotations['quotation'].nunique()} shared quotations, {len(grouped.edits)} edits, "
        f"{len(grouped.stories)} stories of {len(grouped.groups)} articles"
    )


if __name__ == "__main__":
    run_stage(main)
