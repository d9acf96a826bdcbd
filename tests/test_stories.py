import numpy as np
import pytest
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from pipeline.stories import story_groups, story_weights

BRIDGE = "kestrel bridge crack inspection engineers closed girder traffic detour rivets"
FERRY = "strait ferry fare timetable islanders ticket crossing subsidy skipper harbourmaster"


def planted(rng: np.random.Generator, events: int, articles: int, share: float) -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray]:
    """Weights, days and events of texts that mix an event's own words with words of every day."""
    own = [[f"event{e}word{k}" for k in range(40)] for e in range(events)]
    texts, event = [], []
    for e in range(events):
        for _ in range(articles):
            n = int(share * 200)
            texts.append(" ".join([*rng.choice(own[e], n), *rng.choice([f"day{k}" for k in range(400)], 200 - n)]))
            event.append(e)
    day = 30.0 * np.array(event) + rng.integers(0, 3, len(event))
    return story_weights(sparse.csr_matrix(CountVectorizer().fit_transform(texts))), day, np.array(event)


def weights_of(texts: list[str]) -> sparse.csr_matrix:
    return story_weights(sparse.csr_matrix(CountVectorizer().fit_transform(texts)))


def test_rows_have_unit_length_and_match_the_formula():
    counts = sparse.csr_matrix(np.array([[3, 1, 0, 1], [1, 0, 2, 0], [0, 0, 0, 0], [0, 0, 1, 0]]))
    got = story_weights(counts).toarray()
    # Columns 0 and 2 stand in two of four rows, 1 and 3 in one only: idf = log(5/3), weight (1 + log count) * idf.
    expected = np.array([[1, 0], [1, 1 + np.log(2)], [0, 0], [0, 1]])
    expected[1] /= np.linalg.norm(expected[1])
    assert got == pytest.approx(expected)


def test_common_terms_carry_no_story():
    counts = sparse.csr_matrix(np.ones((40, 3), dtype=int) * np.array([1, 1, 1]))
    assert story_weights(counts, max_share=0.5, always=2).shape == (40, 0)
    assert story_weights(counts, max_share=0.5, always=40).shape == (40, 3)


def test_planted_events_are_told_apart():
    weights, day, event = planted(np.random.default_rng(5), events=8, articles=6, share=0.4)
    story = story_groups(weights, day, days=3, cosine=0.3)
    for e in range(8):
        assert len(set(story[event == e])) == 1, e
    assert len(set(story)) == 8


def test_a_story_is_named_by_its_earliest_article_whatever_the_order_of_rows():
    weights = weights_of([BRIDGE, FERRY, BRIDGE, FERRY])
    assert story_groups(weights, np.array([2.0, 1.0, 1.0, 2.0]), 3, 0.3).tolist() == [2, 1, 2, 1]


def test_a_story_ends_when_nothing_joined_for_long_enough():
    weights = weights_of([BRIDGE] * 4 + [FERRY])
    day = np.array([0.0, 3.0, 6.0, 10.0, 0.0])
    assert story_groups(weights, day, 3, 0.3).tolist() == [0, 0, 0, 3, 4]
    assert story_groups(weights, day, 4, 0.3).tolist() == [0, 0, 0, 0, 4]


def test_undated_articles_may_join_any_story_even_one_that_ran_out():
    weights = weights_of([BRIDGE, FERRY + " bridge traffic crack closed", FERRY, BRIDGE])
    day = np.array([0.0, 100.0, 101.0, np.nan])
    assert story_groups(weights, day, 3, 0.3).tolist() == [0, 1, 1, 0]
    assert story_groups(weights, np.full(4, np.nan), 3, 0.3)[[0, 3]].tolist() == [0, 0]


def test_articles_without_terms_are_stories_of_their_own():
    weights = sparse.csr_matrix((3, 5))
    assert story_groups(weights, np.array([1.0, 1.0, np.nan]), 3, 0.3).tolist() == [0, 1, 2]


def test_the_threshold_itself_is_enough():
    weights = sparse.csr_matrix(np.array([[1.0, 0.0], [0.6, 0.8]]))
    assert story_groups(weights, np.zeros(2), 3, 0.6).tolist() == [0, 0]
    assert story_groups(weights, np.zeros(2), 3, 0.61).tolist() == [0, 1]
    assert story_groups(sparse.csr_matrix(np.eye(1)[[0, 0]]), np.zeros(2), 3, 1.0).tolist() == [0, 0]


def test_single_pass_agrees_with_dense_reckoning():
    rng = np.random.default_rng(9)
    weights, day, _ = planted(rng, events=5, articles=8, share=0.2)
    day = rng.integers(0, 12, len(day)).astype(float)
    dense = weights.toarray()
    story, centroid, latest = np.full(len(day), -1), {}, {}
    for i in sorted(range(len(day)), key=lambda k: (day[k], k)):
        cosine = {s: dense[i] @ c / np.linalg.norm(c) for s, c in centroid.items() if day[i] - latest[s] <= 2}
        best = max(cosine, key=cosine.get, default=None)
        s = best if best is not None and cosine[best] >= 0.25 else i
        story[i], centroid[s], latest[s] = s, centroid.get(s, 0) + dense[i], day[i]
    assert story_groups(weights, day, 2, 0.25).tolist() == story.tolist()
    assert 1 < len(set(story)) < len(day)
