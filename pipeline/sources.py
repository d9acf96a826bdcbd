"""Who is meant by a source: names made full, pronouns and roles carried back to the nearest fitting speaker, and the source's kind.

The rules are those of a careful reader in a hurry: within one article, left to right, no guess where two readings fit
(`unresolved`). Kinds and gendered words stand in data/languages/<language>_attribution.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

UNRESOLVED = "unresolved"
UNKNOWN = "unknown"
PLACE = "place"
REACH = 1200  # characters back to which a pronoun or role is carried
MAX_CACHED = 50_000  # names and descriptions

_CAPITALISED = r"(?:(?:[A-Z]\.){2,}|[A-Z\u00c0-\u00de][\w'-]*\.?)"
_RUN = re.compile(rf"{_CAPITALISED}(?: (?:(?:de|van|von|bin|al|el|del|la|der) )?{_CAPITALISED})*")
_WORDS = re.compile(r"[\w.-]+(?:'[\w]+)?")
_POSSESSIVE = re.compile(r"'s?$")


class Speaker(NamedTuple):
    """The source as resolved (a name, a description, or `unresolved`), its kind, and whether it is a proper name."""

    name: str
    kind: str
    named: bool


class SourceRules:
    """Words that tell kinds, titles and genders, ready for look-up."""

    def __init__(self, values: Mapping[str, Any]):
        self.kind_of: dict[str, str] = {}
        phrases: dict[str, str] = {}
        for kind, words in values["source_kinds"].items():
            for word in words:
                (phrases if " " in word else self.kind_of).setdefault(word, kind)
        self.order = list(values["source_kinds"])
        self.phrases = phrases
        self.gender = {word: gender for gender, words in values["titles"].items() for word in words}
        self.given = {word: gender for gender, words in values["names"].items() for word in words}
        self.pronouns: dict[str, str] = values["pronouns"]
        self.anonymous = re.compile("|".join(values["anonymous"]), re.IGNORECASE)
        self.not_names = frozenset(values["not_names"])
        self.no_name = self.not_names | self.kind_of.keys() | self.gender.keys()
        self.definite = tuple(values["definite"])

        # What names and descriptions come to is kept: the same ones stand in many articles.
        self.name = lru_cache(MAX_CACHED)(self._name)
        self.kind = lru_cache(MAX_CACHED)(self._kind)

    def _name(self, run: str) -> tuple[int, str]:
        """How many characters of a run of capitalised words are no name (openers, all up to the last title), and the name."""
        words = run.split(" ")
        k = next((i + 1 for i in range(len(words) - 2, -1, -1) if words[i].lower() in self.no_name), 0)
        if k == len(words) - 1 and words[k].lower() in self.no_name:
            k = 0 if k and words[0].lower() not in self.not_names else k + 1
        return sum(map(len, words[:k])) + k, _POSSESSIVE.sub("", " ".join(words[k:])).rstrip(".")

    def _kind(self, text: str) -> str:
        """The kind of source a description names; the first kind in the order of the rules that has one of its words."""
        lower = text.lower()
        found = {self.kind_of[word] for word in _WORDS.findall(lower) if word in self.kind_of}
        found |= {kind for phrase, kind in self.phrases.items() if phrase in lower}
        return next((kind for kind in self.order if kind in found), UNKNOWN)


def _names(text: str, rules: SourceRules) -> list[tuple[int, str]]:
    """The names in a source with where they start."""
    found = ((match.start(), *rules.name(match.group())) for match in _RUN.finditer(text))
    return [(start + skipped, name) for start, skipped, name in found if name]


class Resolver:
    """Resolution for one article: knows its full names and the speakers met so far."""

    def __init__(self, text: str, runs: Iterable[tuple[int, str]], rules: SourceRules):
        self.text = text
        self.rules = rules
        self.full: dict[str, str] = {}
        self.first_mention: dict[str, int] = {}
        self.descriptions: dict[str, str] = {}
        self.kinds: dict[str, str] = {}
        self.title_kinds: dict[str, str] = {}
        self.by_source: dict[str, tuple[Speaker, str, str]] = {}
        seen: set[str] = set()
        for start, run in runs:
            if run in seen:
                continue
            seen.add(run)
            skipped, name = rules.name(run)
            if skipped and name:
                title = next((kind for word in run[:skipped].lower().split() if (kind := rules.kind_of.get(word))), None)
                if title:
                    self.title_kinds.setdefault(name.split(" ")[-1], title)
            if name in self.first_mention or " " not in name:
                continue
            self.first_mention[name] = start + skipped
            words = name.split(" ")
            if len(words) <= 5 and self.full.setdefault(words[-1], name) != name and words[0] != self.full[words[-1]].split(" ")[0]:
                # Two people of one family name: only a given name tells them apart.
                self.full[words[-1]] = ""
        self.spoken: list[tuple[int, Speaker, str, str]] = []

    def gender(self, description: str, name: str) -> str:
        """`male`, `female` or nothing, by title, role or given name."""
        rules = self.rules
        for word in _WORDS.findall(description.lower()):
            if word in rules.gender:
                return rules.gender[word]
        return rules.given.get(name.split(" ")[0].lower(), "")

    def _described(self, name: str) -> str:
        """The words around a name's first mention: title before, apposition after."""
        if name in self.descriptions:
            return self.descriptions[name]
        start = self.first_mention.get(name)
        if start is None:
            return ""
        end = start + len(name)
        before = self.text[max(0, start - 60) : start]
        before = re.split(r"[.!?,;:\n“”]\s", before)[-1]
        after = re.match(r",? [^.;\n“”]{0,90}", self.text[end : end + 100]) if self.text[end : end + 1] == "," else None
        self.descriptions[name] = " ".join(before.split()[-4:]) + " " + (after.group() if after else "")
        return self.descriptions[name]

    def resolve(self, start: int, source: str) -> Speaker:
        """The speaker of an attribution whose source stands at a place of the text."""
        known = self.by_source.get(source)
        if known is None:
            known = self._resolve(start, source)
            first = source.partition(" ")[0].lower()
            if first not in self.rules.definite and first not in self.rules.pronouns:
                self.by_source[source] = known
        speaker, gender, head = known
        if speaker.name != UNRESOLVED:
            self.spoken.append((start, speaker, gender, head))
        return speaker

    def _resolve(self, start: int, source: str) -> tuple[Speaker, str, str]:
        rules = self.rules
        words = source.lower().split()
        unresolved = Speaker(UNRESOLVED, UNKNOWN, False)
        if not words:
            return unresolved, "", ""
        first = words[0]
        if len(words) == 1 and first in rules.pronouns:
            wanted = rules.pronouns[first]
            if wanted not in ("male", "female", "plural"):
                return unresolved, "", ""
            for at, speaker, gender, _ in reversed(self.spoken):
                if start - at > REACH:
                    break
                if (wanted == "plural" and gender == "plural") or (
                    wanted != "plural" and speaker.named and gender in (wanted, "person")
                ):
                    return speaker, wanted if gender == "person" else gender, ""
            if wanted != "plural":
                return self._nearest_name(start, wanted) or unresolved, wanted, ""
            return unresolved, "", ""
        names = _names(source, rules)
        if rules.anonymous.search(source):
            return Speaker(" ".join(words), "unnamed", False), "", words[-1]
        name = _person(source, names)
        if name:
            known = self.full.get(name.split(" ")[-1]) if " " not in name else None
            name = known or name
            kind = rules.kind(source)
            described = self._described(name)
            if kind == UNKNOWN:
                kind = self.kinds.get(name) or rules.kind(described)
                # A place beside a person's name is not the person.
                kind = UNKNOWN if kind == PLACE else kind
            if kind == UNKNOWN:
                kind = self.title_kinds.get(name.split(" ")[-1], UNKNOWN)
            self.kinds[name] = kind
            gender = self.gender(source, name) or self.gender(described, name) or ("person" if " " in name else "")
            return Speaker(name, kind, True), gender, ""
        head = (re.split(r",| of | for | at | in | who ", source.lower())[0].split() or words)[-1]
        plural = head.endswith("s") and not head.endswith("ss")
        kind = rules.kind(source)
        if first in rules.definite and not plural:
            for at, speaker, gender, spoken_head in reversed(self.spoken):
                if start - at > REACH:
                    break
                if speaker.named and (
                    (speaker.kind == kind != UNKNOWN and head in self._described(speaker.name).lower().split())
                    or rules.gender.get(head) == gender != ""
                ):
                    return speaker, gender, ""
                if spoken_head == head:
                    return speaker, gender, head
        name = " ".join(words[1:] if first in rules.definite and len(words) > 1 else words)
        return Speaker(name, kind, False), "plural" if plural else "", head

    def _nearest_name(self, start: int, gender: str) -> Speaker | None:
        """The nearest full name before a place that has this gender."""
        best = None
        for name, at in self.first_mention.items():
            if at < start and self.gender(self._described(name), name) == gender:
                last = self.text.rfind(name.split(" ")[-1], 0, start)
                if start - last <= REACH and (best is None or last > best[0]):
                    best = (last, name)
        if best is None:
            return None
        kind = self.rules.kind(self._described(best[1]))
        return Speaker(best[1], UNKNOWN if kind == PLACE else kind, True)


