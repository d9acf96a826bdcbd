import numpy as np
import pytest
from builders import random_words

from pipeline.copies import MAX_HOLDERS, copy_groups, copy_pairs, shingle_matrix


def stream(articles: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Tokens and articles of lists of ids."""
    token = np.array([t for article in articles for t in article], dtype=np.int32)
    return token, np.repeat(np.arange(len(articles)), [len(a) for a in articles])


def as_ids(texts: list[list[str]]) -> list[list[int]]:
    ids: dict[str, int] = {}
    return [[ids.setdefault(word, len(ids)) for word in text] for text in texts]


def pairs_of(articles: list[list[int]], size: int = 5, containment: float = 0.4) -> list[tuple[int, int, float]]:
    left, right, share = copy_pairs(*stream(articles), len(articles), size, containment)
    return [(int(i), int(j), round(float(s), 3)) for i, j, s in zip(left, right, share, strict=True)]


def contained_by_sets(articles: list[list[int]], size: int) -> dict[tuple[int, int], float]:
    """Containment of every pair by plain sets: the outside answer."""
    sets = [{tuple(a[k : k + size]) for k in range(len(a) - size + 1)} for a in articles]
    lengths = [max(len(a) - size + 1, 0) for a in articles]
    return {
        (i, j): len(sets[i] & sets[j]) / min(lengths[i], lengths[j])
        for i in range(len(sets))
        for j in range(i + 1, len(sets))
        if len(sets[i] & sets[j]) >= 10 and min(lengths[i], lengths[j]) >= 10
    }


def test_shares_are_those_of_plain_sets():
    rng = np.random.default_rng(4)
    base = rng.permutation(5000)[:300].tolist()
    articles = [base, base[:150], [*base[100:], 9001, 9002], rng.permutation(9000)[:200].tolist(), base[140:160]]
    expected = contained_by_sets(articles, 5)
    got = {(i, j): s for i, j, s in pairs_of(articles, containment=0.01)}
    assert set(got) == set(expected) and len(got) >= 4
    for pair, share in expected.items():
        assert got[pair] == pytest.approx(share, abs=0.001), pair


def test_exact_copies_and_an_agency_text_inside_a_longer_article():
    text = list(range(100))
    longer = list(range(500, 900)) + text + list(range(1000, 1300))
    assert pairs_of([text, list(range(2000, 2300)), text, longer]) == [(0, 2, 1.0), (0, 3, 1.0), (2, 3, 1.0)]


@pytest.mark.parametrize("changed", [0.05, 0.10, 0.15])
def test_planted_near_copies_with_changed_words_are_found(changed):
    rng = np.random.default_rng(int(changed * 100))
    found = 0
    for _ in range(40):
        original = random_words(rng, 300)
        copy = [f"new{rng.integers(9999)}" if rng.random() < changed else word for word in original]
        found += len(pairs_of(as_ids([original, copy])))
    # A shingle of 5 survives with probability (1 - changed)^5: .77, .59, .44.
    assert found >= {0.05: 40, 0.10: 40, 0.15: 28}[changed]


def test_heavier_rewriting_needs_a_lower_threshold():
    rng = np.random.default_rng(25)
    original = random_words(rng, 400)
    copy = [f"new{k}" if rng.random() < 0.25 else word for k, word in enumerate(original)]
    assert pairs_of(as_ids([original, copy]), containment=0.4) == []
    ((_, _, share),) = pairs_of(as_ids([original, copy]), containment=0.1)
    assert share == pytest.approx(0.75**5, abs=0.08)


@pytest.mark.parametrize("kept", [0.3, 0.5, 0.9])
def test_copies_with_paragraphs_cut_are_found(kept):
    rng = np.random.default_rng(7)
    paragraphs = [random_words(rng, 40) for _ in range(10)]
    cut = [paragraphs[i] for i in sorted(rng.permutation(10)[: round(10 * kept)])]
    texts = [[word for p in paragraphs for word in p], [word for p in cut for word in p]]
    ((_, _, share),) = pairs_of(as_ids(texts))
    assert share > 0.85


def test_no_pair_among_texts_of_one_language():
    rng = np.random.default_rng(11)
    texts = [random_words(rng, int(rng.integers(80, 500))) for _ in range(150)]
    assert pairs_of(as_ids(texts)) == []


def test_a_shared_quotation_makes_no_copy():
    rng = np.random.default_rng(12)
    quotation = random_words(rng, 30)
    texts = [random_words(rng, 150) + quotation + random_words(rng, 150) for _ in range(6)]
    assert pairs_of(as_ids(texts)) == []


def test_articles_without_enough_shingles_are_compared_with_nothing():
    short = list(range(13))
    assert pairs_of([short, short]) == []
    assert pairs_of([[*short, 13], [*short, 13]]) == [(0, 1, 1.0)]
    assert pairs_of([[], short, []]) == [] and pairs_of([]) == []


def test_shingles_do_not_reach_over_the_end_of_an_article():
    assert shingle_matrix(*stream([[1, 2, 3], [4, 5, 6], [1, 2, 3, 4, 5, 6]]), 3, 4).shape == (3, 0)


def test_set_phrases_of_many_articles_link_none():
    phrase = list(range(30))
    articles = [[*phrase, *range(1000 * i, 1000 * i + 20)] for i in range(1, MAX_HOLDERS + 2)]
    assert pairs_of(articles) == []
    assert len(pairs_of(articles[:3])) == 3


def test_a_sample_of_shingles_is_the_same_in_all_articles():
    rng = np.random.default_rng(3)
    text = rng.permutation(4000).tolist()
    matrix = shingle_matrix(*stream([text, text]), 2, 5, sample=8)
    assert (matrix[0] != matrix[1]).nnz == 0
    assert matrix.shape[1] == pytest.approx(4000 / 8, rel=0.15)


def test_groups_are_chains_named_by_their_first_article():
    assert copy_groups(6, np.array([3, 1]), np.array([5, 3])).tolist() == [0, 1, 2, 1, 4, 1]
    assert copy_groups(3, np.array([], dtype=int), np.array([], dtype=int)).tolist() == [0, 1, 2]
    assert copy_groups(0, np.array([], dtype=int), np.array([], dtype=int)).tolist() == []
