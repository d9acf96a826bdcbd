"""Words to features, features to one character a word, and regular expressions over those characters.

A text becomes a string of tags, one character a word or mark, where each character stands for a set of features such as
`det` or `clause, past`. A pattern names features in angle brackets, `<det><low>+`, and is compiled to an ordinary regular
expression over the tags, so that rules of grammar run at the speed of `re` (cascades of finite-state rules: Abney 1996,
Partial Parsing via Finite-State Cascades). Every set of features that can occur is known before patterns are compiled.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any, NamedTuple

NEUTRAL = "neutral"
MAX_CACHED_PIECES = 400_000
LONGEST_WORD = 0xFFFF  # longer ones are cut
BLANK = "\0"  # what stands for nothing between two spaces; no tag and no length

# A word with its inner marks; a run of line breaks; any other single character.
WORD = re.compile(r"\w+(?:[-'.,/&]\w+)*|\n+|.", re.DOTALL)
SPACED_WORD = re.compile(f"(?:{WORD.pattern}) *", re.DOTALL)

PUNCTUATION = {
    ",": "comma", ".": "stop", "!": "stop", "?": "stop", ";": "semi", ":": "colon", "“": "open", "‘": "open", "”": "close",
    "'": "mark", "(": "lpar", "[": "lpar", ")": "rpar", "]": "rpar", "—": "dash", "–": "dash", "-": "dash", "&": "and",
}  # fmt: skip
MARKS = "".join(PUNCTUATION)
SHAPES = {name: frozenset({name}) for name in ("cap", "low", "ed", "ing_form", "ly", "num", "nl", "other")}


class Lexed(NamedTuple):
    """A text as words: their tags (one character each), where each starts, and the end of the text."""

    tags: str
    starts: list[int]


def inflections(base: str, irregular: Mapping[str, list[str]]) -> tuple[str, str, str, str]:
    """Third person, past, past participle and -ing form of a verb."""
    if base in irregular:
        third, past, participle, ing = irregular[base]
        return third, past, participle, ing
    if base.endswith(("s", "x", "z", "ch", "sh")):
        third = base + "es"
    elif base.endswith("y") and base[-2] not in "aeiou":
        third = base[:-1] + "ies"
    else:
        third = base + "s"
    if base.endswith("e"):
        past, ing = base + "d", (base[:-1] if not base.endswith("ee") else base) + "ing"
    elif base.endswith("y") and base[-2] not in "aeiou":
        past, ing = base[:-1] + "ied", base + "ing"
    else:
        past, ing = base + "ed", base + "ing"
    return third, past, past, ing


class Grammar:
    """The rules of attribution of a language, compiled (see data/languages/english_attribution.yaml for what they hold)."""

    def __init__(self, values: Mapping[str, Any], abbreviations: Iterable[str]):
        self.abbreviations = frozenset(abbreviations)
        self.capital_names = frozenset(values["capital_names"])
        self.cue_class: dict[str, str] = {}
        self.lemma: dict[str, str] = {}
        self.particles: dict[str, set[str]] = {}
        self.sets: dict[str, set[str]] = {}
        for name, words in values["words"].items():
            for word in words:
                self._add(word, name)
        self._add_verbs(values)
        for group, words in values["nouns"].items():
            for word in words:
                for form in (word, inflections(word, {})[0]):
                    self._add(form, "cue_noun")
                    self.cue_class.setdefault(form + "/n", group)
        for word in values["clause_nouns"]:
            for form in (word, inflections(word, {})[0]):
                self._add(form, "clause_noun")
        for name in ("passive", "according", "reportedly", "adjectives", "mostly_nouns", "light", "light_nouns"):
            for word in values[name]:
                self._add(word, name)
        for word, features in self.sets.items():
            if word.endswith("ed") and "cue" not in features and features & {"light", "mostly_nouns"}:
                features.add("ed")
        self.characters: dict[frozenset[str], str] = {}
        for name in (*PUNCTUATION.values(), *SHAPES):
            self._character(frozenset({name}))
        for mark in (
            {"cap", "abbreviated"},
            {"cap", "dot"},
            {"cap", "day", "abbreviated"},
            {"quoted"},
            {"open", "speech"},
            {"close", "speech"},
            {"close", "speech", "ending"},
        ):
            self._character(frozenset(mark))
        self._character(frozenset({"cap", "gen"}))
        self._character(frozenset({"low", "gen"}))
        self._character(frozenset({"gen"}))
        for word in list(self.sets):
            for form in (word, word.capitalize(), word.upper()):
                for ending in ("", "'s"):
                    self._character(self._features(form + ending))
            if word.endswith(("do", "does", "did")) or {"be", "have", "modal"} & self.sets[word]:
                self._character(self._features(word + "n't"))
            for ending in ("'re", "'ve", "'ll", "'d", "'m"):
                self._character(self._features(word + ending))
        self.abbreviated = self.compile("<stop>(?:(?<=<abbreviated>.)(?!<nl>|$)|(?<=<det>.)(?=<num>))")
        self.dot = self.characters[frozenset({"cap", "dot"})]
        # Forms that are more than their shape, without those of one letter or with an apostrophe.
        self.special = self.capital_names.union(self.abbreviations, self.sets)
        self.shapes = {name: self.characters[features] for name, features in SHAPES.items()}
        self.packed = _Packed(self)

    def _add(self, word: str, feature: str) -> None:
        self.sets.setdefault(word.lower(), set()).add(feature)

    def _add_verbs(self, values: Mapping[str, Any]) -> None:
        irregular = values["irregular"]
        frames: dict[str, set[str]] = {}
        for group in values["verbs"]:
            for base in group["words"]:
                frames.setdefault(base, set()).update(group["frames"])
                if self.cue_class.get(base, NEUTRAL) == NEUTRAL:
                    self.cue_class[base] = group["class"]
        for group, entries in values["particles"].items():
            for base, particles in entries.items():
                frames.setdefault(base, set()).add("particle")
                self.particles.setdefault(base, set()).update(particles)
                self.cue_class.setdefault(base, group)
        for base, names in frames.items():
            third, past, participle, ing = inflections(base, irregular)
            for form, inflection in (
                (base, "base"),
                (third, "third"),
                (past, "past"),
                (participle, "participle"),
                (ing, "ing_cue"),
            ):
                self.lemma.setdefault(form, base)
                self.sets.setdefault(form, set()).update(names, {"cue", inflection})

    def _character(self, features: frozenset[str]) -> str:
        if features not in self.characters:
            self.characters[features] = chr(0x30 + len(self.characters))
        return self.characters[features]

    def _features(self, form: str) -> frozenset[str]:
        """Features of a form as it stands in the text."""
        if form in PUNCTUATION:
            return frozenset({PUNCTUATION[form]})
        lower = form.lower()
        upper = form[:1].isupper()
        extra: set[str] = set()
        if upper and lower in self.capital_names:
            return frozenset({"cap"})
        if upper and ((len(form) == 1 and form != "I") or (lower in self.abbreviations and lower != "no")):
            return frozenset({"cap", "abbreviated"} | ({"day"} if "day" in self.sets.get(lower, ()) else set()))
        if lower not in self.sets:
            for ending in ("'s", "s'"):
                if lower.endswith(ending) and len(lower) > 2:
                    stem = self.sets.get(lower[:-2], set())
                    if stem & {"subj", "wh", "rel", "that"}:
                        return frozenset(stem | {"be_inside"})
                    return frozenset({"cap" if upper else "low", "gen"})
            if lower.endswith("n't") and lower[:-3] in (*self.sets, "wo", "ca", "sha"):
                return frozenset(self.sets.get(lower[:-3], {"modal"}) | {"neg"})
            for ending in ("'re", "'ve", "'ll", "'d", "'m"):
                if lower.endswith(ending):
                    stem = self.sets.get(lower[: -len(ending)], set())
                    return frozenset({"subj", "be_inside"}) if "subj" in stem else frozenset({"low", "be_inside"})
            return SHAPES[self._shape(form)]
        known = self.sets[lower]
        if upper:
            extra.add("up")
            if "cue" in known and "base" in known:
                return frozenset({"cap"}) if not known & {"third", "past", "ing_cue"} else frozenset(known | {"up"})
            if known <= {"plain", "cue_noun", "place", "time", "adjectives", "mostly_nouns", "light_nouns"} or known & {"day"}:
                return frozenset({"cap"} | (known & {"day", "place"}))
        return frozenset(known | extra)

    @staticmethod
    def _shape(form: str) -> str:
        first = form[:1]
        if not "a" <= first <= "z":
            if first == "\n":
                return "nl"
            if first.isdigit() or first in "$£€%":
                return "num"
            if first.isupper() or first in "@#":
                return "cap"
            if not first.isalpha():
                return "other"
        if form[-1] not in "dgy":
            return "low"
        if form.endswith("ed") and len(form) > 4:
            return "ed"
        if form.endswith("ing") and len(form) > 5:
            return "ing_form"
        if form.endswith("ly") and len(form) > 4:
            return "ly"
        return "low"

    def compile(self, pattern: str, parts: Mapping[str, str] | None = None) -> re.Pattern[str]:
        """Compile a pattern over features: `<a|b>` any word with feature a or b, `<a-b>` a without b, `<!a|b>` neither.

        `{name}` stands for one of the parts, which may hold others; white space means nothing.
        """
        while parts and (part := re.search(r"\{([a-z_]+)\}", pattern)):
            pattern = pattern.replace(part.group(), parts[part.group(1)])
        return re.compile(re.sub(r"(?<!\(\?P)<(!?)([\w|]+)(?:-([\w|]+))?>", self._class_of, re.sub(r"\s+", "", pattern)))

    def _class_of(self, match: re.Match[str]) -> str:
        inverse, names, without = match.group(1), set(match.group(2).split("|")), set((match.group(3) or "").split("|"))
        known = {feature for features in self.characters for feature in features}
        missing = (names | without) - known - {""}
        assert not missing, f"no such feature: {missing}"
        chosen = [c for features, c in self.characters.items() if features & names and not features & without]
        return f"[{inverse and '^'}{re.escape(''.join(chosen))}]"

    def tag(self, form: str) -> str:
        """The tag of a word as it stands in the text."""
        if len(form) > 1 and "'" not in form and form.lower() not in self.special:
            return self.shapes[self._shape(form)]
        return self.characters.get(self._features(form)) or self.characters[SHAPES["low"]]

    def lex(self, text: str) -> Lexed:
        """Words of a text with their tags."""
        packed = "".join(map(self.packed.__getitem__, text.split(" ")))
        if BLANK not in packed:
            tags, lengths = packed[::2], packed[1::2]
            try:
                starts = list(accumulate(lengths.encode("latin-1"), initial=0))
            except UnicodeEncodeError:
                starts = list(accumulate(map(ord, lengths), initial=0))
            starts[-1] = len(text)
        else:
            # Text that was not repaired: spaces at its ends or more than one in a row.
            words = SPACED_WORD.findall(text)
            tags = "".join([self.packed[word.rstrip(" ") or " "][0] for word in words])
            starts = list(accumulate(map(len, words), initial=0))
        return Lexed(self.abbreviated.sub(self.dot, tags), starts)


class _Packed(dict):
    """Text between two spaces -> two characters a word: its tag, and its length with the space after it as a code point.

    Filled as pieces are met and emptied when it has grown large. Most words are met again and again with the same marks beside
    them, so that one look-up a piece is faster than a regular expression that finds every word.
    """

    def __init__(self, grammar: Grammar):
        super().__init__()
        self.grammar = grammar
        self.marks = {mark: grammar.tag(mark) + "\1" for mark in PUNCTUATION}

    def __missing__(self, piece: str) -> str:
        if len(self) > MAX_CACHED_PIECES:
            self.clear()
        packed = self[piece] = sys.intern(self._pack(piece))
        return packed

    def _pack(self, piece: str) -> str:
        if piece.isalnum() and len(piece) <= LONGEST_WORD:
            return self.grammar.tag(piece) + chr(len(piece) + 1)
        if (mark := self.marks.get(piece[-1:])) and piece[:-1].isalnum() and len(piece) <= LONGEST_WORD:
            return self[piece[:-1]][0] + chr(len(piece) - 1) + mark[0] + "\2"
        core = piece.strip(MARKS)
        if core and len(core) < len(piece) <= LONGEST_WORD:
            # Marks at the ends are words by themselves.
            start = piece.find(core)
            before = "".join(map(self.marks.__getitem__, piece[:start]))
            after = "".join(map(self.marks.__getitem__, piece[start + len(core) :]))
            packed = self[core]
            return before + packed[:-1] + chr(ord(packed[-1]) - 1) + after[:-1] + "\2" if after else before + packed
        words = WORD.findall(piece)
        if not words:
            return BLANK
        if len(piece) > LONGEST_WORD:
            words = [word[k : k + LONGEST_WORD] for word in words for k in range(0, len(word), LONGEST_WORD)]
        if len(words) == 1:
            packed = self.grammar.tag(piece.rstrip("\t\u00a0") if piece[0] != "\n" else "\n")
        else:
            packed = "".join([self[word][0] + chr(len(word)) for word in words])[:-1]
        return packed + chr(len(words[-1]) + 1)
