"""What is not the article: page furniture found by its form, and boilerplate found by its repetition across an outlet.

Works on text in one typographic form (`pipeline.typography`). Every function returns spans to remove; none edits a text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, compress, pairwise
from typing import NamedTuple, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.pagelines import read_page
from pipeline.params import RemovalKind
from pipeline.rules import InlineRule, PageRules
from pipeline.segments import MARKS, OPENING_WORDS, first_hashes, key_text, read_keys, read_segments
from pipeline.storage import Lists

KINDS: tuple[str, ...] = get_args(RemovalKind)


class Removal(NamedTuple):
    """A span [start, end) of an article's repaired text that is not the article's own wording, and its kind."""

    start: int
    end: int
    kind: str


EDGE = 400
# A rule bound to starts begins at most so many characters before a string it needs, if it does not say itself.
REACH = 800
LENGTH_SLACK = 20
HEAD_OF_LINES = 1600
POINTER_WINDOW = 160
HEADLINE_WORDS = 16
STARTER_FACTOR = 4
NAME_WORDS = 6
SHORT_WORD = 3
EDGE_SEGMENTS = 4
MIDDLE_FACTOR = 3
CLOSING_FACTOR = 2
# A title that a name closes has at least as many words before it; the share of an outlet's titles from which that is its habit.
SIGNED_WORDS = 4
SIGNED_SHARE = 0.05
CAPTION_SHARE = 0.2
LINK_SHARE = 0.015
LINKS_TO_HEADINGS = 0.7
TITLE_WORDS = 4
OPENING_REACH = 120
BUCKETS = 2**26
OPENING_BUCKETS = 2**24
BUCKETS_OF_AN_ARTICLE = 256
HABIT_CHARACTERS = 6_000_000

_SIGNATURE = re.compile(
    r"(?<= )(?:(?:[AE]l|[Dd]e|[Bb]in|[Vv]an|[Vv]on) )?[A-Z][a-z][\w-]* (?:(?:[AE]l|de|bin|van|von) )?[A-Z][a-z][\w-]*\Z"
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>|<!--.{0,2000}?-->", re.S)
_QUOTE_CLOSED = re.compile(r"'(?=[\s,])")
_CANDIDATE = re.compile(r"(?:(?<=[A-Za-z0-9?'”)] )|(?<=\w- ))[A-Z“][\w']*")
# What follows a subject at the start of a sentence: a name's other words, then a verb of the past or an apposition.
_AFTER_SUBJECT = re.compile(r"(?P<name>(?:[ -][A-Z][\w'-]*){0,3})(?:,-? ?(?!says?\b)[a-z\d]| (?P<verb>\w+))")
# Between two places where the sentence may start: words of one name, or an outlet's or office's name before a person's.
_SAME_SUBJECT = re.compile(r"(?:[A-Z][\w'-]* ){1,4}|(?:[A-Z][\w-]* ){0,2}[A-Z][\w-]*'s (?:[\w-]+ ){0,4}")
_SPACE = " \n—-"
_WORD = re.compile(r"[^\W\d_]+|\d+")
_STOP = re.compile(r"[.!?][’”')]* ")
# A headline that closes a text without an end mark: no list, no quotation, no address, no clock.
_CLOSING_HEADLINE = re.compile(r"[A-Z][^.!?“”;,@#()\[\]\n]{8,110}(?<![\d:\s—-])")


def segments(text: str) -> list[tuple[int, int]]:
    """The spans of a text's segments, see `pipeline.segments`."""
    return read_segments([text]).spans()


def _key(text: str) -> str:
    """What two segments must share to count as the same: words in lower case, numbers as 0."""
    return " ".join("0" if word.isdigit() else word.lower() for word in _WORD.findall(text))


