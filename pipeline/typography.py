"""Typography to one form: directional quotation marks, straight apostrophes, single spaces; known damage repaired.

After `repair`, double quotation marks are “ and ”, single quotation marks ‘ (only where one opens; a closing one stays an
apostrophe, which only its context tells apart), apostrophes ', dashes between words —, and lost characters one U+FFFD.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from itertools import compress, islice

import pyarrow as pa
import pyarrow.compute as pc

OPEN, CLOSE = "“", "”"
LOST = "\ufffd"

_SIMPLE = str.maketrans(
    {
        "’": "'", "ʼ": "'", "′": "'", "´": "'", "‛": "‘", "‚": "‘",
        "„": OPEN, "‟": OPEN, "«": OPEN, "»": CLOSE, "″": '"', "＂": '"',
        "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u2009": " ", "\u200a": " ", "\u3000": " ",
        "\u200b": None, "\u200c": None, "\u200d": None, "\u2060": None, "\ufeff": None, "\u00ad": None,
        **dict.fromkeys("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"),  # directions of writing
        "\u2010": "-", "\u2011": "-", "\u2012": "—", "\u2013": "—", "\u2015": "—", "…": "...",
    }
)  # fmt: skip

# Patterns that are tried on every text begin with a literal or a set of characters and look back from there: the search then runs
# from one such character to the next and not over every place of the text.
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_CONTRACTION = re.compile(r"\"(?<=[A-Za-z]\")(?=(?:t|s|re|ve|ll|d|m)\b(?!\"))")
# `We'r all` for `We're all`: the mark took the letter after it and the space.
_LOST_E = re.compile(r"'r (?:(?<=\b[Ww]e'r )|(?<=\b[Yy]ou'r )|(?<=\b[Tt]hey'r ))(?=[a-z])")
# `We're been` for `We've been`: the mark took the letters after it, and others were put back.
_WRONG_RE = re.compile(r"'re (?:(?<=\b[Ww]e're )|(?<=\b[Yy]ou're )|(?<=\b[Tt]hey're ))(?=(?:been|got|had)\b)")
_LOST_RUN = re.compile(f"{LOST}{{2,}}")
# Damage of some dumps: `"?` in place of a mark and the space after it, or of a dash between spaces.
_DASH_DAMAGE = re.compile(r"\"(?:(?:(?<=\s\")|(?<=-\"))\?(?=[A-Za-z\s])|\ufffd+\?(?=[A-Za-z]))")
# `O"\ufffdMalley`, and `O"ullivan`, where the letter went with the apostrophe.
_LOST_APOSTROPHE = re.compile(r"\"(?<=\b[OD]\")\ufffd+(?=[A-Z])|\"(?<=\bO\")(?=[a-z]{3})")
_DASHES = re.compile(r"--+")
_OPENING_DAMAGE = re.compile(r"\"(?:(?<=\s\")|(?<=-\"))\ufffd+(?=[A-Za-z\[])")
_POUND_DAMAGE = re.compile(r"\?(?<![\w?!]\?)(?=\d)")
_RANGE_DAMAGE = re.compile(r"\"(?<=\d\")\?(?=\d)")
# A hyphen where a fixed space stood: after an end mark or a comma, before an opening mark or bracket, between a closing mark and a
# word.
_HARD_SPACE_DAMAGE = re.compile(
    r"-(?:(?:(?<=[.!?:\"”,;]-)|(?<=[.!?:\"”,;] -))(?:\s?-)*\s?(?=\s|[A-Z“\"]|\Z)|-*(?= [“\"])|(?<=\w-)(?=[“\"(]\w)|"
    r"(?<=[\w,;][”\",;]-)(?=\w))"
)
_EMPTY_LINES = re.compile(r"\n{3,}")
# Marks whose direction or form may change once more: `”?` only where a line or word begins.
_HEAP = re.compile(r"“(?: ?[“”]|['?`-]| -)|”(?: ?”|['`-]| -|\?(?:(?<=\n”\?)|(?=[^\s.,:;)—])))|\"|''|``|— —|- “")
HEAP_PASSES = 6
_MANGLED_INITIAL = re.compile(r"“H([a-z]+)(?![\w])")
_LOST_LETTER = re.compile(f"[{LOST}?](?:(?<={LOST})|(?=[a-z]))")
_REST_OF_RUN = re.compile(rf"[\w{LOST}?]*")
# Texts after which words that can't be sure any more are no longer looked for.
NARROWING = 256
_OPENS_AFTER = frozenset(" \t\n([{—–-/‘'")
_CLOSES_BEFORE = frozenset(" \t\n)]}.,;:!?—–-/'")
_MARKS = re.compile(r"[\"“”'`\n](?:(?<=')'|(?<=`)`|(?<=[\"“”])|(?<=\n)\s*\n)")
# A double mark whose direction the characters beside it don't tell, or contradict (the ends of a text count as spaces).
_BEFORE, _AFTER = ("".join(map(re.escape, sorted(marks))) for marks in (_OPENS_AFTER, _CLOSES_BEFORE))
_UNSURE_MARK = re.compile(
    rf"[\"“”](?:(?<=\")(?:(?<![^{_BEFORE}].)(?![^{_AFTER}])|(?<=[^{_BEFORE}].)(?=[^{_AFTER}]))"
    rf"|(?<=“)(?<=[^{_BEFORE}].)(?:(?![^{_AFTER}])|(?<=[.,!?].))|(?<=”)(?<![^{_BEFORE}].)(?:(?=[^{_AFTER}])|(?<=\n.)))",
    re.S,
)
_OPENING = re.compile(rf"\"(?<![^{_BEFORE}]\")")


def tidy_spaces(text: str) -> str:
    """Single spaces, no space beside a line break, at most one empty line, nothing at the ends."""
    text = _single_spaces(text)
    if "\n" in text:
        text = text.replace(" \n", "\n").replace("\n ", "\n")
        if "\n\n\n" in text:
            text = _EMPTY_LINES.sub("\n\n", text)
    return text.strip()


def _single_spaces(text: str) -> str:
    """One space for every run of spaces and tabs."""
    if "\t" in text:
        text = text.replace("\t", " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def _mend_breaks(text: str) -> str:
    """An empty line for every run of three spaces and more, which is what some dumps leave of a paragraph's end."""
    while "    " in text:
        text = text.replace("    ", "   ")
    return text.replace("   ", "\n\n")


