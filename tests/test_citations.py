"""Every work that the documentation, the data or a module cites stands in CITATIONS.md, and every work there is cited."""

import re
import unicodedata
from pathlib import Path

import pytest
from builders import PROJECT

CITED_IN = (
    "README.md",
    "docs/*.md",
    "data/**/README.md",
    "data/lexicons/categories.csv",
    "data/lexicons/word_choice.csv",
    "data/languages/*.yaml",
    "pipeline/*.py",
    "pipeline/templates/*.j2",
    "benchmarks/*.py",
)
SURNAME = r"(?:(?:van|de)\s)?[A-ZÀ-Ž](?:[\w’'-]*[a-zà-ž])"
CITATION = re.compile(
    rf"({SURNAME})(?:(?:,\s{SURNAME})*,?\s(?:and|&)\s{SURNAME}|\set\sal\.)?(?:['’]s?)?(?:\s[A-Z]{{2,}})?,?\s\(?((?:18|19|20)\d\d)\b"
)
# Months, products and the like that stand before a year without being authors.
NO_AUTHORS = {
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
    *("Copyright", "Sunday", "In", "Since", "Until"),
}
WORK = re.compile(r"^- (?P<first>[^,(]+),.*?\((?P<year>(?:18|19|20)\d\d)\)", re.MULTILINE | re.DOTALL)


def plain(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().removesuffix("'s").removesuffix("'").lower()


def cited_in(text: str) -> set[tuple[str, str]]:
    """First surname and year of every citation in a text."""
    found = CITATION.findall(re.sub(r"[\s#]+", " ", text))
    return {(plain(name), year) for name, year in found if name not in NO_AUTHORS}


def listed_works() -> set[tuple[str, str]]:
    text = (PROJECT / "CITATIONS.md").read_text(encoding="utf-8")
    return {(plain(match["first"]), match["year"]) for entry in re.split(r"\n(?=- )", text) for match in WORK.finditer(entry)}


def cited_files() -> list[Path]:
    return sorted(path for pattern in CITED_IN for path in PROJECT.glob(pattern))


@pytest.mark.parametrize(
    ("text", "works"),
    [
        ("as in Hooper 1975, On assertive predicates", {("hooper", "1975")}),
        ("(Monroe, Colaresi and Quinn 2008; Wilson's (1927) interval)", {("monroe", "2008"), ("wilson", "1927")}),
        ("Grabe, Zhou & Barnett 2001, Explicating; van Dijk 1998", {("grabe", "2001"), ("van dijk", "1998")}),
        ("Frermann et al.\n# (2023) and Lin and\n    Pantel 2001", {("frermann", "2023"), ("lin", "2001")}),
        ("dispersion (Gries' DP 2008) and MOVER, Zou and Donner 2008", {("gries", "2008"), ("zou", "2008")}),
        ("Galasiński 2000; in March 2017; LIWC 2001", {("galasinski", "2000")}),
    ],
)
def test_citations_are_found(text, works):
    assert cited_in(text) == works


@pytest.mark.parametrize("path", cited_files(), ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_cited_work_is_listed(path):
    assert cited_in(path.read_text(encoding="utf-8")) - listed_works() == set()


def test_every_listed_work_is_cited():
    text = "\n".join(path.read_text(encoding="utf-8") for path in cited_files())
    text += "\n".join(path.read_text(encoding="utf-8") for path in (PROJECT / "tests").glob("*.py"))
    text = plain(re.sub(r"[\s#]+", " ", text))
    missing = [(name, year) for name, year in sorted(listed_works()) if not re.search(rf"\b{name}\b.{{0,90}}?\b{year}\b", text)]
    assert missing == []
