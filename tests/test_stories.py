import numpy as np
import pytest
from builders import article_frame, token_table, tokenized
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from pipeline.stories import (
    FAR_FACTOR,
    FEW_ARTICLES,
    SAME_OUTLET,
    article_weights,
    average_linkage,
    nearness,
    similar_articles,
    story_groups,
    story_table,
)

NAN = float("nan")


def weights_of(texts: list[str], background: dict[str, float] | None = None, **columns) -> tuple[sparse.csr_matrix, list[str]]:
    tables = tokenized(article_frame(texts, **columns))
    terms = tables["vocabulary"]["term"].tolist()
    shares = np.array([(background or {}).get(term, 0.0005) for term in terms])
    return article_weights(token_table(tables), len(terms), shares), terms


def grouped(weights: sparse.csr_matrix, day: np.ndarray, days: int, cosine: float, copies: np.ndarray) -> np.ndarray:
    return story_groups(similar_articles(weights, day, np.full(len(day), -1), days), day, cosine, copies)


def unit_rows(*rows: list[float]) -> sparse.csr_matrix:
    matrix = np.array(rows, dtype=float)
    return sparse.csr_matrix(matrix / np.linalg.norm(matrix, axis=1, keepdims=True))


def test_weights_by_hand():
    weights, terms = weights_of(["ferry ferry bridge", "ferry"], background={"bridge": 0.1})
    # Counts double among the first words: ferry 4, bridge 2. idf: ln(1003 / (1 + 2 + .5)), ln(1003 / (1 + 1 + 100)).
    ferry, bridge = np.log(5) * np.log(1003 / 3.5), np.log(3) * np.log(1003 / 102)
    expected = np.array([ferry, bridge]) / np.hypot(ferry, bridge)
    assert weights[0, terms.index("ferry")] == pytest.approx(expected[0])
    assert weights[0, terms.index("bridge")] == pytest.approx(expected[1])
    assert weights[1].toarray().max() == pytest.approx(1)


def test_words_of_every_day_carry_no_story():
    weights, terms = weights_of(["the ferry"] * 3, background={"the": 0.9})
    assert weights[:, terms.index("the")].nnz == 0


def test_titles_and_names_weigh_more():
    weights, terms = weights_of(["harbour ferry"], title=["ferry"])
    assert weights[0, terms.index("ferry")] > weights[0, terms.index("harbour")]
    weights, terms = weights_of(["harbour Ferry"])
    assert weights[0, terms.index("ferry")] > weights[0, terms.index("harbour")]


def test_similar_articles_are_those_near_in_time():
    day = np.array([0.0, 2.0, 9.0, NAN])
    near = [[0, 1, FAR_FACTOR, 1], [1, 0, FAR_FACTOR, 1], [FAR_FACTOR, FAR_FACTOR, 0, 1], [1, 1, 1, 0]]
    assert similar_articles(unit_rows(*[[1, 0]] * 4), day, np.arange(4), 3).toarray().tolist() == near
    # In a larger corpus, articles further apart are not compared at all.
    rest = FEW_ARTICLES
    matrix = similar_articles(
        unit_rows(*[[1, 0]] * 4, *[[0, 1]] * rest), np.r_[day, np.arange(rest) * 10.0], np.arange(4 + rest), 3
    ).toarray()
    assert matrix[:4, :4].tolist() == [[0, 1, 0, 1], [1, 0, 0, 1], [0, 0, 0, 1], [1, 1, 1, 0]]


def test_articles_of_one_outlet_count_less_and_those_of_unknown_ones_do_not():
    outlet = np.array([0, 0, 1, -1, -1])
    matrix = similar_articles(unit_rows(*[[1, 0]] * 5), np.zeros(5), outlet, 3).toarray()
    assert matrix[0].tolist() == [0, SAME_OUTLET, 1, 1, 1]
    assert matrix[3].tolist() == [1, 1, 1, 0, 1]


@pytest.mark.parametrize(
    ("days", "expected"), [(5, [1, 1, 1, 0.75, 0.5, 0.25, 0, 1]), (1, [1, 1, 0, 0, 0, 0, 0, 1]), (0, [1, 0, 0, 0, 0, 0, 0, 1])]
)
def test_articles_speak_the_less_for_a_common_story_the_further_apart(days, expected):
    assert nearness(np.array([0.0, 1, 2, 3, 4, 5, 6, NAN]), days).tolist() == expected


