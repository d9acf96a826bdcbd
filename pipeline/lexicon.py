"""Lexicons: reading them, and finding their entries in token ids.

Rules of matching (docs/methods.md): an entry's words match consecutive tokens of one sentence; hyphens separate words; case
does not count; a trailing `*` matches any ending of its word; an occurrence inside one of the entry's excluded phrases does
not count; within a category, and again within a lexicon, overlapping occurrences count once, the longest (then the earliest) winning.
"""

from __future__ import annotations

import bisect
import csv
import io
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.errors import InputError
from pipeline.language import Language
from pipeline.readers import decode
from pipeline.tokens import TOKEN, TokenTable, Vocabulary

COLUMNS = ("entry", "category", "exclude", "note")
_WORD_RULE = re.compile(r"[^\s*;,]+\*?")


class Entry(NamedTuple):
    """One entry: its text, category and excluded phrases."""

    text: str
    category: str
    exclude: tuple[str, ...]


class Lexicon(NamedTuple):
    """A named list of entries."""

    name: str
    entries: list[Entry]

    @property
    def categories(self) -> list[str]:
        return sorted({entry.category for entry in self.entries})


class Hits(NamedTuple):
    """Occurrences in order of position: arrays of equal length.

    position: index of the first token; length: tokens; entry: row in the lexicon; counted: whether the occurrence also counts
    in the lexicon's total (an overlapping longer one of another category does not stand before it).
    """

    position: np.ndarray
    length: np.ndarray
    entry: np.ndarray
    counted: np.ndarray


def parse_lexicon(text: str, source: str) -> list[Entry]:
    """Entries of a lexicon CSV; raises `InputError` with file, row, rule and value of every fault."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    found = reader.fieldnames or []
    missing = [name for name in ("entry", "category") if name not in found]
    unknown = [name for name in found if name not in COLUMNS]
    if missing or unknown:
        faults = [f"needs a column {name!r} (columns found: {', '.join(found) or 'none'})" for name in missing]
        faults += [f"no such column {name!r} (known: {', '.join(COLUMNS)})" for name in unknown]
        raise InputError(source, faults)
    entries: list[Entry] = []
    faults = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(reader, start=2):
        entry = " ".join((row["entry"] or "").split())
        category = (row["category"] or "").strip()
        exclude = tuple(" ".join(part.split()) for part in (row.get("exclude") or "").split(";") if part.strip())
        if None in row:
            faults.append(f"line {number}: more cells than columns")
        if not entry:
            faults.append(f"line {number}: entry is empty")
        elif not all(_WORD_RULE.fullmatch(word) for word in entry.split()):
            faults.append(f"line {number}: entry: words separated by spaces, each with at most one trailing * (got {entry!r})")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", category):
            faults.append(f"line {number}: category: small letters, digits and _ (got {category!r})")
        if (entry, category) in seen:
            faults.append(f"line {number}: entry {entry!r} stands in {category!r} already (line {seen[entry, category]})")
        seen.setdefault((entry, category), number)
        bare = " ".join(_words(entry)).rstrip("*")
        for phrase in exclude:
            if bare not in " ".join(_words(phrase)):
                faults.append(f"line {number}: exclude: a phrase must contain its entry {entry!r} (got {phrase!r})")
        entries.append(Entry(entry, category, exclude))
    if not entries and not faults:
        faults.append("holds no entries")
    if faults:
        raise InputError(source, faults)
    return entries


def read_lexicon(path: str | Path) -> Lexicon:
    """A lexicon file; its name is the file's name without the ending."""
    path = Path(path)
    try:
        decoded = decode(path.read_bytes())
    except OSError as error:
        raise InputError(str(path), [f"can't be read: {error.strerror}"]) from None
    if decoded is None:
        raise InputError(str(path), ["not text"])
    return Lexicon(path.stem, parse_lexicon(decoded[0], str(path)))


def _words(text: str) -> list[str]:
    """The tokens of an entry or phrase as the tokenizer would cut them, a trailing * kept on its word."""
    words: list[str] = []
    for part in text.split():
        pieces = TOKEN.findall(part.rstrip("*")) or [part.rstrip("*")]
        if part.endswith("*"):
            pieces[-1] += "*"
        words.extend(pieces)
    return words


class _Terms:
    """Terms of a vocabulary, looked up exactly or by prefix."""

    def __init__(self, terms: list[str], language: Language):
        self.ids = {term: i for i, term in enumerate(terms)}
        self.language = Vocabulary(language)
        ordered = sorted(range(len(terms)), key=terms.__getitem__)
        self.sorted_terms = [terms[i] for i in ordered]
        self.sorted_ids = np.array(ordered, dtype=np.int32)

    def matching(self, word: str) -> np.ndarray:
        if word.endswith("*"):
            prefix = word[:-1].lower()
            first = bisect.bisect_left(self.sorted_terms, prefix)
            last = bisect.bisect_left(self.sorted_terms, prefix + "\U0010ffff")
            return np.sort(self.sorted_ids[first:last])
        found = self.ids.get(self.language.term(word))
        return np.array([] if found is None else [found], dtype=np.int32)