def _exchange_simple(text: str) -> str:
    """The text with the characters of `_SIMPLE` exchanged; few of them stand in any one text."""
    for character in set(_NOT_ASCII.findall(text)):
        if ord(character) in _SIMPLE:
            text = text.replace(character, _SIMPLE[ord(character)] or "")
    return text


def _has_double(text: str) -> bool:
    """Whether two single marks stand for a double one."""
    return "''" in text or ("`" in text and "``" in text)


def direct_quotes(text: str) -> str:
    """Give every straight double mark a direction, from the characters beside it and, where those don't tell, from what is open."""
    if not _has_double(text) and not _UNSURE_MARK.search(text):
        return _OPENING.sub(OPEN, text).replace('"', CLOSE)
    out: list[str] = []
    last = 0
    is_open = False
    for match in _MARKS.finditer(text):
        start, end = match.span()
        mark = match.group()
        if mark[0] == "\n":
            is_open = False
            continue
        before = text[start - 1] if start else " "
        after = text[end] if end < len(text) else " "
        if mark == "''" and not (before in _OPENS_AFTER or after in _CLOSES_BEFORE):
            continue
        opens, closes = before in _OPENS_AFTER, after in _CLOSES_BEFORE
        if mark in ("“", "”"):
            # A curly mark is believed unless both neighbours contradict it.
            opening = mark == "“"
            if opening and is_open and not opens and (closes or before in ".,!?"):
                opening = False
            elif not opening and not is_open and opens and (not closes or before == "\n"):
                opening = True
        elif opens != closes:
            opening = opens
        elif mark == "``":
            opening = True
        else:
            opening = not is_open
        out.append(text[last:start])
        out.append(OPEN if opening else CLOSE)
        if not opens and not closes and mark == '"':
            # A mark between two letters lost its space.
            if opening:
                out.insert(-1, " ")
            else:
                out.append(" ")
        last = end
        is_open = opening
    out.append(text[last:])
    return "".join(out)


