"""Reading lexicons in the formats that users have; every fault of a file at once, each with its line.

Formats by a file's ending: our own CSV (`.csv`), LIWC 2001 to 2015 (`.dic`) and LIWC-22 (`.dicx`, or `.dic` with that content),
quanteda YAML (`.yml`, `.yaml`), Lexicoder (`.lcd`, `.lc3`), WordStat (`.cat`), a plain word list (`.txt`); and mappings in Python.
What a foreign file holds that our syntax can't say is left out and listed in the lexicon's notes. Layouts after the readers of
quanteda (Benoit et al. 2018, `dictionary()`) and the LIWC manuals (Pennebaker et al. 2001, 2015; Boyd et al. 2022).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

from pipeline.csvtables import table_rows
from pipeline.decoding import decode
from pipeline.entries import ANY_CASE, Entry, Lexicon, check_entry
from pipeline.errors import InputError, suggest

REQUIRED = ("entry", "category")
COLUMNS = (*REQUIRED, "exclude", "note", "weight", "voice", "case")
DEEPEST = 20

_LIWC_CODE = re.compile(r"<([^<>]+)>\s*(\d+)/(\d+)|(\([^()]*\)\s*\d+/\d+)|(\d+)|(\S+)")
_WORDSTAT_WEIGHT = re.compile(r" \((-?\d+(?:\.\d+)?)\)$")


class Row(NamedTuple):
    """One entry of a foreign format: line, path of category names, term, weight, excluded phrases."""

    line: int
    category: tuple[str, ...]
    term: str
    weight: float = 1.0
    exclude: tuple[str, ...] = ()


class Parsed(NamedTuple):
    """What a reader found: rows, faults that make the file unusable, notes on what was left out."""

    rows: list[Row]
    faults: list[str]
    notes: list[str]


def parse_csv(text: str, source: str) -> list[Entry]:
    """Entries of our CSV: `entry`, `category`, and optionally `exclude`, `note`, `weight`, `voice`, `case`; raises `InputError`."""
    reader = table_rows(text, strict=True)
    try:
        found = list(reader.fieldnames or [])
        missing = [name for name in REQUIRED if name not in found]
        unknown = [name for name in found if name not in COLUMNS]
        faults = [f"line 1: needs a column {name!r} (columns found: {', '.join(found) or 'none'})" for name in missing]
        faults += [f"line 1: no such column {name!r}{suggest(name, COLUMNS)} (known: {', '.join(COLUMNS)})" for name in unknown]
        if missing:
            raise InputError(source, faults)
        lines = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise InputError(source, [f"line {reader.line_num}: not CSV: {error}"]) from None
    entries: list[Entry] = []
    seen: dict[tuple[str, str, str], int] = {}
    for number, row in lines:
        if None in row:
            faults.append(f"line {number}: more cells than columns")
        cells = {name: " ".join((row.get(name) or "").split()) for name in COLUMNS}
        try:
            weight = float(cells["weight"] or 1)
        except ValueError:
            faults.append(f"line {number}: weight: a number (got {cells['weight']!r})")
            weight = 1.0
        entry = Entry(
            cells["entry"], cells["category"], _split(cells["exclude"]), weight, _split(cells["voice"]), cells["case"] or ANY_CASE
        )
        faults.extend(f"line {number}: {fault}" for fault in check_entry(entry))
        key = (entry.text, entry.category, entry.case)
        if key in seen:
            faults.append(f"line {number}: entry {entry.text!r} stands in {entry.category!r} already (line {seen[key]})")
        seen.setdefault(key, number)
        entries.append(entry)
    if not entries:
        faults.append("holds no entries")
    if faults:
        raise InputError(source, faults)
    return entries


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def parse_liwc(text: str) -> Parsed:
    """LIWC `.dic`: categories by number between two lines `%`, then terms with their numbers.

    A conditional code `<of>131/125` becomes two entries: the term and `of` in 131, the term elsewhere in 125. One that asks for
    the category of the word before can't be said here and is noted.
    """
    if text.lstrip().startswith("DicTerm"):
        return _parse_liwc_table(text)
    found = Parsed([], [], [])
    lines = text.splitlines()
    marks = [k for k, line in enumerate(lines) if line.strip() == "%"]
    if len(marks) < 2:
        found.faults.append(f"line 1: categories stand between two lines that hold only % (got {len(marks)} of them)")
        return found
    names: dict[str, str] = {}
    for k in range(marks[0] + 1, marks[1]):
        number, _, name = " ".join(lines[k].split()).partition(" ")
        name = name.partition("(")[0].strip()
        if number.isdecimal() and name:
            names[number.lstrip("0")] = name
        elif lines[k].strip():
            found.faults.append(f"line {k + 1}: a category is a number and a name (got {lines[k].strip()!r})")
    for k in range(marks[1] + 1, len(lines)):
        line = lines[k].strip()
        if not line:
            continue
        term, codes = _split_liwc(line)
        if not codes.strip():
            found.faults.append(f"line {k + 1}: a term is followed by the numbers of its categories (got {line!r})")
        for following, yes, no, conditional, plain, wrong in _LIWC_CODE.findall(codes):
            if wrong:
                found.faults.append(f"line {k + 1}: the number of a category (got {wrong!r})")
                continue
            if conditional:
                found.notes.append(f"line {k + 1}: {term!r}: condition on the word before is not read: {conditional}")
                continue
            both = f"{term} {following}"
            wanted = [(plain, term, ())] if plain else [(yes, both, ()), (no, term, (both,))]
            for code, words, exclude in wanted:
                if code.lstrip("0") in names:
                    found.rows.append(Row(k + 1, (names[code.lstrip("0")],), words, 1.0, exclude))
                else:
                    found.faults.append(f"line {k + 1}: no category has the number {code}")
    return found


def _split_liwc(line: str) -> tuple[str, str]:
    """Term and codes: parted by the first tab, or else the numbers at the end are the codes."""
    if "\t" in line:
        term, codes = line.split("\t", 1)
        return term.strip(), codes
    words = line.split()
    end = len(words)
    while end > 1 and words[end - 1].isdecimal():
        end -= 1
    return " ".join(words[:end]), " ".join(words[end:])


def _parse_liwc_table(text: str) -> Parsed:
    """LIWC-22: a CSV table, first column `DicTerm`, then one column a category with `X` or a weight."""
    found = Parsed([], [], [])
    reader = csv.reader(io.StringIO(text.lstrip(), newline=""))
    try:
        header = next(reader)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                found.faults.append(f"line {reader.line_num}: {len(cells)} cells in a table of {len(header)} columns")
                continue
            for name, cell in zip(header[1:], cells[1:], strict=True):
                mark = cell.strip()
                if mark in ("X", "x"):
                    found.rows.append(Row(reader.line_num, (name,), cells[0]))
                elif mark:
                    _add_weighted(found, reader.line_num, (name,), cells[0], mark)
    except csv.Error as error:
        found.faults.append(f"line {reader.line_num}: not CSV: {error}")
    return found


def _add_weighted(found: Parsed, line: int, category: tuple[str, ...], term: str, mark: str) -> None:
    """Add a row with a weight given as text; a weight of 0 is noted, what is no number is a fault."""
    try:
        weight = float(mark)
    except ValueError:
        found.faults.append(f"line {line}: X or a weight (got {mark!r})")
        return
    if weight == 0:
        found.notes.append(f"line {line}: {term!r} has the weight 0")
    else:
        found.rows.append(Row(line, category, term, weight))


def parse_yaml(text: str) -> Parsed:
    """quanteda YAML: nested mappings of categories down to lists of terms. Scalars are text (`no` is a word); no aliases."""
    found = Parsed([], [], [])
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent):
                found.faults.append(f"line {event.start_mark.line + 1}: aliases are not read")
            if depth > DEEPEST:
                found.faults.append(f"line {event.start_mark.line + 1}: at most {DEEPEST} levels")
                break
        root = None if found.faults else yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        found.faults.append(f"line {mark.line + 1 if mark else 1}: not YAML: {getattr(error, 'problem', None) or error}")
        return found
    if root is not None:
        _walk_yaml(root, (), found)
    return found


def _walk_yaml(node: yaml.Node, category: tuple[str, ...], found: Parsed) -> None:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                _walk_yaml(value, (*category, key.value), found)
            else:
                found.faults.append(f"line {key.start_mark.line + 1}: the name of a category is text")
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _walk_yaml(item, category, found)
    elif not category:
        found.faults.append(f"line {line}: a term stands under the name of a category (got {node.value!r})")
    elif node.value:
        found.rows.append(Row(line, category, node.value))


def parse_lexicoder(text: str) -> Parsed:
    """Lexicoder: a line `+category`, then its terms, one a line."""
    found = Parsed([], [], [])
    category: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        term = line.strip()
        if term.startswith("+"):
            category = (term.strip("+ "),)
        elif term and not category:
            found.faults.append(f"line {number}: a term stands under a line +category (got {term!r})")
        elif term:
            found.rows.append(Row(number, category, term))
    return found


def parse_wordstat(text: str) -> Parsed:
    """WordStat `.cat`: nesting by tabs, `TERM (weight)` for terms, `_` for a space, any other line a category; rules are noted."""
    found = Parsed([], [], [])
    path: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        inside = line.strip("\t \r")
        if not inside:
            continue
        depth = len(line) - len(line.lstrip("\t"))
        match = _WORDSTAT_WEIGHT.search(inside)
        term, weight = (inside[: match.start()].strip(), match.group(1)) if match else (inside, None)
        if line[depth] == " ":
            found.faults.append(f"line {number}: nesting is by tabs (got {line[:60]!r})")
            continue
        if term.startswith("@"):
            found.notes.append(f"line {number}: rules are not read: {term}")
        elif depth > len(path):
            found.faults.append(f"line {number}: stands {depth - len(path)} level too deep (got {term!r})")
        elif weight is None:
            path = [*path[:depth], term]
        elif depth == 0:
            found.faults.append(f"line {number}: a term stands under the name of a category (got {term!r})")
        else:
            _add_weighted(found, number, tuple(path[:depth]), term.replace("_", " "), weight)
    return found


def parse_words(text: str, name: str) -> Parsed:
    """A plain list: one term a line, `#` begins a comment; its one category has the list's name."""
    lines = ((number, line.partition("#")[0].strip()) for number, line in enumerate(text.splitlines(), start=1))
    return Parsed([Row(number, (name,), term) for number, term in lines if term], [], [])


