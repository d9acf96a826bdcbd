"""Whose words: the outlet's own, direct speech in quotation marks, or a marked phrase that is neither.

Works on text with directional quotation marks (`pipeline.typography`). The unit is a span of characters; `tokenize` carries
it over to tokens.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from operator import itemgetter
from typing import NamedTuple

OWN, DIRECT, REPORTED, MARKED = 0, 1, 2, 3
VOICES = {OWN: "own", DIRECT: "direct", REPORTED: "reported", MARKED: "marked"}

SHORT = 4
LONG = 100  # characters that no four words fill
LONGEST_OPEN = 1500

# Searches are fast where a pattern starts with one class of characters; the rest looks back.
_MARKS = re.compile(r"[“”\n](?:(?<=\n)\n*)?")
# Not after an initial or a short capitalised word such as a title (`Sen.`).
_SENTENCE_END = re.compile(r"[.!?…](?<!\b[A-Z].)(?<!\b[A-Z][a-z].)(?<!\b[A-Z][a-z][a-z].)['’)]*\s")
_SINGLE_OPEN = re.compile(r"[‘'](?<![\w.,!?)'].)(?:(?<=‘)|(?=[A-Z“]))(?=[\w“(\[])")
_SINGLE_CLOSE = re.compile(r"'(?!\w)")
_WORD = re.compile(r"[\w']+")


class Quotation(NamedTuple):
    """Span [start, end) including its marks; voice DIRECT or MARKED; whether a closing mark was found."""

    start: int
    end: int
    voice: int
    closed: bool


def _double_spans(text: str) -> list[tuple[int, int, bool]]:
    """Spans between double marks. A quotation over several paragraphs opens each anew; one never closed ends with its sentence."""
    spans: list[tuple[int, int, bool]] = []
    at, closing = text.find("“"), text.find("”")
    while at >= 0:
        if 0 <= closing < at:
            closing = text.find("”", at)
        if closing >= 0 and text.find("“", at + 1, closing) < 0 and text.find("\n", at, closing) < 0:
            # As most are: closed before any other mark and within the paragraph.
            spans.append((at, closing + 1, True))
            at = text.find("“", closing)
        else:
            at = text.find("“", _involved(text, at, spans))
    return spans


def _involved(text: str, at: int, spans: list[tuple[int, int, bool]]) -> int:
    """Add the spans of a quotation that opens at a place and holds other marks or line breaks; the place where it is done with."""
    opened: int | None = None
    nested_opens = 0
    latest = 0  # the mark that opened the paragraph at hand of a quotation over several
    whole = -1  # the end of the paragraph at hand, if all of it is quoted

    def give_up(limit: int) -> None:
        assert opened is not None
        end = _SENTENCE_END.search(text, opened + 1, limit)
        spans.append((opened, end.end() if end else limit, False))

    for match in _MARKS.finditer(text, at):
        at, mark = match.start(), match.group()
        if at < whole:
            continue
        if mark == "“" and (at == 0 or text[at - 1] == "\n"):
            whole = _whole_paragraph(text, at, opened is not None)
            if opened is not None:
                latest = at
        if opened is not None and mark == "“" and at - max(opened, latest) > LONGEST_OPEN:
            give_up(at)
            opened = None
        if mark == "“":
            if opened is None:
                opened, nested_opens = at, 0
                continue
            nested_opens += 1
            if _SENTENCE_END.search(text, max(opened, at - 4), at) is None and text[at - 1 : at] not in ("\n", ""):
                # A second opening inside a sentence: the first was never closed, or this one is nested.
                reopening = text.find("“", at + 1)
                until = reopening if reopening >= 0 else len(text)
                closing = text.find("”", at, until)
                nested = closing >= 0 and text.find("”", closing + 1, until) >= 0
                if not nested:
                    give_up(at)
                    opened, nested_opens = at, 0
        elif mark == "”":
            if opened is not None and not nested_opens:
                spans.append((opened, at + 1, True))
                opened = None
            elif opened is not None:
                closing = text.find("”", at + 1)
                reopening = text.find("“", at + 1)
                inner = text.count("“", opened + 1, at) - text.count("”", opened + 1, at)
                nested = inner > 0 and closing >= 0 and (reopening < 0 or closing < reopening) and closing - at < 300
                starts = [m.start() for m in re.finditer("“", text[opened + 1 : at])]
                continued = all(_continues(text, opened + 1 + s) for s in starts)
                if not (nested and not continued):
                    spans.append((opened, at + 1, True))
                    opened = None
        elif opened is not None and not text.startswith("“", match.end()):
            if at - max(opened, latest) > LONGEST_OPEN:
                give_up(at)
            else:
                spans.append((opened, at, False))
            opened = None
        if opened is None:
            return max(match.end(), whole)
    if opened is not None:
        give_up(len(text))
    return len(text)


def _whole_paragraph(text: str, at: int, carried: bool) -> int:
    """The end of the paragraph that opens with the mark at this place, if that mark is not closed within it but every other one is.

    So it is in a quotation over several paragraphs that holds marks of its own. Either the next paragraph opens with a mark or
    this one carries a quotation on; else a closing mark was forgotten. -1 where it is not so.
    """
    end = text.find("\n", at)
    end = end if end >= 0 else len(text)
    depth = 0
    inner = False
    for mark in re.finditer("[“”]", text[at:end]):
        depth += 1 if mark.group() == "“" else -1
        inner = inner or depth > 1
        if depth == 0:
            return -1
    following = text[end : end + 3].lstrip("\n").startswith("“")
    return end if depth == 1 and inner and (carried or following) else -1


def _continues(text: str, at: int) -> bool:
    """Whether an opening mark at this place carries on a quotation from the paragraph or sentence before."""
    return text[at - 1 : at] == "\n" or _SENTENCE_END.search(text, max(0, at - 4), at) is not None


def _is_within(place: int, spans: list[tuple[int, int, bool]]) -> bool:
    """Whether a place stands in one of some spans, which are in order and do not overlap."""
    number = bisect_right(spans, place, key=itemgetter(0))
    return number > 0 and place < spans[number - 1][1]


def _single_spans(text: str, taken: list[tuple[int, int, bool]]) -> list[tuple[int, int, bool]]:
    """Spans between single marks outside double ones: closed by the first mark after punctuation, or after a few words."""
    spans: list[tuple[int, int, bool]] = []
    position = 0
    for match in _SINGLE_OPEN.finditer(text):
        at = match.start()
        if at < position or _is_within(at, taken):
            continue
        limit = text.find("\n", at)
        limit = min(limit if limit >= 0 else len(text), at + LONGEST_OPEN)
        for closing in _SINGLE_CLOSE.finditer(text, at + 1, limit):
            if _is_within(closing.start(), taken):
                continue
            inside = text[at + 1 : closing.start()]
            if inside.endswith((".", ",", "!", "?", "…")) or (len(inside.split()) <= 6 and not inside.endswith("s")):
                spans.append((at, closing.end(), True))
                position = closing.end()
                break
        else:
            if match.group() == "‘":
                following = text.find("\n‘", at, at + LONGEST_OPEN)
                if following == limit or text.startswith("\n\n‘", limit):
                    spans.append((at, limit, False))
                    position = limit
    return spans


def _is_speech(text: str, start: int, end: int, speech_verbs: frozenset[str]) -> bool:
    """Longer than a few words, or an utterance by what stands beside it."""
    if end - start > LONG:
        return True
    inside = text[start + 1 : end].rstrip("”' ")
    words = _WORD.findall(inside)
    if len(words) > SHORT:
        return True
    if not words:
        return False
    if inside[0].isupper():
        before = text[max(0, start - 40) : start].rstrip()
        last = _WORD.findall(before)[-1:]
        if last and last[0].lower() in speech_verbs and before.endswith((last[0], ",", ":")):
            return True
    return inside.endswith((",", "!", "?", ".")) and any(
        word.lower() in speech_verbs for word in _WORD.findall(text[end : end + 40])[:3]
    )


def quotations(text: str, speech_verbs: frozenset[str]) -> list[Quotation]:
    """Quotations of a text in order, without overlaps; up to `SHORT` words that are no utterance are MARKED, all others DIRECT."""
    spans: list[tuple[int, int, bool]] = []
    if "“" in text:
        spans = _double_spans(text)
    if "‘" in text or " '" in text or text.startswith("'") or "\n'" in text:
        singles = _single_spans(text, spans)
        spans = sorted([span for span in spans if not _is_within(span[0], singles)] + singles)
    # A mark straight after `=` is a value in markup.
    spans = [(a, b, closed) for a, b, closed in spans if b > a + 1]
    if "=" in text:
        spans = [(a, b, closed) for a, b, closed in spans if not text[max(0, a - 2) : a].rstrip().endswith("=")]
    return [Quotation(a, b, DIRECT if _is_speech(text, a, b, speech_verbs) else MARKED, closed) for a, b, closed in spans]
