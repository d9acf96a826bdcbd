"""Group, for any articles: each in one copy group and one story, passages inside their texts, the same result twice."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipeline.group import Grouped, background_shares, group_articles
from pipeline.origins import Agencies
from pipeline.params import Group
from tests.builders import article_frame, token_table, tokenized
from tests.properties.cases import ANY, MESSY, STORY

AGENCIES = Agencies([("Tern", "Tern")])
DATES = st.sampled_from(["", "2031-03-01", "2031-03-02T10:30", "2031-04-20", "1850-01-01"])
# Text, outlet, time, credits, and whether it is a digest.
Row = tuple[str, str, str, tuple[str, ...], bool]
ARTICLES = st.lists(
    st.tuples(
        st.one_of(STORY, STORY, MESSY),
        st.sampled_from(["", "A", "B"]),
        DATES,
        st.sampled_from([(), ("Tern",)]),
        st.sampled_from([False, False, True]),
    ),
    min_size=1,
    max_size=7,
)


@cache
def _shares(terms: tuple[str, ...]) -> np.ndarray:
    return background_shares(np.array(terms, dtype=object), "english")


def group_twice(articles: list[Row]) -> tuple[Grouped, Grouped]:
    """The tables of the stage, made twice of the same tokens."""
    texts, outlets, published, credits, digest = zip(*articles, strict=True)
    tables = tokenized(article_frame(texts, outlets, published=published))
    terms = tables["vocabulary"]["term"].to_numpy()
    given = (tables["documents"], terms, _shares(tuple(terms)), list(map(set, credits)), np.array(digest), AGENCIES, Group())
    return group_articles(token_table(tables), *given), group_articles(token_table(tables), *given)


@ANY
@given(articles=ARTICLES)
def test_every_article_is_in_one_copy_group_and_one_story(articles: list[Row]) -> None:
    result, again = group_twice(articles)
    for table, same in zip(result, again, strict=True):
        pd.testing.assert_frame_equal(table, same)
    texts = {f"a{number:02d}": row[0] for number, row in enumerate(articles)}
    groups = result.groups
    assert groups["article_id"].tolist() == list(texts)
    assert groups.groupby("copy_group")["story"].nunique().max() == 1
    for name in ("copy_group", "story"):
        assert all(identity in set(part["article_id"]) for identity, part in groups.groupby(name))
    member = dict(zip(groups["article_id"], groups["copy_group"], strict=True))
    for pair in result.pairs.itertuples():
        assert pair.left != pair.right
        assert member[pair.left] == member[pair.right]
        assert 0 < pair.containment <= 1
    for row in result.quotations.itertuples():
        assert 0 <= row.start < row.end <= len(texts[row.article_id])
    for row in result.edits.itertuples():
        assert 0 <= row.old_start <= row.old_end <= len(texts[row.old])
        assert 0 <= row.new_start <= row.new_end <= len(texts[row.new])
    assert result.stories["articles"].sum() <= len(articles)
