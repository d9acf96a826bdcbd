"""Quotation marks without a partner, by the convention for quotations over several paragraphs."""

from __future__ import annotations

import re

from pipeline.typography import CLOSE, OPEN

_MARKS = re.compile(f"[{OPEN}{CLOSE}]")
_BREAK = re.compile(r"\n\s*")
_PARAGRAPH_START = re.compile(r"\n\s*\Z")
_SENTENCE_START = re.compile(r"[.!?…]['’)]*\s+\Z")
_BEFORE = 12  # characters looked at before a mark


def count_unpaired(text: str) -> int:
    """Directional quotation marks of a text that neither open nor close anything.

    A quotation over several paragraphs opens each of them anew and closes once: an opening mark at the start of a paragraph carries
    on a quotation that is open since the paragraph before. In a text without line breaks, one at the start of a sentence carries on
    what is open. Where taking each opening mark for a quotation of its own leaves fewer marks over, that is the count.
    """
    return min(_left_over(text, carried=True), _left_over(text, carried=False))


def _left_over(text: str, carried: bool) -> int:
    """Marks left over when each closing one is paired with the last that opened; carried: whether opening marks may carry on."""
    paragraphs = "\n" in text
    start = _PARAGRAPH_START if paragraphs else _SENTENCE_START
    opened = stray = 0
    paragraph = latest = last = 0  # the paragraph at hand, that of the last opening mark, and where the last mark ends
    for match in _MARKS.finditer(text):
        at = match.start()
        if paragraphs:
            paragraph += sum(1 for _ in _BREAK.finditer(text, last, at))
        last = match.end()
        if match.group() == CLOSE:
            stray += not opened
            opened = max(opened - 1, 0)
        else:
            follows = carried and opened and paragraph - latest == paragraphs
            opened += not (follows and start.search(text, max(0, at - _BEFORE), at))
            latest = paragraph
    return opened + stray
