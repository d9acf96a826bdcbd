import numpy as np
import pytest
from builders import random_words

from pipeline.copies import SCANT, Pairs, copy_groups, copy_pairs, unique_seeds

SIZE = 3


def pairs_of(texts: list[list], quoted: list[tuple[int, int, int]] = (), containment: float = 0.45, outlets=None) -> Pairs:
    """Pairs of texts; quoted: (text, first, end) spans inside quotation marks."""
    ids: dict = {}
    token = np.array([ids.setdefault(word, len(ids)) for text in texts for word in text], dtype=np.int32)
    article = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    starts = np.cumsum([0, *(len(text) for text in texts)])
    own = np.ones(len(token), dtype=bool)
    for text, first, end in quoted:
        own[starts[text] + first : starts[text] + end] = False
    outlet = np.zeros(len(texts), dtype=int) if outlets is None else np.array(outlets)
    return copy_pairs(token, article, own, np.zeros(len(token), dtype=bool), outlet, SIZE, containment)


def found(pairs: Pairs) -> list[tuple[int, int]]:
    return list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))


def change(rng: np.random.Generator, text: list[str], share: float) -> list[str]:
    return [f"new{rng.integers(9999)}" if rng.random() < share else word for word in text]


def test_exact_copies_and_an_agency_text_inside_a_longer_article():
    text = list(range(100))
    longer = [*range(500, 900), *text, *range(1000, 1300)]
    pairs = pairs_of([text, list(range(2000, 2300)), text, longer])
    assert found(pairs) == [(0, 2), (0, 3), (2, 3)]
    assert pairs.containment.tolist() == [1.0, 1.0, 1.0]
    assert pairs.identical.tolist() == [1.0, 1.0, 1.0]
    # 100 common words on each side, of 100 + 800 in all.
    assert pairs.resemblance.tolist() == pytest.approx([1.0, 200 / 900, 200 / 900])


def test_measures_of_half_a_text_by_hand():
    left = list(range(200))
    right = [*range(100), *range(1000, 1200)]
    pairs = pairs_of([left, right])
    assert pairs.containment.tolist() == [0.5]
    assert pairs.resemblance.tolist() == pytest.approx([200 / 500])


@pytest.mark.parametrize("changed", [0.05, 0.15, 0.25])
def test_planted_near_copies_with_changed_words_are_found(changed):
    rng = np.random.default_rng(int(changed * 100))
    texts = [random_words(rng, 200) for _ in range(60)]
    copies = [change(rng, text, changed) for text in texts]
    assert found(pairs_of(texts + copies)) == [(k, 60 + k) for k in range(60)]


def test_word_for_word_agreement_falls_with_changes():
    rng = np.random.default_rng(2)
    text = random_words(rng, 400)
    light, heavy = (pairs_of([text, change(rng, text, share)]).identical[0] for share in (0.05, 0.25))
    assert 0.85 < light < 1
    # A word counts when it stands in a run of three that survived: .75 - .25 ** 2 * .75 - 2 * .75 ** 2 * .25 ** 2 = .63.
    assert heavy == pytest.approx(0.63, abs=0.12)


def test_copies_cut_and_reordered_are_found():
    rng = np.random.default_rng(7)
    paragraphs = [random_words(rng, 30) for _ in range(10)]
    whole = [word for p in paragraphs for word in p]
    shuffled = [word for k in rng.permutation(10)[:6] for word in paragraphs[k]]
    assert found(pairs_of([whole, shuffled])) == [(0, 1)]


def test_no_pair_among_texts_of_one_language():
    rng = np.random.default_rng(11)
    assert found(pairs_of([random_words(rng, int(rng.integers(80, 500))) for _ in range(150)])) == []


def test_a_shared_quotation_makes_no_copy_but_the_same_words_unquoted_do():
    rng = np.random.default_rng(12)
    quotation = random_words(rng, 120)
    texts = [random_words(rng, 30) + quotation + random_words(rng, 30) for _ in range(2)]
    assert found(pairs_of(texts, quoted=[(0, 30, 150), (1, 30, 150)])) == []
    assert found(pairs_of(texts)) == [(0, 1)]


def test_a_copied_text_full_of_quotations_is_a_copy():
    rng = np.random.default_rng(13)
    text = random_words(rng, 200)
    assert found(pairs_of([text, change(rng, text, 0.1)], quoted=[(0, 40, 180), (1, 40, 180)])) == [(0, 1)]


def test_notices_made_by_one_pattern_are_no_copies():
    rng = np.random.default_rng(14)
    frame, fill = random_words(rng, 80), [random_words(rng, 80, vocabulary=100_000) for _ in range(2)]
    # Three words of the frame, then four of the notice's own.
    notices = [[frame[k] if k % 7 < 3 else own[k] for k in range(80)] for own in fill]
    assert found(pairs_of(notices)) == []
    assert found(pairs_of(notices, outlets=[0, 1])) == [(0, 1)]


def test_scant_texts_must_agree_almost_word_for_word():
    text = list(range(SCANT - 5))
    assert found(pairs_of([text, text])) == [(0, 1)]
    assert found(pairs_of([text, [*text[:12], *range(900, 913)]])) == []
    assert found(pairs_of([list(range(8)), list(range(8))])) == []


def test_a_text_in_many_outlets_stays_one_group():
    rng = np.random.default_rng(15)
    text = random_words(rng, 150)
    texts = [random_words(rng, 150) for _ in range(20)] + [change(rng, text, 0.05) for _ in range(60)]
    pairs = pairs_of(texts)
    assert copy_groups(80, pairs.left, pairs.right).tolist() == [*range(20), *[20] * 60]


def test_formulas_do_not_count():
    token = np.array([*range(100), *range(90), *range(900, 910)], dtype=np.int32)
    article = np.repeat([0, 1], 100)
    formula = np.tile(np.arange(100) < 90, 2)
    pairs = copy_pairs(token, article, np.ones(200, dtype=bool), formula, np.zeros(2, dtype=int), SIZE, 0.45)
    assert found(pairs) == []


def test_empty_texts_and_an_empty_corpus_have_no_pairs():
    assert found(pairs_of([])) == []
    assert found(pairs_of([[], [1, 2], []])) == []


def test_seeds_that_occur_twice_are_left_out():
    seeds = unique_seeds(np.array([5, 7, 5, 6], dtype=np.uint64), np.arange(4))
    assert (seeds.number.tolist(), seeds.at.tolist()) == ([6, 7], [3, 1])


def test_groups_are_chains_named_by_their_first_article():
    assert copy_groups(6, np.array([3, 1]), np.array([5, 3])).tolist() == [0, 1, 2, 1, 4, 1]
    assert copy_groups(3, np.array([], dtype=int), np.array([], dtype=int)).tolist() == [0, 1, 2]
    assert copy_groups(0, np.array([], dtype=int), np.array([], dtype=int)).tolist() == []
