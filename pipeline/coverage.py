"""What outlets share, side by side: stories, texts that several carry with what each changed, and quotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.conventions import UNKNOWN_OUTLET
from pipeline.passages import shorten, title_of
from pipeline.sources import UNRESOLVED, SourceRules
from pipeline.speakers import with_full_names
from pipeline.tokens import BODY, TokenTable
from pipeline.voice import OWN, VOICES

# Characters of a text shown beside an edit, and of an edit itself.
BESIDE, LONGEST = 60, 320
ARTICLE = ["article_id", "outlet", "title", "published", "url"]


def named_outlets(articles: pd.DataFrame) -> pd.DataFrame:
    """What identifies an article, with a name for the outlet that is not known; without a title, its first words stand for one."""
    title = [title_of(title, text) for title, text in zip(articles["title"], articles["text"], strict=True)]
    return articles[ARTICLE].assign(outlet=articles["outlet"].replace("", UNKNOWN_OUTLET), title=title)


def own_counts(tokens: TokenTable, hits: pd.DataFrame, lexicon: str, articles: int) -> pd.DataFrame:
    """Per article, in its body: tokens, tokens in own voice (`own`), counted hits of a lexicon in own voice (`hits`)."""
    body = tokens.part == BODY
    own = body & (tokens.voice == OWN)
    mine = own_hits(hits, lexicon)
    return pd.DataFrame(
        {
            "tokens": np.bincount(tokens.article[body], minlength=articles),
            "own": np.bincount(tokens.article[own], minlength=articles),
            "hits": np.bincount(mine["article"].to_numpy(), minlength=articles),
        }
    )


def article_rows(
    articles: pd.DataFrame,
    tokens: TokenTable,
    hits: pd.DataFrame,
    attributions: pd.DataFrame,
    entries: Mapping[str, np.ndarray],
    labels: Mapping[tuple[str, str], str],
    totals: Sequence[str],
    top: int = 6,
) -> list[dict[str, Any]]:
    """Every article on its own, counted and not estimated: shares of its body in each voice, hits, who speaks.

    entries: texts of each lexicon's entries by number. Rows hold, beside what identifies the article: tokens of the body;
    `voices`, share of each; per lexicon of `totals` hits in own voice, hits in others', and the entries in own voice; per other
    lexicon its commonest categories in all voices; `speakers`, by acts of speech.
    """
    body = tokens.part == BODY
    size = len(articles)
    counts = {name: np.bincount(tokens.article[body & (tokens.voice == v)], minlength=size) for v, name in VOICES.items()}
    total = np.bincount(tokens.article[body], minlength=size)
    counted = hits[hits["counted"] & (hits["part"] == BODY)]
    resolved = attributions[attributions["spoken"] & (attributions["speaker"] != UNRESOLVED)]
    rows = []
    for i, article in enumerate(named_outlets(articles).to_dict("records")):
        mine = counted[counted["article"] == i]
        row: dict[str, Any] = {**article, "tokens": int(total[i]), "totals": [], "categories": []}
        row["voices"] = {name: counts[name][i] / max(total[i], 1) for name in counts}
        for lexicon, texts in entries.items():
            part = mine[mine["lexicon"] == lexicon]
            if lexicon in totals:
                own = part[part["voice"] == OWN]
                terms = [str(texts[entry]) for entry in _commonest(own["entry"], top)]
                row["totals"].append({"lexicon": lexicon, "own": len(own), "others": len(part) - len(own), "terms": terms})
            else:
                common = _commonest(part["category"], 3)
                row["categories"] += [(labels.get((lexicon, c), c), int((part["category"] == c).sum())) for c in common]
        said = resolved[resolved["article"] == i]["speaker"]
        row["speakers"] = [(speaker, int((said == speaker).sum())) for speaker in _commonest(said, top)]
        rows.append(row)
    return sorted(rows, key=lambda row: (row["outlet"], row["published"], row["article_id"]))


def speaker_rows(
    articles: pd.DataFrame, attributions: pd.DataFrame, rules: SourceRules, top: int = 8
) -> dict[str, list[dict[str, Any]]]:
    """Named speakers per outlet, by the number of its articles in which they speak: speaker (by the full name, where the outlet has
    one for a family name alone), articles, attributions."""
    named = attributions[attributions["named"] & attributions["spoken"] & (attributions["speaker"] != UNRESOLVED)]
    named = with_full_names(named, articles, rules)
    outlet = named_outlets(articles)["outlet"].to_numpy()[named["article"].to_numpy()]
    counts = named.assign(outlet=outlet).groupby(["outlet", "speaker"])["article"].agg(articles="nunique", attributions="size")
    counts = counts.reset_index().sort_values(["articles", "attributions", "speaker"], ascending=[False, False, True])
    return {name: part.head(top).to_dict("records") for name, part in counts.groupby("outlet", sort=True)}


def _commonest(values: pd.Series, top: int) -> list:
    """The commonest values, ties in their own order."""
    counts = values.value_counts().rename_axis("value").reset_index(name="count")
    return counts.sort_values(["count", "value"], ascending=[False, True])["value"].tolist()[:top]


def own_hits(hits: pd.DataFrame, lexicon: str) -> pd.DataFrame:
    """Counted hits of a lexicon in an article's body and own voice."""
    return hits[(hits["lexicon"] == lexicon) & hits["counted"] & (hits["part"] == BODY) & (hits["voice"] == OWN)]