def line_removals(text: str, title: str, subtitle: str, rules: PageRules, own_lines: bool = True) -> tuple[list[Removal], str]:
    """Whole lines that are not the article's: furniture by form or place, the title and subtitle repeated above the body, a summary
    that repeats the lead, headlines of other stories. And the lead as such a summary has it, empty where there is none.

    Only for a text of several lines. `own_lines`: the lines came with the text and were not told by its spaces; else no headline is
    looked for among them.
    """
    if "\n" not in text:
        return [], ""
    page = read_page(text, rules)
    out = []
    title_key = _key(title)
    headings = {key for key in (title_key, _key(subtitle)) if key}
    above = page.body if page.body is not None else 0
    moved = {page.title: title, page.subtitle: subtitle}
    for number, line in enumerate(page.lines):
        span = (line.start, line.end)
        key = _key(line.bare) if number < above or abs(len(line.bare) - len(title)) <= LENGTH_SLACK else ""
        if key in headings and (number < above or key == title_key):
            out.append(Removal(*span, "repeated_title"))
        elif line.rule is not None:
            out.append(Removal(*span, line.rule.kind))
        elif number in page.repeated_lead:
            out.append(Removal(*span, "repeated_lead"))
        elif own_lines and number in page.stray:
            out.append(Removal(*span, "stray_headline"))
        elif number in page.edge:
            out.append(Removal(*span, "page_line"))
        elif (
            number < above
            and moved.get(number)
            and len(set(key.split()) & set(_key(moved[number]).split())) >= 0.6 * key.count(" ")
        ):
            out.append(Removal(*span, "repeated_title"))
    lead = page.lines[page.repeated_lead[0]].bare if page.repeated_lead else ""
    return out, lead


def find_lost_initial(text: str, lead: str) -> tuple[str, str]:
    """Whether a text lost its first letters (a drop cap): `("found", "")`, or `("restored", letters)` where a copy of its first
    words in `lead` tells them, or `("", "")`."""
    words = _WORD.findall(text[:200])[:6] if text[:1].islower() else []
    if len(words) < 6 or not words[0].islower():
        return "", ""
    copy = _WORD.findall(lead)
    for at in range(len(copy) - 5):
        whole = copy[at]
        if copy[at + 1 : at + 6] == words[1:] and whole.endswith(words[0]) and whole[0].isupper():
            return "restored", whole[: len(whole) - len(words[0])]
    return "found", ""


class Habits(NamedTuple):
    """What a corpus shows of its words: `starters`, in small letters, stand so `STARTER_FACTOR` times as often as capitalised, so
    that a capital on one starts a sentence; `pairs` of a word and a capitalised word that stand together more than once."""

    starters: frozenset[str]
    pairs: frozenset[tuple[str, str]]


def _last_word(text: str) -> str:
    """The word that ends a text, but for closing marks and a space; empty where none does."""
    text = text.removesuffix(" ").rstrip("’”'?)")
    start = len(text)
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    return text[start:]


def _pointers(text: str, rules: PageRules) -> Iterator[tuple[int, int, str, list[tuple[int, str, str]]]]:
    """Pointers to other stories: start, end of the mark, the text up to the next pointer or line end, and where in it a sentence of
    the article's own may start: place, word before and word."""
    matches = list(rules.related.finditer(text))
    for match, following in pairwise([*matches, None]):
        limit = min(match.end() + POINTER_WINDOW, following.start() if following else len(text))
        window = text[match.end() : limit].split("\n")[0]
        ends = []
        for candidate in _CANDIDATE.finditer(window):
            ends.append((candidate.start(), _last_word(window[: candidate.start()]), candidate.group().lstrip("“")))
        yield match.start(), match.end(), window, ends


def has_pointer(text: str, rules: PageRules) -> bool:
    """Whether a text holds a pointer to another story inside a line."""
    return rules.related_marks.has_any(text) and rules.related.search(text) is not None


