"""Stage clean: typography repaired, furniture and boilerplate removed, every removal recorded with its place in the original."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import compress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import furniture, paths
from pipeline.alignment import align, compose, shift, span_to_source
from pipeline.boxes import MOST_BYLINES, Boxes, box_removals
from pipeline.errors import run_stage
from pipeline.furniture import KINDS, Habits, Removal
from pipeline.house_style import count_style
from pipeline.ingest import read_outlets
from pipeline.loose_lines import pull_quotes, unmarked_lines
from pipeline.parallel import map_parts
from pipeline.params import Clean, load_params
from pipeline.rules import PageRules, load_rules
from pipeline.segments import each_once, first_hashes, key_hashes, opening_hashes, read_keys, read_segments
from pipeline.storage import Blocks, Lists, Spool, read_blocks, table_writer, write_table
from pipeline.typography import LOST, mangled_initials, mend_initials, mend_words, repair, sure_initials
from pipeline.unpaired import count_unpaired

PARTS = ("title", "subtitle", "text")
KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
BLOCK_ROWS = 256

# A question mark inside a word or after a straight mark: a character was lost there and nothing tells which.
_UNREPAIRED = re.compile(r"\?(?:(?<=[a-z]\?)[a-z]|(?<=[\"'”]\?)(?=\w))|\ufffd(?:(?<=\w\ufffd)|(?=\w))")

_REPAIRED = pa.schema(
    [
        *((name, pa.large_string()) for name in PARTS),
        *((f"{name}_damaged", pa.bool_()) for name in PARTS),
        ("restored", pa.int64()),
        ("own_lines", pa.bool_()),
        ("points", pa.bool_()),
        ("outlet", pa.large_string()),
    ]
)
# Of an article: how many captions, headlines and headings without a mark it may hold.
UNMARKED = ("captions", "headlines", "headings")
_FOUND = pa.schema(
    [
        ("removals", pa.list_(pa.int32())),
        ("lead", pa.large_string()),
        ("segments", pa.list_(pa.uint32())),
        ("openings", pa.list_(pa.uint32())),
        ("closing", pa.bool_()),
        ("signed", pa.bool_()),
        *((name, pa.int32()) for name in UNMARKED),
    ]
)
_OFFSETS = ("start", "end", "raw_start", "raw_end")
REMOVAL_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("article_id", "outlet", "part", "kind")]
    + [(name, pa.int32()) for name in _OFFSETS]
    + [("text", pa.string())]
)
# Columns that clean adds to the article table, and their types.
ADDED = {
    "lost_characters": pa.int64(),
    "restored_letters": pa.int64(),
    "unrepaired": pa.int64(),
    "unbalanced": pa.int64(),
    "unmarked_lines": pa.int64(),
    "lost_initial": pa.string(),
    "clean_starts": pa.list_(pa.int64()),
    "raw_starts": pa.list_(pa.int64()),
}
# Those of them that flag an article where they are neither 0 nor empty.
FLAGS = ("lost_characters", "restored_letters", "unrepaired", "unbalanced", "unmarked_lines", "lost_initial")


class Boilerplate(NamedTuple):
    """What an outlet repeats: keys of segments and of those in `boxes`, and `titles` by their first words; whether it closes its
    texts with headlines and its titles with names, and whether captions and links stand in them without a mark."""

    keys: frozenset[str]
    boxes: frozenset[str]
    titles: Mapping[str, Collection[str]]
    closes: bool
    signs_titles: bool
    captions: bool
    links: bool

    def may_be_in(self, holding: bool, closing: bool, captions: int, headlines: int) -> bool:
        """Whether an article needs a look that holds some outlet's boilerplate or title, and has such columns of `_FOUND`."""
        return bool(holding or (closing and self.closes) or (captions and self.captions) or (headlines and self.links))