def _person(source: str, names: list[tuple[int, str]]) -> str:
    """The name of a source, or nothing where its names only describe it (`Iraqi lawmakers`, `a statement by the Kremlin`)."""
    if not names:
        return ""
    head = re.split(r",| who | which ", source)[0].split()
    if head and head[-1][:1].isupper() and not head[-1].endswith(("'s", "s'")):
        last = (
            names[-1][1]
            if len(names) == 1
            else next(
                (name for at, name in names if source.startswith(name, at) and head[-1].startswith(name.split(" ")[-1])),
                names[0][1],
            )
        )
        linked = re.search(r" (?:of|for|at|from|in|by|to|with) ", " ".join(head))
        described = linked and not any(at < linked.start() for at, _ in names)
        return "" if described else last if not linked else names[0][1]
    after = source.find(", ")
    return next((name for at, name in names if after >= 0 and at == after + 2 and " " in name), "")


def resolve_sources(
    text: str, sources: Sequence[tuple[int, int] | None], runs: Iterable[tuple[int, str]], rules: SourceRules
) -> list[Speaker]:
    """The speaker of each attribution of one article, given the sources' spans in order and the text's capitalised runs."""
    if not any(sources):
        return [Speaker(UNRESOLVED, UNKNOWN, False)] * len(sources)
    resolver = Resolver(text, runs, rules)
    return [resolver.resolve(span[0], text[span[0] : span[1]]) if span else Speaker(UNRESOLVED, UNKNOWN, False) for span in sources]
