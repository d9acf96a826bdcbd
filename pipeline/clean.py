"""Stage clean: typography repaired, furniture and boilerplate removed, every removal recorded with its place in the original."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from pipeline import furniture, paths
from pipeline.alignment import Alignment, align, blank_spans, compose, shift, span_to_source
from pipeline.errors import run_stage
from pipeline.furniture import Removal
from pipeline.house_style import count_style
from pipeline.ingest import read_outlets
from pipeline.parallel import map_chunks
from pipeline.params import Clean, load_params
from pipeline.rules import PageRules, load_rules
from pipeline.storage import read_table, write_table
from pipeline.typography import CLOSE, LOST, OPEN, mend_initials, repair

PARTS = ("title", "subtitle", "text")

# A question mark inside a word or after a straight mark: a character was lost there and nothing tells which.
_UNREPAIRED = re.compile(r"[a-z]\?[a-z]|[\"'”]\?(?=\w)|(?<=\w)\ufffd|\ufffd(?=\w)")


class Part(NamedTuple):
    """A title, subtitle or text on its way: as it came, repaired, and the removals found so far (in the repaired text)."""

    raw: str
    repaired: str
    removals: list[Removal]

    def shortened(self, off: set[str]) -> tuple[str, list[Removal]]:
        kept = furniture.merge_removals(self.removals, off)
        return furniture.apply_removals(self.repaired, kept), kept


def _spans(removals: list[Removal]) -> list[tuple[int, int]]:
    return [(removal.start, removal.end) for removal in removals]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space at its ends."""
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())