class Shared(NamedTuple):
    """What every article is cleaned with; `segments` and `openings`: hashes of all outlets' boilerplate and of their titles' first
    words, without any of which an article holds none of them."""

    rules: PageRules
    off: frozenset[str]
    habits: Habits
    boilerplate: Mapping[str, Boilerplate]
    segments: np.ndarray
    openings: np.ndarray


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space at its ends."""
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())


def _pack(parts: Sequence[Sequence[Removal]]) -> list[int]:
    """The removals in an article's parts as one list of numbers."""
    return [n for number, part in enumerate(parts) for r in part for n in (number, r.start, r.end, KIND_NUMBERS[r.kind])]


def _unpack(removals: Lists) -> list[list[list[Removal]]]:
    """For each part of an article, the removals in that part of each article."""
    rows = len(removals.bounds) - 1
    parts: list[list[list[Removal]]] = [[[] for _ in range(rows)] for _ in PARTS]
    counts = np.diff(removals.bounds) // 4
    numbers = removals.values[removals.bounds[0] : removals.bounds[-1]].reshape(-1, 4).tolist()
    for row, (part, start, end, kind) in zip(np.repeat(np.arange(rows), counts).tolist(), numbers, strict=True):
        parts[part][row].append(Removal(start, end, KINDS[kind]))
    return parts


def repair_block(frame: pd.DataFrame, rules: PageRules) -> dict[str, list]:
    """Columns `_REPAIRED` of some articles: their parts in one typographic form, letters lost in known words put back, which parts
    hold damage that mangles initials, how many letters came back into a text, whether its lines came with it, and whether it holds
    pointers to other stories."""
    raw = {name: frame[name].tolist() for name in PARTS}
    repaired = {name: [repair(text) for text in texts] for name, texts in raw.items()}
    mended = {name: [mend_words(text, rules.lost_letters) for text in texts] for name, texts in repaired.items()}
    pairs = zip(repaired["text"], mended["text"], strict=True)
    return {
        **mended,
        "restored": [sum(a.count(lost) - b.count(lost) for lost in (LOST, "?")) if a != b else 0 for a, b in pairs],
        **{f"{name}_damaged": ['"?' in text or '"\ufffd' in text for text in texts] for name, texts in raw.items()},
        "own_lines": ["\n" in text.strip() or "\r" in text for text in raw["text"]],
        "points": [furniture.has_pointer(text, rules) for text in mended["text"]],
        "outlet": frame["outlet"].tolist(),
    }


class Repaired:
    """The articles' parts in one typographic form, set aside on disk; letters lost with their marks are put back where the corpus
    tells them."""

    def __init__(self, blocks: Blocks, path: Path, rules: PageRules):
        self.spool = Spool(path, _REPAIRED)
        self.rows = blocks.rows
        mangled: dict[str, Counter[str]] = {name: Counter() for name in PARTS}
        for columns in map_parts(repair_block, blocks.read(), blocks.rows, "repair", (rules,)):
            self.spool.add(columns)
            for name, words in mangled.items():
                words.update(mangled_initials(compress(columns[name], columns[f"{name}_damaged"])))
        self.sure = {name: sure_initials(self._column(name), words) for name, words in mangled.items()}

    def _column(self, name: str) -> Iterator[str]:
        return (text for columns in self.spool.read(name) for text in columns[name])

    def read(self, *names: str) -> Iterator[dict[str, list]]:
        """Columns `_REPAIRED` of the articles, some or all of them, part by part; a title, subtitle or text only with its
        `damaged`."""
        for columns in self.spool.read(*names):
            for name, sure in self.sure.items():
                if sure and name in columns:
                    flags = columns[f"{name}_damaged"]
                    columns[name] = [mend_initials(t, sure) if bad else t for t, bad in zip(columns[name], flags, strict=True)]
            yield columns

    def learn_habits(self, rules: PageRules) -> Habits:
        """What the texts show of their words, see `furniture.learn_habits`."""
        names = ("text", "text_damaged", "points")
        texts = (text for columns in self.read(*names) for text in columns["text"])
        pointed = (text for columns in self.read(*names) for text in compress(columns["text"], columns["points"]))
        return furniture.learn_habits(texts, pointed, rules)


def _rows_in(columns: dict[str, list]) -> int:
    return len(columns["text"])