def _mend_mark(text: str) -> str:
    """Replace `"?` before a letter by what it stood for: a closing mark while one is open, else an apostrophe, and a space."""
    pieces: list[str] = []
    last = 0
    is_open = False
    for match in re.finditer(r"\"(\?(?=[A-Za-z\"—]))?", text):
        start, end = match.span()
        before = text[start - 1] if start else " "
        if match.group(1) is None:
            is_open = before in _OPENS_AFTER or (not is_open and text[end : end + 1].isalpha())
            continue
        pieces.append(text[last:start])
        closing = is_open or before in ".,!?;:)]"
        pieces.append('" ' if closing else "' ")
        if closing:
            is_open = False
        last = end
    pieces.append(text[last:])
    return "".join(pieces)


def repair(text: str) -> str:
    """The text in one typographic form (see the module).

    Repairing a repaired text changes nothing. Marks that stand side by side, as heaps of damage have them, are gone over until
    nothing changes.
    """
    repaired = _repair_once(text)
    if _has_double(text) or _HEAP.search(repaired) or ("&" in repaired and html.unescape(repaired) != repaired):
        for _ in range(HEAP_PASSES):
            again = _repair_once(repaired)
            if again == repaired:
                break
            repaired = again
    return repaired


def unmended(text: str) -> str:
    """The text in the same form with its damage: characters exchanged, dashes spaced, marks directed, nothing put back."""
    text = _exchange(text)
    if "--" in text:
        text = _DASHES.sub("—", text)
    return tidy_spaces(_direct(text.replace("—", " — ")))


def _exchange(text: str) -> str:
    """The text with each character in the form used here, line breaks and single spaces included."""
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = _exchange_simple(unicodedata.normalize("NFC", text))
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    is_plain = text.isprintable()
    if "  " in text and "   " in text and "\n" not in text.strip():
        text = _mend_breaks(text.strip())
    if not is_plain:
        text = _CONTROL.sub(" ", text)
    return _single_spaces(text)


def _direct(text: str) -> str:
    """`direct_quotes`, where there are double marks."""
    return direct_quotes(text) if '"' in text or OPEN in text or CLOSE in text or _has_double(text) else text


def _repair_once(text: str) -> str:
    text = spaced = _exchange(text)
    if "'r" in text and "'r " in text:
        text = _LOST_E.sub("'re ", text)
    if '"' in text:
        text = _CONTRACTION.sub("'", text)
        if 'O"' in text or 'D"' in text:
            text = _LOST_APOSTROPHE.sub(lambda match: "'" if LOST in match.group() else f"'{LOST}", text)
        if ("?" in text and '"?' in text) or (LOST in text and '"' + LOST in text):
            text = _OPENING_DAMAGE.sub('"', text)
            text = _DASH_DAMAGE.sub(" — ", text)
            text = _mend_mark(text)
    if "'re " in text:
        text = _WRONG_RE.sub("'ve ", text)
    if "--" in text:
        text = _DASHES.sub("—", text)
    if "—" in text:
        text = text.replace("—", " — ")
    if "?" in text:
        if '"?' in text:
            text = _RANGE_DAMAGE.sub(" — ", text)
        text = _POUND_DAMAGE.sub("£", text)
    if LOST in text and LOST + LOST in text:
        text = _LOST_RUN.sub(LOST, text)
    if "-" in text:
        text = _HARD_SPACE_DAMAGE.sub(" ", text)
        text = text.rstrip()
        while text.endswith((" -", " —")):
            text = text[:-2].rstrip()
    before, text = text, _direct(text)
    # Marks exchanged one for one leave spaces as they were.
    return text.strip() if before == spaced and "\n" not in text and len(text) == len(before) else tidy_spaces(text)


