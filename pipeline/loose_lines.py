"""Lines of a page that lost their line breaks and have no mark of their own: captions, and sentences set out a second time.

Works on text in one typographic form (`pipeline.typography`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.rules import PageRules

LINE_WORDS = (8, 40)
QUOTE_WORDS = 10
REPEATED_WORDS = 15
QUOTE_KEY = 32
LONGEST = 400
CREDIT_WORDS = 12

_SENTENCE_END = re.compile(r"[.!?…\n](?:(?<!\n)[”’')\]]*\s+|(?<=\n)\n*)")
_LINE_FIRST = re.compile(r"[A-Z0-9'‘]")
# A name of two words or more with an office before it, and no verb.
_PORTRAIT = re.compile(r"[A-Z][\w\ufffd'-]*(?: (?:[A-Z][\w\ufffd'-]*|[a-z]{3,}(?:ent|er|ert|st|or|man|son|ian)|for|of|and)){0,4}(?: [A-Z][\w\ufffd'-]+){2}")
_QUOTE_START = re.compile(r"[“.!?”)\n](?:(?<=“)|(?<!“)\s+)(?=[A-Z'])")
# A name and office, and the name again, which starts a sentence.
_NAMED_AGAIN = re.compile(r" ?([A-Z][\w\ufffd'-]+ [A-Z][\w\ufffd'-]+),? [^.!?“”\n]{3,100}?(?= \1)")
_STOP = re.compile(r"[.!?…]+”?")
_QUOTE_END = re.compile(r"[.!?,]?[”’']|[.!?…]|$|\n")
_CREDIT = re.compile(r"[A-Z][\w\ufffd'-]+(?: (?:[A-Z][\w\ufffd.'-]+|[a-z]{2,3}))*? ?(?:[A-Z][\w\ufffd'-]+)(?:, [^.!?“”\n]{3,110})?$")


def _breaks(text: str, rules: PageRules) -> Iterator[tuple[int, int]]:
    """Spans of lines and sentences that have no end mark where the next sentence starts."""
    last = 0
    for match in rules.unmarked_start.finditer(text):
        start = match.start()
        before = text[text.rfind(" ", 0, start - 1) + 1 : start - 1]
        if before.lower().strip("'") in rules.mid_sentence:
            continue
        named = text[match.end() : match.end() + 3].strip(", ")[0].isupper()
        if before[:1].isupper() and (match.lastgroup or named) or (named and match.group() in rules.articles):
            continue
        first = max(last, start - LONGEST)
        for end in _SENTENCE_END.finditer(text, first, start):
            first = end.end()
        line = text[first : start - 1]
        if line.count("“") == line.count("”"):
            last = start
            if line:
                yield first, start - 1


def unmarked_lines(text: str, rules: PageRules) -> list[tuple[int, int]]:
    """Spans that may be captions: `LINE_WORDS` words from one sentence's start to another's, without an end mark between the two; or
    fewer that hold no more than a person's office and name.

    Left out are shorter lines, which may be headings of the article's own, lines that open the text (a summary may), those that begin
    as a running text's sentences do or end in a verb of speaking (`rules.not_unmarked`), and those with an open quotation or bracket.
    """
    out = []
    for start, end in _breaks(text, rules):
        line = text[start:end]
        words = line.count(" ") + 1
        fits = LINE_WORDS[0] <= words <= LINE_WORDS[1] or _PORTRAIT.fullmatch(line)
        if start and fits and _LINE_FIRST.match(line) and not rules.not_unmarked.search(line):
            out.append((start, end))
    return out


def _shared_length(text: str, left: int, right: int) -> int:
    """Number of characters, up to a word's end, that stand both from `left` and from `right`."""
    length = 0
    limit = min(right - left, len(text) - right)
    while length < limit and text[left + length] == text[right + length]:
        length += 1
    while length and not (text[left + length - 1].isalnum() and not text[left + length : left + length + 1].isalnum()):
        length -= 1
    return length


def _is_quoted(text: str, place: int) -> bool:
    """Whether a place stands inside quotation marks, by the last one before it."""
    return text.rfind("“", 0, place) > text.rfind("”", 0, place)


def pull_quotes(text: str, rules: PageRules) -> list[tuple[int, int]]:
    """Spans of sentences that stand in the text a second time: the copy outside quotation marks, else the later one, with the
    speaker's name and office where these follow without an end mark. A text loses none of its sentences with them.

    Outside quotation marks both, a passage has at least `REPEATED_WORDS` words, since writers repeat themselves.
    """
    firsts: dict[str, int] = {}
    out: list[tuple[int, int]] = []
    lines: list[tuple[int, int]] | None = None
    for match in _QUOTE_START.finditer(text):
        start = match.end()
        key = text[start : start + QUOTE_KEY]
        earlier = firsts.setdefault(key, start)
        if earlier == start or len(key) < QUOTE_KEY or (out and start < out[-1][1]):
            continue
        length = _shared_length(text, earlier, start)
        shared = text[start : start + length]
        first_quoted, second_quoted = _is_quoted(text, earlier), _is_quoted(text, start)
        least = QUOTE_WORDS if first_quoted or second_quoted else REPEATED_WORDS
        if (first_quoted and second_quoted) or shared.count(" ") + 1 < least or "“" in shared or "”" in shared:
            continue
        place, other = (earlier, start) if second_quoted else (start, earlier)
        if not _QUOTE_END.match(text, other + length):
            continue
        if lines is None:
            lines = list(_breaks(text, rules))
        stop = _STOP.match(text, place + length)
        end = stop.end() if stop else place + length
        line_end = next((last for first, last in lines if first <= end + 1 <= last + 1), 0)
        credit = text[end:line_end].strip()
        again = _NAMED_AGAIN.match(text, end)
        if again:
            out.append((place, again.end()))
        elif credit.count(" ") < CREDIT_WORDS and _CREDIT.match(credit):
            out.append((place, line_end))
        elif stop or line_end == end:
            out.append((place, end))
    return sorted(out)
