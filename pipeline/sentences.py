"""Sentence bounds by NLTK's Punkt, with parameters learned from the corpus itself (Kiss and Strunk 2006)."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable
from types import ModuleType


def _import_punkt() -> ModuleType:
    """NLTK's Punkt, without the libraries that NLTK imports where it finds them, for parts not used here: most of a second."""
    unused = [name for name in ("scipy", "sklearn") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(unused))  # None: not to be found
    try:
        return importlib.import_module("nltk.tokenize.punkt")
    finally:
        for name in unused:
            del sys.modules[name]


punkt = _import_punkt()

# A plain word with its end mark, and a quotation mark or the beginning of the next word.
_PLAIN_END = re.compile(r"([A-Za-z]{2,})[.?!](?:\"| \"?[A-Za-z]\S*)")


class _Patterns(punkt.PunktLanguageVars):
    """Punkt's patterns without the limit of five seconds by the clock that NLTK sets a search, all that is done between its matches
    included: a line of megabytes, or a busy machine, would end the stage. None of them backtracks far."""

    def period_context_re(self) -> re.Pattern[str]:
        return re.compile(super().period_context_re().pattern, re.VERBOSE)

    def word_tokenize(self, s: str) -> list[str]:
        return re.compile(self._word_tokenizer_re().pattern, re.VERBOSE).findall(s)


class SentenceTokenizer(punkt.PunktSentenceTokenizer):
    """Punkt with a short way for what most sentences end in, with the same result.

    After a plain word that is no abbreviation and stands first in no collocation Punkt always breaks: the rest of its rules is
    for abbreviations, ellipses, initials and numbers.
    """

    def __init__(self, parameters: punkt.PunktParameters):
        super().__init__(parameters, lang_vars=_Patterns())
        self._undecided = parameters.abbrev_types | {first for first, _ in parameters.collocations}

    def text_contains_sentbreak(self, text: str) -> bool:
        """Whether a sentence ends in a text of two words (called by Punkt for each mark that may end one)."""
        plain = _PLAIN_END.fullmatch(text)
        return (plain is not None and plain[1].lower() not in self._undecided) or super().text_contains_sentbreak(text)


def _straight(text: str) -> str:
    """The text with straight double marks, the only ones Punkt knows; same length."""
    return text.replace("“", '"').replace("”", '"')


def learn_punkt(texts: Iterable[str], characters: int, abbreviations: frozenset[str]) -> punkt.PunktParameters:
    """Parameters from the first texts, up to a number of characters, with the language's own abbreviations added."""
    trainer = punkt.PunktTrainer(lang_vars=_Patterns())
    used = 0
    for text in texts:
        if used >= characters:
            break
        trainer.train(_straight(text), finalize=False)
        used += len(text)
    if used:
        trainer.finalize_training()
        learned = trainer.get_params()
    else:
        learned = punkt.PunktParameters()
    learned.abbrev_types |= abbreviations
    return learned


def punkt_as_text(parameters: punkt.PunktParameters) -> dict:
    """The parameters as plain data, sorted."""
    return {
        "abbreviations": sorted(parameters.abbrev_types),
        "collocations": sorted([list(pair) for pair in parameters.collocations]),
        "sentence_starters": sorted(parameters.sent_starters),
        "orthographic_context": {word: flags for word, flags in sorted(parameters.ortho_context.items()) if flags},
    }


def sentence_spans(text: str, tokenizer: punkt.PunktSentenceTokenizer) -> list[tuple[int, int]]:
    """Spans of sentences; none crosses a line break."""
    straight = _straight(text)
    spans = []
    start = 0
    for line in straight.split("\n"):
        if line.strip():
            spans.extend((start + a, start + b) for a, b in tokenizer.span_tokenize(line))
        start += len(line) + 1
    return spans
