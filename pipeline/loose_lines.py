"""Lines of a page that lost their line breaks and have no mark of their own: captions, and sentences set out a second time.

Works on text in one typographic form (`pipeline.typography`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from itertools import chain, pairwise
from operator import itemgetter
from typing import NamedTuple

from pipeline.rules import PageRules

CAPTION_WORDS = (8, 40)
HEADLINE_WORDS = (7, 30)
HEADING_WORDS = (2, 5)
QUOTE_WORDS = 10
REPEATED_WORDS = 15
QUOTE_KEY = 20
ALIKE = 0.85
# A sentence set out with changes: so much of it the same, found by a piece of so many characters; its length.
SET_OUT_ALIKE = 0.9
PIECE = 24
SET_OUT_LENGTH = 60
REACH = 2**14
LONGEST_SHARED = 2**15
LONGEST = 400
CREDIT_WORDS = 12
CREDIT_LENGTH = 130

_DOUBLE = re.compile("[“”]")
_SENTENCE_END = re.compile(r"[.!?…\n](?:(?<!\n)[”’')\]]*\s+|(?<=\n)\n*)")
_CAPITALISED = re.compile(r"(?<![^\s'‘])[A-Z]")
_WORD_OR_NUMBER = re.compile(r"[^\W\d_]+|\d+")
_WORD = re.compile(r"[A-Za-z][\w']*")
_QUOTED_SENTENCE = re.compile(r"“(?<=[\w'”)] “)(?=[A-Z][^“”]{15,600},” \w)(?=[^”]*?(?: [a-z][\w']*){3})")
_LINE_FIRST = re.compile(r"[A-Z0-9'‘]")
_QUOTE_START = re.compile(r"[“.!?”)\n](?:(?<=“)|(?<!“)\s+)(?=[A-Z'\[])")
# A name and office, and the name again, which starts a sentence.
_NAMED_AGAIN = re.compile(r" ?([A-Z][\w\ufffd'-]+ [A-Z][\w\ufffd'-]+),? [^.!?“”\n]{3,100}?(?= \1)")
_STOP = re.compile(r"[.!?…]+”?")
_QUOTE_END = re.compile(r"[.!?,]?[”’']|[.!?…]|$|\n")
_CREDIT = re.compile(
    r"[A-Z][\w\ufffd'-]+(?: (?:[A-Z][\w\ufffd.'-]+|[a-z]{2,3}))*? ?(?:[A-Z][\w\ufffd'-]+)(?:, [^.!?“”\n]{3,110})?$"
)
_CREDIT_STOP = re.compile(r" (?=“?([A-Z][\w']*))")
# A heading of the article's own behind a caption: a capital, then words in small letters and names in capitals only.
_HEADING_AFTER = re.compile(r"(?<=[a-z0-9A-Z]) (?<![A-Z][a-z] )((?!The )[A-Z][a-z]*)(?: (?:[a-z'-]+|[A-Z]{2,})){1,5}$")


class _Patterns(NamedTuple):
    """Patterns of lines that hold a language's words.

    portrait: a name of two words or more with an office before it, and no verb; credit: a speaker's name and office up to where
    the next sentence may start, a quotation's or another's; heading: one of the article's own before a caption; participle: a
    word that is no name by its form.
    """

    portrait: re.Pattern[str]
    credit: re.Pattern[str]
    heading: re.Pattern[str]
    participle: re.Pattern[str]


@lru_cache(maxsize=4)
def _patterns(offices: str, relative: str, opener: str, participle: str) -> _Patterns:
    """The patterns of a language (entries `rules.LINE_WORDS` of its rules' `unmarked`)."""
    name = r"[A-Z][\w\ufffd'-]"
    return _Patterns(
        re.compile(rf"{name}*(?: (?:{name}*|{offices})){{0,4}}(?: {name}+){{2}}"),
        re.compile(rf" ?{name}+(?: (?:[a-z]{{2}}-)?{name}+){{1,3}} ?, (?!(?:{relative})\b)[^.!?“”\n]{{2,110}}"),
        re.compile(rf"[A-Z][\w'-]*(?: [\w'-]+){{0,4}} [a-z'-]+ (?=(?:([A-Z][a-z]+) [a-z]|(?:{opener}) [A-Z]))"),
        re.compile(participle),
    )


def _sentence_starts(text: str, rules: PageRules) -> Iterator[int]:
    """Places where a sentence may start without an end mark before it, in order: at a word that starts sentences
    (`rules.unmarked_start`), and at a quotation that is a sentence of its own, since its attribution follows it."""
    for match in sorted(chain(rules.unmarked_start.finditer(text), _QUOTED_SENTENCE.finditer(text)), key=re.Match.start):
        start = match.start()
        before = text[text.rfind(" ", 0, start - 1) + 1 : start - 1]
        if before.lower().strip("'") in rules.mid_sentence:
            continue
        if match.re is rules.unmarked_start and before[:1].isupper():
            named = text[match.end() : match.end() + 3].strip(", ")[0].isupper()
            if match.lastgroup or named:
                continue
        elif match.group() in rules.articles and text[match.end() + 1].isupper():
            continue
        yield start


def lines_without_mark(text: str, rules: PageRules) -> Iterator[tuple[int, int]]:
    """Spans of lines and sentences that have no end mark where the next sentence starts."""
    last = 0
    for start in _sentence_starts(text, rules):
        first = max(last, start - LONGEST)
        for end in _SENTENCE_END.finditer(text, first, start):
            first = end.end()
        line = text[first : start - 1]
        if line.count("“") == line.count("”"):
            last = start
            if line:
                yield first, start - 1


class Unmarked(NamedTuple):
    """Lines of a text without an end mark before the next sentence starts: spans that may be `captions`, spans that may be
    `headlines` of other stories, and the number of short ones, the article's own `headings` by their form."""

    captions: list[tuple[int, int]]
    headlines: list[tuple[int, int]]
    headings: int


def unmarked_lines(text: str, rules: PageRules) -> Unmarked:
    """The lines that end without a mark, by what they may be.

    Captions have `CAPTION_WORDS` words, or are no more than a person's office and name; headlines have `HEADLINE_WORDS` words and
    no verb of a sentence (`rules.sentence_verbs`), where the sentences of running text that lost their end mark have one. Left out
    are lines that open the text (a summary may), those that begin as a running text's sentences do or end in a verb of speaking
    (`rules.not_unmarked`), those that tell whose the quotation before them is (`rules.attributed`), those with an open bracket, and
    titles with a capital on each word.
    """
    found = Unmarked([], [], 0)
    headings = 0
    for start, end in lines_without_mark(text, rules):
        line = text[start:end]
        words = line.count(" ") + 1
        if not start or not _LINE_FIRST.match(line) or rules.not_unmarked.search(line) or line.count("(") != line.count(")"):
            continue
        if text[start - 2] == "”" and rules.attributed.match(line):
            continue
        headings += HEADING_WORDS[0] <= words <= HEADING_WORDS[1]
        if CAPTION_WORDS[0] <= words <= CAPTION_WORDS[1] or _patterns(*rules.line_words).portrait.fullmatch(line):
            found.captions.append(_without_headings(text, start, end, rules))
        capitals = len(_CAPITALISED.findall(line))
        if HEADLINE_WORDS[0] <= words <= HEADLINE_WORDS[1] and 2 * capitals < words + 2 and not _has_verb(line, rules):
            found.headlines.append((start, end))
    return found._replace(headings=headings)


def _without_headings(text: str, start: int, end: int, rules: PageRules) -> tuple[int, int]:
    """A caption's span without a heading that stands before or behind it, told by a capital on a word that is no name: the text has
    it in small letters too, or its form tells."""
    line = text[start:end]
    patterns = _patterns(*rules.line_words)

    def is_no_name(word: str) -> bool:
        return f" {word.lower()} " in text or patterns.participle.fullmatch(word) is not None

    after = _HEADING_AFTER.search(line)
    if after and line.count(" ", 0, after.start()) + 1 >= CAPTION_WORDS[0] and is_no_name(after[1]):
        return start, start + after.start()
    before = patterns.heading.match(line)
    if before and line.count(" ", before.end()) + 1 >= CAPTION_WORDS[0] and (before[1] is None or is_no_name(before[1])):
        return start + before.end(), end
    return start, end


def _has_verb(line: str, rules: PageRules) -> bool:
    """Whether a line has a verb in the past or an auxiliary."""
    return any(rules.sentence_verbs.fullmatch(word) for word in _WORD.findall(line))


def _shared_length(text: str, left: int, right: int) -> int:
    """Number of characters, up to a word's end, that stand both from `left` and from `right`, `LONGEST_SHARED` at most."""
    length = 0
    limit = min(right - left, len(text) - right, LONGEST_SHARED)
    step = 1 << limit.bit_length()
    while step:
        after = length + step
        if after <= limit and text[left + length : left + after] == text[right + length : right + after]:
            length = after
        step //= 2
    while length and not (text[left + length - 1].isalnum() and not text[left + length : left + length + 1].isalnum()):
        length -= 1
    return length


def _sentence(text: str, start: int) -> str:
    """What stands from a place to the next end mark, which is part of it."""
    match = _SENTENCE_END.search(text, start, start + LONGEST)
    return text[start : match.start() + 1] if match else ""


def _alike(text: str, left: int, right: int) -> bool:
    """Whether two sentences of `REPEATED_WORDS` words or more differ, but share `ALIKE` of their words and every number."""
    first, second = (Counter(_WORD_OR_NUMBER.findall(_sentence(text, place).lower())) for place in (left, right))
    shared, size = (first & second).total(), first.total() + second.total()
    if first == second or min(first.total(), second.total()) < REPEATED_WORDS or 2 * shared < ALIKE * size:
        return False
    return not any(word.isdigit() for word in (first - second) + (second - first))


class _Page:
    """A text with what is looked up in it time and again, each found when first asked for."""

    def __init__(self, text: str, rules: PageRules):
        self.text, self.rules = text, rules

    @cached_property
    def marks(self) -> list[int]:
        return [match.start() for match in _DOUBLE.finditer(self.text)]

    @cached_property
    def starts(self) -> list[int]:
        """Where sentences and quotations start."""
        return [match.end() for match in _QUOTE_START.finditer(self.text)]

    @cached_property
    def closings(self) -> list[int]:
        return [mark for mark in self.marks if self.text[mark] == "”"]

    @cached_property
    def lines(self) -> list[tuple[int, int]]:
        return list(lines_without_mark(self.text, self.rules))

    def is_quoted(self, place: int) -> bool:
        """Whether a place stands inside quotation marks, by the last one before it."""
        before = bisect_left(self.marks, place)
        return before > 0 and self.text[self.marks[before - 1]] == "“"

    def line_around(self, place: int) -> tuple[int, int] | None:
        """The line without an end mark that holds a place or starts right behind it."""
        number = bisect_left(self.lines, place, key=itemgetter(1))
        return self.lines[number] if number < len(self.lines) and self.lines[number][0] <= place + 1 else None

    def credited(self, place: int) -> list[int]:
        """The place, where the quotation that starts there ends in an end mark and a speaker's name and office follow as a line of
        their own; else nothing."""
        text = self.text
        if text[place - 1] != "“":
            return []
        number = bisect_left(self.closings, place)
        close = self.closings[number] if number < len(self.closings) else 0
        if not close or text[close - 1] not in ".!?":
            return []
        line = bisect_left(self.lines, close + 2, key=itemgetter(0))
        first, last = self.lines[line] if line < len(self.lines) else (0, 0)
        return [place] if first == close + 2 and _CREDIT.match(text[first:last]) else []


def _credit_end(text: str, start: int, rules: PageRules) -> int:
    """Where the speaker's name and office end that stand behind a quotation set out, before a sentence's first word or a quotation;
    0 where none stand there."""
    match = _patterns(*rules.line_words).credit.match(text, start, start + CREDIT_LENGTH)
    if not match:
        return 0
    for stop in _CREDIT_STOP.finditer(text, text.index(",", start) + 2, match.end() + CREDIT_LENGTH):
        if stop.start() > match.end():
            break
        line = text[start : stop.start()].strip()
        last = line[line.rfind(" ") + 1 :].lower()
        if (stop[1] in rules.starters or text[stop.end()] == "“") and last not in rules.mid_sentence:
            return 0 if _has_verb(line, rules) or rules.not_unmarked.search(line) else stop.start()
    return 0


def _elsewhere(text: str, start: int, end: int) -> int:
    """Where a piece from the middle of the sentence [start, end) stands outside it too, within `REACH`; -1 if nowhere."""
    first = (start + end - PIECE) // 2
    piece = text[first : first + PIECE]
    place = text.find(piece, max(0, start - REACH), start)
    return place if place >= 0 else text.find(piece, end, end + REACH)


def _share_in_order(words: list[str], others: list[str]) -> float:
    """The share of the words that stand among others in runs of two or more, in the same order."""
    blocks = SequenceMatcher(None, words, others, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks if block.size > 1) / len(words)


def _set_out(page: _Page, taken: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sentences outside quotation marks that stand, changed or within a longer one, elsewhere in the text, too: the copy outside
    quotation marks, else the shorter, else the later. `taken`: spans of exact copies.

    Outside quotation marks both, none that opens with a word for somebody named before (`rules.anaphors`): of two people the same
    may be told.
    """
    text = page.text
    taken = sorted(taken)

    def is_taken(place: int) -> bool:
        number = bisect_right(taken, place, key=itemgetter(0))
        return number > 0 and place < taken[number - 1][1]

    for start, after in pairwise([*page.starts, len(text)]):
        if after - start < SET_OUT_LENGTH or page.is_quoted(start):
            continue
        place = _elsewhere(text, start, after)
        if place < 0 or is_taken(place) or is_taken(start):
            continue
        sentence = _sentence(text, start)
        end = start + len(sentence)
        if "“" in sentence or "”" in sentence:
            continue
        words = _WORD_OR_NUMBER.findall(sentence.lower())
        around = max(text.rfind(mark, max(0, place - LONGEST), place) for mark in ".!?\n“") + 1
        others = _WORD_OR_NUMBER.findall(_sentence(text, around).lower())
        is_quoted = page.is_quoted(place)
        if len(words) < (QUOTE_WORDS if is_quoted else REPEATED_WORDS):
            continue
        if not is_quoted and ((len(words), -start) > (len(others), -place) or words[0] in page.rules.anaphors):
            continue
        if _share_in_order(words, others) >= SET_OUT_ALIKE:
            yield start, _credit_end(text, end, page.rules) or end


def pull_quotes(text: str, rules: PageRules) -> list[tuple[int, int]]:
    """Spans of sentences that stand in the text a second time: the copy outside quotation marks, else the later one, with the
    speaker's name and office where these follow without an end mark. A text loses none of its sentences with them.

    A sentence set out with changes goes too (`_set_out`). Outside quotation marks both, a passage has at least `REPEATED_WORDS`
    words, since writers repeat themselves.
    """
    firsts: dict[str, int] = {}
    out: list[tuple[int, int]] = []
    page = _Page(text, rules)
    for start in page.starts:
        key = text[start : start + QUOTE_KEY]
        earlier = firsts.setdefault(key, start)
        if earlier == start or len(key) < QUOTE_KEY or (out and start < out[-1][1]):
            continue
        copies = [place for place in (start, earlier) if not page.is_quoted(place)] or page.credited(earlier)
        if not copies:
            continue
        place, other = copies[0], earlier if copies[0] == start else start
        length = _shared_length(text, earlier, start)
        shared = text[start : start + length]
        least = QUOTE_WORDS if len(copies) == 1 else REPEATED_WORDS
        same = shared.count(" ") + 1 >= least and "“" not in shared and "”" not in shared
        if not (same and _QUOTE_END.match(text, other + length)):
            if not _alike(text, earlier, start):
                continue
            length = len(_sentence(text, place)) - 1
        stop = _STOP.match(text, place + length)
        end = stop.end() if stop else place + length
        _, line_end = page.line_around(end) or (0, 0)
        credit = text[end:line_end].strip()
        again = _NAMED_AGAIN.match(text, end)
        if again:
            out.append((place, again.end()))
        elif credit.count(" ") < CREDIT_WORDS and _CREDIT.match(credit):
            out.append((place, line_end))
        elif stop or line_end == end:
            out.append((place, _credit_end(text, end, rules) or end))
    return sorted([*out, *_set_out(page, out)])
