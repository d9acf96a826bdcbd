"""Who is meant by a source: names made full, pronouns and roles carried back to the nearest fitting speaker, and the source's kind.

The rules are those of a careful reader in a hurry: within one article, left to right, no guess where two readings fit
(`unresolved`). Kinds and gendered words stand in data/languages/<language>_attribution.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

UNRESOLVED = "unresolved"
UNKNOWN = "unknown"
PLACE = "place"
UNNAMED = "unnamed"
DOCUMENT = "document"
CITIZEN = "citizen"
UNTOLD = frozenset({UNKNOWN, PLACE, UNNAMED, DOCUMENT})  # kinds that tell nothing of a name's bearer
BODIES = frozenset({"official", "military", "expert", "media", "organisation"})
NO_PERSON = frozenset({PLACE, DOCUMENT, UNKNOWN})
REACH = 1200  # characters back to which a pronoun or role is carried
MENTIONS = 6  # mentions of a name that are asked for its bearer's kind
BESIDE = 90  # characters beside a name that may introduce it
TITLE_WORDS = 5  # words before a name that may be a title
TITLE_LINKS = frozenset({"of", "for"})  # words that may stand inside one
MAX_CACHED = 50_000  # names and descriptions

# Searches are fast where a pattern starts with one class of characters; the rest looks back.
_CAPITALISED = r"[A-Z\u00c0-\u00de](?:(?<=[A-Z])\.(?:[A-Z]\.)+|[\w'-]*\.?)"
_RUN = re.compile(rf"{_CAPITALISED}(?: (?:(?:de|van|von|bin|al|el|del|la|der) )?{_CAPITALISED})*")
_WORDS = re.compile(r"[\w.-]+(?:'[\w]+)?")
_LAST_PHRASE_END = re.compile(r"(?s:.*)[.!?;:,\n“”()—]\s?")
_ENDS_CLAUSE = re.compile(r"[.!?;:\n“”()—]\s|, ")
_APPOSITION = re.compile(r",? ?\(?(?P<age>\d\d)\)?,|, (?P<described>[^.;:\n“”—]{2,90})")
_OF = re.compile(r" (?:of|from|at|with) (?:the )?(?P<owner>[A-Z][\w&'-]+(?: (?:of |for |and |the )*[A-Z][\w&'-]+)*)")
_POSSESSIVE = re.compile(r"'s?$")
_GIVEN = re.compile(r"[A-Z](?<!\w.)\w+(?= [A-Z])")
_LAST_BREAK = re.compile(r"(?s:.*)[.!?,;:\n“”]\s")
_AFTER_MENTION = re.compile(r",? [^.;\n“”]{0,90}")
_HEAD_END = re.compile(r",| of | for | at | in | who ")
_ASIDE = re.compile(r",| who | which ")
_BRACKET = re.compile(r" \([^)]*\)")
_OFFICE = re.compile(r" (?:of|for|to) (?:the )?(?:[A-Z]\w+ )*$")
_LINK = re.compile(r" (?:of|for|at|from|in|by|to|with) ")


class Speaker(NamedTuple):
    """The source as resolved (a name, a description, or `unresolved`), its kind, and whether it is a proper name."""

    name: str
    kind: str
    named: bool


UNRESOLVED_SPEAKER = Speaker(UNRESOLVED, UNKNOWN, False)


class SourceRules:
    """Words that tell kinds, titles and genders, ready for look-up."""

    def __init__(self, values: Mapping[str, Any]):
        self.kind_of = {word: kind for kind, words in reversed(values["source_kinds"].items()) for word in words}
        self.person_kinds = {name: kind for kind, names in values["persons"].items() for name in names}
        phrases = _any_of(word for word in self.kind_of if " " in word)
        self.pieces = re.compile(rf"\b{phrases}\b|{_WORDS.pattern}")
        self.endings = tuple((ending, kind) for kind, endings in values["kind_endings"].items() for ending in endings)
        self.collectives = frozenset(values["collectives"])
        self.bearers = frozenset(values["bearers"])
        self.head_end = re.compile(values["head_end"])
        self.office_holder = re.compile(values["office_holder"])
        self.person_head = re.compile(values["person_head"])
        self.links = frozenset(values["words"]["prep"])
        self.no_title = frozenset().union(*(values["words"][name] for name in values["no_title"]), *values["irregular"].values())
        self.gender = {word: gender for gender, words in values["titles"].items() for word in words}
        self.given = {word: gender for gender, words in values["names"].items() for word in words}
        self.given_names, self.gendered = frozenset(self.given), frozenset(self.gender)
        self.pronouns: dict[str, str] = values["pronouns"]
        # A word's start told after its first letter, so that all begin with a letter.
        self.anonymous = re.compile("|".join(re.sub(r"^\\b(\w)", r"\1(?<!\\w.)", pattern) for pattern in values["anonymous"]))
        self.not_names = frozenset(values["not_names"])
        self.no_name = (
            self.not_names | {word for word in self.kind_of if " " not in word} | self.gender.keys()
        ) - self.given.keys()
        self.definite = tuple(values["definite"])

        # What words, names and descriptions come to is kept: the same ones stand in many articles.
        self.name = lru_cache(MAX_CACHED)(self._name)
        self.kind = lru_cache(MAX_CACHED)(self._kind)
        self.person = lru_cache(MAX_CACHED)(self._person)
        self.ends_title = lru_cache(MAX_CACHED)(self._ends_title)
        self.kind_of_word = lru_cache(MAX_CACHED)(self._kind_of_word)

    def _name(self, run: str) -> tuple[int, str]:
        """How many characters of a run of capitalised words are no name (openers, all up to the last title), and the name."""
        if run.lower() in self.kind_of:
            return 0, run
        if "-" not in run and self.no_name.isdisjoint(run.lower().split(" ")):
            return 0, _bare(run).rstrip(".")
        words = run.split(" ")
        k = next((i + 1 for i in range(len(words) - 2, -1, -1) if words[i].lower().rpartition("-")[2] in self.no_name), 0)
        if k == len(words) - 1 and words[k].lower() in self.no_name:
            k = 0 if k and words[0].lower() not in self.not_names else k + 1
        return sum(map(len, words[:k])) + k, _bare(" ".join(words[k:])).rstrip(".")

    def _person(self, source: str) -> tuple[bool, str | None]:
        """Whether a source is anonymous, and the name it bears: empty where its names only describe it, None without any name."""
        lower = source.lower()
        if self.anonymous.search(lower):
            return True, None
        names = _names(source, self) if source != lower else []
        return False, _person(source, names) if names else None

    def _ends_title(self, word: str) -> bool:
        """Whether a word is a verb or joins phrases, and so ends what may be a title."""
        word = word.lower()
        return word in self.no_title or (word.endswith(("ed", "ing")) and word not in self.kind_of)

    def _kind_of_word(self, word: str) -> str | None:
        """The kind a word or set phrase stands for: itself, without its end mark or plural, its last part, by its ending."""
        word = _bare(word)
        singular = word.removesuffix("s")
        if word.endswith(("sses", "xes", "ches", "shes")):
            singular = word.removesuffix("es")
        elif word.endswith("ies"):
            singular = word.removesuffix("ies") + "y"
        for form in (word, word.rstrip("."), singular):
            if form in self.kind_of:
                return self.kind_of[form]
        if "-" in word and (kind := self._kind_of_word(word.rpartition("-")[2])):
            return kind
        return next((kind for ending, kind in self.endings if word.endswith(ending) and len(word) > len(ending) + 2), None)

    def _kind(self, text: str) -> str:
        """The kind of source a description names: by the last word of its head that tells one, else by what follows the head.

        After `a group of` what follows comes first.
        """
        text = _bare(text.rstrip(" ,"))
        match = self.head_end.search(text)
        words = self.pieces.findall((text[: match.start()] if match else text).lower())
        after = self.pieces.findall(text[match.end() :].lower()) if match else []
        if not (self.given_names.isdisjoint(words) and self.given_names.isdisjoint(after)):
            given = {word for name in _GIVEN.findall(text) if (word := name.lower()) in self.given}
            words = [word for word in words if word not in given]
            after = [word for word in after if word not in given]
        several = match is not None and match.group() == " of " and bool(words) and words[-1] in self.collectives
        ordered = after + words[::-1] if several else words[::-1] + after
        kinds = filter(None, map(self.kind_of_word, ordered))
        kind = next(kinds, UNKNOWN)
        if words and words[-1] in self.bearers and ordered[0] == words[-1]:
            # `the director of the bank`: the body's kind, where it is one.
            return next((body for body in kinds if body in BODIES), kind)
        return kind


def _bare(name: str) -> str:
    """A name or word without its possessive ending."""
    return _POSSESSIVE.sub("", name) if "'" in name else name


def _any_of(phrases: Iterable[str]) -> str:
    """A pattern for the longest of some phrases, grouped by first letter: `re` tries all branches of an alternation in turn."""
    by_letter: dict[str, list[str]] = {}
    for phrase in sorted(phrases, key=len, reverse=True):
        by_letter.setdefault(phrase[0], []).append(re.escape(phrase[1:]))
    return f"(?:{'|'.join(f'{re.escape(letter)}(?:{chr(124).join(rests)})' for letter, rests in by_letter.items())})"


def _names(text: str, rules: SourceRules) -> list[tuple[int, str]]:
    """The names in a source with where they start."""
    names = []
    for match in _RUN.finditer(text):
        skipped, name = rules.name(match.group())
        if name:
            names.append((match.start() + skipped, name))
    return names


class Resolver:
    """Resolution for one article: knows its full names and the speakers met so far."""

    def __init__(self, text: str, runs: Iterable[tuple[int, str]], rules: SourceRules):
        self.text = text
        self.rules = rules
        self.full: dict[str, str] = {}
        self.first: dict[str, str] = {}  # full names by their first word: family names that stand first, given names
        self.first_mention: dict[str, int] = {}
        self.descriptions: dict[str, str] = {}
        self.kinds: dict[str, str] = {}
        self.genders: dict[str, str] = {}
        self.title_kinds: dict[str, str] = {}
        self.by_source: dict[str, tuple[Speaker, str, str]] = {}
        seen: set[str] = set()
        for start, run in runs:
            if run in seen:
                continue
            seen.add(run)
            skipped, name = rules.name(run)
            skipped += len(name) - len(name := self._bearer(start + skipped, name))
            if skipped and name:
                title = rules.kind(run[:skipped])
                if title not in UNTOLD:
                    self.title_kinds.setdefault(name.split(" ")[-1], title)
            if name in self.first_mention or " " not in name:
                continue
            self.first_mention[name] = start + skipped
            words = name.split(" ")
            if len(words) <= 3:
                other = self.first.setdefault(words[0], name)
                self.first[words[0]] = name if name == other or other in name else ""
            known = self.full.setdefault(words[-1], name)
            if name.endswith(f" {known}") and len(words) <= 5:
                # `Marine Le Pen` after `Le Pen`; but `minister for Trade Otto Brandt` holds no longer name than `Otto Brandt`.
                self.full[words[-1]] = known if known.split(" ")[0].lower() in rules.given else name
            elif len(words) <= 5 and not known.endswith(name) and words[0] != known.split(" ")[0]:
                # Two people of one family name: only a given name tells them apart.
                self.full[words[-1]] = ""
        self.spoken: list[tuple[int, Speaker, str, str]] = []

    def _bearer(self, start: int, name: str) -> str:
        """The name without what the office before it is for: `Otto Brandt` in `minister for Foreign Trade Otto Brandt`."""
        words = name.split(" ")
        if len(words) < 3 or self.rules.kind_of_word(words[-1].lower()):
            return name
        before = _since(_LAST_PHRASE_END, self.text, max(0, start - BESIDE), start)
        held = _OFFICE.search(before) and any(map(self.rules.person_head.fullmatch, before.lower().split()))
        return " ".join(words[-2:]) if held else name

    def gender(self, description: str, name: str) -> str:
        """`male`, `female` or nothing, by title, role or given name."""
        rules = self.rules
        words = _WORDS.findall(description.lower())
        if not rules.gendered.isdisjoint(words):
            return next(rules.gender[word] for word in words if word in rules.gender)
        return rules.given.get(name.split(" ")[0].lower(), "")

    def _gender_of_name(self, name: str) -> str:
        """The gender of the bearer of a name, by the words around its first mention."""
        if name not in self.genders:
            self.genders[name] = self.gender(self._described(name), name)
        return self.genders[name]

    def _described(self, name: str) -> str:
        """The words around a name's first mention: title before, apposition after."""
        if name in self.descriptions:
            return self.descriptions[name]
        start = self.first_mention.get(name)
        if start is None:
            return ""
        end = start + len(name)
        before = _since(_LAST_BREAK, self.text, max(0, start - 60), start)
        after = _AFTER_MENTION.match(self.text, end, end + 100) if self.text[end : end + 1] == "," else None
        self.descriptions[name] = " ".join(before.split()[-4:]) + " " + (after.group() if after else "")
        return self.descriptions[name]

    def _kind_of_name(self, name: str) -> str:
        """The kind of the bearer of a name: by what stands beside its mentions, else by the name itself, else by an age."""
        if name not in self.kinds:
            self.kinds[name] = self._find_kind(name)
        return self.kinds[name]

    def _find_kind(self, name: str) -> str:
        rules, text = self.rules, self.text
        known = rules.person_kinds.get(name.lower()) or rules.kind_of.get(name.lower())
        if known:
            return known
        family = name.rpartition(" ")[2]
        told: dict[str, int] = {}
        aged = False
        for start, end in islice(self._mentions(name, family), MENTIONS):
            after = _APPOSITION.match(text, end)
            set_off = after is not None or text[end : end + 1] in (".", ";")
            aged = aged or bool(after and after["age"])
            for kind in (self._kind_before(start, set_off), self._kind_after(end, after)):
                if kind not in UNTOLD:
                    told[kind] = told.get(kind, 0) + 1
        if told:
            return max(told, key=told.__getitem__)
        known = self.title_kinds.get(family) or rules.person_kinds.get(family.lower())
        if not known:
            known = UNKNOWN if " " in name and name.split(" ")[0].lower() in rules.given else rules.kind(name)
        return CITIZEN if known == UNKNOWN and aged else known

    def _mentions(self, name: str, family: str) -> Iterator[tuple[int, int]]:
        """Spans of a name in the text, in full or as the family name where nobody else bears it."""
        text, alone = self.text, self.full.get(family, name) == name
        given = len(name) - len(family)
        end = 0
        while (at := text.find(family, end)) >= 0:
            end = at + len(family)
            if text[at - 1 : at].isalnum() or text[end : end + 1].isalnum():
                continue
            full = text.startswith(name, at - given) if given and at >= given else False
            if full or alone:
                yield (at - given if full else at), end

    def _kind_before(self, start: int, set_off: bool) -> str:
        """The kind in the words before a mention: `harbour master Mara Venn`, `the harbour master, Mara Venn,`."""
        floor = max(0, start - BESIDE)
        if set_off and self.text.endswith(", ", floor, start):
            start -= 2
        ends_title = self.rules.ends_title
        last = self.text[self.text.rfind(" ", floor, start - 1) + 1 : start]
        if last[-1:] == " " and last[:-1].isalpha() and ends_title(last[:-1]) and last[:-1] not in TITLE_LINKS:
            return UNKNOWN
        words = _since(_LAST_PHRASE_END, self.text, floor, start).split()[-TITLE_WORDS:]
        kind = UNKNOWN
        for k in range(len(words) - 1, -2, -1):
            if k < 0 or ends_title(words[k]):
                kind = self.rules.kind(" ".join(words[k + 1 :])) if words[k + 1 :] else UNKNOWN
                # `minister for Trade Otto Brandt`
                if kind not in (UNKNOWN, PLACE) or k < 0 or words[k] not in TITLE_LINKS:
                    break
        return kind

    def _kind_after(self, end: int, after: re.Match[str] | None) -> str:
        """The kind in the words after a mention: `Mara Venn, the harbour master`, `Mara Venn of Norvik University`, `(R-Tex.)`."""
        rules, text = self.rules, self.text
        if rules.office_holder.match(text, end):
            return rules.kind_of["senator"]
        if after and after["described"]:
            described = after["described"].removeprefix("who is ").removeprefix("who was ")
            first = described.split()[:1]
            return rules.kind(described) if first and not self.rules.ends_title(first[0]) else UNKNOWN
        owner = _OF.match(text, end)
        return rules.kind(owner["owner"]) if owner else UNKNOWN

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
        if not words:
            return UNRESOLVED_SPEAKER, "", ""
        first = words[0]
        if len(words) == 1 and first in rules.pronouns:
            wanted = rules.pronouns[first]
            if wanted == "relative":
                return self._antecedent(start) or (UNRESOLVED_SPEAKER, "", "")
            if wanted == "thing":
                # The body or paper that spoke last, if no person did since.
                at, speaker, gender, _ = self.spoken[-1] if self.spoken else (-REACH - 1, UNRESOLVED_SPEAKER, "", "")
                return (speaker if gender == "" and start - at <= REACH else UNRESOLVED_SPEAKER), "", ""
            if wanted not in ("male", "female", "plural"):
                return UNRESOLVED_SPEAKER, "", ""
            for at, speaker, gender, _ in reversed(self.spoken):
                if start - at > REACH:
                    break
                if gender == wanted or (wanted != "plural" and gender == "person"):
                    return speaker, wanted, ""
            if wanted != "plural":
                return self._nearest_name(start, wanted) or UNRESOLVED_SPEAKER, wanted, ""
            return UNRESOLVED_SPEAKER, "", ""
        anonymous, name = rules.person(source)
        if anonymous:
            return Speaker(" ".join(words), UNNAMED, False), "", words[-1]
        if name is None:
            name = _person(source, [(0, source)]) if self.full.get(source) else ""
        if not name or " " not in name or " of " in source:
            # `the chair of the Bank of Norvik Mara Venn`
            head = _ASIDE.split(source, 1)[0]
            bearer = self.full.get(head.rpartition(" ")[2], "")
            person = bearer and not rules.kind_of_word(bearer.rpartition(" ")[2].lower())
            name = bearer if person and head.endswith(f" {bearer}") else name
        if name and not (name == source and self._is_role(name)):
            known = self.full.get(name) or self.first.get(name) if " " not in name else None
            name = known or name
            kind = self._kind_of_name(name)
            gender = self.gender(source, name) or self._gender_of_name(name)
            if not gender and not name.isupper() and kind not in (PLACE, DOCUMENT) and rules.kind(name) == UNKNOWN:
                gender = "person"
            return Speaker(name, kind, True), gender, ""
        head = (_HEAD_END.split(source.lower(), 1)[0].split() or words)[-1]
        plural = head.endswith("s") and not head.endswith("ss")
        kind = rules.kind(source)
        if first in rules.definite and not plural:
            for at, speaker, gender, spoken_head in reversed(self.spoken):
                if start - at > REACH:
                    break
                if speaker.named and (
                    (speaker.kind == kind != UNKNOWN and head in self._described(speaker.name).lower().split())
                    or (rules.gender.get(head) == gender != "" and UNKNOWN in (kind, speaker.kind))
                ):
                    return speaker, gender, ""
                if spoken_head == head:
                    return speaker, gender, head
        name = " ".join(words[1:] if first in rules.definite and len(words) > 1 else words)
        gender = rules.gender.get(head) or ("person" if rules.person_head.fullmatch(head) and kind not in NO_PERSON else "")
        return Speaker(name, kind, False), "plural" if plural else gender, head

    def _is_role(self, name: str) -> bool:
        """Whether a word with a capital is a plain one at the start of a sentence (`Police`, `Critics`): it tells a kind of source
        and nobody in particular, or people of a kind whose names are never plurals, or stands in the text in small letters, too.
        """
        word = name.lower()
        kind = self.rules.kind_of_word(word)
        if not kind or name.isupper() or " " in name or name in self.full:
            return False
        if kind == UNNAMED or (kind in (CITIZEN, "expert") and word.endswith("s")):
            return True
        return _holds_word(self.text, word)

    def _antecedent(self, start: int) -> tuple[Speaker, str, str] | None:
        """Whom a relative pronoun stands for: the nearest phrase before it that is a name or tells a kind of source."""
        words = _ENDS_CLAUSE.split(self.text[max(0, start - BESIDE) : start].rstrip(" ,"))[-1].split()
        for k in range(len(words) - 1, -1, -1):
            if k == 0 or self.rules.ends_title(words[k - 1]):
                phrase = " ".join(words[k:])
                if phrase and not self.rules.ends_title(words[k]) and phrase.lower() not in self.rules.pronouns:
                    known = self._resolve(start, phrase)
                    if known[0].kind not in (UNKNOWN, PLACE) or (known[0].named and known[0].kind != PLACE and k > len(words) - 4):
                        return known
                if k and words[k - 1].lower() not in self.rules.links:
                    return None
        return None

    def _nearest_name(self, start: int, gender: str) -> Speaker | None:
        """The nearest full name before a place that has this gender."""
        best = None
        for name, at in self.first_mention.items():
            if at >= start:
                break
            last = self.text.rfind(name.rpartition(" ")[2], max(at, start - REACH), start)
            if last >= 0 and (best is None or last > best[0]) and self._gender_of_name(name) == gender:
                best = (last, name)
        if best is None:
            return None
        return Speaker(best[1], self._kind_of_name(best[1]), True)