def find_furniture(columns: dict[str, list], shared: Shared) -> dict[str, list | Lists]:
    """Columns `_FOUND` of some articles: removals by form, what their leads are found to be, and of what is left hashes of its
    segments and of their first words, whether it ends as with a headline, and how many captions, headlines and headings without a
    mark it may hold (none where boilerplate is not looked for)."""
    rules = shared.rules
    out: dict[str, list] = {name: [] for name in ("removals", "lead", "closing", "signed", *UNMARKED)}
    shorts = []
    for title, subtitle, body, own_lines, points, outlet in zip(
        *(columns[name] for name in (*PARTS, "own_lines", "points", "outlet")), strict=True
    ):
        by_line, lead = furniture.line_removals(body, title, subtitle, rules, own_lines)
        in_body = [*by_line, *furniture.inline_removals(body, rules, by_line)]
        if points:
            in_body.extend(furniture.related_removals(body, shared.habits, rules))
        in_body.extend(Removal(start, end, "pull_quote") for start, end in pull_quotes(body, rules))
        in_subtitle = furniture.inline_removals(subtitle, rules) if subtitle else []
        in_title = [r for r in furniture.inline_removals(title, rules) if r.kind == "markup"] if "<" in title else []
        kept = [furniture.merge_removals(found, shared.off) if found else [] for found in (in_title, in_subtitle, in_body)]
        out["removals"].append(_pack(kept))
        out["lead"].append(lead)
        looked_for = outlet and "boilerplate" not in shared.off
        out["signed"].append(bool(looked_for) and furniture.title_signature(title, body) is not None)
        shorts.append(furniture.apply_removals(body, kept[-1]) if looked_for else "")
    read = read_segments(shorts)
    for row, short in enumerate(shorts):
        out["closing"].append(furniture.closing_headline(short, read.spans(row)) is not None)
        lines = unmarked_lines(short, rules)
        for name, count in zip(UNMARKED, (len(lines.captions), len(lines.headlines), lines.headings), strict=True):
            out[name].append(count)
    keys, rows = read_keys(read, columns["outlet"]), read.rows()
    full = keys.starts < keys.ends
    return {
        **out,
        "segments": each_once(keys.hashes[full], rows[full], len(shorts)),
        "openings": each_once(opening_hashes(read, columns["outlet"]), rows, len(shorts)),
    }


def find_boilerplate(repaired: Repaired, found: Spool, params: Clean, shared: Shared) -> Shared:
    """`shared` with what each outlet repeats, see `furniture.Repeats`, `furniture.Headlines` and `boxes.Boxes`; the first pass is
    over the hashes, the second over titles, the articles with segments in full buckets and those with a byline past their heads."""
    repeats = furniture.Repeats(params.min_repeats, params.min_repeat_share, repaired.rows)
    headlines = furniture.Headlines(params.min_repeats, params.min_repeat_share, repaired.rows)
    first = ("segments", "openings", "closing", "signed", *UNMARKED)
    for columns, findings in zip(repaired.spool.read("outlet"), found.read(*first), strict=True):
        repeats.fill(columns["outlet"], findings["segments"])
        unmarked = [findings[name] for name in UNMARKED]
        habits = findings["closing"], findings["signed"]
        headlines.fill(columns["outlet"], *habits, unmarked, findings["openings"].values)
    boxes = Boxes(repeats.is_repeated)
    for columns, findings in zip(repaired.read(), found.read("removals", "segments"), strict=True):
        hashes = findings["segments"]
        flags = (hashes.any_in_row(holds(hashes.values)).tolist() for holds in (repeats.is_full, repeats.is_repeated))
        is_full, is_repeated = flags
        in_titles, _, in_texts = _unpack(findings["removals"])
        headlines.add_titles(columns["outlet"], list(map(furniture.apply_removals, columns["title"], in_titles)))
        rows = list(zip(columns["outlet"], columns["text"], in_texts, strict=True))
        told = [(outlet, furniture.apply_removals(text, removals)) for outlet, text, removals in compress(rows, is_full) if outlet]
        for outlet, text, removals in compress(rows, is_repeated):
            bylines = [r for r in removals if r.kind == "byline" and r.start > furniture.EDGE] if outlet else []
            for byline in bylines[:MOST_BYLINES]:
                earlier = [removal for removal in removals if removal.end <= byline.start]
                boxes.add(outlet, furniture.apply_removals(text[: byline.start], earlier))
        repeats.count([outlet for outlet, _ in told], [text for _, text in told])
    repeated = repeats.boilerplate()
    boilerplate = {
        outlet: Boilerplate(
            repeated.get(outlet, frozenset()),
            boxes.keys(outlet),
            dict(headlines.titles.get(outlet, {})),
            headlines.closes(outlet),
            headlines.signs_titles(outlet),
            headlines.leaves_captions(outlet),
            headlines.leaves_links(outlet),
        )
        for outlet in filter(None, headlines.articles)
    }
    keys = [(outlet, key) for outlet, told in boilerplate.items() for key in told.keys | told.boxes]
    titles = [(outlet, title) for outlet, told in boilerplate.items() for same in told.titles.values() for title in same]
    return shared._replace(
        boilerplate=boilerplate,
        segments=key_hashes([key for _, key in keys], [outlet for outlet, _ in keys]),
        openings=first_hashes([title for _, title in titles], [outlet for outlet, _ in titles]),
    )