def learn_habits(texts: Iterable[str], pointed: Iterable[str], rules: PageRules) -> Habits:
    """Habits of a corpus, as far as the pointers to other stories in the `pointed` ones of its texts ask for them; these are gone
    over twice."""
    pairs = {(before, word) for text in pointed for *_, ends in _pointers(text, rules) for _, before, word in ends}
    words = {word.lower() for _, word in pairs if word}
    if not pairs:
        return Habits(frozenset(), frozenset())
    counted: list[str] = []
    size = 0
    for text in chain(pointed, texts):
        size += len(text)
        if size > HABIT_CHARACTERS:
            break
        counted.append(text)
    lists = pc.utf8_split_whitespace(pa.array(counted, pa.large_string()))
    tokens = lists.flatten().dictionary_encode()
    codes, forms = tokens.indices.to_numpy(), tokens.dictionary
    counts = np.bincount(codes, minlength=len(forms))
    told = {word for pair in pairs for word in pair} | words
    places = pc.index_in(pa.array(sorted(told), forms.type), forms).to_pylist()
    code_of = {word: code for word, code in zip(sorted(told), places, strict=True) if code is not None}

    # Uses of a capitalised word after one that has no mark at its end, in the same text.
    asked = {code_of[word]: word for _, word in pairs if word[:1].isupper() and word in code_of}
    is_asked = np.zeros(len(forms), bool)
    is_asked[list(asked)] = True
    at = np.setdiff1d(np.flatnonzero(is_asked[codes]), lists.offsets.to_numpy(), assume_unique=True)
    before, place = np.unique(codes[at - 1], return_inverse=True)
    is_bare = np.array([form[-1:].isalnum() for form in forms.take(pa.array(before)).to_pylist()], bool)
    at = at[is_bare[place]]
    upper: Counter[str] = Counter()
    for code, count in zip(*(values.tolist() for values in np.unique(codes[at], return_counts=True)), strict=True):
        upper[asked[code].lower()] += count
    couples, uses = np.unique(codes[at - 1].astype(np.int64) * len(forms) + codes[at], return_counts=True)
    seen = dict(zip(couples.tolist(), uses.tolist(), strict=True))

    def used(before: str, word: str) -> int:
        known = before in code_of and word in code_of
        return seen.get(code_of[before] * len(forms) + code_of[word], 0) if known else 0

    starters = frozenset(word for word in words if word in code_of and counts[code_of[word]] > STARTER_FACTOR * upper[word])
    return Habits(starters, frozenset(pair for pair in pairs if used(*pair) > 2))


def _pointer_end(window: str, ends: Sequence[tuple[int, str, str]], habits: Habits, rules: PageRules) -> int | None:
    """Where the article's own words start again after a headline without an end mark; None where nothing tells.

    Before the first end mark, a capital on a word that is no name starts a sentence, and so the article's next one; so does one on
    a name that a verb in the past follows (`rules.past_verbs`), since headlines use the present. A capitalised word that stands
    after its predecessor nowhere else may do so too: it is taken when nothing else is there, or when it comes so much earlier that
    the other must stand inside the next sentence. After a capital, a word that is no name may still be one of a name's (`White
    Paper`): one that sentences start with, behind it, is taken then.
    """
    stop = _STOP.search(window)
    limit = stop.start() if stop else len(window)
    if stop and stop.group()[0] in "?!" and len(window[:limit].split()) <= HEADLINE_WORDS:
        inner = (at for at, before, word in ends if at < limit and before.islower() and word in rules.starters)
        return next((at for at in inner if not _is_title_case(window[:at])), stop.end())
    sure = maybe = weak = None
    starts = False
    for at, before, word in ends:
        if at > limit:
            break
        words = len(window[:at].split())
        inside = window[:at].count(" '") + window.startswith("'") > len(_QUOTE_CLOSED.findall(window[:at]))
        if words < 2 or inside or words > HEADLINE_WORDS or before.lower() in rules.mid_sentence:
            continue
        first = word == "" or word in rules.starters or word in rules.articles
        if weak is not None:
            if first:
                return at
            continue
        starts = first or word.lower() in habits.starters
        unseen = words >= 3 and (before, word) not in habits.pairs
        if starts or (unseen and _is_subject(window, at + len(word), rules)):
            sure = at
            if first or not starts or not before[:1].isupper():
                break
            weak = at
        if maybe is None and unseen:
            maybe = at
    if sure is not None and maybe is not None:
        between = window[maybe:sure]
        if len(between.split()) > NAME_WORDS or (not starts and _SAME_SUBJECT.fullmatch(between)):
            return maybe
    return sure if sure is not None else maybe


def _is_title_case(line: str) -> bool:
    """Whether a line's words of more than three letters begin with capitals, by half of them."""
    words = [word for word in line.split() if len(word) > SHORT_WORD and word[0].isalpha()]
    return 2 * sum(word[0].isupper() for word in words) > len(words)


def _is_subject(window: str, after: int, rules: PageRules) -> bool:
    """Whether the name that ends at a place, or goes on there, is a sentence's subject, by the verb or apposition after it."""
    match = _AFTER_SUBJECT.match(window, after)
    if match is None or not rules.starters.isdisjoint(match["name"].split()):
        return False
    return match["verb"] is None or rules.past_verbs.fullmatch(match["verb"]) is not None


