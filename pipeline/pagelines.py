"""A page's lines: which are furniture, where the article's head and tail are, which headlines belong to other stories.

Works on text in one typographic form (`pipeline.typography`); ingest reads fields from it, clean removes what it marks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.rules import LONGEST_LINE, LineRule, PageRules

HEAD_LINES = 12
PARAGRAPH_WORDS = 12
TITLE_WORDS = 30
TAIL_WORDS = 8
SHARED = 0.7

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_ENDS = re.compile(r"[.!?…][”’'\")\]]*$")
_WORD = re.compile(r"[^\W_]+")
_QUOTED = re.compile(r"“([^“”]{20,})”?$")


class Line(NamedTuple):
    """A line [start, end) of a text without its tags and outer spaces, and the rule that makes it furniture, if any."""

    start: int
    end: int
    bare: str
    rule: LineRule | None
    groups: dict[str, str]
    tagged: bool

    @property
    def is_paragraph(self) -> bool:
        """Whether it looks like a paragraph of an article: no furniture, a dozen words, an end mark."""
        return self.rule is None and self.bare.count(" ") + 1 >= PARAGRAPH_WORDS and _ENDS.search(self.bare) is not None


class Page(NamedTuple):
    """Lines that are not empty; index of the title line, the subtitle line and the first line of the body, None where there is
    none;
    index after the body's last line; lines that repeat the lead; headlines of other stories; lines at the edges that are furniture
    by where they stand."""

    lines: list[Line]
    title: int | None
    subtitle: int | None
    body: int | None
    end: int
    repeated_lead: list[int]
    stray: list[int]
    edge: list[int]


def words_of(text: str) -> list[str]:
    """Words and numbers in small letters."""
    if text.isascii():
        return _WORD.findall(text.lower())
    return [word.lower() for word in _WORD.findall(text)]


def _read_line(text: str, start: int, end: int, rules: PageRules, place: str) -> Line:
    bare = text[start:end]
    tagged = "<" in bare and _TAG.search(bare) is not None
    if tagged:
        bare = _TAG.sub("", bare)
    # Of white space only the space can be printed.
    bare = bare.strip() if "  " not in bare and bare.isprintable() else " ".join(bare.split())
    small = bare.lower()
    for rule in rules.lines if len(bare) <= LONGEST_LINE else rules.long_lines:
        if len(bare) <= rule.longest and rule.needs in small and (rule.where == "any" or rule.where == place):
            match = rule.pattern.fullmatch(bare)
            if match:
                return Line(start, end, bare, rule, {k: v.strip() for k, v in match.groupdict().items() if v}, tagged)
    return Line(start, end, bare, None, {}, tagged)


def read_lines(text: str, rules: PageRules) -> list[Line]:
    """The lines of a text that hold anything. The first dozen are its head, those of the second half its tail, for rules bound to
    either."""
    lines: list[Line] = []
    start = 0
    for part in text.split("\n"):
        end = start + len(part)
        if part.strip():
            place = "head" if len(lines) < HEAD_LINES else "tail" if 2 * start >= len(text) else "any"
            line = _read_line(text, start, end, rules, place)
            if line.bare:
                lines.append(line)
        start = end + 1
    return lines


def _overlap(left: str, right: str) -> float:
    """Share of the left text's word triples that stand in the right one."""
    a, b = words_of(left), words_of(right)
    triples = set(zip(a, a[1:], a[2:], strict=False))
    return len(triples & set(zip(b, b[1:], b[2:], strict=False))) / len(triples) if triples else 0.0


def _find_head(lines: Sequence[Line]) -> tuple[int | None, int | None, int | None, list[int]]:
    """Title, subtitle, first line of the body, and lines that repeat the body's first paragraph.

    The head ends before the first paragraph. One paragraph may stand above the last byline or date of the head: it is the
    subtitle, or a summary that repeats the lead.
    """
    near = lines[:HEAD_LINES]
    first = next((i for i, line in enumerate(near) if line.is_paragraph), None)
    if first is None:
        return None, None, next((i for i, line in enumerate(lines) if line.is_paragraph), None), []
    body = first
    markers = [i for i, line in enumerate(near) if line.rule is not None and (line.rule.kind == "byline" or line.rule.date)]
    if markers and markers[-1] > first:
        above = [i for i in range(first, markers[-1]) if near[i].is_paragraph]
        after = next((i for i in range(markers[-1] + 1, len(lines)) if lines[i].is_paragraph), None)
        has_title = any(near[i].rule is None for i in range(first))
        if len(above) == 1 and after is not None and has_title:
            body = after
    loose = [i for i in range(body) if lines[i].rule is None]
    title = next((i for i in loose if 2 <= lines[i].bare.count(" ") < TITLE_WORDS and not lines[i].is_paragraph), None)
    repeated: list[int] = []
    subtitle = None
    for i in loose:
        if title is None or i <= title:
            continue
        bare = lines[i].bare
        if words_of(bare) == words_of(lines[title].bare):
            continue
        quoted = _QUOTED.search(bare)
        if bare.count(" ") >= 5 and _overlap(quoted.group(1) if quoted else bare, lines[body].bare) >= SHARED:
            repeated.append(i)
        elif subtitle is None and bare.count(" ") >= 3:
            subtitle = i
    return title, subtitle, body, repeated


def _find_stray(text: str, lines: Sequence[Line], body: int, end: int) -> list[int]:
    """Headlines of other stories between the article's paragraphs.

    Such a line has no end mark and no quotation marks, at least five words, and most of its longer words nowhere else in the
    article
    (the line right below it, its teaser, apart), where a heading of the article's own speaks of what the article speaks of.
    """
    out = []
    words: list[set[str]] = []
    for i in range(body + 1, end - 1):
        line = lines[i]
        count = line.bare.count(" ") + 1
        if line.rule is not None or not 5 <= count <= 20 or _ENDS.search(line.bare) or line.bare[-1] in ",:;—-”'’":
            continue
        if line.bare[0] in "“‘'*•-—" or "“" in line.bare or not line.bare[0].isupper():
            continue
        gap = text[line.end : lines[i + 1].start]
        teaser = i + 1 if gap.count("\n") == 1 else i
        if gap.count("\n") == 1 and not lines[i + 1].is_paragraph:
            continue
        words = words or [set(words_of(other.bare)) for other in lines[body:end]]
        rest = set().union(*(own for j, own in enumerate(words, body) if j not in (i, teaser)))
        longer = {word for word in words[i - body] if len(word) > 3 or word.isdigit()}
        if longer and len(longer - rest) >= 0.5 * len(longer):
            out.append(i)
    return out


def read_page(text: str, rules: PageRules) -> Page:
    """What each line of a page is; a text of one line has a body and nothing else."""
    lines = read_lines(text, rules)
    title, subtitle, body, repeated = _find_head(lines)
    if body is None:
        return Page(lines, None, None, None, len(lines), [], [], [])
    end = len(lines)
    while end > body + 1 and not lines[end - 1].is_paragraph:
        line = lines[end - 1]
        short = line.bare.count(" ") + 1 <= TAIL_WORDS and not _ENDS.search(line.bare) and line.bare[0] not in "“‘'"
        if line.rule is None and not short:
            break
        end -= 1
    tail = range(end, len(lines))
    if not any(lines[i].rule for i in tail):
        end = len(lines)
        tail = range(end, end)
    edge = [i for i in tail if lines[i].rule is None]
    return Page(lines, title, subtitle, body, end, repeated, _find_stray(text, lines, body, end), edge)
