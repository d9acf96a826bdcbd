"""Rules on a language's news pages, read from data/languages: what is furniture, what a furniture line tells, house style."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from pipeline import paths
from pipeline.errors import InputError
from pipeline.storage import read_yaml
from pipeline.strings import Strings

_NAMED = re.compile(r"\(\?P<\w+>")
_PART = re.compile(r"<<(\w+)>>")
_WORD_FIRST = re.compile(r"\\b([A-Za-z ]+(?![?*+{])|[A-Za-z ]+(?=[A-Za-z ][?*+{]))")
# How patterns bound to the start of a sentence or line begin: they look back at a mark or dash (no letter) and a space, or at where
# a line starts, or at one of several of these.
_LINE_START = r"\(\?<=(?:\^|\\n\\n)\)|\\A|\^"
_SENTENCE_START = r"\(\?<=(?:\\b)?[\w ]*(?:\[(?:[^\]\\A-Za-z]|\\\W)*\]|[:—-]) \)"


def _begins(start: str) -> re.Pattern[str]:
    return re.compile(rf"(?:\(\?:(?:{start})(?:\|(?:{start}))*\)|{start})(?![?*+{{])")


_SENTENCE_FIRST = _begins(f"{_LINE_START}|{_SENTENCE_START}")
_LINE_FIRST = _begins(_LINE_START)
_MARKS_BEFORE = re.compile(r"\[((?:[^\]\\]|\\.)*)\] \)|([:—-]) \)")
PLACES = ("any", "head", "tail")
DATE_PARTS = ("published", "byline", "line", "updated")
LONGEST_LINE = 160
# Patterns of words in `unmarked` (`PageRules.line_words`).
LINE_WORDS = ("offices", "relative", "opener", "participle")


class LineRule(NamedTuple):
    """A form that makes a whole line furniture; its named groups are fields, `date` says what part a date in it plays."""

    kind: str
    pattern: re.Pattern[str]
    needs: str
    longest: int
    where: str
    date: str


class InlineRule(NamedTuple):
    """A form that is furniture wherever it stands, or at one `edge` of the text; it can't do without one of the strings `needs`, if
    there are any. `starts`: it begins nowhere but where a line or a sentence may start (`line`, `sentence`, or empty); `reach`:
    nor, unless 0, more characters than this before such a string."""

    kind: str
    pattern: re.Pattern[str]
    needs: tuple[str, ...]
    edge: str
    starts: str
    reach: int


class RulesByNeed:
    """Inline rules by their numbers, and a search of a text for the strings they need."""

    def __init__(self, rules: Iterable[tuple[int, InlineRule]]):
        needing: dict[str, list[int]] = {}
        self.always: set[int] = set()
        for number, rule in rules:
            for needed in rule.needs:
                needing.setdefault(needed, []).append(number)
            if not rule.needs:
                self.always.add(number)
        self.search = Strings(needing)
        self.needing = list(needing.values())

    def met(self, text: str, always: bool = True) -> set[int]:
        """Numbers of the rules that may fit in a text: those one of whose strings stands in it, or (`always`) that need none."""
        found = set(self.always) if always else set()
        for string in self.search.found_in(text):
            found.update(self.needing[string])
        return found


class PageRules(NamedTuple):
    """All rules of a language (the keys of data/languages/<language>_pages.yaml). `anywhere`, `at_head` and `at_end` find the
    inline rules, by their numbers in `inline`, that may fit in a text, its head or its tail; `openings` fits where
    a line starts and one of the head's rules without needs fits; `starts` finds what stands before a place where a sentence or line
    may start; `related_marks` open what `related` finds; `line_words` are the patterns `LINE_WORDS` of `unmarked`."""

    language: str
    months: dict[str, int]
    lines: tuple[LineRule, ...]
    long_lines: tuple[LineRule, ...]
    inline: tuple[InlineRule, ...]
    anywhere: RulesByNeed
    at_head: RulesByNeed
    at_end: RulesByNeed
    datelines: tuple[InlineRule, ...]
    openings: re.Pattern[str]
    starts: re.Pattern[str]
    agencies: frozenset[str]
    publication_words: frozenset[str]
    function_words: frozenset[str]
    related_marks: Strings
    related: re.Pattern[str]
    past_verbs: re.Pattern[str]
    sentence_verbs: re.Pattern[str]
    unmarked_start: re.Pattern[str]
    starters: frozenset[str]
    mid_sentence: frozenset[str]
    articles: frozenset[str]
    anaphors: frozenset[str]
    line_words: tuple[str, str, str, str]
    attributed: re.Pattern[str]
    not_unmarked: re.Pattern[str]
    lost_letters: tuple[str, ...]
    markers: re.Pattern[str]
    phrases: dict[str, str]


def expand(pattern: str, parts: dict[str, str]) -> str:
    """A pattern with every `<<part>>` replaced, parts within parts too; raises KeyError for one that is not there."""
    while True:
        replaced = _PART.sub(lambda match: parts[match.group(1)], pattern)
        if replaced == pattern:
            return pattern
        pattern = replaced


def literal_first(pattern: str) -> str:
    """A pattern that begins with a word's start (`\\bWord`) so that it begins with the word: the search is many times faster."""
    match = _WORD_FIRST.match(pattern)
    return f"{match[1]}(?<=\\b{match[1]}){pattern[match.end() :]}" if match else pattern