def related_removals(text: str, habits: Habits, rules: PageRules) -> list[Removal]:
    """Pointers to other stories inside a line (`READ MORE: headline`), cut at the end of the line, at the next pointer, or where
    the article's next sentence starts; where nothing tells, only the mark is cut."""
    out = []
    for start, mark_end, window, ends in _pointers(text, rules):
        chained = rules.related.match(text, mark_end + len(window)) and not _STOP.search(window)
        whole = chained and len(window.split()) <= HEADLINE_WORDS
        chosen = len(window) if whole else _pointer_end(window, ends, habits, rules)
        if chosen is None:
            chosen = len(window) if len(window) < POINTER_WINDOW else 0
        out.append(Removal(start, mark_end + chosen, "related"))
    return out


def _without_space(text: str, end: int) -> int:
    """Where what stands before a place of a text ends without the dashes and spaces there."""
    while end and text[end - 1] in _SPACE:
        end -= 1
    return end


def _places(text: str, strings: Iterable[str], first: int, end: int) -> list[int]:
    """Where in a text [first, end) strings stand, in order."""
    out = []
    for string in strings:
        place = text.find(string, first, end)
        while place >= 0:
            out.append(place)
            place = text.find(string, place + 1, end)
    return sorted(out)


class Starts:
    """Where in a text [first, end) lines and sentences may start, each looked for when first asked."""

    def __init__(self, text: str, rules: PageRules, first: int = 0, end: int | None = None):
        self.text, self.pattern, self.first, self.end = text, rules.starts, first, len(text) if end is None else end

    @cached_property
    def line(self) -> list[int]:
        after = [place + 1 for place in _places(self.text, "\n", self.first, self.end)]
        return after if self.first else [0, *after]

    @cached_property
    def sentence(self) -> list[int]:
        found = [match.end() for match in self.pattern.finditer(self.text, max(0, self.first - 2), self.end)]
        return found if self.first else [0, *found]


def _matches(rule: InlineRule, starts: Starts) -> list[re.Match[str]]:
    """Matches of a rule in the part of a text that `starts` is about, one after the other; a rule bound to starts, or by its reach
    to the strings that it needs, is tried at such places only."""
    text, free, end = starts.text, starts.first, starts.end
    if not rule.starts and not rule.reach:
        return list(rule.pattern.finditer(text, free, end))
    at = starts.line if rule.starts == "line" else starts.sentence if rule.starts else range(free, end)
    out = []
    match_at = rule.pattern.match
    tried = free
    for place in _places(text, rule.needs, free, end) if rule.needs else (end,):
        first = max(tried, place - (rule.reach or REACH)) if rule.needs else tried
        tried = place + 1
        for start in at[bisect_left(at, first) : bisect_left(at, tried)]:
            match = match_at(text, start, end) if start >= free else None
            if match:
                out.append(match)
                free = match.end()
    return out


def inline_removals(text: str, rules: PageRules, found: Iterable[Removal] = ()) -> list[Removal]:
    """Spans that are furniture by their form wherever they stand: tags, share bars, addresses, datelines, agency tags.

    A rule bound to the end of the text also fits before what was `found` there, whole lines for instance.
    """
    out = [Removal(m.start(), m.end(), "markup") for m in _TAG.finditer(text)] if "<" in text else []
    head = text[: HEAD_OF_LINES if "\n" in text else EDGE]
    parts = {"head": Starts(head, rules), "any": Starts(text, rules)}
    may_open = any(rules.openings.match(head, start) for start in parts["head"].line)
    for number in sorted(rules.anywhere.met(text) | rules.at_head.met(head, may_open)):
        rule = rules.inline[number]
        matches = _matches(rule, parts[rule.edge])
        out.extend(Removal(m.start(), m.end(), rule.kind) for m in matches if m.end() > m.start())
    # Where the text ends without the removals at its end; those that end further on than all others come last.
    waiting = sorted([*out, *found], key=lambda r: (r.end, -r.start))
    end = _without_space(text, len(text))
    while True:
        while waiting and waiting[-1].end >= end:
            end = min(end, _without_space(text, waiting.pop().start))
        last = _removal_at_end(text, end, rules)
        if last is None:
            return out
        out.append(last)
        end = _without_space(text, last.start)


