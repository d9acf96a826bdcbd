"""Rival names found in the texts themselves: proposals for a person to judge, used nowhere.

Two sources. Edits: two copies of an agency text differ by what each desk changed; their tokens are aligned, and a few words that
stand in one where a few others stand in the other are candidates. Slots: within one story, words of two outlets between the same
two words on the left and the same two on the right are candidates (the distributional idea of Lin and Pantel 2001, with the
story holding the thing named the same).
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipeline.tokens import BODY, TokenTable

MOST_WORDS = 3
LEAST_CONTEXT = 2


class Swap(NamedTuple):
    """Token ids that stand in one text where others stand in its copy."""

    left: tuple[int, ...]
    right: tuple[int, ...]


def find_swaps(left: list[int], right: list[int]) -> list[Swap]:
    """Replacements of up to `MOST_WORDS` tokens by up to as many, with at least `LEAST_CONTEXT` agreeing tokens on both sides."""
    steps = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    swaps = []
    for before, (kind, a, b, c, d), after in zip(steps, steps[1:], steps[2:], strict=False):
        near = min(before[2] - before[1], after[2] - after[1])
        if kind == "replace" and before[0] == after[0] == "equal" and near >= LEAST_CONTEXT and max(b - a, d - c) <= MOST_WORDS:
            swaps.append(Swap(tuple(left[a:b]), tuple(right[c:d])))
    return swaps


class _Grammar:
    """Which swaps are no rival names: those of the most frequent terms, of more or fewer words, or of numbers."""

    def __init__(self, tokens: TokenTable, terms: list[str], common: int):
        counts = np.bincount(tokens.token, minlength=len(terms))
        self.frequent = set(np.argsort(-counts, kind="stable")[:common].tolist())
        self.terms = terms

    def names(self, left: tuple[int, ...], right: tuple[int, ...]) -> tuple[str, str] | None:
        """The two names in order of the alphabet; None where they are none."""
        contents = [{t for t in side if t not in self.frequent} for side in (left, right)]
        if not contents[0] or not contents[1] or contents[0] <= contents[1] or contents[1] <= contents[0]:
            return None
        if left[0] == right[0] or left[-1] == right[-1]:
            return None
        first, second = sorted(" ".join(self.terms[t] for t in side) for side in (left, right))
        return None if any(c.isdigit() for c in first + second) else (first, second)


def _table(found: dict[tuple[str, str], list], source: str, known: set[str]) -> pd.DataFrame:
    rows = [(source, a, b, len(set(places)), len(places), a in known or b in known) for (a, b), places in found.items()]
    table = pd.DataFrame(rows, columns=["source", "name", "rival", "places", "swaps", "known"])
    return table.sort_values(["places", "swaps", "name", "rival"], ascending=[False, False, True, True], ignore_index=True)


def rivals_from_edits(
    tokens: TokenTable, terms: list[str], pairs: Iterable[tuple[int, int]], copy_group: np.ndarray, known: set[str], common: int
) -> pd.DataFrame:
    """Candidates from pairs of copies (rows of articles), the most widespread first.

    copy_group: of each article; known: terms of names already listed; common: how many of the most frequent terms are grammar.
    Columns: source (`edit`), name, rival (in order of the alphabet), places (copy groups), swaps, known (one of them is listed).
    """
    grammar = _Grammar(tokens, terms, common)
    found: dict[tuple[str, str], list] = {}
    bodies: dict[int, list[int]] = {}

    def body(article: int) -> list[int]:
        if article not in bodies:
            first, end = tokens.bounds[article], tokens.bounds[article + 1]
            bodies[article] = tokens.token[first:end][tokens.part[first:end] == BODY].tolist()
        return bodies[article]

    for a, b in pairs:
        for swap in find_swaps(body(a), body(b)):
            names = grammar.names(*swap)
            if names:
                found.setdefault(names, []).append(int(copy_group[a]))
    return _table(found, "edit", known)


def rivals_from_slots(
    tokens: TokenTable, terms: list[str], story: np.ndarray, outlet: np.ndarray, known: set[str], common: int
) -> pd.DataFrame:
    """Candidates of one or two words from slots within stories, the most widespread first.

    story, outlet: codes of each article; the rest, and the columns, as for `rivals_from_edits` (source `slot`, places: stories).
    A slot is two tokens, the candidate, two tokens, in one sentence of the body, the same four in articles of two outlets.
    """
    token, n = tokens.token.astype(np.int64), len(tokens.token)
    size = np.int64(len(terms))
    keys, fillers, owners = [], [], []
    for words in (1, 2):
        first = np.arange(2, n - words - 1)
        last = first + words + 1
        inside = (tokens.sentence[first - 2] == tokens.sentence[last]) & (tokens.article[first - 2] == tokens.article[last])
        first = first[inside & (tokens.part[first] == BODY)]
        right = first + words
        keys.append(np.stack([token[first - 2] * size + token[first - 1], token[right] * size + token[right + 1]]))
        fillers.append(token[first] if words == 1 else token[first] + (token[first + 1] + 1) * size)
        owners.append(tokens.article[first])
    filler, article = np.concatenate(fillers), np.concatenate(owners)
    left, right = (np.unique(side, return_inverse=True)[1] for side in np.concatenate(keys, axis=1))
    key = (story[article].astype(np.int64) * (left.max(initial=0) + 1) + left) * (right.max(initial=0) + 1) + right
    _, group, times = np.unique(key, return_inverse=True, return_counts=True)
    shared = times[group] > 1
    frame = pd.DataFrame({"slot": group[shared], "filler": filler[shared], "article": article[shared]})
    frame = frame.assign(outlet=outlet[frame["article"]], story=story[frame["article"]])
    frame = frame.drop_duplicates(["slot", "filler", "outlet"])
    both = frame.merge(frame, on="slot", suffixes=("", "_other"))
    both = both[(both["filler"] < both["filler_other"]) & (both["outlet"] != both["outlet_other"])]
    both = both.drop_duplicates(["slot", "filler", "filler_other"]).sort_values(["slot", "filler", "filler_other"])
    grammar = _Grammar(tokens, terms, common)
    found: dict[tuple[str, str], list] = {}
    for left, right, where in zip(both["filler"].tolist(), both["filler_other"].tolist(), both["story"].tolist(), strict=True):
        sides = [(f,) if f < size else (f % size, f // size - 1) for f in (left, right)]
        names = grammar.names(*sides)
        if names:
            found.setdefault(names, []).append(where)
    return _table(found, "slot", known)