def story_rows(
    stories: pd.DataFrame,
    groups: pd.DataFrame,
    articles: pd.DataFrame,
    counts: pd.DataFrame,
    hits: pd.DataFrame,
    entries: np.ndarray,
    most: int,
    top: int = 6,
) -> list[dict[str, Any]]:
    """The stories that most outlets cover, each outlet's coverage beside the others'.

    articles: in the order that `counts` (`own_counts`) and the hits' `article` number; entries: texts of the lexicon's entries by
    number; top: entries named for each outlet, by the articles that use them. Rows: a story's label, first and last day, and
    per outlet its articles, tokens in own voice, hits in own voice, and the entries.
    """
    wide = stories[stories["outlets"] > 1].sort_values(["outlets", "articles", "story"], ascending=[False, False, True])[:most]
    table = named_outlets(articles).assign(row=np.arange(len(articles)), **counts)
    table = table.merge(groups[["article_id", "story"]], on="article_id")
    table = table[table["story"].isin(wide["story"])]
    hits = hits[hits["article"].isin(table["row"])]
    out = []
    for story in wide.to_dict("records"):
        members = table[table["story"] == story["story"]]
        outlets = []
        for outlet, part in members.groupby("outlet", sort=True):
            used = hits[hits["article"].isin(part["row"])].groupby("entry")["article"].agg(["nunique", "size"]).reset_index()
            used = used.sort_values(["nunique", "size", "entry"], ascending=[False, False, True])[:top]
            outlets.append(
                {
                    "outlet": outlet,
                    "articles": part.sort_values(["published", "article_id"])[ARTICLE].to_dict("records"),
                    "tokens": int(part["tokens"].sum()),
                    "own": int(part["own"].sum()),
                    "hits": int(part["hits"].sum()),
                    "entries": [str(entries[i]) for i in used["entry"]],
                }
            )
        out.append({**story, "coverage": outlets})
    return out


def copy_rows(
    copy_groups: pd.DataFrame, groups: pd.DataFrame, edits: pd.DataFrame, articles: pd.DataFrame, most: int, most_edits: int = 12
) -> list[dict[str, Any]]:
    """Texts that several outlets carry: their likely origin, the articles by date, and what the later changed in the earlier.

    The most edited first. `ordered`: whether the days of the two articles tell which was first. Edits without a letter or digit
    on either side (a dash, a mark) are left out; the first `most_edits` of a pair are shown, each with the words around it.
    """
    known = named_outlets(articles).set_index("article_id")
    text = articles.set_index("article_id")["text"]
    member = groups.set_index("article_id")["copy_group"]
    pairs: dict[str, list[dict]] = {}
    for (old, new), rows in edits.groupby(["old", "new"], sort=True):
        shown = [edit_passage(text[old], text[new], row) for row in rows.sort_values(["old_start", "new_start"]).to_dict("records")]
        shown = [edit for edit in shown if any(c.isalnum() for c in edit["old"] + edit["new"])]
        pairs.setdefault(member[old], []).append(
            {
                "old": known.loc[old, "outlet"],
                "new": known.loc[new, "outlet"],
                "ordered": "" < known.loc[old, "published"][:10] < known.loc[new, "published"][:10],
                "edits": shown[:most_edits],
                "all": len(shown),
            }
        )
    out = []
    for group in copy_groups[copy_groups["outlets"] > 1].to_dict("records"):
        members = known.loc[groups.loc[groups["copy_group"] == group["copy_group"], "article_id"]].reset_index()
        rows = members.sort_values(["published", "outlet", "article_id"]).to_dict("records")
        out.append({**group, "members": rows, "pairs": pairs.get(group["copy_group"], [])})
    return sorted(out, key=lambda g: (-sum(pair["all"] for pair in g["pairs"]), -len(g["members"]), g["copy_group"]))[:most]


def edit_passage(old: str, new: str, edit: dict[str, Any]) -> dict[str, str]:
    """One edit with the words around it in the earlier text: before, what stood there, what stands there now, after."""
    start, end = edit["old_start"], edit["old_end"]
    room = 2 * BESIDE
    before, was, after = shorten(old[max(0, start - room) : start], old[start:end], old[end : end + room], room + end - start)
    now = _cut(new[edit["new_start"] : edit["new_end"]])
    return {"kind": edit["kind"], "before": before, "old": _cut(was), "new": now, "after": after}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: text.rfind(" ", 0, LONGEST)] + " …"


def quotation_rows(quotations: pd.DataFrame, articles: pd.DataFrame, most: int) -> list[dict[str, Any]]:
    """Utterances that most outlets quote: as each has them, its longest form, and whether inside quotation marks."""
    wide = quotations.groupby("quotation").agg(outlets=("outlet", "nunique"), articles=("article_id", "nunique"))
    wide = wide[wide["outlets"] > 1].reset_index().sort_values(["outlets", "articles", "quotation"], ascending=[False, False, True])
    known = named_outlets(articles).set_index("article_id")
    text = articles.set_index("article_id")["text"]
    out = []
    for number in wide["quotation"][:most]:
        rows = quotations[quotations["quotation"] == number].assign(size=lambda part: part["end"] - part["start"])
        rows = rows.sort_values(["size", "article_id"], ascending=[False, True]).drop_duplicates("outlet")
        forms = [
            {
                **known.loc[row["article_id"]].to_dict(),
                "article_id": row["article_id"],
                "words": _cut(text[row["article_id"]][row["start"] : row["end"]]),
                "quoted": row["quoted"] > 0.5,
            }
            for row in rows.sort_values(["outlet", "article_id"]).to_dict("records")
        ]
        longest = max(forms, key=lambda form: len(form["words"]))
        out.append({"words": longest["words"], "forms": forms})
    return out
