"""What is not the article: page furniture found by its form, and boilerplate found by its repetition across an outlet.

Works on text in one typographic form (`pipeline.typography`). Every function returns spans to remove; none edits a text.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.pagelines import read_page
from pipeline.rules import PageRules
from pipeline.typography import tidy_spaces

KINDS = (
    "markup",
    "page_line",
    "related",
    "caption",
    "byline",
    "dateline",
    "repeated_title",
    "contact",
    "agency_tag",
    "boilerplate",
    "repeated_lead",
    "stray_headline",
)


class Removal(NamedTuple):
    """A span [start, end) of an article's repaired text that is not the article's own wording, and its kind."""

    start: int
    end: int
    kind: str


EDGE = 400

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>|<!--.{0,2000}?-->", re.S)
_CANDIDATE = re.compile(r"(?<=[a-z0-9?'”)] )[A-Z“][\w']*")
_SENTENCE_END = re.compile(r"(?<=[.!?])[”’')\]]{0,2}\s+(?=[A-Z“‘\d(\[#@])|(?<=[.!?][”)])\s+(?=[A-Z“‘\d(])|\n+")
_WORD = re.compile(r"[^\W\d_]+|\d+")


def segments(text: str) -> list[tuple[int, int]]:
    """Spans of lines and, within them, of roughly split sentences: the units whose repetition is counted."""
    out = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if match.start() > start:
            out.append((start, match.start()))
        start = match.end()
    if start < len(text):
        out.append((start, len(text)))
    return out


def _key(text: str) -> str:
    """What two segments must share to count as the same: words in lower case, numbers as 0."""
    return " ".join("0" if word.isdigit() else word.lower() for word in _WORD.findall(text))


def line_removals(text: str, title: str, subtitle: str, rules: PageRules) -> tuple[list[Removal], str]:
    """Whole lines that are not the article's: furniture by form or place, the title and subtitle repeated above the body, a summary
    that repeats the lead, headlines of other stories. And the lead as such a summary has it, empty where there is none.

    Only for a text of several lines.
    """
    if "\n" not in text:
        return [], ""
    page = read_page(text, rules)
    out = []
    headings = {key for key in (_key(title), _key(subtitle)) if key}
    above = page.body if page.body is not None else 0
    moved = {page.title: title, page.subtitle: subtitle}
    for number, line in enumerate(page.lines):
        span = (line.start, line.end)
        key = _key(line.bare)
        if key in headings and (number < above or key == _key(title)):
            out.append(Removal(*span, "repeated_title"))
        elif line.rule is not None:
            out.append(Removal(*span, line.rule.kind))
        elif number in page.repeated_lead:
            out.append(Removal(*span, "repeated_lead"))
        elif number in page.stray:
            out.append(Removal(*span, "stray_headline"))
        elif number in page.edge:
            out.append(Removal(*span, "page_line"))
        elif number < above and moved.get(number) and len(set(key.split()) & set(_key(moved[number]).split())) >= 0.6 * key.count(" "):
            out.append(Removal(*span, "repeated_title"))
    lead = page.lines[page.repeated_lead[0]].bare if page.repeated_lead else ""
    return out, lead


def find_lost_initial(text: str, lead: str) -> tuple[str, str]:
    """Whether a text lost its first letters (a drop cap): `("found", "")`, or `("restored", letters)` where a copy of its first
    words in `lead` tells them, or `("", "")`."""
    words = _WORD.findall(text[:200])[:6]
    if not words or not text[0].islower() or not words[0].islower() or len(words) < 6:
        return "", ""
    copy = _WORD.findall(lead)
    for at in range(len(copy) - 5):
        whole = copy[at]
        if copy[at + 1 : at + 6] == words[1:] and whole.endswith(words[0]) and whole[0].isupper():
            return "restored", whole[: len(whole) - len(words[0])]
    return "found", ""


def common_words(texts: Iterable[str]) -> frozenset[str]:
    """Lower-cased words that stand in lower case more often than capitalised: a capital on one starts a sentence."""
    lower: Counter[str] = Counter()
    upper: Counter[str] = Counter()
    for text in texts:
        lower.update(re.findall(r"\b[a-z]+\b", text))
        upper.update(word.lower() for word in re.findall(r"\b[A-Z][a-z]*\b", text))
    return frozenset(word for word, count in lower.items() if count > upper[word])


def has_related(text: str, rules: PageRules) -> bool:
    """Whether the text holds a pointer to another story inside a line."""
    return ":" in text and rules.related.search(text) is not None


def related_removals(text: str, common: frozenset[str], rules: PageRules) -> list[Removal]:
    """Pointers to other stories inside a line (`READ MORE: headline`), cut where the article's next sentence starts.

    The headline has no end mark. Its end is the first capital that follows a small letter or a closing mark and starts a word
    from `common`; failing that, the last such capital among the next 14 words; failing that, only the pointer's mark is cut.
    """
    out = []
    for match in rules.related.finditer(text):
        window = text[match.end() : match.end() + 160].split("\n")[0]
        ends = [(m.start(), m.group().lstrip("“").lower()) for m in _CANDIDATE.finditer(window)]
        chosen = next((start for start, word in ends if word in common or word == ""), None)
        if chosen is None:
            near = [start for start, _ in ends if len(window[:start].split()) <= 14]
            chosen = near[-1] if near else (len(window) if "\n" in text[match.end() : match.end() + 161] else 0)
        out.append(Removal(match.start(), match.end() + chosen, "related"))
    return out


def inline_removals(text: str, rules: PageRules) -> list[Removal]:
    """Spans that are furniture by their form wherever they stand: tags, share bars, addresses, datelines, agency tags."""
    out = [Removal(m.start(), m.end(), "markup") for m in _TAG.finditer(text)] if "<" in text else []
    lines = "\n" in text
    for kind, rule, needed, edge in rules.inline:
        if needed not in text:
            continue
        # Without line breaks an edge is a stretch of text; with them a rule bound to a line's start or end may fit any line.
        start = max(0, len(text) - EDGE) if edge == "tail" and not lines else 0
        end = EDGE if edge == "head" and not lines else len(text)
        for m in rule.finditer(text, start, end):
            if m.end() > m.start() and not (edge == "tail" and m.end() != len(text) and text[m.end() : m.end() + 1] != "\n"):
                out.append(Removal(m.start(), m.end(), kind))
    return out


def boilerplate_removals(
    texts: Sequence[str], outlets: Sequence[str], min_repeats: int, min_share: float, min_words: int = 4
) -> list[list[Removal]]:
    """Segments repeated across an outlet's articles, per text.

    A segment (line or sentence; numbers masked) is boilerplate when it stands in at least `min_repeats` and at least
    `min_share` of the outlet's articles. Articles with the same longest segment are updates of one text and count once. A
    segment of fewer than `min_words` words counts only at the tail of a text, or as a line of its own at the head.
    """
    spans = [segments(text) for text in texts]
    keys = [[_key(text[a:b]) for a, b in parts] for text, parts in zip(texts, spans, strict=True)]
    seen: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    sizes: Counter[str] = Counter(outlets)
    for outlet, article in zip(outlets, keys, strict=True):
        longest = max(article, key=len, default="")
        for key in article:
            seen[outlet][key].add(longest)
    repeated: dict[str, set[str]] = {}
    for outlet, table in seen.items():
        least = max(min_repeats, min_share * sizes[outlet])
        repeated[outlet] = {key for key, articles in table.items() if key and len(articles) >= least}
    out = []
    for text, outlet, parts, article in zip(texts, outlets, spans, keys, strict=True):
        known = repeated[outlet]
        flags = [key in known for key in article]
        removals = []
        head = next((i for i, flag in enumerate(flags) if not flag), len(flags))
        tail = next((i for i, flag in enumerate(reversed(flags)) if not flag), len(flags))
        for i, ((a, b), key, flag) in enumerate(zip(parts, article, flags, strict=True)):
            edge = i >= len(flags) - tail or (i < head and text[b : b + 1] == "\n")
            if flag and (edge or key.count(" ") + 1 >= min_words):
                removals.append(Removal(a, b, "boilerplate"))
        out.append(removals)
    return out


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
    """The text without the spans; what is left is joined by a space, or by the line break that stood there."""
    if not removals:
        return text
    pieces = []
    last = 0
    for removal in removals:
        pieces.append(text[last : removal.start])
        last = removal.end
    pieces.append(text[last:])
    joined = " ".join(pieces)
    return tidy_spaces(joined)
