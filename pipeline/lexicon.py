"""Finding a lexicon's entries in token ids.

Rules of matching (docs/lexicons.md): an entry's words match consecutive tokens of one sentence; hyphens separate words; case
does not count unless the entry says so; an occurrence inside one of its entry's excluded phrases, or in a voice its entry is not
for, does not count; within a category, and again within a lexicon, overlapping occurrences count once, the longest (then the
earliest, then the entry that stands first in the lexicon) winning. Negated occurrences count and are marked.
"""

from __future__ import annotations

import bisect
import re
from typing import NamedTuple

import numpy as np

from pipeline.entries import EXACT_CASE, MOST_WORDS, Lexicon, expand_entry, is_glob
from pipeline.language import Language
from pipeline.negation import Negation
from pipeline.tokens import CAPITALISED, LOWER, TOKEN, TokenTable, Vocabulary, case_of
from pipeline.voice import VOICES

_ANY = -1
_NO_CASE = -1


class Hits(NamedTuple):
    """Occurrences in order of position (then of entry): arrays of equal length.

    position: index of the first token; length: tokens; entry: row in the lexicon; counted: whether the occurrence also counts
    in the lexicon's total (no overlapping longer one of another category stands before it); negated: whether it is negated.
    """

    position: np.ndarray
    length: np.ndarray
    entry: np.ndarray
    counted: np.ndarray
    negated: np.ndarray


class TermIndex:
    """The terms of a vocabulary, looked up exactly or by a word with wildcards; built once for any number of lexicons."""

    def __init__(self, terms: list[str], language: Language):
        self.size = len(terms)
        self._ids = dict(zip(terms, range(len(terms)), strict=True))
        self._forms = Vocabulary(language)
        self.terms = terms
        self._ordered = sorted(terms)
        self._joined = "\n" + "\n".join(self._ordered) + "\n"
        self._ends: np.ndarray | None = None

    def find(self, word: str) -> int | None:
        """Id of the term of a word as the tokenizer would spell it; None when the vocabulary has none."""
        return self._ids.get(self.term(word))

    def term(self, form: str) -> str:
        """The term of a form, as the tokenizer would spell it."""
        return self._forms.term(form)

    def ids_of(self, text: str) -> list[int]:
        """Ids of the terms of a text's tokens; empty when the vocabulary lacks one."""
        ids = [self.find(form) for form in TOKEN.findall(text)]
        return [] if None in ids else ids

    def match(self, glob: str) -> np.ndarray:
        """Sorted ids (int64) of the terms that match a word with wildcards (`*` any characters, `?` one)."""
        glob = glob.lower()
        prefix = re.match(r"[^*?]*", glob).group()
        if prefix:
            first = bisect.bisect_left(self._ordered, prefix)
            last = bisect.bisect_left(self._ordered, prefix + "\U0010ffff", first)
            found = self._ordered[first:last]
        else:
            found = self._holding(max(re.split(r"[*?]+", glob), key=len))
        if glob != prefix + "*":
            pattern = re.compile(re.escape(glob).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)
            found = [term for term in found if pattern.fullmatch(term)]
        return np.sort(np.array([self._ids[term] for term in found], dtype=np.int64))

    def _holding(self, piece: str) -> list[str]:
        """Terms that hold a piece, by one search through all of them."""
        if not piece:
            return self._ordered
        if self._ends is None:
            self._ends = np.cumsum([len(term) + 1 for term in self._ordered])
        found = []
        at = self._joined.find(piece)
        while at >= 0:
            row = int(np.searchsorted(self._ends, at))
            found.append(self._ordered[row])
            at = self._joined.find(piece, int(self._ends[row]))
        return found