def _holds_word(text: str, word: str) -> bool:
    """Whether a word stands in a text, and not within another."""
    at = text.find(word)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(word) : at + len(word) + 1]
        if not (before.isalnum() or before == "_" or after.isalnum() or after == "_"):
            return True
        at = text.find(word, at + 1)
    return False


def _since(pattern: re.Pattern[str], text: str, start: int, end: int) -> str:
    """What stands between two places after the last match of a pattern that begins with `.*`."""
    match = pattern.match(text, start, end)
    return text[match.end() if match else start : end]


def _person(source: str, names: list[tuple[int, str]]) -> str:
    """The name of a source, or nothing where its names only describe it (`Iraqi lawmakers`, `a statement by the Kremlin`)."""
    head = _BRACKET.sub("", _ASIDE.split(source, 1)[0]).split()
    if head and head[-1][:1].isupper() and not head[-1].endswith(("'s", "s'")):
        last = (
            names[-1][1]
            if len(names) == 1
            else next(
                (name for at, name in names if source.startswith(name, at) and head[-1].startswith(name.split(" ")[-1])),
                names[0][1],
            )
        )
        linked = _LINK.search(" ".join(head))
        described = linked and not any(at < linked.start() for at, _ in names)
        if not described:
            return last if not linked else names[0][1]
    after = source.find(", ")
    return next((name for at, name in names if after >= 0 and at == after + 2 and " " in name), "")


def resolve_sources(
    text: str, sources: Sequence[tuple[int, int] | None], runs: Iterable[tuple[int, str]], rules: SourceRules
) -> list[Speaker]:
    """The speaker of each attribution of one article, given the sources' spans in order and the text's capitalised runs."""
    if not any(sources):
        return [UNRESOLVED_SPEAKER] * len(sources)
    resolver = Resolver(text, runs, rules)
    return [resolver.resolve(span[0], text[span[0] : span[1]]) if span else UNRESOLVED_SPEAKER for span in sources]
