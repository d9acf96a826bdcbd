"""Which language a text is in."""

from __future__ import annotations

from collections.abc import Collection

import py3langid

SAMPLE = 600
FIRST_WORDS = 60
SURE_SHARE = 0.25


def guess_language(text: str, function_words: Collection[str], expected: str = "en") -> str:
    """ISO 639-1 code of a text's language.

    `function_words` are those of the `expected` language: where they make up a quarter of the first sixty words, no more is asked.
    """
    middle = max(0, len(text) // 2 - SAMPLE // 2)
    sample = text[middle : middle + SAMPLE]
    words = sample.lower().split()[:FIRST_WORDS]
    if words and sum(map(function_words.__contains__, words)) >= SURE_SHARE * len(words):
        return expected
    return py3langid.classify(sample)[0]
