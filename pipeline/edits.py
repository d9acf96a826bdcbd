"""Edits: what one outlet changed in a text that another has too, word by word."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np

# Longer texts are aligned on their first words only: the aligner's time grows with the product of the lengths at worst.
MOST_WORDS = 6000
# Common words that part two edits.
ANCHOR = 3
# Words of an edit that is one by itself, however near the next.
SMALL = 4


class Edit(NamedTuple):
    """One change from a text `old` to a text `new`: `replace`, `delete`, `insert` or `move`; spans of tokens [start, end).

    `delete` and `insert` have an empty span on the other side. `move`: the same words, elsewhere in `new`.
    """

    kind: str
    old_start: int
    old_end: int
    new_start: int
    new_end: int


def joined(edits: list[Edit]) -> list[Edit]:
    """Edits in order; those with fewer than `ANCHOR` common words between made one where either has more than `SMALL` words."""
    out: list[Edit] = []
    for edit in edits:
        last = out[-1] if out else None
        if last is None or edit.old_start - last.old_end >= ANCHOR or max(map(_size, (last, edit))) <= SMALL:
            out.append(edit)
            continue
        spans = (last.old_start, edit.old_end, last.new_start, edit.new_end)
        kind = "insert" if spans[0] == spans[1] else "delete" if spans[2] == spans[3] else "replace"
        out[-1] = Edit(kind, *spans)
    return out


def _size(edit: Edit) -> int:
    return max(edit.old_end - edit.old_start, edit.new_end - edit.new_start)


def word_edits(old: np.ndarray, new: np.ndarray, least_move: int = 8) -> list[Edit]:
    """Edits that turn token ids `old` into `new`, in order of `old` (Ratcliff and Metzener 1988, as in difflib).

    A deleted and an inserted passage with the same `least_move` or more words is one `move`. Long edits with fewer than
    `ANCHOR` common words between them are one: a word or two that both happen to have do not part them. Equal texts give no edits.
    """
    a, b = old[:MOST_WORDS].tolist(), new[:MOST_WORDS].tolist()
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    edits = joined([Edit(*code) for code in matcher.get_opcodes() if code[0] != "equal"])
    inserted = {tuple(b[e.new_start : e.new_end]): e for e in edits if e.kind == "insert" and e.new_end - e.new_start >= least_move}
    moved: set[Edit] = set()
    out = []
    for edit in edits:
        twin = inserted.get(tuple(a[edit.old_start : edit.old_end])) if edit.kind == "delete" else None
        if twin is not None and twin not in moved:
            moved.add(twin)
            edit = Edit("move", edit.old_start, edit.old_end, twin.new_start, twin.new_end)
        out.append(edit)
    return [edit for edit in out if edit not in moved]


def trim_edits(edits: list[Edit], n_old: int, n_new: int) -> list[Edit]:
    """Without what stands before the first and after the last common word: an article around a text edits none of its words."""
    return [
        e
        for e in edits
        if not (e.kind in ("delete", "insert", "replace") and (e.old_start == 0 or e.new_start == 0) and e is edits[0])
        and not (e.kind in ("delete", "insert", "replace") and (e.old_end >= n_old or e.new_end >= n_new) and e is edits[-1])
    ]