def pointer_pattern(marks: Sequence[str]) -> str:
    """Pattern of a mark that opens a pointer to another story, where a sentence or line starts or capitals follow small letters.

    It begins with the set of the marks' first characters and looks back from there, for speed; the first mark that fits counts.
    """
    if not marks:
        return "(?!)"
    firsts = "".join(re.escape(first) for first in sorted({mark[0] for mark in marks}))
    rest = "|".join(f"(?<={re.escape(mark[0])}){re.escape(mark[1:])}" for mark in marks)
    capitals = "(?<=[a-z0-9] [A-Z])(?=[A-Z])"
    return rf"[{firsts}](?:(?<=\A.)|(?<=[.!?…”’')\]\n] .)|(?<=\n.)|{capitals})(?:{rest}) ?"


def unmarked_patterns(values: dict[str, Sequence[str]]) -> tuple[str, str, str]:
    """From the entry `unmarked`: pattern of a word that starts a sentence where no mark ends the one before, pattern of lines that
    are no captions by their first or last words, and of those that tell whose a quotation before them is. The first has an
    alternative for each first letter, which is a literal, and looks back from there, for speed; it has a named group (`noun0`, ...)
    where the word is one of those that start a sentence only after a word in small letters."""
    if not values:
        return "(?!)", "(?!)", "(?!)"
    openers, speech = ("|".join(map(re.escape, values[name])) for name in ("openers", "speech"))
    starters, nouns = set(values["starters"]), set(values["nouns"]) - set(values["starters"])

    def rests(words: Iterable[str], first: str) -> str:
        return "|".join(sorted((re.escape(word[1:]) for word in words if word[0] == first), key=lambda rest: (-len(rest), rest)))

    alternatives = []
    for number, first in enumerate(sorted({word[0] for word in starters | nouns})):
        groups = [rests(starters, first)] if any(word[0] == first for word in starters) else []
        groups += [f"(?P<noun{number}>{rests(nouns, first)})"] if any(word[0] == first for word in nouns) else []
        alternatives.append(rf"{re.escape(first)}(?<=[a-zA-Z0-9'”)] .)(?:{'|'.join(groups)})")
    start = rf"(?:{'|'.join(alternatives)})(?=,? [a-zA-Z“])"
    no_line = rf"^(?:“|(?:{openers})\b)|\b(?:{speech})(?: [A-Z]\w*)?$|[),;:—-]$|[.,]”$"
    return start, no_line, rf"(?:[A-Z][\w\ufffd'-]+ ){{1,4}}(?:{speech})\b"