def _removal_at_end(text: str, end: int, rules: PageRules) -> Removal | None:
    """What a rule bound to the end of the text finds where it ends without what was found there before."""
    start = max(0, end - EDGE)
    starts = Starts(text, rules, start, end)
    for number in sorted(rules.at_end.met(text[start:end])):
        rule = rules.inline[number]
        for match in _matches(rule, starts):
            if match.end() == end > match.start():
                return Removal(match.start(), end, rule.kind)
    return None


def _table_size(articles: int, most: int) -> int:
    """Buckets for so many articles (0: unknown), few enough to stay at hand: a power of two."""
    return min(most, 2 ** (articles * BUCKETS_OF_AN_ARTICLE).bit_length()) if articles else most


class Repeats:
    """Segments repeated across an outlet's articles, found in bounded memory and two passes: first all segments are counted in a
    fixed number of buckets, then those of full buckets exactly.

    A segment (line or sentence) is boilerplate when it stands in at least `min_repeats` and at least `min_share` of the outlet's
    articles; away from the edges of a text (the first `EDGE_SEGMENTS` and last `EDGE_SEGMENTS` segments) `MIDDLE_FACTOR` times as
    many are asked for, since running stories repeat their background. Articles with the same longest segment are updates of one
    text and count once. Articles of unknown outlets are left alone: what they repeat is no outlet's.
    """

    def __init__(self, min_repeats: int, min_share: float, articles: int = 0):
        self.min_repeats, self.min_share = min_repeats, min_share
        self.filled = np.zeros(_table_size(articles, BUCKETS), np.uint8)
        self.articles: Counter[str] = Counter()
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.at_edge: dict[str, Counter[str]] = defaultdict(Counter)
        self.longest: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))

    def fill(self, outlets: Iterable[str], buckets: Lists) -> None:
        """First pass: articles, each by its outlet and its segments' buckets (each once)."""
        self.articles.update(outlets)
        values, counts = np.unique(buckets.values % len(self.filled), return_counts=True)
        self.filled[values] = np.minimum(self.filled[values] + counts, 255)

    def is_full(self, buckets: np.ndarray) -> np.ndarray:
        """Which buckets hold enough articles for a segment in them to be repeated."""
        return self.filled[buckets % len(self.filled)] >= min(self.min_repeats, 255)

    def is_repeated(self, buckets: np.ndarray) -> np.ndarray:
        """Which buckets hold more than one article."""
        return self.filled[buckets % len(self.filled)] > 1

    def count(self, outlets: Sequence[str], texts: Sequence[str]) -> None:
        """Second pass: texts that have segments in full buckets."""
        read = read_segments(texts)
        keys = read_keys(read, outlets)
        full = self.is_full(keys.hashes) & (keys.starts < keys.ends)
        lengths = keys.ends - keys.starts
        for row, (outlet, text, offset) in enumerate(zip(outlets, texts, read.offsets.tolist(), strict=False)):
            first, last = read.bounds[row], read.bounds[row + 1]
            own = range(first, last)

            def key(number: int, text: str = text, offset: int = offset) -> str:
                return key_text(text[keys.starts[number] - offset : keys.ends[number] - offset])

            repeated = [(int(number), key(first + number)) for number in np.flatnonzero(full[first:last])]
            self.counts[outlet].update({key for _, key in repeated})
            longest = hash(key(first + int(np.argmax(lengths[first:last])))) if own else 0
            for number, found in repeated:
                self.longest[outlet][found].add(longest)
                self.at_edge[outlet][found] += number < EDGE_SEGMENTS or number >= len(own) - EDGE_SEGMENTS

    def boilerplate(self) -> dict[str, frozenset[str]]:
        """The keys of each outlet's boilerplate."""
        out = {}
        for outlet, counts in self.counts.items():
            least = max(self.min_repeats, self.min_share * self.articles[outlet])
            longest, at_edge = self.longest[outlet], self.at_edge[outlet]
            out[outlet] = frozenset(
                key
                for key, n in counts.items()
                if n >= self.min_repeats and len(longest[key]) >= (least if 2 * at_edge[key] >= n else MIDDLE_FACTOR * least)
            )
        return out