def _boilerplate_in(short: str, spans: list[tuple[int, int]], title: str, repeated: Boilerplate, rules: PageRules) -> list[Removal]:
    """Boilerplate and headlines of other stories in what earlier removals left of a text; `spans`: its segments, `title`: the
    article's."""
    found = furniture.linked_headlines(short, spans, title, repeated.titles)
    closing = furniture.closing_headline(short, spans) if repeated.closes else None
    found.extend([closing] if closing else [])
    found.extend(furniture.boilerplate_removals(short, spans, repeated.keys))
    found.extend(box_removals(short, spans, repeated.boxes))
    if repeated.captions or repeated.links:
        lines = unmarked_lines(short, rules)
        found.extend(Removal(*span, "caption") for span in lines.captions if repeated.captions)
        found.extend(Removal(*span, "stray_headline") for span in lines.headlines if repeated.links)
    return found


def add_boilerplate(removals: list[list[Removal]], titles: Sequence[str], block: Block, shared: Shared) -> None:
    """Put what outlets repeat (`_boilerplate_in`) to the removals in articles' texts, as spans of the repaired texts; `titles`:
    theirs, cleaned."""
    found, texts = block.found, block.repaired["text"]
    holds = found["segments"].any_in_row(np.isin(found["segments"].values, shared.segments))
    holds |= found["openings"].any_in_row(np.isin(found["openings"].values, shared.openings))
    hints = zip(holds.tolist(), found["closing"], found["captions"], found["headlines"], strict=True)
    told = [shared.boilerplate.get(outlet) for outlet in block.repaired["outlet"]]
    rows = [row for row, (repeated, own) in enumerate(zip(told, hints, strict=True)) if repeated and repeated.may_be_in(*own)]
    shorts = [furniture.apply_removals(texts[row], removals[row]) for row in rows]
    read = read_segments(shorts)
    for number, (row, short) in enumerate(zip(rows, shorts, strict=True)):
        more = _boilerplate_in(short, read.spans(number), titles[row], told[row], shared.rules)
        if more:
            back = furniture.removal_alignment(texts[row], removals[row])
            spans = (span_to_source(*_trim(short, r.start, r.end), back, len(texts[row])) for r in more)
            more = [Removal(*span, r.kind) for span, r in zip(spans, more, strict=True)]
            removals[row] = furniture.merge_removals([*removals[row], *more], shared.off)


def _left_unmarked(captions: int, headlines: int, repeated: Boilerplate | None, off: frozenset[str]) -> int:
    """How many of an article's captions and headlines without a mark (`_FOUND`) are left in it."""
    gone = repeated is not None and repeated.captions and "caption" not in off, repeated is not None and repeated.links
    return max(0 if gone[0] else captions, 0 if gone[1] and "stray_headline" not in off else headlines)


