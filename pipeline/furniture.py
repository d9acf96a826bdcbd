"""What is not the article: page furniture found by its form, and boilerplate found by its repetition across an outlet.

Works on text in one typographic form (`pipeline.typography`). Every function returns spans to remove; none edits a text.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

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
)


class Removal(NamedTuple):
    """A span [start, end) of an article's repaired text that is not the article's own wording, and its kind."""

    start: int
    end: int
    kind: str


_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|"
    r"Dec(?:ember)?)\.?"
)
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_DATE = rf"(?:\d{{1,2}}\.? {_MONTH},? \d{{2,4}}|{_MONTH} \d{{1,2}},? \d{{4}}|\d{{4}}-\d\d-\d\d|\d{{1,2}}/\d{{1,2}}/\d{{4}})"
_CLOCK = r"(?:[ ,-]{1,3}\d{1,2}[:.]\d\d(?: ?[AP]M)?)?"
_NAME = r"[A-Z][\w.'-]*(?: (?:[A-Z][\w.'-]*|de|da|van|von|al|bin|el))*"
_SHARE = r"(?:Facebook|Twitter|Google\+?|Whats[aA]pp|Tumblr|[lL]inked[iI]n|[sS]tumble(?:Upon)?|Digg|[rR]eddit|Newsvine|Pinterest|Email|Messenger|Telegram|Print)"

# Forms that are furniture on a line of their own.
_LINE_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("page_line", re.compile(rf"(?:Updated |Published:? |Posted:? )?(?:{_DAY},? )?{_DATE}{_CLOCK}")),
    ("page_line", re.compile(rf"(?:News ID|Publish(?:ed)? [Dd]ate|Last [Uu]pdated?|Date|Updated?) ?: ?[\w :,/+-]{{1,40}}")),
    ("page_line", re.compile(r"[A-Z][\w&'-]*(?: [\w&'-]+){0,2}(?: ?[/>›|] ?[A-Z][\w&'-]*(?: [\w&'-]+){0,2}){1,5}")),
    ("page_line", re.compile(r"(?:https?://)?(?:www\.)[\w.-]+\.[a-z]{2,}(?:/\S*)?|https?://\S+")),
    ("page_line", re.compile(r"\*? ?(?:Comments?|Related|Tags|Share|Print|Advertisement|Read more|More)(?: \(\d+\))? ?:?", re.I)),
    ("page_line", re.compile(r"[^.!?]{0,40}\b(?:share|follow|like|tweet|print|email) (?:this|us|on)\b[^.!?]{0,40}", re.I)),
    ("page_line", re.compile(r".{0,80}\b(?:sign up|subscribe)\b.{0,80}\b(?:newsletter|briefing|alerts|inbox)\b.{0,40}", re.I)),
    ("page_line", re.compile(r".{0,80}\bwebsite can (?:also )?be accessed\b.{0,80}", re.I)),
    ("page_line", re.compile(r".{0,30}\b(?:fundraising|advertising|ad) banner\b.{0,30}", re.I)),
    ("page_line", re.compile(r"(?:©|\(c\)|copyright)\b.{0,120}", re.I)),
    ("page_line", re.compile(r"Source ?: ?.{1,60}")),
    ("caption", re.compile(r".{0,600}\((?:photo|picture|image|file photo|via|handout)\b[^()]{0,60}\)\.?", re.I)),
    ("caption", re.compile(r"(?:photo|picture|image|file photo|caption) ?: ?.{1,300}", re.I)),
    ("byline", re.compile(rf"(?:Written by|By|Reported by) {_NAME}(?:(?:,| and) [\w .'&-]{{2,40}}){{0,3}}")),
    ("byline", re.compile(rf"{_NAME} \| (?:{_DAY},? )?\d{{1,2}} {_MONTH},? \d{{4}}{_CLOCK}")),
)

# Forms that are furniture wherever they stand in a text; each with a string without which it can't match (a fast test).
_INLINE_RULES: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("page_line", "Facebook", re.compile(rf"(?:\bSend )?\b{_SHARE}(?: {_SHARE}){{2,}}(?: Permalink \S+)?")),
    ("page_line", "media marketing", re.compile(r"\byour social media marketing partner\b")),
    ("page_line", "pic.twitter", re.compile(rf"(?:https?://t\.co/\w+ )?pic\.twitter\.com/\w+ ?—?[^()\n]{{0,40}}\(@\w+\) {_MONTH} \d{{1,2}}, \d{{4}}")),
    ("page_line", ".", re.compile(r"\b(?:https?://|www\.|pic\.twitter\.com/)\S*[\w/]")),
    ("page_line", ",-1", re.compile(r"[“'](?:,-1[”'\"]?|”?,-1)\s*$")),
    ("contact", "@", re.compile(r"(?:\b(?:Contact the writers? at|Tips\? Email|E-?mail:?) )?[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("agency_tag", "/", re.compile(r"\s[a-z]{1,6}(?:/[a-z.]{1,6})+(?: \([A-Za-z, /]{2,60}\))?\s*$")),
    ("agency_tag", "(", re.compile(r"\((?:AP|AFP|Reuters|dpa|KNA|EPD|epd|Xinhua|VNA|UPI|ANSA|EFE)(?:, ?[A-Za-z]{2,10}){0,4}\)")),
    ("page_line", "page", re.compile(r"\( ?[\w ]{3,40} \d\d/\d\d/\d{4} page ?\d+ ?\)")),
    ("dateline", "(CNN)", re.compile(r"^\(CNN\) ?", re.M)),
    (
        "dateline",
        "",
        re.compile(
            rf"^(?:/?[A-Z][A-Z.'-]+(?:[ ,]+(?:[A-Z][A-Z.'-]+|[A-Z][a-z]+\.?|[a-z]{{2,3}}))*,? (?:{_MONTH} \d{{1,2}},?(?: \d{{4}})?\.? ?)?"
            r"(?:/[A-Z][\w-]+(?:[ -][\w-]+){0,2}/[.,]?|\([A-Z][\w ]{1,20}\) ?[—-]|[—] )) ?",
            re.M,
        ),
    ),
)

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>|<!--.{0,2000}?-->", re.S)
_RELATED = re.compile(r"\b(?:READ MORE|READ ALSO|SEE ALSO|Read more|Read also|See also|RELATED|WATCH): ")
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


def line_removals(text: str, title: str) -> list[Removal]:
    """Whole lines that are furniture by their form, and repetitions of the title at the head; only where there are several lines."""
    if "\n" not in text:
        return []
    out = []
    title_key = _key(title)
    offset = 0
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped:
            span = (offset, offset + len(line))
            if title_key and _key(stripped) == title_key:
                out.append(Removal(*span, "repeated_title"))
            else:
                for kind, rule in _LINE_RULES:
                    if rule.fullmatch(stripped):
                        out.append(Removal(*span, kind))
                        break
        offset += len(line) + 1
    return out


def common_words(texts: Iterable[str]) -> frozenset[str]:
    """Lower-cased words that stand in lower case more often than capitalised: a capital on one starts a sentence."""
    lower: Counter[str] = Counter()
    upper: Counter[str] = Counter()
    for text in texts:
        lower.update(re.findall(r"\b[a-z]+\b", text))
        upper.update(word.lower() for word in re.findall(r"\b[A-Z][a-z]*\b", text))
    return frozenset(word for word, count in lower.items() if count > upper[word])


def has_related(text: str) -> bool:
    """Whether the text holds a pointer to another story inside a line."""
    return _RELATED.search(text) is not None


def related_removals(text: str, common: frozenset[str]) -> list[Removal]:
    """Pointers to other stories inside a line (`READ MORE: headline`), cut where the article's next sentence starts.

    The headline has no end mark. Its end is the first capital that follows a small letter or a closing mark and starts a word
    from `common`; failing that, the last such capital among the next 14 words; failing that, only the pointer's mark is cut.
    """
    out = []
    for match in _RELATED.finditer(text):
        window = text[match.end() : match.end() + 160].split("\n")[0]
        ends = [(m.start(), m.group().lstrip("“").lower()) for m in _CANDIDATE.finditer(window)]
        chosen = next((start for start, word in ends if word in common or word == ""), None)
        if chosen is None:
            near = [start for start, _ in ends if len(window[:start].split()) <= 14]
            chosen = near[-1] if near else (len(window) if "\n" in text[match.end() : match.end() + 161] else 0)
        out.append(Removal(match.start(), match.end() + chosen, "related"))
    return out


def inline_removals(text: str) -> list[Removal]:
    """Spans that are furniture by their form wherever they stand: tags, share bars, addresses, datelines, agency tags."""
    out = [Removal(m.start(), m.end(), "markup") for m in _TAG.finditer(text)] if "<" in text else []
    for kind, needed, rule in _INLINE_RULES:
        if needed not in text:
            continue
        out.extend(Removal(m.start(), m.end(), kind) for m in rule.finditer(text) if m.end() > m.start())
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