def parse_mapping(mapping: Mapping) -> Parsed:
    """{category: terms}: terms a list, a mapping to weights, or a mapping to further categories. Lines count the terms."""
    found = Parsed([], [], [])

    def walk(value: object, category: tuple[str, ...]) -> None:
        number = len(found.rows) + 1
        if len(category) > DEEPEST:
            found.faults.append(f"term {number}: at most {DEEPEST} levels")
        elif isinstance(value, Mapping):
            for key, inner in value.items():
                if category and isinstance(inner, int | float) and not isinstance(inner, bool):
                    found.rows.append(Row(len(found.rows) + 1, category, str(key), float(inner)))
                else:
                    walk(inner, (*category, str(key)))
        elif isinstance(value, str) and category:
            found.rows.append(Row(number, category, value))
        elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
            for item in value:
                walk(item, category)
        else:
            found.faults.append(f"term {number}: text under the name of a category (got {value!r})")

    walk(mapping, ())
    return found


def name_category(path: tuple[str, ...]) -> str:
    """The category's name in tables: small letters, digits and `_`, levels joined by `__`."""
    parts = [re.sub(r"[^a-z0-9]+", "_", part.lower()).strip("_") or "unnamed" for part in path]
    name = "__".join(parts)
    return name if name[0].isalpha() else f"c_{name}"


