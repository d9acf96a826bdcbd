"""What an entry of a lexicon may say: its syntax, its rules, and the words it stands for.

Syntax (docs/lexicons.md): words separated by spaces; `*` any characters (none too) and `?` one character, anywhere in a word; a
word that is only `*` any one word, between two others; `(a|b c|)` alternatives, the last one here being nothing.
"""

from __future__ import annotations

import itertools
import math
import re
from typing import NamedTuple

from pipeline.tokens import TOKEN
from pipeline.voice import VOICES

ANY_CASE, EXACT_CASE = "any", "exact"
MOST_ALTERNATIVES = 256
MOST_WORDS = 12
MOST_CHARACTERS = 300
MOST_STARS = 4

_CATEGORY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_GROUP = re.compile(r"\(([^()]*)\)")
_PLAIN = re.compile(r"[a-z]+(?: [a-z]+)*")
_BAD = re.compile(r"[;,\ufffd]")
# Letters that stand for * and ? while an entry is cut into tokens; no entry may hold them.
_STAR, _ONE = "\ua66e", "\ua60c"
_TO_LETTERS = str.maketrans({"*": _STAR, "?": _ONE, "’": "'", "ʼ": "'"})
_FROM_LETTERS = str.maketrans({_STAR: "*", _ONE: "?"})


class Entry(NamedTuple):
    """One entry: text in the syntax above, category, excluded phrases, weight, voices it counts in (empty: all), case rule."""

    text: str
    category: str
    exclude: tuple[str, ...] = ()
    weight: float = 1.0
    voices: tuple[str, ...] = ()
    case: str = ANY_CASE


class Lexicon(NamedTuple):
    """A named list of entries; notes: what its file held that could not be taken over."""

    name: str
    entries: list[Entry]
    notes: tuple[str, ...] = ()

    @property
    def categories(self) -> list[str]:
        return sorted({entry.category for entry in self.entries})


def is_glob(word: str) -> bool:
    """Whether a word of an entry has a wildcard."""
    return "*" in word or "?" in word


def split_words(text: str) -> tuple[str, ...]:
    """The tokens of a text without alternatives, as the tokenizer would cut them, wildcards kept."""
    return tuple(form.translate(_FROM_LETTERS) for form in TOKEN.findall(text.translate(_TO_LETTERS)))


def expand_entry(text: str) -> list[tuple[str, ...]]:
    """Every sequence of words an entry stands for, without repeats; raises `ValueError` with the rule that the text breaks."""
    if len(text) <= MOST_CHARACTERS and _PLAIN.fullmatch(text) and text.count(" ") < MOST_WORDS:
        return [tuple(text.split(" "))]
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"at most {MOST_CHARACTERS} characters")
    if any(letter in text for letter in (_STAR, _ONE)) or _BAD.search(text):
        raise ValueError("no comma, semicolon or lost character")
    pieces = _GROUP.split(text)
    if any("(" in piece or ")" in piece for piece in pieces) or any("|" in piece for piece in pieces[::2]):
        raise ValueError("alternatives stand in one pair of round brackets, as in (pull|pulls) out")
    choices = [piece.split("|") if k % 2 else [piece] for k, piece in enumerate(pieces)]
    if math.prod(len(choice) for choice in choices) > MOST_ALTERNATIVES:
        raise ValueError(f"at most {MOST_ALTERNATIVES} combinations of alternatives")
    sequences = list(dict.fromkeys(split_words("".join(parts)) for parts in itertools.product(*choices)))
    for words in sequences:
        if not words:
            raise ValueError("every alternative needs a word")
        if len(words) > MOST_WORDS:
            raise ValueError(f"at most {MOST_WORDS} words")
        if any(word.count("*") > MOST_STARS for word in words):
            raise ValueError(f"at most {MOST_STARS} * in a word")
        if not words[0].strip("*?") or not words[-1].strip("*?"):
            raise ValueError("the first and last word need a letter or digit; a lone * stands between words")
    return sequences


def globs_meet(left: str, right: str) -> bool:
    """Whether some word matches both of two words with wildcards."""
    reach = {(0, 0)}
    stack = [(0, 0)]
    while stack:
        i, j = stack.pop()
        a, b = left[i : i + 1], right[j : j + 1]
        if not a and not b:
            return True
        steps = []
        if a == "*":
            steps.append((i + 1, j))
        if b == "*":
            steps.append((i, j + 1))
        if a and b and (a == b or a in "*?" or b in "*?"):
            steps.append((i if a == "*" else i + 1, j if b == "*" else j + 1))
        for step in steps:
            if step not in reach:
                reach.add(step)
                stack.append(step)
    return False


def holds(phrase: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Whether a phrase has the words in a row, as far as their wildcards can meet."""
    return any(
        all(globs_meet(a.lower(), b.lower()) for a, b in zip(words, phrase[k:], strict=False))
        for k in range(len(phrase) - len(words) + 1)
    )


def check_entry(entry: Entry) -> list[str]:
    """The rules that an entry breaks, each with the value received."""
    faults = []
    sequences: list[tuple[str, ...]] = []
    if not entry.text:
        faults.append("entry is empty")
    else:
        try:
            sequences = expand_entry(entry.text)
        except ValueError as error:
            faults.append(f"entry: {error} (got {entry.text!r})")
    if not _CATEGORY.fullmatch(entry.category):
        faults.append(f"category: letters, digits and _ (got {entry.category!r})")
    for phrase in entry.exclude:
        try:
            longer = expand_entry(phrase)
        except ValueError as error:
            faults.append(f"exclude: {error} (got {phrase!r})")
            continue
        if sequences and not all(any(holds(whole, words) for words in sequences) for whole in longer):
            faults.append(f"exclude: a phrase must contain its entry {entry.text!r} (got {phrase!r})")
    if not math.isfinite(entry.weight) or entry.weight == 0:
        faults.append(f"weight: a number other than 0 (got {entry.weight!r})")
    known = sorted(VOICES.values())
    faults.extend(f"voice: one of {', '.join(known)} (got {voice!r})" for voice in entry.voices if voice not in known)
    if entry.case not in (ANY_CASE, EXACT_CASE):
        faults.append(f"case: {ANY_CASE} or {EXACT_CASE} (got {entry.case!r})")
    return faults