class _Positions:
    """Where each term stands: positions grouped by token id."""

    def __init__(self, token: np.ndarray, n_terms: int, wanted: np.ndarray):
        mask = np.zeros(n_terms, dtype=bool)
        mask[wanted] = True
        where = np.flatnonzero(mask[token])
        order = np.argsort(token[where], kind="stable")
        self.positions = where[order]
        self.starts = np.searchsorted(token[self.positions], np.arange(n_terms + 1))

    def count(self, ids: np.ndarray) -> int:
        return int((self.starts[ids + 1] - self.starts[ids]).sum())

    def of(self, ids: np.ndarray) -> np.ndarray:
        if len(ids) == 1:
            return self.positions[self.starts[ids[0]] : self.starts[ids[0] + 1]]
        parts = [self.positions[self.starts[i] : self.starts[i + 1]] for i in ids]
        return np.sort(np.concatenate(parts)) if parts else self.positions[:0]


def _sequence_positions(words: list[np.ndarray], tokens: TokenTable, positions: _Positions) -> np.ndarray:
    """First positions of consecutive tokens that match the words, all in one sentence and part."""
    if any(len(ids) == 0 for ids in words):
        return positions.positions[:0]
    if len(words) == 1:
        return positions.of(words[0])
    rarest = min(range(len(words)), key=lambda k: positions.count(words[k]))
    first = positions.of(words[rarest]) - rarest
    first = first[(first >= 0) & (first + len(words) <= len(tokens.token))]
    for k, ids in enumerate(words):
        if k != rarest and len(first):
            here = tokens.token[first + k]
            first = first[here == ids[0]] if len(ids) == 1 else first[np.isin(here, ids)]
    last = first + len(words) - 1
    return first[(tokens.sentence[first] == tokens.sentence[last]) & (tokens.part[first] == tokens.part[last])]


def _longest_first(position: np.ndarray, length: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Mask of the occurrences that stay when, within a group, overlapping ones count once: the longest, then the earliest."""
    keep = np.ones(len(position), dtype=bool)
    order = np.lexsort((-length, position, group))
    p, n, g = position[order], length[order], group[order]
    end = np.maximum.accumulate(p + n + g.astype(np.int64) * (int(p.max(initial=0)) + int(n.max(initial=0)) + 1))
    shifted = p + g.astype(np.int64) * (int(p.max(initial=0)) + int(n.max(initial=0)) + 1)
    breaks = np.r_[True, shifted[1:] >= end[:-1]]
    starts = np.flatnonzero(breaks)
    sizes = np.diff(np.r_[starts, len(p)])
    for a, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
        members = range(a, a + size)
        taken: list[tuple[int, int]] = []
        for i in sorted(members, key=lambda i: (-n[i], p[i])):
            if any(p[i] < b and s < p[i] + n[i] for s, b in taken):
                keep[order[i]] = False
            else:
                taken.append((int(p[i]), int(p[i] + n[i])))
    return keep


def find_hits(lexicon: Lexicon, tokens: TokenTable, terms: list[str], language: Language) -> Hits:
    """Every occurrence of a lexicon's entries in a token table (see the module for the rules)."""
    known = _Terms(terms, language)
    patterns = [[known.matching(word) for word in _words(entry.text)] for entry in lexicon.entries]
    excluded = [[[known.matching(word) for word in _words(phrase)] for phrase in entry.exclude] for entry in lexicon.entries]
    every = [ids for pattern in patterns + [p for group in excluded for p in group] for ids in pattern]
    positions = _Positions(tokens.token, len(terms), np.concatenate(every) if every else np.array([], dtype=np.int32))
    categories = {name: i for i, name in enumerate(lexicon.categories)}

    found: list[tuple[np.ndarray, int, int]] = []
    for row, pattern in enumerate(patterns):
        first = _sequence_positions(pattern, tokens, positions)
        if len(first) and excluded[row]:
            ok = np.ones(len(first), dtype=bool)
            for phrase in excluded[row]:
                blocked = _sequence_positions(phrase, tokens, positions)
                at = np.searchsorted(blocked, first, side="right") - 1
                inside = at >= 0
                inside[inside] = first[inside] + len(pattern) <= blocked[at[inside]] + len(phrase)
                ok &= ~inside
            first = first[ok]
        if len(first):
            found.append((first, len(pattern), row))
    if not found:
        empty = np.array([], dtype=np.int32)
        return Hits(empty, empty, empty, empty.astype(bool))
    position = np.concatenate([first for first, _, _ in found]).astype(np.int64)
    length = np.concatenate([np.full(len(first), size) for first, size, _ in found])
    entry = np.concatenate([np.full(len(first), row) for first, _, row in found])
    category = np.array([categories[e.category] for e in lexicon.entries])[entry]
    keep = _longest_first(position, length, category)
    position, length, entry = position[keep], length[keep], entry[keep]
    order = np.lexsort((entry, position))
    position, length, entry = position[order], length[order], entry[order]
    counted = _longest_first(position, length, np.zeros(len(position), dtype=np.int64))
    return Hits(position.astype(np.int32), length.astype(np.int32), entry.astype(np.int32), counted)
