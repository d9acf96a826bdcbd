import subprocess
import sys

import pytest
from builders import ENGLISH
from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

from pipeline.sentences import SentenceTokenizer, learn_punkt, punkt_as_text, sentence_spans

GIVEN_ONLY = SentenceTokenizer(learn_punkt([], 0, ENGLISH.abbreviations))


def sentences(text: str, tokenizer: PunktSentenceTokenizer = GIVEN_ONLY) -> list[str]:
    return [text[a:b] for a, b in sentence_spans(text, tokenizer)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Gen. Smith inspected the pier.",
        "Sen. Ana Brandt met Mr. Ode at 9 a.m. on Tuesday.",
        "The U.S. embassy in Askerby closed.",
        "Fares rose by 2.5 per cent.",
    ],
)
def test_abbreviations_and_numbers_end_no_sentence(sentence):
    assert sentences(f"{sentence} The ferry left.") == [sentence, "The ferry left."]


def test_sentences_end_behind_their_quotation_marks():
    text = "“We will not go back.” The crowd cheered. She asked: “Why now?” Nobody answered."
    assert sentences(text) == ["“We will not go back.”", "The crowd cheered.", "She asked: “Why now?”", "Nobody answered."]


@pytest.mark.parametrize("end", [".", "?", "!", '."', '?"', "...", ".)"])
@pytest.mark.parametrize("last", ["pier", "Gen", "etc", "low-adv", "No", "A", "U.S", "12", "per cent", "saint"])
@pytest.mark.parametrize("following", ["The", "the", '"We', "Moor", "5", "(They", "- and", ""])
def test_the_short_way_decides_as_punkt_does(last, end, following):
    parameters = PunktParameters()
    parameters.abbrev_types |= {"gen", "etc", "adv", "no"}
    parameters.collocations.add(("saint", "moor"))
    parameters.sent_starters.add("the")
    text = f"They wrote to the {last}{end} {following}".strip()
    expected = list(PunktSentenceTokenizer(parameters).span_tokenize(text))
    assert list(SentenceTokenizer(parameters).span_tokenize(text)) == expected


def test_line_breaks_end_sentences_and_blank_lines_hold_none():
    assert sentences("A headline without a stop\n\n  \nThe text begins. It ends\n") == [
        "A headline without a stop",
        "The text begins.",
        "It ends",
    ]
    assert sentences("") == sentences(" \n ") == []


def test_abbreviations_are_learned_from_the_corpus_within_the_budget():
    text = "The barrister wrote to Adv. Moor about the pier. " * 3 + "Then Adv. Berg replied to Adv. Moor. The pier stood. " * 40
    learned = learn_punkt([text, "Later text with Xyz. abbreviations."], len(text), frozenset())
    assert "adv" in learned.abbrev_types
    assert sentences("They asked Adv. Moor again.", SentenceTokenizer(learned)) == ["They asked Adv. Moor again."]
    assert "adv" not in learn_punkt([text], 0, frozenset({"gen"})).abbrev_types


def test_parameters_as_text_are_sorted_and_plain():
    learned = learn_punkt(["He met Gen. Moor. She met Gen. Berg. They left."] * 3, 10_000, ENGLISH.abbreviations)
    plain = punkt_as_text(learned)
    assert plain["abbreviations"] == sorted(ENGLISH.abbreviations | set(plain["abbreviations"]))
    assert plain["collocations"] == sorted(plain["collocations"])
    assert list(plain["orthographic_context"]) == sorted(plain["orthographic_context"])
    assert all(plain["orthographic_context"].values())


def test_long_line_takes_the_time_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    # NLTK ends a search after some seconds by the clock, what is done between its matches included.
    monkeypatch.setattr(pytest.importorskip("nltk.redos"), "DEFAULT_TIMEOUT", 0.05)
    assert len(sentences("The ferry left at noon. " * 40_000)) == 40_000


def test_punkt_is_had_without_scikit_learn_which_can_be_had_all_the_same():
    code = "import sys, pipeline.sentences; assert 'sklearn' not in sys.modules; import scipy.stats, sklearn"
    subprocess.run([sys.executable, "-c", code], check=True)
