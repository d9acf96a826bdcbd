"""Where a repaired or shortened text stands in the text it was made from, so that evidence can show the original."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

FIRST_COMPARED = 64
ANCHOR = 12
NEAR = 12
# Characters that may be searched through in vain, in all of a text, for what stands far on; then such searches reach this far only.
MOST_SEARCHED, FAR = 2**26, 1024
BLANK = "\x00"

# Characters that repair exchanges one for one: equal for alignment.
_SAME = (
    ("“", '"'),
    ("”", '"'),
    ("„", '"'),
    ("«", '"'),
    ("»", '"'),
    ("’", "'"),
    ("‘", "'"),
    ("–", "—"),
    ("\u00a0", " "),
    ("\t", " "),
)


class Alignment(NamedTuple):
    """Runs of equal text: `result[r:]` equals `source[s:]` from each pair of starts up to the next; both rise strictly in
    `result`."""

    result: list[int]
    source: list[int]


def _fold(text: str) -> str:
    if not text.isascii() or "\t" in text:
        for a, b in _SAME:
            text = text.replace(a, b)
    return text


def _equal_run(a: str, i: int, b: str, j: int) -> int:
    """Length of the common prefix of a[i:] and b[j:]."""
    limit = min(len(a) - i, len(b) - j)
    length, size = 0, FIRST_COMPARED
    while length < limit:
        left = min(size, limit - length)
        if a[i + length : i + length + left] == b[j + length : j + length + left]:
            length += left
            size *= 2
            continue
        # The first difference is among the next `left` characters.
        while left > 1:
            half = left // 2
            if a[i + length : i + length + half] == b[j + length : j + length + half]:
                length += half
                left -= half
            else:
                left = half
        break
    return length


def _resume(a: str, i: int, b: str, j: int, far: int, first: int, new: frozenset[str] | None) -> tuple[int, int] | None:
    """The next pair of places from which the texts are equal again: near ones first, then the nearest place of what follows in
    b.

    far: reach of the search in a; first: of the `NEAR` places in b from j on, the first that was not looked for from i yet; new:
    the characters of b that a has none of, which need no search (None: not known).
    """
    best = None
    for reach, size in ((NEAR, ANCHOR // 2), (far, ANCHOR)):
        for back in range(first, NEAR):
            anchor = b[j + back : j + back + size]
            if new and not new.isdisjoint(anchor):
                continue
            at = a.find(anchor, i, i + reach + len(anchor)) if anchor else -1
            if at < 0:
                continue
            # What was joined may stand further on as well; the text behind the joint then stands nearer.
            best, reach = (at, j + back), at - i - 1
            if reach < 0:
                break
            if reach == 0 and i + size <= len(a) and j + NEAR + size <= len(b):
                # Nothing stands nearer but what follows from i itself: one search instead of one for each place that is left.
                nearest = b.find(a[i : i + size], j + back + 1, j + NEAR - 1 + size)
                return (i, nearest) if nearest >= 0 else best
        if best:
            return best
    return None


def align(source: str, result: str) -> Alignment:
    """Align a text with what repair or removal made of it; linear where the two differ little, and bounded where they do not."""
    if source == result:
        return Alignment([0], [0])
    a, b = _fold(source), _fold(result)
    new: frozenset[str] | None = None
    starts, sources = [0], [0]
    i = j = first = searched = 0
    while j < len(b):
        length = _equal_run(a, i, b, j)
        i, j = i + length, j + length
        if j >= len(b):
            break
        first = 0 if length else first
        far = len(a) if searched < MOST_SEARCHED else FAR
        found = _resume(a, i, b, j, far, first, new)
        if found is None:
            # Told once a search was in vain, which it seldom is.
            new = frozenset(b).difference(a) if new is None else new
            searched += len(a) - i
            # Characters that stand nowhere in the source stay at their place.
            j += 1
            first = NEAR - 1
            continue
        first = 0
        i, j = found
        if starts[-1] == j:
            sources[-1] = i
        else:
            starts.append(j)
            sources.append(i)
    return Alignment(starts, sources)


def compose(outer: Alignment, inner: Alignment, length: int) -> Alignment:
    """The alignment of a result of `length` characters with the source of its source."""
    starts: list[int] = []
    sources: list[int] = []
    ends = [*outer.result[1:], length]
    for start, source, end in zip(outer.result, outer.source, ends, strict=True):
        k = bisect_right(inner.result, source) - 1
        starts.append(start)
        sources.append(inner.source[k] + source - inner.result[k])
        for m in range(k + 1, len(inner.result)):
            at = start + inner.result[m] - source
            if at >= end:
                break
            starts.append(at)
            sources.append(inner.source[m])
    # A run may reach over characters that stand nowhere in the source: never beyond where the next one begins.
    for k in range(len(sources) - 1, 0, -1):
        sources[k - 1] = min(sources[k - 1], sources[k])
    return Alignment(starts, sources)


def shift(alignment: Alignment, letters: int) -> Alignment:
    """The alignment after so many letters were put before the result."""
    return (
        Alignment([0, *(start + letters for start in alignment.result)], [alignment.source[0], *alignment.source])
        if letters
        else alignment
    )


def to_source(position: int, alignment: Alignment, source_length: int) -> int:
    """Place in the source of a place in the result."""
    k = bisect_right(alignment.result, position) - 1
    place = alignment.source[k] + position - alignment.result[k]
    if k + 1 < len(alignment.source):
        place = min(place, alignment.source[k + 1])
    return min(place, source_length)


def span_to_source(start: int, end: int, alignment: Alignment, source_length: int) -> tuple[int, int]:
    """Span of the source behind a span of the result: from its first character to after its last."""
    first = to_source(start, alignment, source_length)
    last = to_source(end - 1, alignment, source_length) + 1 if end > start else first
    return first, max(first, min(last, source_length))


def blank_spans(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with spans made unmatchable, its length kept."""
    pieces = []
    last = 0
    for start, end in spans:
        pieces.append(text[last:start])
        pieces.append(BLANK * (end - max(start, last)))
        last = max(end, last)
    pieces.append(text[last:])
    return "".join(pieces)
