"""Clean, for any texts: every article stays, removals lie within it, offsets lead back, the same however the table is cut."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alignment import Alignment, align, to_source
from pipeline.clean import PARTS, clean_blocks
from pipeline.furniture import KINDS
from pipeline.params import Clean
from pipeline.rules import load_rules
from pipeline.storage import Blocks
from pipeline.typography import repair
from tests.properties.cases import ANY, MESSY, STORY

RULES = load_rules()
ARTICLES = st.lists(
    st.fixed_dictionaries(
        {
            "outlet": st.sampled_from(["", "Bay TV", "BRN"]),
            "title": st.one_of(MESSY, STORY),
            "subtitle": MESSY,
            "text": st.one_of(MESSY, STORY, st.tuples(STORY, MESSY).map("\n".join)),
        }
    ),
    min_size=1,
    max_size=6,
).map(lambda rows: pd.DataFrame(rows).assign(article_id=[f"a{n}" for n in range(len(rows))]))


def clean(articles: pd.DataFrame, params: Clean, size: int = 100) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cleaned table and its removals, gone over in blocks of `size`."""

    def read() -> Iterator[pd.DataFrame]:
        return (articles.iloc[i : i + size] for i in range(0, len(articles), size))

    done = list(clean_blocks(Blocks(len(articles), read), params, RULES))
    return pd.concat([part for part, _ in done]), pd.concat([part for _, part in done], ignore_index=True)


@ANY
@given(articles=ARTICLES, repeats=st.sampled_from([2, 3]))
def test_every_article_stays_and_what_is_removed_is_recorded(articles: pd.DataFrame, repeats: int) -> None:
    params = Clean(min_repeats=repeats)
    cleaned, removals = clean(articles, params)
    again, removals_again = clean(articles, params, size=1)
    assert cleaned.to_dict("records") == again.to_dict("records")
    assert removals.to_dict("records") == removals_again.to_dict("records")
    assert cleaned["article_id"].tolist() == articles["article_id"].tolist()
    assert set(removals["kind"]) <= set(KINDS)
    raw = articles.set_index("article_id")
    ends: dict[tuple[str, str], int] = {}
    for row in removals.itertuples():
        assert 0 <= row.raw_start <= row.raw_end <= len(raw.at[row.article_id, row.part])
        assert row.end - row.start == len(row.text) > 0
        assert row.start >= ends.get((row.article_id, row.part), 0)
        ends[row.article_id, row.part] = row.end
    for row, text in zip(cleaned.itertuples(), articles["text"], strict=True):
        back = Alignment(row.clean_starts, row.raw_starts)
        places = [to_source(position, back, len(text)) for position in range(len(row.text))]
        assert places == sorted(places)
        assert all(0 <= place <= len(text) for place in places)


@ANY
@given(articles=ARTICLES)
def test_nothing_is_removed_when_every_kind_is_switched_off(articles: pd.DataFrame) -> None:
    cleaned, removals = clean(articles, Clean(disable=list(KINDS)))
    assert removals.empty
    for name in PARTS:
        assert [len(text) >= len(repair(raw)) for text, raw in zip(cleaned[name], articles[name], strict=True)] == [True] * len(
            articles
        )


@ANY
@given(text=MESSY)
def test_repair_is_idempotent(text: str) -> None:
    once = repair(text)
    assert repair(once) == once


@ANY
@given(text=MESSY)
def test_alignment_rises_and_stays_inside(text: str) -> None:
    result = repair(text)
    alignment: Alignment = align(text, result)
    places = [to_source(position, alignment, len(text)) for position in range(len(result))]
    assert places == sorted(places)
    assert all(0 <= place <= len(text) for place in places)