def test_average_linkage_agrees_with_scipy():
    rng = np.random.default_rng(3)
    for trial in range(20):
        n = 40
        full = rng.random((n, n)) * (rng.random((n, n)) < 0.4)
        full = np.round(np.triu(full, 1) + np.triu(full, 1).T, 6)
        got = average_linkage(sparse.csr_matrix(full), 0.2, np.arange(n))
        tree = linkage(squareform(1 - full - np.eye(n), checks=False), "average")
        expected = fcluster(tree, 0.8, "distance")
        assert (got[:, None] == got).tolist() == (expected[:, None] == expected).tolist(), trial


def test_ties_end_and_give_the_same_clusters_again():
    ones = sparse.csr_matrix(np.ones((6, 6)) - np.eye(6))
    assert len(set(average_linkage(ones, 0.5, np.arange(6)))) == 1
    ring = sparse.csr_matrix(np.roll(np.eye(6), 1, axis=0) + np.roll(np.eye(6), -1, axis=0))
    first = average_linkage(ring, 0.9, np.arange(6))
    assert first.tolist() == average_linkage(ring, 0.9, np.arange(6)).tolist()
    assert len(set(first)) == 3


def test_copies_start_in_one_cluster():
    nothing = sparse.csr_matrix((4, 4))
    assert average_linkage(nothing, 0.5, np.array([0, 1, 0, 3])).tolist() == [0, 1, 0, 2]


def test_a_story_is_named_by_its_earliest_article_whatever_the_order_of_rows():
    weights = unit_rows([1, 0], [0, 1], [1, 0], [0, 1])
    assert grouped(weights, np.array([2.0, 1.0, 1.0, 2.0]), 3, 0.3, np.arange(4)).tolist() == [2, 1, 2, 1]


def test_events_far_apart_in_time_are_one_story_only_in_a_handful_of_articles():
    day = np.array([0.0, 1.0, 30.0, 31.0])
    assert grouped(unit_rows(*[[1, 0]] * 4), day, 5, 0.3, np.arange(4)).tolist() == [0, 0, 0, 0]
    weights, days = unit_rows(*[[1, 0]] * 4, *[[0, 1]] * FEW_ARTICLES), np.r_[day, np.zeros(FEW_ARTICLES)]
    assert grouped(weights, days, 5, 0.3, np.arange(len(days)))[:4].tolist() == [0, 0, 2, 2]


def test_articles_without_terms_or_dates():
    assert grouped(sparse.csr_matrix((3, 5)), np.array([1.0, 1.0, NAN]), 3, 0.3, np.arange(3)).tolist() == [0, 1, 2]
    assert grouped(unit_rows([1, 0], [1, 0]), np.full(2, NAN), 3, 0.3, np.arange(2)).tolist() == [0, 0]
    assert grouped(sparse.csr_matrix((0, 5)), np.empty(0), 3, 0.3, np.empty(0, dtype=int)).tolist() == []


def test_five_articles_on_one_event_and_one_on_another():
    event = "Dockers at Port Maren stopped work and the union wants higher wages from the harbour company. {}"
    tails = ["Cranes stand still.", "Ships wait outside.", "Talks failed on Monday.", "The mayor is worried.", "Buses run."]
    other = "A comet passes the planet tonight and astronomers in the desert expect a bright tail before dawn."
    common = dict.fromkeys(["the", "and", "at", "from", "in", "a", "on", "with", "for"], 0.9)
    weights, _ = weights_of([*(event.format(t) for t in tails), other], background=common)
    assert grouped(weights, np.full(6, NAN), 5, 0.12, np.arange(6)).tolist() == [0, 0, 0, 0, 0, 5]


def test_the_table_names_stories_by_their_terms_outlets_and_span():
    weights = unit_rows([3, 1, 0], [2, 1, 0], [0, 0, 1])
    story = np.array([0, 0, 2])
    terms = np.array(["ferry", "fare", "comet"], dtype=object)
    table = story_table(weights, story, np.array(["B", "A", ""]), np.array(["2031-03-02", "2031-03-01T10:00", ""]), terms)
    assert table.to_dict("list") == {
        "story": [0, 2],
        "label": ["ferry fare", "comet"],
        "articles": [2, 1],
        "outlets": [2, 0],
        "outlet_names": ["A; B", ""],
        "first": ["2031-03-01", ""],
        "last": ["2031-03-02", ""],
    }
