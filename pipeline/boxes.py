"""Boxes: passages of several sentences, signed with a byline of their own, that an outlet sets in several articles (picture
galleries, profiles, chronologies).

Works on text in one typographic form (`pipeline.typography`), without what is removed from it by its form.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence

import numpy as np

from pipeline.furniture import Removal
from pipeline.segments import MARKS, key_hashes, key_text, read_segments

# A box has so many segments and characters at least; so much of what stands before it in an article, at most, may be in others.
BOX_SEGMENTS = 3
BOX_LENGTH = 300
SHARED_BEFORE = 0.2
SEGMENTS_BEFORE = 3
# Bylines of a text that may close a box: what stands before each is read anew.
MOST_BYLINES = 16


def segment_keys(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """The keys of a text's segments: what two must share to count as the same."""
    return [key_text(text[start:end]).strip(MARKS) for start, end in spans]


class Boxes:
    """The boxes of each outlet, collected from the texts before bylines.

    `repeated` tells from hashes of keys (`segments.key_hashes`) which segments may stand in more than one article of the outlet;
    those that do are counted here.
    """

    def __init__(self, repeated: Callable[[np.ndarray], np.ndarray]):
        self.repeated = repeated
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, outlet: str, before: str) -> None:
        """What stands before a byline in a text of an outlet.

        The segments that end it count as a box's when other articles have them, unless these have much of the rest as well: then
        they are other versions of the article.
        """
        spans = read_segments([before]).spans()
        keys = segment_keys(before, spans)
        if not keys:
            return
        shared = self.repeated(key_hashes(keys, [outlet] * len(keys)))
        alone = np.flatnonzero(~shared)
        first = int(alone[-1]) + 1 if len(alone) else 0
        long_enough = len(keys) - first >= BOX_SEGMENTS and spans[-1][1] - spans[first][0] >= BOX_LENGTH
        if long_enough and first >= SEGMENTS_BEFORE and shared[:first].mean() <= SHARED_BEFORE:
            self.counts[outlet].update(set(keys[first:]))

    def keys(self, outlet: str) -> frozenset[str]:
        """The keys of the segments of an outlet's boxes, those that stand in several."""
        return frozenset(key for key, count in self.counts.get(outlet, Counter()).items() if count > 1)


def box_removals(text: str, spans: Sequence[tuple[int, int]], keys: Collection[str]) -> list[Removal]:
    """Runs of `BOX_SEGMENTS` segments or more of a text that are a box's by their keys; `spans`: its `segments`."""
    out: list[Removal] = []
    run: list[tuple[int, int]] = []
    for span, key in [*zip(spans, segment_keys(text, spans), strict=True), ((0, 0), None)]:
        if key in keys:
            run.append(span)
            continue
        if len(run) >= BOX_SEGMENTS:
            out.append(Removal(run[0][0], run[-1][1], "boilerplate"))
        run = []
    return out