def mangled_initials(texts: Iterable[str]) -> Counter[str]:
    """The words, without their first letter, whose opening mark may have made an H of their F (`“Hake news`) in texts that hold
    damage, and how often they stand so."""
    return Counter(word for text in texts for word in _MANGLED_INITIAL.findall(text))


def sure_initials(texts: Iterable[str], found: Mapping[str, int]) -> frozenset[str]:
    """The words of those `found` by `mangled_initials` whose F was turned into an H, told by all texts of a corpus.

    Only where the texts leave one reading: the word with H stands nowhere but after an opening mark, in small letters nowhere at
    all, and the word with F stands elsewhere at least twice.
    """
    counts: Counter[str] = Counter()
    sure = set(found)

    def is_elsewhere(word: str) -> bool:
        return counts[f"F{word}"] + counts[f"f{word}"] >= 2

    remaining = iter(texts)
    while sure and (part := list(islice(remaining, NARROWING))):
        waiting = [word for word in sure if not is_elsewhere(word)]
        sought = {"H": sure, "h": sure, "F": waiting, "f": waiting}
        forms = {first: "|".join(sorted(words)) for first, words in sought.items() if words}
        # Told for all of them at once, by a search that takes the same time for any number of words.
        may_hold = rf"\b(?:{'|'.join(f'{first}(?:{rests})' for first, rests in forms.items())})\b"
        flags = pc.match_substring_regex(pa.array(part, pa.large_string()), may_hold).to_pylist()
        pattern = re.compile("|".join(rf"{first}(?<=\b{first})(?:{rests})\b" for first, rests in forms.items()))
        for text in compress(part, flags):
            counts.update(pattern.findall(text))
        sure = {word for word in sure if counts[f"H{word}"] <= found[word] and not counts[f"h{word}"]}
    return frozenset(filter(is_elsewhere, sure))


@lru_cache(maxsize=4)
def _damaged_words(words: tuple[str, ...]) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """A pattern of the words as they stand with letters lost, one group a word, and the words in the order of the groups."""
    forms = tuple(form for word in words for form in dict.fromkeys((word, word[0].upper() + word[1:])))

    def damaged(form: str) -> str:
        last = len(form) - 1
        marks = (letter if letter.isascii() else f"[{LOST}{'?' if i < last else ''}{letter}]" for i, letter in enumerate(form))
        return f"((?={form[0] if form[0].isascii() else ''}\\w*[{LOST}?]){''.join(marks)})"

    return re.compile(rf"(?<![\w{LOST}?])(?:{'|'.join(map(damaged, forms))})(?![\w{LOST}])"), forms


def mend_words(text: str, words: tuple[str, ...]) -> str:
    """Put back the accented letters of known words in whose place U+FFFD stands, or within the word a question mark.

    `words`: no two the same but for those letters. A question mark at a word's end is left, being one. Lengths do not change.
    """
    if not words or not (LOST in text or "?" in text) or not _LOST_LETTER.search(text):
        return text
    pattern, forms = _damaged_words(words)
    pieces: list[str] = []
    last = 0
    for lost in _LOST_LETTER.finditer(text):
        start = lost.start()
        if start < last:
            continue
        # The words to mend are looked for in a word and what is around it that may be one of its letters lost.
        while start > last and (text[start - 1].isalnum() or text[start - 1] in ("_", "?", LOST)):
            start -= 1
        end = _REST_OF_RUN.match(text, lost.end()).end()
        pieces += (text[last:start], pattern.sub(lambda match: forms[match.lastindex - 1], text[start:end]))
        last = end
    return "".join([*pieces, text[last:]])


def mend_initials(text: str, sure: Collection[str]) -> str:
    """Put back the F of the words that `sure_initials` tells, in a text that holds such damage. Lengths do not change."""
    return _MANGLED_INITIAL.sub(lambda match: f"“F{match[1]}" if match[1] in sure else match[0], text)
