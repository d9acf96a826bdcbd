import numpy as np
import pandas as pd
import pytest
from builders import article_frame, token_table, tokenized

from pipeline.group import days_of, group_articles
from pipeline.params import Group

STRIKE = (
    "Dockers at Port Maren stopped work at midnight and forty vessels wait outside the harbour while the ministry "
    "and the union talk about wages, shifts and the new cranes that were ordered last spring."
)
FERRY = (
    "Fares on the Strait ferries rise by eighteen per cent in April, the operator announced, and islanders say that "
    "children will no longer be able to reach the only school on the mainland side every day."
)


def grouped(texts, published, **params):
    articles = article_frame(texts, published=published)
    made = tokenized(articles)
    return group_articles(token_table(made), made["documents"], len(made["vocabulary"]), Group(**params))


def test_days_are_counted_from_1970_and_unknown_is_nan():
    got = days_of(pd.Series(["1970-01-02", "2017-02-01T23:59", ""]))
    assert got[:2].tolist() == [1.0, 17198.0] and np.isnan(got[2])


def test_copies_are_found_and_ids_are_those_of_the_first_article():
    groups, pairs = grouped(
        [FERRY, STRIKE, STRIKE + " Talks resume.", FERRY], ["2031-03-01", "2031-03-02", "2031-03-02", "2031-03-01"]
    )
    assert groups["article_id"].tolist() == ["a00", "a01", "a02", "a03"]
    assert groups["copy_group"].tolist() == ["a00", "a01", "a01", "a00"]
    assert pairs[["left", "right"]].to_numpy().tolist() == [["a00", "a03"], ["a01", "a02"]]
    assert pairs["containment"].tolist() == pytest.approx([1.0, 1.0])


def test_a_copy_group_lies_within_one_story_though_its_dates_are_far_apart():
    groups, _ = grouped([STRIKE, FERRY, STRIKE], ["2031-03-01", "2031-03-01", "2031-09-01"])
    assert groups["copy_group"].tolist() == ["a00", "a01", "a00"]
    assert groups.groupby("copy_group")["story"].nunique().max() == 1


def test_titles_make_no_copies():
    articles = article_frame([FERRY, STRIKE], title=[STRIKE, STRIKE], published=["", ""])
    made = tokenized(articles)
    _, pairs = group_articles(token_table(made), made["documents"], len(made["vocabulary"]), Group())
    assert pairs.empty
