"""Edits: what one outlet changed in a text that another has too, word by word."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np

# Longer texts are aligned on their first words only: the aligner's time grows with the product of the lengths at worst.
MOST_WORDS = 6000


class Edit(NamedTuple):
    """One change from a text `old` to a text `new`: `replace`, `delete`, `insert` or `move`; spans of tokens [start, end).

    `delete` and `insert` have an empty span on the other side. `move`: the same words, elsewhere in `new`.
    """

    kind: str
    old_start: int
    old_end: int
    new_start: int
    new_end: int


def word_edits(old: np.ndarray, new: np.ndarray, least_move: int = 8) -> list[Edit]:
    """Edits that turn token ids `old` into `new`, in order of `old` (Ratcliff and Metzener 1988, as in difflib).

    A deleted and an inserted passage with the same `least_move` or more words is one `move`. Equal texts give no edits.
    """
    a, b = old[:MOST_WORDS].tolist(), new[:MOST_WORDS].tolist()
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    edits = [Edit(*code) for code in matcher.get_opcodes() if code[0] != "equal"]
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