def parse_rules(values: dict, language: str, where: str) -> PageRules:
    """Rules from the mapping of a rules file; raises `InputError` with every fault at once."""
    faults: list[str] = []
    unmarked = unmarked_patterns(values.get("unmarked", {}))
    parts = values.get("parts", {})

    def compiled(pattern: str, name: str, flags: int = 0) -> re.Pattern[str]:
        try:
            return re.compile(literal_first(expand(pattern, parts)), flags)
        except KeyError as error:
            faults.append(f"{name}: no such part {error}")
        except re.error as error:
            faults.append(f"{name}: not a pattern: {error}")
        return re.compile("(?!)")

    def one_of(value: str, known: tuple[str, ...], name: str) -> str:
        if value not in known:
            faults.append(f"{name}: must be one of {', '.join(known)} (got {value!r})")
        return value

    offices, relative, opener, participle = (
        compiled(values.get("unmarked", {}).get(name, "(?!)"), f"unmarked, {name}").pattern for name in LINE_WORDS
    )
    lines = []
    for number, rule in enumerate(values.get("lines", []), start=1):
        name = f"lines, rule {number}"
        where_ = one_of(rule.get("where", "any"), PLACES, f"{name}, where")
        date = one_of(rule["date"], DATE_PARTS, f"{name}, date") if "date" in rule else ""
        pattern = compiled(rule["pattern"], name)
        lines.append(LineRule(rule["kind"], pattern, rule.get("needs", ""), rule.get("longest", LONGEST_LINE), where_, date))
    inline = []
    before = set("—-")
    openings: list[str] = []
    for number, rule in enumerate(values.get("inline", []), start=1):
        name = f"inline, rule {number}"
        edge = one_of(rule.get("edge", "any"), PLACES, f"{name}, edge")
        first = _SENTENCE_FIRST.match(rule["pattern"])
        for marks in _MARKS_BEFORE.findall(first[0] if first else ""):
            before.update("".join(marks).replace("\\", ""))
        pattern = compiled(rule["pattern"], name, re.M)
        needs = rule.get("needs", ())
        needs = (needs,) if isinstance(needs, str) else tuple(needs)
        starts = "line" if _LINE_FIRST.match(rule["pattern"]) else "sentence" if first else ""
        if edge == "head" and not needs:
            openings.append(rule["pattern"])
            if starts != "line":
                faults.append(f"{name}: a rule for the head must have needs or begin where a line starts (^)")
        inline.append(InlineRule(rule["kind"], pattern, needs, edge, starts, rule.get("reach", 0)))
    by_edge = {edge: RulesByNeed((n, rule) for n, rule in enumerate(inline) if rule.edge == edge) for edge in PLACES}
    named = dict(values.get("house_style", {})) | {f"spelling_{k}": f"(?i:{v})" for k, v in values.get("spelling", {}).items()}
    markers = compiled("|".join(f"(?P<{name}>{pattern})" for name, pattern in named.items()) or "(?!)", "house_style")
    rules = PageRules(
        language=language,
        months=dict(values.get("months", {})),
        lines=tuple(lines),
        long_lines=tuple(rule for rule in lines if rule.longest > LONGEST_LINE),
        inline=tuple(inline),
        anywhere=by_edge["any"],
        at_head=by_edge["head"],
        at_end=by_edge["tail"],
        datelines=tuple(rule for rule in inline if rule.kind == "dateline"),
        openings=compiled("|".join(_NAMED.sub("(?:", pattern) for pattern in openings) or "(?!)", "inline", re.M),
        agencies=frozenset(values.get("agencies", [])),
        publication_words=frozenset(values.get("publication_words", [])),
        function_words=frozenset(values.get("function_words", [])),
        starts=compiled(rf"[\n{re.escape(''.join(sorted(before)))}](?:(?<=\n)|(?<!\n) )", "inline"),
        related_marks=Strings(values.get("related", [])),
        related=compiled(pointer_pattern(values.get("related", [])), "related"),
        past_verbs=compiled(values.get("past_verbs", "(?!)"), "past_verbs"),
        sentence_verbs=compiled("|".join(values.get(name, "(?!)") for name in ("past_verbs", "auxiliaries")), "auxiliaries"),
        unmarked_start=compiled(unmarked[0], "unmarked"),
        starters=frozenset(values.get("unmarked", {}).get("starters", [])),
        mid_sentence=frozenset(values.get("function_words", [])).difference(values.get("unmarked", {}).get("enders", [])),
        articles=frozenset(values.get("unmarked", {}).get("articles", [])),
        anaphors=frozenset(values.get("unmarked", {}).get("anaphors", [])),
        line_words=(offices, relative, opener, participle),
        attributed=compiled(unmarked[2], "unmarked"),
        not_unmarked=compiled(unmarked[1], "unmarked"),
        lost_letters=tuple(values.get("lost_letters", [])),
        markers=markers,
        phrases=dict(values.get("phrases", {})),
    )
    if faults:
        raise InputError(where, faults)
    return rules


@lru_cache(maxsize=4)
def load_rules(language: str = "english") -> PageRules:
    """The rules of a language by its name; raises `InputError`."""
    path = paths.LANGUAGES / f"{language}_pages.yaml"
    return parse_rules(read_yaml(path), language, str(path))