def _plain_term(term: str) -> str:
    """A foreign term in our syntax: what is no part of a word becomes a space, a * on its own at either end falls away."""
    words = re.sub(r"[^\w\s'’.*?-]|\ufffd", " ", term).split()
    while words and not words[0].strip("*?.-'’"):
        words.pop(0)
    while words and not words[-1].strip("*?.-'’"):
        words.pop()
    return " ".join(words)


def build_lexicon(name: str, parsed: Parsed, source: str) -> Lexicon:
    """Entries of what a reader found, repeats dropped; raises `InputError` with all faults."""
    faults, notes = list(parsed.faults), list(parsed.notes)
    names: dict[str, tuple[str, ...]] = {}
    entries: dict[tuple[str, str], Entry] = {}
    for row in parsed.rows:
        category = name_category(row.category)
        if names.setdefault(category, row.category) != row.category:
            faults.append(f"line {row.line}: categories {names[category]} and {row.category} both get the name {category!r}")
        text = _plain_term(row.term)
        if not text:
            notes.append(f"line {row.line}: {row.term!r} holds no word")
            continue
        if (text, category) in entries:
            notes.append(f"line {row.line}: {row.term!r} stands in {category!r} already")
            continue
        entry = Entry(text, category, tuple(_plain_term(phrase) for phrase in row.exclude), row.weight)
        faults.extend(f"line {row.line}: {fault}" for fault in check_entry(entry))
        entries[text, category] = entry
    if not entries and not faults:
        faults.append("holds no entries")
    if faults:
        raise InputError(source, faults)
    return Lexicon(name, list(entries.values()), tuple(notes))


PARSERS: dict[str, Callable[[str, str], Parsed]] = {
    ".dic": lambda text, _: parse_liwc(text),
    ".dicx": lambda text, _: parse_liwc(text),
    ".yml": lambda text, _: parse_yaml(text),
    ".yaml": lambda text, _: parse_yaml(text),
    ".lcd": lambda text, _: parse_lexicoder(text),
    ".lc3": lambda text, _: parse_lexicoder(text),
    ".cat": lambda text, _: parse_wordstat(text),
    ".txt": parse_words,
}


def parse_lexicon(text: str, source: str) -> Lexicon:
    """A lexicon from the text of a file, read by the ending of its name; raises `InputError` with file, line, rule and value."""
    path = Path(source)
    ending = path.suffix.lower()
    if ending == ".csv":
        return Lexicon(path.stem, parse_csv(text, source))
    if ending not in PARSERS:
        raise InputError(source, [f"no lexicon format has the ending {ending!r} (known: .csv, {', '.join(PARSERS)})"])
    return build_lexicon(path.stem, PARSERS[ending](text, path.stem), source)


def read_text(path: str | Path) -> str:
    """The text of a file a user made, whatever its encoding; raises `InputError`."""
    try:
        decoded = decode(Path(path).read_bytes())
    except OSError as error:
        raise InputError(str(path), [f"can't be read: {error.strerror}"]) from None
    if decoded is None:
        raise InputError(str(path), ["not text"])
    return decoded[0]


def read_lexicon(path: str | Path) -> Lexicon:
    """A lexicon file; its name is the file's name without the ending."""
    return parse_lexicon(read_text(path), str(path))


def lexicon_from_mapping(name: str, mapping: Mapping) -> Lexicon:
    """A lexicon from a Python mapping (see `parse_mapping`); raises `InputError`."""
    return build_lexicon(name, parse_mapping(mapping), name)