class _Patterns:
    """Word sequences compiled against a vocabulary: slots[p, k] is a term id, `_ANY`, or -2 - class; case[p, k] a case or none.

    Sequences with a word that the vocabulary lacks are left out. owner: the row each sequence belongs to.
    """

    def __init__(self, sequences: list[tuple[int, tuple[str, ...], bool]], index: TermIndex):
        self.classes: dict[str, int] = {}
        self.members: list[np.ndarray] = []
        slots: list[list[int]] = []
        cases: list[list[int]] = []
        owner: list[int] = []
        for row, words, exact in sequences:
            ids = [self._slot(word, index) for word in words]
            if None not in ids:
                slots.append(ids)
                cases.append([case_of(word) if exact and word != "*" else _NO_CASE for word in words])
                owner.append(row)
        self.owner = np.array(owner, dtype=np.int64)
        self.length = np.array([len(ids) for ids in slots], dtype=np.int64)
        width = int(self.length.max(initial=1))
        self.slots = np.full((len(slots), width), _ANY, dtype=np.int64)
        self.case = np.full((len(slots), width), _NO_CASE, dtype=np.int64)
        for p, (ids, case) in enumerate(zip(slots, cases, strict=True)):
            self.slots[p, : len(ids)] = ids
            self.case[p, : len(ids)] = case
        self.size = index.size
        keys = [k * index.size + ids for k, ids in enumerate(self.members)]
        self.keys = np.concatenate(keys) if keys else np.array([], dtype=np.int64)

    def _slot(self, word: str, index: TermIndex) -> int | None:
        if not is_glob(word):
            return index.find(word)
        if word == "*":
            return _ANY
        if word not in self.classes:
            self.classes[word] = len(self.members)
            self.members.append(index.match(word))
        known = self.classes[word]
        return -2 - known if len(self.members[known]) else None

    def anchors(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Term, pattern and offset of each pattern's rarest word, one row for each term it may be."""
        of_class = np.array([counts[ids].sum() for ids in self.members] + [0], dtype=np.int64)
        kind = np.clip(-2 - self.slots, 0, len(self.members))
        frequency = np.where(self.slots >= 0, counts[np.maximum(self.slots, 0)], of_class[kind])
        frequency[self.slots == _ANY] = np.iinfo(np.int64).max
        offset = frequency.argmin(axis=1)
        slot = self.slots[np.arange(len(offset)), offset]
        exact = slot >= 0
        plain = np.flatnonzero(exact)
        terms, patterns = [slot[plain]], [plain]
        for p in np.flatnonzero(~exact):
            ids = self.members[-2 - slot[p]]
            terms.append(ids)
            patterns.append(np.full(len(ids), p, dtype=np.int64))
        pattern = np.concatenate(patterns)
        return np.concatenate(terms), pattern, offset[pattern]


def _same_sentence(tokens: TokenTable, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Whether pairs of positions lie in one sentence of one part of one article."""
    same = tokens.sentence[left] == tokens.sentence[right]
    same &= tokens.part[left] == tokens.part[right]
    same &= tokens.article[left] == tokens.article[right]
    return same


def _begins(tokens: TokenTable, at: np.ndarray) -> np.ndarray:
    """Whether positions begin a sentence."""
    return (at == 0) | ~_same_sentence(tokens, np.maximum(at - 1, 0), at)


def _case_fits(wanted: np.ndarray, at: np.ndarray, tokens: TokenTable) -> np.ndarray:
    """Whether tokens have the wanted case; the first word of a sentence may be capitalised where small letters are wanted."""
    have = tokens.case[at]
    return (have == wanted) | ((wanted == LOWER) & (have == CAPITALISED) & _begins(tokens, at))


def _places(tokens: TokenTable, term: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Every (position, k) with the token at the position being term[k]; a term may stand in `term` more than once."""
    order = np.argsort(term, kind="stable")
    wanted = np.bincount(term, minlength=size)
    starts = np.cumsum(wanted) - wanted
    where = np.flatnonzero((wanted > 0)[tokens.token])
    there = tokens.token[where]
    times = wanted[there]
    if times.max(initial=1) == 1:
        return where, order[starts[there]]
    nth = np.arange(int(times.sum())) - np.repeat(np.cumsum(times) - times, times)
    return np.repeat(where, times), order[np.repeat(starts[there], times) + nth]


def _fits(patterns: _Patterns, tokens: TokenTable, first: np.ndarray, pattern: np.ndarray, k: np.ndarray | int) -> np.ndarray:
    """Whether the k-th word of each pattern that begins at `first` fits; true where the pattern has no such word."""
    slot, case = patterns.slots[pattern, k], patterns.case[pattern, k]
    here = tokens.token[np.minimum(first + k, len(tokens.token) - 1)]
    ok = (slot == here) | (slot == _ANY)
    classes = np.flatnonzero(slot < _ANY)
    if len(classes):
        key = (-2 - slot[classes]) * patterns.size + here[classes]
        at = np.minimum(np.searchsorted(patterns.keys, key), len(patterns.keys) - 1)
        ok[classes] = patterns.keys[at] == key
    cased = np.flatnonzero(ok & (case != _NO_CASE))
    if len(cased):
        word = k if isinstance(k, int) else k[cased]
        ok[cased] = _case_fits(case[cased], first[cased] + word, tokens)
    return ok


def _occurrences(patterns: _Patterns, tokens: TokenTable, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First token and pattern of every occurrence: single words are looked up, longer terms from their rarest word on."""
    term, pattern, offset = patterns.anchors(counts)
    single = patterns.length[pattern] == 1
    first, choice = _places(tokens, term[single], patterns.size)
    own = pattern[single][choice]
    cased = np.flatnonzero(patterns.case[own, 0] != _NO_CASE)
    if len(cased):
        keep = np.ones(len(own), dtype=bool)
        keep[cased] = _case_fits(patterns.case[own[cased], 0], first[cased], tokens)
        first, own = first[keep], own[keep]

    term, pattern, offset = term[~single], pattern[~single], offset[~single]
    begin, choice = _places(tokens, term, patterns.size)
    begin -= offset[choice]
    several = pattern[choice]
    ok = (begin >= 0) & (begin + patterns.length[several] <= len(tokens.token))
    begin, choice, several = begin[ok], choice[ok], several[ok]
    # The word beside the anchor settles most of them.
    beside = np.where(offset + 1 < patterns.length[pattern], offset + 1, offset - 1)
    ok = _fits(patterns, tokens, begin, several, beside[choice])
    begin, several = begin[ok], several[ok]
    ok = _same_sentence(tokens, begin, begin + patterns.length[several] - 1)
    for k in range(patterns.slots.shape[1]):
        ok &= _fits(patterns, tokens, begin, several, k)
    return np.concatenate([first, begin[ok]]), np.concatenate([own, several[ok]])


def _inside(first: np.ndarray, length: np.ndarray, row: np.ndarray, outer: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """Whether each occurrence lies inside an outer one (first, length, row) of the same row."""
    begin, size, owner = outer
    if not len(begin):
        return np.zeros(len(first), dtype=bool)
    span = int(max((begin + size).max(), (first + length).max(initial=0))) + 1
    order = np.lexsort((begin, owner))
    starts = owner[order] * span + begin[order]
    ends = np.maximum.accumulate(owner[order] * span + begin[order] + size[order])
    at = np.searchsorted(starts, row * span + first, side="right") - 1
    return (at >= 0) & (ends[at] >= row * span + first + length)


def longest_first(position: np.ndarray, length: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Mask of the occurrences that stay when, within a group, overlapping ones count once: longest, earliest, first given."""
    keep = np.ones(len(position), dtype=bool)
    begin = group.astype(np.int64) * (int((position + length).max(initial=0)) + 1) + position
    longest = int(length.max(initial=0))
    order = np.argsort(begin * (longest + 1) + longest - length, kind="stable")
    begin, n = begin[order], length[order].astype(np.int64)
    reach = np.maximum.accumulate(begin + n)
    opens = np.r_[True, begin[1:] >= reach[:-1]][: len(begin)]
    crowded = ~opens
    crowded[:-1] |= ~opens[1:]
    # Only runs of overlapping occurrences matter. Their tokens get places in one short row, on which the longest settle first.
    order, begin, n, opens = order[crowded], begin[crowded], n[crowded], opens[crowded]
    if not len(order):
        return keep
    first = np.flatnonzero(opens)
    run = np.cumsum(opens) - 1
    width = np.maximum.reduceat(begin + n, first) - begin[first]
    place = begin - begin[first][run] + (np.cumsum(width) - width)[run]
    taken = np.zeros(int(width.sum()), dtype=bool)
    for size in np.unique(n)[::-1]:
        at = np.flatnonzero(n == size)
        # What is taken is at least as long, so it covers an end of whatever it overlaps.
        free = at[~(taken[place[at]] | taken[place[at] + size - 1])]
        keep[order[at]] = False
        winners = free[_earliest(place[free], int(size))]
        keep[order[winners]] = True
        for k in range(size):
            taken[place[winners] + k] = True
    return keep


def _earliest(place: np.ndarray, size: int) -> np.ndarray:
    """Mask of the spans of one size (in order of place) that stay when each that overlaps a kept earlier one goes."""
    mask = np.r_[True, place[1:] > place[:-1]][: len(place)]
    distinct = np.flatnonzero(mask)
    spots = place[distinct]
    opens = np.r_[True, spots[1:] - spots[:-1] >= size][: len(spots)]
    starts = np.flatnonzero(opens)
    ends = np.r_[starts[1:], len(spots)]
    for a, b in zip(starts[ends - starts > 1].tolist(), ends[ends - starts > 1].tolist(), strict=True):
        last = spots[a]
        for k in range(a + 1, b):
            if spots[k] - last < size:
                mask[distinct[k]] = False
            else:
                last = spots[k]
    return mask


class Corpus:
    """A token table made ready for lexicons: counts of terms, and where a negation stands.

    tokens: the token table; terms: its vocabulary; negation: the language's rule (None: nothing is marked as negated).
    """

    def __init__(self, tokens: TokenTable, terms: list[str], language: Language, negation: Negation | None = None):
        self.tokens = tokens
        self.index = TermIndex(terms, language)
        self.counts = np.bincount(tokens.token, minlength=len(terms))
        self.negation = negation
        if negation is not None:
            self._negator = self._mask(negation.negators)
            self._closer = self._mask(negation.ends)
            first, _, _ = self._find([(0, split, False) for text in negation.not_negating for split in expand_entry(text)])
            self._harmless = np.unique(first)

    def _mask(self, words: tuple[str, ...]) -> np.ndarray:
        """Mask over the vocabulary of the terms that words match."""
        mask = np.zeros(self.index.size, dtype=bool)
        for word in words:
            found = self.index.match(word) if is_glob(word) else self.index.find(word)
            if found is not None:
                mask[found] = True
        return mask

    def _find(self, sequences: list[tuple[int, tuple[str, ...], bool]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """First token, tokens and row of every occurrence of (row, words, exact case)."""
        patterns = _Patterns(sequences, self.index)
        first, pattern = _occurrences(patterns, self.tokens, self.counts)
        return first, patterns.length[pattern], patterns.owner[pattern]

    def _negated(self, position: np.ndarray) -> np.ndarray:
        """Whether a negation reaches each position."""
        negated = np.zeros(len(position), dtype=bool)
        if self.negation is None or not len(position):
            return negated
        tokens = self.tokens
        live = np.arange(len(position))
        at = position.astype(np.int64)
        for _ in range(self.negation.window):
            ok = ~_begins(tokens, at)
            live, at = live[ok], at[ok] - 1
            touching = tokens.start[at + 1] - (tokens.start[at] + tokens.length[at]) <= 1
            ok = touching & ~self._closer[tokens.token[at]]
            live, at = live[ok], at[ok]
            hit = self._negator[tokens.token[at]]
            hit[hit] = ~np.isin(at[hit], self._harmless)
            negated[live[hit]] = True
        return negated

    def find(self, lexicon: Lexicon) -> Hits:
        """Every occurrence of a lexicon's entries (see the module for the rules)."""
        entries = lexicon.entries
        n = len(entries)
        sequences = []
        for row, entry in enumerate(entries):
            sequences += [(row, words, entry.case == EXACT_CASE) for words in expand_entry(entry.text)]
            sequences += [(n + row, words, False) for text in entry.exclude for words in expand_entry(text)]
        position, length, row = self._find(sequences)
        excluding = row >= n
        outer = (position[excluding], length[excluding], row[excluding] - n)
        position, length, row = position[~excluding], length[~excluding], row[~excluding]
        keep = ~_inside(position, length, row, outer)
        restricted = np.array([bool(entry.voices) for entry in entries], dtype=bool)
        if restricted.any():
            allowed = np.array([[not e.voices or name in e.voices for name in VOICES.values()] for e in entries], dtype=bool)
            column = np.zeros(max(VOICES) + 1, dtype=np.int64)
            column[list(VOICES)] = np.arange(len(VOICES))
            keep &= allowed[row, column[self.tokens.voice[position]]]
        position, length, row = position[keep], length[keep], row[keep]
        order = np.argsort((position * n + row) * (MOST_WORDS + 1) + MOST_WORDS - length)
        position, length, row = position[order], length[order], row[order]
        names = {name: i for i, name in enumerate(lexicon.categories)}
        category = np.array([names[entry.category] for entry in entries], dtype=np.int64)
        keep = longest_first(position, length, category[row])
        position, length, row = position[keep], length[keep], row[keep]
        counted = longest_first(position, length, np.zeros(len(position), dtype=np.int64))
        return Hits(position.astype(np.int32), length.astype(np.int32), row.astype(np.int32), counted, self._negated(position))