def boilerplate_removals(
    text: str, spans: Sequence[tuple[int, int]], boilerplate: Collection[str], min_words: int = 4
) -> list[Removal]:
    """Segments of a text that are boilerplate by their keys (`Repeats.boilerplate` of its outlet); `spans`: its `segments`.

    A segment of fewer than `min_words` words (but two at least) counts only in the run of such segments that ends a text, or as a
    line of its own at the head.
    """
    keys = [key_text(text[a:b]).strip(MARKS) for a, b in spans]
    flags = [key in boilerplate for key in keys]
    tail = len(flags)
    while tail and flags[tail - 1] and " " in keys[tail - 1]:
        tail -= 1
    head = next((i for i, flag in enumerate(flags) if not flag), len(flags))
    return [
        Removal(a, b, "boilerplate")
        for i, ((a, b), key, flag) in enumerate(zip(spans, keys, flags, strict=True))
        if i >= tail or (flag and (key.count(" ") + 1 >= min_words or (i < head and text[b : b + 1] == "\n")))
    ]


def closing_headline(text: str, spans: Sequence[tuple[int, int]]) -> Removal | None:
    """What may be the headline of another story at the end of a text, after the last end mark and without one of its own.

    One such end may be a sentence cut off: it is a headline only at an outlet that closes so by habit (`Headlines.closes`).
    `spans`: the text's `segments`.
    """
    start, end = spans[-1] if len(spans) > 1 else (0, 0)
    words = text[start:end].count(" ") + 1
    before = text[max(0, start - 3) : start].rstrip(_SPACE)
    fits = 3 <= words <= HEADLINE_WORDS and before[-2:] != "“”" and before.endswith((".", "!", "?", "”"))
    return Removal(start, end, "stray_headline") if fits and _CLOSING_HEADLINE.fullmatch(text, start, end) else None


def _opening(text: str, start: int = 0) -> str:
    """The first `OPENING_WORDS` words from a place of a text, without the marks around the last of them."""
    words = text[start : start + OPENING_REACH].split(maxsplit=OPENING_WORDS)[:OPENING_WORDS]
    return " ".join([*words[:-1], *(word.strip(MARKS) for word in words[-1:])])


def title_signature(title: str, text: str) -> Removal | None:
    """A writer's name that closes a title without a mark: two words with a capital (three with a particle between or before them)
    after `SIGNED_WORDS` words or more most of which have none, and neither word anywhere in the text."""
    match = _SIGNATURE.search(title)
    if match is None:
        return None
    before = title[: match.start()].split()
    small = sum(word[0].islower() for word in before)
    if len(before) < SIGNED_WORDS or 2 * small < len(before):
        return None
    lower = text.lower()
    if any(word.lower() in lower for word in match.group().split()[-2:]):
        return None
    return Removal(match.start(), len(title), "byline")