def repair_fields(fields: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Each text of each article in one typographic form."""
    return [tuple(repair(text) for text in texts) for texts in fields]


def repair_all(articles: pd.DataFrame) -> dict[str, list[Part]]:
    """The parts of all articles in one typographic form, letters lost with their marks put back where the corpus tells them."""
    fields = list(zip(*(articles[name] for name in PARTS), strict=True))
    repaired = [texts for chunk in map_chunks(repair_fields, fields, "repair") for texts in chunk]
    out = {}
    for k, name in enumerate(PARTS):
        raw = articles[name].tolist()
        damaged = ['"?' in text or '"\ufffd' in text for text in raw]
        mended = mend_initials([texts[k] for texts in repaired], damaged)
        out[name] = [Part(before, after, []) for before, after in zip(raw, mended, strict=True)]
    return out


def find_furniture(
    chunk: Sequence[tuple[Part, Part, Part, bool]], habits: furniture.Habits, rules: PageRules
) -> list[tuple[list[Removal], list[Removal], list[Removal], str]]:
    """Removals by form in title, subtitle and body of some articles, and what their leads are found to be."""
    out = []
    needed = furniture.needs_met([body.repaired for _, _, body, _ in chunk], rules)
    for (title, subtitle, body, points), met in zip(chunk, needed, strict=True):
        own_lines = "\n" in body.raw.strip() or "\r" in body.raw
        by_line, lead = furniture.line_removals(body.repaired, title.repaired, subtitle.repaired, rules, own_lines)
        in_body = [*by_line, *furniture.inline_removals(body.repaired, rules, by_line, met)]
        if points:
            in_body.extend(furniture.related_removals(body.repaired, habits, rules))
        in_subtitle = list(furniture.inline_removals(subtitle.repaired, rules)) if subtitle.repaired else []
        in_title = list(furniture.inline_removals(title.repaired, rules)) if "<" in title.repaired else []
        out.append(([r for r in in_title if r.kind == "markup"], in_subtitle, in_body, lead))
    return out


def add_boilerplate(parts: list[Part], shortened: list[str], found: list[list[Removal]], off: set[str]) -> None:
    """Carry removals found in the shortened texts back to the repaired ones."""
    for part, short, removals in zip(parts, shortened, found, strict=True):
        if not removals:
            continue
        earlier = furniture.merge_removals(part.removals, off)
        back = align(blank_spans(part.repaired, _spans(earlier)), short) if earlier else Alignment([0], [0])
        for removal in removals:
            start, end = span_to_source(*_trim(short, removal.start, removal.end), back, len(part.repaired))
            part.removals.append(Removal(start, end, removal.kind))


def clean_articles(articles: pd.DataFrame, params: Clean, rules: PageRules | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clean an article table.

    Returns the table with `title`, `subtitle` and `text` cleaned, and further columns: `lost_characters` (U+FFFD left in the text),
    `unrepaired` (places where a character was lost and nothing tells which), `unbalanced` (quotation marks without a partner),
    `lost_initial` (empty; `found`: the text begins inside a word; `restored`), and `clean_starts` and `raw_starts`, the runs of
    `pipeline.alignment` from the cleaned text to the raw one. And the removals: one row a removed span with `article_id`,
    `outlet`, `part`
    (title, subtitle, text), `kind`, `start` and `end` (characters of the repaired part), `raw_start` and `raw_end` (of the part as
    it
    came) and `text`.
    """
    rules = rules or load_rules()
    off = set(params.disable)
    parts = repair_all(articles)
    bodies = parts["text"]
    repaired = [part.repaired for part in bodies]
    pointing = [furniture.has_related(text, rules) for text in repaired]
    habits = furniture.learn_habits(repaired, [text for text, points in zip(repaired, pointing, strict=True) if points], rules)

    leads = []
    items = list(zip(*(parts[name] for name in PARTS), pointing, strict=True))
    found_parts = (found for chunk in map_chunks(find_furniture, items, "clean", (habits, rules)) for found in chunk)
    for (title, subtitle, body, _), (in_title, in_subtitle, in_body, lead) in zip(items, found_parts, strict=True):
        title.removals.extend(in_title)
        subtitle.removals.extend(in_subtitle)
        body.removals.extend(in_body)
        leads.append(lead)

    outlets = articles["outlet"].tolist()
    if "boilerplate" not in off:
        short = [part.shortened(off)[0] for part in bodies]
        found = furniture.boilerplate_removals(short, outlets, params.min_repeats, params.min_repeat_share)
        add_boilerplate(bodies, short, found, off)

    identities = articles["article_id"].tolist()
    rows: list[tuple[str, str, str, str, int, int, int, int, str]] = []
    cleaned: dict[str, list[str]] = {name: [] for name in PARTS}
    maps: list[Alignment] = []
    initials: list[str] = []
    for i, identity in enumerate(identities):
        for name in PARTS:
            part = parts[name][i]
            text, kept = part.shortened(off)
            back = align(part.raw, part.repaired) if kept or name == "text" else Alignment([0], [0])
            for removal in kept:
                start, end = span_to_source(removal.start, removal.end, back, len(part.raw))
                piece = part.repaired[removal.start : removal.end]
                rows.append((identity, outlets[i], name, removal.kind, removal.start, removal.end, start, end, piece))
            if name == "text":
                state, letters = furniture.find_lost_initial(text, leads[i]) if text else ("", "")
                initials.append(state)
                if kept:
                    back = compose(align(blank_spans(part.repaired, _spans(kept)), text), back, len(text))
                maps.append(shift(back, len(letters)))
                text = letters + text
            cleaned[name].append(text)

    texts = cleaned["text"]
    out = articles.assign(
        **cleaned,
        lost_characters=[text.count(LOST) for text in texts],
        unrepaired=[len(_UNREPAIRED.findall(text)) if "?" in text or LOST in text else 0 for text in texts],
        unbalanced=[abs(text.count(OPEN) - text.count(CLOSE)) for text in texts],
        lost_initial=initials,
        clean_starts=[one.result for one in maps],
        raw_starts=[one.source for one in maps],
    )
    columns = ["article_id", "outlet", "part", "kind", "start", "end", "raw_start", "raw_end", "text"]
    numbers = dict.fromkeys(["start", "end", "raw_start", "raw_end"], "int32")
    return out, pd.DataFrame(rows, columns=columns).astype(numbers)


def main() -> None:
    params = load_params().clean
    rules = load_rules()
    cleaned, removals = clean_articles(read_table(paths.ARTICLES), params, rules)
    own = read_outlets(paths.OUTLETS)
    names: dict[str, list[str]] = {}
    for spelling, outlet in own.spellings.items():
        names.setdefault(outlet, []).append(spelling)
    style = count_style(cleaned["text"].tolist(), cleaned["outlet"].tolist(), names, rules)
    write_table(paths.CLEANED, cleaned)
    write_table(paths.REMOVALS, removals)
    write_table(paths.CLEANED.with_name("house_style.parquet"), style)
    kinds = ", ".join(f"{count} {kind}" for kind, count in removals["kind"].value_counts().items())
    print(f"clean: {len(cleaned)} articles, {len(removals)} removals ({kinds})")
    flagged = {name: int((cleaned[name] > 0).sum()) for name in ("lost_characters", "unrepaired", "unbalanced")}
    flagged["lost_initial"] = int((cleaned["lost_initial"] != "").sum())
    print(f"clean: flagged articles: {', '.join(f'{name} {count}' for name, count in flagged.items())}")


if __name__ == "__main__":
    run_stage(main)
