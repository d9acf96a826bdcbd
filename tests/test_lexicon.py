"""The engine against worked examples and against a slow, independent implementation on random lexicons and texts."""

import fnmatch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.entries import EXACT_CASE, Entry, Lexicon
from pipeline.lexicon import TermIndex, longest_first
from pipeline.negation import Negation, load_negation
from pipeline.tokens import LOWER, case_of
from pipeline.voice import DIRECT, OWN, VOICES
from tests.corpora import ENGLISH, make_corpus

NEGATION = load_negation("english")


def matched(entries, *sentences, **options):
    """Texts of the hits (words joined by spaces) in one article of sentences."""
    corpus = make_corpus([list(sentences)], **options)
    hits = corpus.find(Lexicon("test", entries))
    terms = list(corpus.index._ids)
    return [" ".join(terms[t] for t in corpus.tokens.token[p : p + n]) for p, n in zip(hits.position, hits.length, strict=True)]


def test_words_match_whole_tokens_in_any_case():
    assert matched([Entry("regime", "c")], "Regime change, a REGIME and regimes.") == ["regime", "regime"]


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("terror*", ["terror", "terrorist"]),
        ("*terror", ["terror", "bioterror"]),
        ("*rr*", ["terror", "terrorist", "bioterror"]),
        ("t*t", ["terrorist"]),
    ],
)
def test_star_stands_at_either_end_or_inside(entry, found):
    assert matched([Entry(entry, "c")], "terror terrorist bioterror") == found


def test_question_mark_is_one_character():
    assert matched([Entry("wom?n", "c")], "woman women womn womaan") == ["woman", "women"]


def test_lone_star_is_any_one_word_of_the_sentence():
    assert matched([Entry("put * on", "c")], "put it on, put on, put all of it on") == ["put it on"]


def test_terms_do_not_cross_sentences_or_articles():
    corpus = make_corpus([["the iron", "fist fell"], ["the iron"], ["fist"]])
    assert len(corpus.find(Lexicon("test", [Entry("iron fist", "c")])).position) == 0


def test_alternatives_belong_to_one_entry():
    entries = [Entry("(pull|pulls|pulled) out", "c")]
    assert matched(entries, "They pull out and he pulled out") == ["pull out", "pulled out"]


def test_exact_case_takes_the_entry_s_case_and_lets_a_sentence_begin():
    entries = [Entry("left", "direction", case=EXACT_CASE), Entry("Left", "party", case=EXACT_CASE)]
    corpus = make_corpus([["Left turns are left to the Left"]])
    hits = corpus.find(Lexicon("test", entries))
    assert [(int(p), int(e)) for p, e in zip(hits.position, hits.entry, strict=True)] == [(0, 0), (0, 1), (3, 0), (6, 1)]


def test_country_and_pronoun_differ():
    assert matched([Entry("US", "c")], "the US told us", "U.S. troops") == ["u.s.", "u.s."]


def test_excluded_phrase_blocks_only_the_occurrence_inside_it():
    entries = [Entry("pay", "c", ("pay attention", "pay (close|no) attention"))]
    assert matched(entries, "pay close attention, pay attention, pay up") == ["pay"]


def test_entry_of_one_voice_counts_only_there():
    voices = [[OWN, OWN, DIRECT, DIRECT]]
    assert matched([Entry("regime", "c", voices=("own",))], "the regime the regime", voices=voices) == ["regime"]
    assert matched([Entry("regime", "c")], "the regime the regime", voices=voices) == ["regime", "regime"]


def test_longest_wins_within_a_category_and_categories_are_counted_apart():
    entries = [Entry("ethnic", "a"), Entry("ethnic cleansing", "a"), Entry("cleansing", "b")]
    corpus = make_corpus([["ethnic cleansing"]])
    hits = corpus.find(Lexicon("test", entries))
    assert hits.entry.tolist() == [1, 2]
    assert hits.counted.tolist() == [True, False]


def test_of_two_entries_on_the_same_words_the_first_one_counts():
    corpus = make_corpus([["a massacre"]])
    assert corpus.find(Lexicon("test", [Entry("massacre*", "a"), Entry("massacre", "a")])).entry.tolist() == [0]


@pytest.mark.parametrize(
    ("sentence", "negated"),
    [
        ("He is not a terrorist", True),
        ("He isn't a known terrorist", True),
        ("He was never called a terrorist", True),
        ("Nobody saw any terrorist", True),
        ("He is a terrorist", False),
        ("He is not here, a terrorist", False),  # punctuation ends the scope
        ("It is not bad but terrorist", False),  # so does a word of contrast
        ("He is not only a terrorist", False),  # not a negation
        ("There is no doubt a terrorist came", False),
        ("He did not say this was terrorist", False),  # four tokens away
        ("A terrorist, not a soldier", False),  # what follows does not negate
    ],
)
def test_negation_reaches_three_tokens_within_its_clause(sentence, negated):
    corpus = make_corpus([[sentence]], negation=NEGATION)
    assert corpus.find(Lexicon("test", [Entry("terrorist", "c")])).negated.tolist() == [negated]


def test_negation_does_not_cross_sentences():
    corpus = make_corpus([["I would not", "terrorist acts"]], negation=NEGATION)
    assert corpus.find(Lexicon("test", [Entry("terrorist", "c")])).negated.tolist() == [False]


