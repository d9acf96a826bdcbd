"""Fields read from a page's own furniture: title, byline, date, section, credit, and hints at the outlet.

Nothing here is believed over a field that was given; every field found carries how it was known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from pipeline.dates import UNKNOWN, Found, choose_date, parse_date
from pipeline.pagelines import Page, read_page
from pipeline.rules import PageRules
from pipeline.typography import repair

HEAD_CHARACTERS, TAIL_CHARACTERS = 6000, 3000
SELF_MENTIONS = 2
DATELINE_CHARACTERS = 200


class Outlets(NamedTuple):
    """Known outlets: name by domain (without www.), and name by a spelling of it; the patterns find those spellings in a text."""

    domains: dict[str, str]
    spellings: dict[str, str]
    named: re.Pattern[str]
    told: re.Pattern[str]


def make_outlets(rows: list[dict[str, str]]) -> Outlets:
    """Outlets of rows with `domain`, `outlet` and `names` (spellings, parted by semicolons)."""
    domains = {row["domain"]: row["outlet"] for row in rows}
    spellings: dict[str, str] = {}
    for row in rows:
        for name in (row["outlet"], *row["names"].split(";")):
            if name.strip():
                spellings.setdefault(name.strip(), row["outlet"])
    choice = "|".join(re.escape(name) for name in sorted(spellings, key=lambda name: (-len(name), name))) or "(?!)"
    # Begins with a set of letters and looks back from there, for speed.
    verb = r"[tsi](?<=\b[tsi])(?:(?<=t)old|(?<=t)ells|(?<=s)peaking to|(?<=i)nterview with)"
    told = rf"{verb} (?:the )?(?P<told>{choice})(?![\w])"
    return Outlets(domains, spellings, re.compile(rf"(?<!\w)(?:{choice})(?!\w)"), re.compile(told))


class PageFields(NamedTuple):
    """Fields found on a page, each empty where unknown; `outlet_from` and `credit_from` say how, `published_part` which date it
    is."""

    title: str = ""
    subtitle: str = ""
    byline: str = ""
    section: str = ""
    published: str = ""
    published_part: str = ""
    credit: str = ""
    credit_from: str = ""
    photo_credit: str = ""
    address: str = ""
    outlet: str = ""
    outlet_from: str = ""


def domain_outlet(domain: str, domains: Mapping[str, str]) -> str:
    """The outlet of a domain or of the nearest domain above it; empty when none is known."""
    parts = domain.split(".")
    for i in range(len(parts) - 1):
        known = domains.get(".".join(parts[i:]))
        if known:
            return known
    return ""


def is_publication(name: str, outlets: Outlets, rules: PageRules) -> bool:
    """Whether a name is a paper's or an agency's: known, or worded like one."""
    words = {word.lower() for word in re.findall(r"\w+", name)}
    return name in outlets.spellings or name in rules.agencies or (name[:1].isupper() and bool(words & rules.publication_words))


def split_byline(byline: str, credit: str, outlets: Outlets, rules: PageRules) -> tuple[str, str]:
    """Who wrote it and for whom: the last name of a byline is the credit when it is a paper's or an agency's."""
    if credit and is_publication(credit, outlets, rules):
        return byline, credit
    writers, comma, last = byline.rpartition(", ")
    if comma and is_publication(last, outlets, rules):
        return writers, last
    return ("", byline) if byline in rules.agencies else (byline, "")


def _shorten(text: str) -> tuple[str, str]:
    """The head and the tail of a text, cut at line breaks; the tail is empty when the head is the whole text."""
    if len(text) <= HEAD_CHARACTERS + TAIL_CHARACTERS:
        return text, ""
    cut = text.rfind("\n", 0, HEAD_CHARACTERS) + 1 or HEAD_CHARACTERS
    again = text.find("\n", len(text) - TAIL_CHARACTERS) + 1 or len(text) - TAIL_CHARACTERS
    return text[:cut], text[again:]


def _outlet_hint(page_lines: list, outlets: Outlets) -> tuple[str, str, str]:
    """Outlet, how it was known and an address, from furniture lines: a name its line states, an address, a known name in it."""
    stated, addresses, named = Counter(), Counter(), Counter()
    address = ""
    for line in page_lines:
        groups = line.groups
        if groups.get("outlet"):
            name = groups["outlet"].strip(" .,|")
            if name and not name.isdigit():
                stated[outlets.spellings.get(name, name)] += 1
        if groups.get("address"):
            address = address or groups["address"]
            host = re.sub(r"^(?:https?://)?(?:www\.)?", "", groups["address"]).split("/")[0].lower()
            known = domain_outlet(host, outlets.domains)
            if known:
                addresses[known] += 1
        if line.rule is None or line.rule.kind == "page_line":
            named.update(outlets.spellings[name] for name in set(outlets.named.findall(line.bare)))
    for counts in (stated, addresses, named):
        if len(counts) == 1:
            return next(iter(counts)), "page", address
    return "", "", address


def read_fields(text: str, outlets: Outlets, rules: PageRules, look_for_outlet: bool = True) -> PageFields:
    """Fields of an article from its raw text, see `PageFields`; of a text of one line its dateline and self-mentions only."""
    head_text, tail_text = _shorten(text) if "\n" in text.strip() else (text[:DATELINE_CHARACTERS], "")
    head_text = repair(head_text)
    found: dict[str, str] = {}
    dates: list[Found] = []
    page: Page | None = None
    tail_lines = []
    if "\n" in head_text:
        page = read_page(head_text, rules)
        tail = read_page(repair(tail_text), rules) if tail_text else None
        head_end = page.body if page.body is not None else len(page.lines)
        tail_lines = [line for line in (tail or page).lines[(tail or page).end :]] + [
            line for line in (tail or page).lines[: (tail or page).end] if line.rule is not None and line.rule.kind == "page_line"
        ]
        lines = page.lines[:head_end] + [line for line in page.lines[head_end:] if line.rule is not None]
        for number, line in enumerate(page.lines[:head_end]):
            if line.rule is not None and line.rule.date and "date" in line.groups:
                value = parse_date(line.groups["date"], rules.months)
                part = "page" if line.rule.date == "line" and number == 0 and "T" not in value else line.rule.date
                dates.append(Found(value, part))
        for line in lines:
            for name in ("byline", "section", "title", "subtitle", "photo_credit", "credit"):
                if name in line.groups and (name == "photo_credit" or line in page.lines[:head_end]):
                    found.setdefault(name, line.groups[name])
        if page.title is not None:
            found.setdefault("title", page.lines[page.title].bare)
        if page.subtitle is not None:
            found.setdefault("subtitle", page.lines[page.subtitle].bare)
    chosen = choose_date(dates)

    byline, credit = split_byline(found.get("byline", ""), found.get("credit", ""), outlets, rules)
    credit_from = "byline" if credit else ""
    if not credit:
        start = page.lines[page.body].start if page and page.body is not None else 0
        for rule in rules.datelines:
            match = rule.pattern.match(head_text, start)
            if match and any(match.groupdict().values()):
                credit, credit_from = next(value for value in match.groupdict().values() if value), "dateline"
                break
    outlet, outlet_from, address = "", "", ""
    if page is not None:
        head_lines = page.lines[: page.body if page.body is not None else len(page.lines)]
        furniture = [line for line in head_lines if line.rule is not None and line.rule.kind == "page_line"] + tail_lines
        outlet, outlet_from, address = _outlet_hint(furniture, outlets)
        for line in furniture:
            source = line.groups.get("source", "").strip(" .")
            if not source:
                continue
            if source in rules.agencies:
                if not credit:
                    credit, credit_from = source, "source_line"
            elif not outlet and is_publication(source, outlets, rules):
                outlet, outlet_from = outlets.spellings.get(source, source), "page"
    if not outlet and look_for_outlet:
        told = Counter(outlets.spellings[name] for name in outlets.told.findall(text))
        if len(told) == 1 and max(told.values()) >= SELF_MENTIONS:
            outlet, outlet_from = next(iter(told)), "self_mention"
    return PageFields(
        title=found.get("title", ""),
        subtitle=found.get("subtitle", ""),
        byline=byline,
        section=" / ".join(part.strip() for part in re.split(r"[/>›»|]", found.get("section", "")) if part.strip()),
        published=chosen.value,
        published_part=chosen.part if chosen.value else UNKNOWN,
        credit=outlets.spellings.get(credit, credit),
        credit_from=credit_from,
        photo_credit=found.get("photo_credit", ""),
        address=address,
        outlet=outlet,
        outlet_from=outlet_from,
    )