class Block(NamedTuple):
    """Some articles on their way: as they came, repaired, and what was found in them; its length is the number of articles."""

    frame: pd.DataFrame
    repaired: dict[str, list]
    found: dict[str, list]

    def __len__(self) -> int:
        return len(self.frame)


def add_signatures(removals: list[list[Removal]], block: Block, shared: Shared) -> None:
    """Put writers' names to the removals in the titles of outlets whose habit they are."""
    for row, (outlet, title, text) in enumerate(zip(*(block.repaired[name] for name in ("outlet", "title", "text")), strict=True)):
        repeated = shared.boilerplate.get(outlet)
        signature = furniture.title_signature(title, text) if repeated and repeated.signs_titles else None
        if signature:
            removals[row] = furniture.merge_removals([*removals[row], signature], shared.off)


def finish_block(block: Block, shared: Shared) -> tuple[dict[str, list], list[tuple]]:
    """The cleaned and added columns of some articles, and their rows of the table of removals."""
    frame, repaired, found = block
    raw = {name: frame[name].tolist() for name in PARTS}
    removals = dict(zip(PARTS, _unpack(found["removals"]), strict=True))
    add_signatures(removals["title"], block, shared)
    out: dict[str, list] = {"title": list(map(furniture.apply_removals, repaired["title"], removals["title"]))}
    add_boilerplate(removals["text"], out["title"], block, shared)
    for name in ("subtitle", "text"):
        out[name] = list(map(furniture.apply_removals, repaired[name], removals[name]))
    rows: list[tuple[str, str, str, str, int, int, int, int, str]] = []
    out |= {name: [] for name in ADDED}
    out["restored_letters"] = repaired["restored"]
    identities, outlets = frame["article_id"].tolist(), frame["outlet"].tolist()
    hints = zip(found["captions"], found["headlines"], strict=True)
    for row, (identity, outlet, lead, hint) in enumerate(zip(identities, outlets, found["lead"], hints, strict=True)):
        for name in PARTS:
            source, kept = repaired[name][row], removals[name][row]
            if not kept and name != "text":
                continue
            back = align(raw[name][row], source)
            for removal in kept:
                start, end = span_to_source(removal.start, removal.end, back, len(raw[name][row]))
                piece = source[removal.start : removal.end]
                rows.append((identity, outlet, name, removal.kind, removal.start, removal.end, start, end, piece))
        # The text is the last of the parts.
        text = out["text"][row]
        state, letters = furniture.find_lost_initial(text, lead) if text else ("", "")
        if kept:
            back = compose(furniture.removal_alignment(source, kept), back, len(text))
        back = shift(back, len(letters))
        text = out["text"][row] = letters + text
        out["lost_characters"].append(text.count(LOST))
        out["unrepaired"].append(len(_UNREPAIRED.findall(text)) if LOST in text or "?" in text else 0)
        out["unbalanced"].append(count_unpaired(text))
        out["unmarked_lines"].append(_left_unmarked(*hint, shared.boilerplate.get(outlet), shared.off))
        out["lost_initial"].append(state)
        out["clean_starts"].append(back.result)
        out["raw_starts"].append(back.source)
    return out, rows