def test_lexicon_without_a_word_of_the_corpus_has_no_hits():
    corpus = make_corpus([["plain words"]], negation=NEGATION)
    hits = corpus.find(Lexicon("test", [Entry("regime", "c"), Entry("reg*", "c"), Entry("iron *fist", "c")]))
    assert [len(column) for column in hits] == [0, 0, 0, 0, 0]


def test_empty_corpus_has_no_hits():
    assert len(make_corpus([[]]).find(Lexicon("test", [Entry("regime", "c")])).position) == 0


@given(st.lists(st.text("abé'", min_size=1, max_size=5), min_size=1, unique=True), st.text("abé*?", min_size=1, max_size=4))
def test_term_index_matches_globs_as_fnmatch_does(terms, glob):
    found = TermIndex(terms, ENGLISH).match(glob)
    assert found.tolist() == [i for i, term in enumerate(terms) if fnmatch.fnmatchcase(term, glob)]


def test_longest_first_takes_longest_then_earliest():
    position = np.array([0, 1, 3, 3])
    length = np.array([2, 3, 3, 1])
    assert longest_first(position, length, np.zeros(4, dtype=int)).tolist() == [False, True, False, False]
    assert longest_first(position, length, np.array([0, 1, 2, 0])).tolist() == [True, True, True, True]


# The independent implementation: strings, loops, no ids.

WORDS = ["a", "b", "ab", "ba", "bab", "not", "but", "A", "Ab", "BA"]
naive_negation = Negation(2, ("not",), ("but",), ("not b",))


def naive_word(pattern, form, exact, begins):
    if not fnmatch.fnmatchcase(form.lower(), pattern.lower()):
        return False
    if not exact or pattern == "*":
        return True
    return case_of(pattern) == case_of(form) or (case_of(pattern) == LOWER and begins and case_of(form) == 1)


def naive_occurrences(text, exact, sentence):
    choices = [[]]
    for part in text.split(" "):
        options = part[1:-1].split("|") if part.startswith("(") else [part]
        choices = [done + ([option] if option else []) for done in choices for option in options]
    found = set()
    for words in choices:
        for k in range(len(sentence) - len(words) + 1):
            if all(naive_word(w, sentence[k + j], exact, k + j == 0) for j, w in enumerate(words)):
                found.add((k, len(words)))
    return found


def naive_negated(sentence, at):
    for k in range(at - 1, max(at - 1 - naive_negation.window, -1), -1):
        form = sentence[k].lower()
        if form in naive_negation.ends:
            return False
        if form == "not" and not (k + 1 < len(sentence) and sentence[k + 1].lower() == "b"):
            return True
    return False


def naive_hits(entries, articles, voices):
    """(position, length, entry, counted, negated) by the rules as docs/lexicons.md words them."""
    offset = 0
    candidates = []
    sentence_at = {}
    for sentences, article_voices in zip(articles, voices, strict=True):
        start = offset
        for text in sentences:
            forms = text.split()
            for row, entry in enumerate(entries):
                blocked = [span for phrase in entry.exclude for span in naive_occurrences(phrase, False, forms)]
                for k, n in naive_occurrences(entry.text, entry.case == EXACT_CASE, forms):
                    inside = any(b <= k and k + n <= b + m for b, m in blocked)
                    voice = VOICES[article_voices[offset + k - start]]
                    if not inside and (not entry.voices or voice in entry.voices):
                        candidates.append((offset + k, n, row))
                        sentence_at[offset + k] = (forms, k)
            offset += len(forms)

    def greedy(spans):
        kept = []
        for p, n, row in sorted(spans, key=lambda s: (-s[1], s[0], s[2])):
            if all(p + n <= q or q + m <= p for q, m, _ in kept):
                kept.append((p, n, row))
        return kept

    hits = []
    for category in {entry.category for entry in entries}:
        hits += greedy([c for c in candidates if entries[c[2]].category == category])
    counted = set(greedy(hits))
    return sorted((p, row, n, (p, n, row) in counted, naive_negated(*sentence_at[p])) for p, n, row in hits)


glob_words = st.sampled_from([*WORDS, "a*", "*b", "*a*", "b*b", "?b", "(a|ab)", "(b|)"])
phrases = st.lists(glob_words, min_size=1, max_size=3).map(" ".join).filter(lambda text: text.replace("(b|)", "").strip() != "")
middles = st.tuples(st.sampled_from(WORDS), st.sampled_from(["*", "a*"]), st.sampled_from(WORDS)).map(" ".join)


@st.composite
def entries_of(draw):
    text = draw(st.one_of(phrases, middles))
    before, after = draw(st.sampled_from(["", "a ", "not "])), draw(st.sampled_from(["", " b", " *b"]))
    exclude = (before + text + after,) if before or after else ()
    voice = draw(st.sampled_from([(), (), ("own",), ("direct", "marked")]))
    return Entry(text, draw(st.sampled_from(["x", "y"])), exclude, 1.0, voice, draw(st.sampled_from(["any", "any", "exact"])))


sentences = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(entries_of(), min_size=1, max_size=8), st.lists(st.lists(sentences, max_size=3), min_size=1, max_size=3), st.randoms()
)
def test_same_hits_as_the_naive_implementation(entries, articles, random):
    voices = [[random.choice(list(VOICES)) for text in article for _ in text.split()] for article in articles]
    hits = make_corpus(articles, voices, naive_negation).find(Lexicon("test", entries))
    columns = (hits.position, hits.entry, hits.length, hits.counted, hits.negated)
    assert sorted(zip(*(column.tolist() for column in columns), strict=True)) == naive_hits(entries, articles, voices)
