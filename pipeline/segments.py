"""Segments of texts, the units whose repetition is counted: lines and, within them, roughly split sentences.

Many texts are read at once, as one array of characters: an array operation costs as much for a text as for a hundred.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from pipeline.storage import Lists

# Characters of a segment that make its hash: from each end of its key, and of its first words.
KEY_CHARACTERS = 10
OPENING_CHARACTERS = 24
OPENING_WORDS = 3
# Characters that are skipped one by one; longer runs are looked up.
STEPS = 6
MARKS = " .,:;!?\"“”'’()[]"
_DASHES = "-—"

_TERMINAL, _CLOSER, _SPACE, _NEXT, _MARK = (1 << i for i in range(5))
_LAST = 0xFFFF  # stands for every character above it
_DIGIT = re.compile(r"\d")
_MIX = np.uint64(0x9E3779B97F4A7C15)


@cache
def _tables() -> tuple[np.ndarray, np.ndarray]:
    """By code of a character: the classes it belongs to, and the code that stands for it in keys."""
    every = "".join(map(chr, range(_LAST)))
    classes = np.zeros(_LAST + 1, np.uint8)
    keyed = np.arange(_LAST + 1, dtype=np.uint16)

    def put(characters: str | list[str], flag: int) -> None:
        classes[[ord(character) for character in characters]] |= flag

    digits = re.findall(r"\d", every)
    put(".!?)", _TERMINAL)
    put("”’')]", _CLOSER)
    put(re.findall(r"\s", every), _SPACE)
    put("ABCDEFGHIJKLMNOPQRSTUVWXYZ“‘([#@—-", _NEXT)
    put(digits, _NEXT)
    put(MARKS + _DASHES, _MARK)
    keyed[[ord(digit) for digit in digits]] = ord("0")
    keyed[[ord(dash) for dash in _DASHES]] = ord(" ")
    return classes, keyed


def _codes(joined: str) -> np.ndarray:
    data = joined.encode("utf-16-le", "surrogatepass")
    if len(data) == 2 * len(joined):
        return np.frombuffer(data, np.uint16)
    return np.minimum(np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32), _LAST).astype(np.uint16)


class Segments(NamedTuple):
    """Segments of texts that stand one after the other, each followed by a line break: `starts` and `ends` as places in all of them
    together; a text's segments are those from `bounds[i]` up to `bounds[i + 1]`; `offsets`: where the texts start. `codes` and
    `classes`: of all characters, see `_tables`."""

    codes: np.ndarray
    classes: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    bounds: np.ndarray
    offsets: np.ndarray

    def spans(self, text: int = 0) -> list[tuple[int, int]]:
        """The spans of one text's segments, as places in that text."""
        part = slice(self.bounds[text], self.bounds[text + 1])
        first = self.offsets[text]
        return list(zip((self.starts[part] - first).tolist(), (self.ends[part] - first).tolist(), strict=True))

    def rows(self) -> np.ndarray:
        """For each segment the number of its text."""
        return np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))


def _skip(places: np.ndarray, step: int, belongs: np.ndarray) -> np.ndarray:
    """The places, each moved by steps of 1 or -1 while its character belongs (`belongs`: by place); there must be one that does
    not."""
    out = places.copy()
    going = np.arange(len(out))
    for _ in range(STEPS):
        going = going[belongs[out[going]]]
        if not len(going):
            return out
        out[going] += step
    others = np.flatnonzero(~belongs)
    out[going] = others[np.searchsorted(others, out[going], "left" if step > 0 else "right") - (step < 0)]
    return out


def read_segments(texts: Sequence[str]) -> Segments:
    """The segments of texts that have no white space at their ends.

    A segment ends at a line break, or after one of `.!?)` and up to two closing marks where white space follows and then a
    capital letter, a digit or an opening mark.
    """
    # The last character belongs to no text and to no class.
    codes = _codes("\n".join([*texts, "\0"]))
    classes = np.take(_tables()[0], codes, mode="wrap")
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    offsets = np.concatenate(([0], np.cumsum(lengths + 1)))

    # Ends of sentences. Of several marks before the same white space the first counts.
    marks = np.flatnonzero((classes & _TERMINAL) != 0)
    closes = (classes[marks + 1] & _CLOSER) != 0
    ends = marks + 1 + closes + (closes & ((classes[marks + 1 + closes] & _CLOSER) != 0))
    ends = ends[(classes[ends] & _SPACE) != 0]
    ends = ends[np.append(True, ends[1:] > ends[:-1])[: len(ends)]]
    resumes = _skip(ends, 1, (classes & _SPACE) != 0)
    fits = (classes[resumes] & _NEXT) != 0
    ends, resumes = ends[fits], resumes[fits]

    # Line breaks elsewhere, with those that follow them at once.
    breaks = np.flatnonzero(codes == ord("\n"))
    before = np.searchsorted(ends, breaks, side="right")
    breaks = breaks[breaks >= np.append(0, resumes)[before]]
    ends = np.concatenate((ends, breaks))
    order = np.argsort(ends, kind="stable")
    starts = np.append(0, np.concatenate((resumes, breaks + 1))[order][:-1])
    ends = ends[order]
    kept = ends > starts
    starts, ends = starts[kept], ends[kept]
    return Segments(codes, classes, starts, ends, np.searchsorted(starts, offsets), offsets)