def clean_blocks(
    blocks: Blocks, params: Clean, rules: PageRules, folder: str | Path | None = None
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Clean an article table block by block, see `clean_articles`; what it gives does not depend on how the table is cut.

    The table is read twice; the repaired texts and what was found in them wait in a temporary folder within `folder`. Memory is
    bounded by the blocks, not by the table, but for a count for each outlet's repeated segments and the titles that its texts may
    hold.
    """
    with tempfile.TemporaryDirectory(dir=folder) as place:
        repaired = Repaired(blocks, Path(place) / "repaired.arrow", rules)
        nothing = np.empty(0, np.uint32)
        shared = Shared(rules, frozenset(params.disable), repaired.learn_habits(rules), {}, nothing, nothing)
        found = Spool(Path(place) / "found.arrow", _FOUND)
        for columns in map_parts(find_furniture, repaired.read(), blocks.rows, "clean", (shared,), rows_in=_rows_in):
            found.add(columns)
        if "boilerplate" not in shared.off:
            shared = find_boilerplate(repaired, found, params, shared)
        frames: list[pd.DataFrame] = []

        def parts() -> Iterator[Block]:
            for block in map(Block, blocks.read(), repaired.read(), found.read()):
                frames.append(block.frame)
                yield block

        for columns, rows in map_parts(finish_block, parts(), blocks.rows, "finish", (shared,)):
            values = dict(zip(REMOVAL_SCHEMA.names, zip(*rows, strict=True) if rows else [()] * len(REMOVAL_SCHEMA), strict=True))
            removals = {name: np.array(v, "int32") if name in _OFFSETS else list(v) for name, v in values.items()}
            yield frames.pop(0).assign(**columns), pd.DataFrame(removals)


def clean_articles(articles: pd.DataFrame, params: Clean, rules: PageRules | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clean an article table.

    Returns the table with `title`, `subtitle` and `text` cleaned, and further columns: `lost_characters` (U+FFFD left in the text),
    `restored_letters` (accented letters put back into well-known words), `unrepaired` (places where a character was lost and
    nothing tells which), `unbalanced` (quotation marks without a partner), `unmarked_lines` (what may be captions or headlines
    without a mark, left where they are no habit of the outlet's), `lost_initial` (empty; `found`: the text begins inside a word;
    `restored`), and `clean_starts` and `raw_starts`, the runs of `pipeline.alignment` from the cleaned text to the raw one. And
    the removals: one row a removed span with `article_id`, `outlet`, `part` (title, subtitle, text), `kind`, `start` and `end`
    (characters of the repaired part), `raw_start` and `raw_end` (of the part as it came) and `text`.
    """

    def read() -> Iterator[pd.DataFrame]:
        return (articles.iloc[i : i + BLOCK_ROWS] for i in range(0, max(1, len(articles)), BLOCK_ROWS))

    done = list(clean_blocks(Blocks(len(articles), read), params, rules or load_rules()))
    return pd.concat([part for part, _ in done]), pd.concat([part for _, part in done], ignore_index=True)


def cleaned_schema(articles: pa.Schema) -> pa.Schema:
    """The columns of the cleaned table: those of the article table, then the added ones."""
    kept = [field for field in articles if field.name not in ADDED or field.name == "lost_characters"]
    return pa.schema(kept + [pa.field(name, kind) for name, kind in ADDED.items() if name not in articles.names])


def main() -> None:
    params = load_params().clean
    rules = load_rules()
    names: dict[str, list[str]] = {}
    for spelling, outlet in read_outlets(paths.OUTLETS).spellings.items():
        names.setdefault(outlet, []).append(spelling)
    folder = paths.CLEANED.parent
    folder.mkdir(parents=True, exist_ok=True)
    kinds: Counter[str] = Counter()
    flagged: Counter[str] = Counter(dict.fromkeys(FLAGS, 0))
    blocks = read_blocks(paths.ARTICLES, BLOCK_ROWS)
    schema = cleaned_schema(pq.read_schema(paths.ARTICLES).remove_metadata())
    with table_writer(paths.CLEANED, schema) as articles, table_writer(paths.REMOVALS, REMOVAL_SCHEMA) as removed:
        for cleaned, removals in clean_blocks(blocks, params, rules, folder):
            articles.add(cleaned)
            removed.add(removals)
            kinds.update(removals["kind"])
            for name in flagged:
                flagged[name] += int((cleaned[name] != ("" if name == "lost_initial" else 0)).sum())
    written = read_blocks(paths.CLEANED, BLOCK_ROWS)
    pairs = (pair for frame in written.read() for pair in zip(frame["text"], frame["outlet"], strict=True))
    write_table(folder / "house_style.parquet", count_style(pairs, names, rules))
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    print(f"clean: {blocks.rows} articles, {kinds.total()} removals ({told})")
    print(f"clean: flagged articles: {', '.join(f'{name} {count}' for name, count in flagged.items())}")


if __name__ == "__main__":
    run_stage(main)