class Headlines:
    """What shows headlines of other stories in an outlet's texts, found in two passes, over the articles and over their titles: how
    many of its texts close with what may be one, how many hold what may be a caption or link without a mark, and those titles whose
    first words start a segment of some text. Memory is bounded by these titles and a fixed number of buckets."""

    def __init__(self, min_repeats: int, min_share: float, articles: int = 0):
        self.min_repeats, self.min_share = min_repeats, min_share
        self.opened = np.zeros(_table_size(articles, OPENING_BUCKETS), bool)
        self.articles: Counter[str] = Counter()
        self.closing: Counter[str] = Counter()
        self.signed: Counter[str] = Counter()
        self.captions: Counter[str] = Counter()
        self.links: Counter[str] = Counter()
        self.headings: Counter[str] = Counter()
        self.titles: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))

    def fill(
        self,
        outlets: Sequence[str],
        closing: Sequence[bool],
        signed: Sequence[bool],
        unmarked: Sequence[Sequence[int]],
        openings: np.ndarray,
    ) -> None:
        """First pass: articles, by outlet, whether they have a `closing_headline` and a `title_signature`, how many captions,
        headlines and headings without a mark they may hold (`loose_lines.Unmarked`, three columns), and hashes of their segments'
        first words."""
        self.articles.update(outlets)
        self.closing.update(compress(outlets, closing))
        self.signed.update(compress(outlets, signed))
        for counter, counts in zip((self.captions, self.links, self.headings), unmarked, strict=True):
            counter.update(compress(outlets, counts))
        self.opened[openings % len(self.opened)] = True

    def add_titles(self, outlets: Sequence[str], titles: Sequence[str]) -> None:
        """Second pass: the titles of articles; one of fewer than `TITLE_WORDS` words may be any sentence's start."""
        opened = self.opened[first_hashes(titles, outlets) % len(self.opened)].tolist()
        for outlet, title, is_opened in zip(outlets, titles, opened, strict=True):
            if outlet and is_opened and len(title.split()) >= TITLE_WORDS:
                self.titles[outlet][_opening(title)].add(title.strip(MARKS))

    def closes(self, outlet: str) -> bool:
        """Whether at least `CLOSING_FACTOR` times `min_repeats` and `min_share` of an outlet's articles close with a headline."""
        return self.closing[outlet] >= CLOSING_FACTOR * max(self.min_repeats, self.min_share * self.articles[outlet])

    def signs_titles(self, outlet: str) -> bool:
        """Whether writers' names close an outlet's titles: in at least `min_repeats` and `SIGNED_SHARE` of its articles."""
        return self.signed[outlet] >= max(self.min_repeats, SIGNED_SHARE * self.articles[outlet])

    def leaves_captions(self, outlet: str) -> bool:
        """Whether captions without a mark are an outlet's habit: at least `min_repeats` and `CAPTION_SHARE` of its articles hold
        what may be one. Elsewhere such a line may be a sentence that lost its end mark or a heading, and stays."""
        return self.captions[outlet] >= max(self.min_repeats, CAPTION_SHARE * self.articles[outlet])

    def leaves_links(self, outlet: str) -> bool:
        """Whether headlines of other stories stand in an outlet's texts without a mark: at least `min_repeats` and `LINK_SHARE` of
        its articles hold what may be one, and no fewer than `LINKS_TO_HEADINGS` times those that hold short headings: at an outlet
        that sets headings of its own, the two can't be told apart."""
        least = max(self.min_repeats, LINK_SHARE * self.articles[outlet], LINKS_TO_HEADINGS * self.headings[outlet])
        return self.links[outlet] >= least


def linked_headlines(text: str, spans: Iterable[tuple[int, int]], own: str, titles: Mapping[str, Collection[str]]) -> list[Removal]:
    """The titles of an outlet's other articles where a sentence would start, unless a word in small letters follows: links to other
    stories that lost their lines. `spans`: the text's `segments`; `own`: its title; `titles`: of one outlet, as in `Headlines`."""
    found = []
    for start, _ in spans:
        for title in titles.get(_opening(text, start), ()):
            stop = start + len(title)
            stop += text[stop : stop + 1] in (".", "!", "?", "-")
            after = text[stop : stop + 4].lstrip(MARKS + _SPACE)
            if text.startswith(title, start) and title != own.strip(MARKS) and not after[:1].islower():
                found.append(Removal(start, stop, "stray_headline"))
    return found


def merge_removals(removals: Iterable[Removal], disabled: Iterable[str] = ()) -> list[Removal]:
    """Sorted, without overlaps (the earlier and longer wins, the rest of a later one is kept), without switched-off kinds."""
    off = frozenset(disabled)
    out: list[Removal] = []
    for removal in sorted((r for r in removals if r.kind not in off), key=lambda r: (r.start, -r.end)):
        start = max(removal.start, out[-1].end) if out else removal.start
        if removal.end > start:
            out.append(Removal(start, removal.end, removal.kind))
    return out


def apply_removals(text: str, removals: Sequence[Removal]) -> str:
    """The text (in one typographic form) without the spans; what is left is joined by a space, or by the line breaks that stood
    there."""
    if not removals:
        return text
    out: list[str] = []
    breaks = 0
    last = 0
    for removal in [*removals, Removal(len(text), len(text), "")]:
        piece = text[last : removal.start]
        last = removal.end
        rest = piece.lstrip(" \n")
        core = rest.rstrip(" \n")
        breaks += piece.count("\n", 0, len(piece) - len(rest))
        if core:
            if out:
                out.append("\n" * min(breaks, 2) or " ")
            out.append(core)
            breaks = rest.count("\n", len(core))
    return "".join(out).strip(_SPACE).strip()