def _mixed(values: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """A hash of each row of small numbers, with a seed for each."""
    out = seeds.astype(np.uint64)
    for column in np.ascontiguousarray(values.T):
        out = (out ^ column) * _MIX
        out ^= out >> np.uint64(29)
    return (out >> np.uint64(32)).astype(np.uint32)


def _seeds(outlets: Sequence[str]) -> np.ndarray:
    """What makes the hashes of each outlet its own."""
    known = {outlet: zlib.crc32(outlet.encode("utf-8", "surrogatepass")) for outlet in set(outlets)}
    return np.fromiter((known[outlet] for outlet in outlets), np.uint64, len(outlets))


class Keys(NamedTuple):
    """What two segments must share to count as the same, for each segment of `Segments`: their characters but for digits, hyphens
    and marks at the ends. [start, end) as places in all texts together, nothing for a segment of marks; `hashes`: of
    the outlet, the key's length and its first and last characters."""

    starts: np.ndarray
    ends: np.ndarray
    hashes: np.ndarray


def read_keys(read: Segments, outlets: Sequence[str]) -> Keys:
    """The keys of the segments of an article of each outlet."""
    marks = (read.classes & _MARK) != 0
    starts = np.minimum(_skip(read.starts, 1, marks), read.ends)
    ends = starts.copy()
    full = starts < read.ends
    ends[full] = _skip(read.ends[full] - 1, -1, marks) + 1
    steps = np.arange(KEY_CHARACTERS)
    first = np.minimum(starts[:, None] + steps, ends[:, None] - 1)
    last = np.maximum(ends[:, None] - 1 - steps, starts[:, None])
    lengths = (ends - starts)[:, None].astype(np.uint16)
    values = np.concatenate((_tables()[1][read.codes[np.concatenate((first, last), axis=1)]], lengths), axis=1)
    return Keys(starts, ends, _mixed(values, _seeds(outlets)[read.rows()]))


def key_hashes(keys: Sequence[str], outlets: Sequence[str]) -> np.ndarray:
    """The hash of each key of an outlet, as in `Keys`."""
    read = read_segments(keys)
    whole = read._replace(starts=read.offsets[:-1], ends=read.offsets[1:] - 1, bounds=np.arange(len(keys) + 1))
    return read_keys(whole, outlets).hashes


def key_text(piece: str) -> str:
    """The key of a segment that has no marks at its ends: digits as 0, hyphens and dashes as spaces; the length stays."""
    return _DIGIT.sub("0", piece.replace("-", " ").replace("—", " "))


def _opening_hashes(codes: np.ndarray, classes: np.ndarray, starts: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    places = np.minimum(starts[:, None] + np.arange(OPENING_CHARACTERS), len(codes) - 1)
    values = codes[places]
    spaces = (classes[places] & _SPACE) != 0
    values[np.cumsum(spaces, axis=1, dtype=np.uint8) >= OPENING_WORDS] = 0
    return _mixed(values, seeds)


def opening_hashes(read: Segments, outlets: Sequence[str]) -> np.ndarray:
    """The hashes of the segments' first words, in an article of each outlet."""
    return _opening_hashes(read.codes, read.classes, read.starts, _seeds(outlets)[read.rows()])


def first_hashes(texts: Sequence[str], outlets: Sequence[str]) -> np.ndarray:
    """The hash of each text's own first words, see `opening_hashes`."""
    read = read_segments(texts)
    return _opening_hashes(read.codes, read.classes, read.offsets[:-1], _seeds(outlets))


def each_once(hashes: np.ndarray, rows: np.ndarray, texts: int) -> Lists:
    """The hashes in each text, each once; `rows`: the number of the text that each is in."""
    both = np.unique(rows.astype(np.uint64) << np.uint64(32) | hashes)
    return Lists(both.astype(np.uint32), np.searchsorted(both >> np.uint64(32), np.arange(texts + 1)))
