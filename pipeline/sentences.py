"""Sentence bounds by NLTK's Punkt, with parameters learned from the corpus itself (Kiss and Strunk 2006)."""

from __future__ import annotations

from collections.abc import Iterable

from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer, PunktTrainer


def _straight(text: str) -> str:
    """The text with straight double marks, the only ones Punkt knows; same length."""
    return text.replace("“", '"').replace("”", '"')


def learn_punkt(texts: Iterable[str], characters: int, abbreviations: frozenset[str]) -> PunktParameters:
    """Parameters from the first texts, up to a number of characters, with the language's own abbreviations added."""
    trainer = PunktTrainer()
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
        learned = PunktParameters()
    learned.abbrev_types |= abbreviations
    return learned


def punkt_as_text(parameters: PunktParameters) -> dict:
    """The parameters as plain data, sorted."""
    return {
        "abbreviations": sorted(parameters.abbrev_types),
        "collocations": sorted([list(pair) for pair in parameters.collocations]),
        "sentence_starters": sorted(parameters.sent_starters),
        "orthographic_context": {word: flags for word, flags in sorted(parameters.ortho_context.items()) if flags},
    }


def sentence_spans(text: str, tokenizer: PunktSentenceTokenizer) -> list[tuple[int, int]]:
    """Spans of sentences; none crosses a line break."""
    straight = _straight(text)
    spans = []
    start = 0
    for line in straight.split("\n"):
        if line.strip():
            spans.extend((start + a, start + b) for a, b in tokenizer.span_tokenize(line))
        start += len(line) + 1
    return spans
