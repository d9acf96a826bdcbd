import json
import re
from html.parser import HTMLParser

import jinja2
import pandas as pd
import pytest
from builders import PROJECT
from reporting import NAN, a_cell, a_passage, an_outlet, results

from pipeline import paths, report
from pipeline.charts import outlet_styles
from pipeline.params import Params, parse_params
from pipeline.report import PAGES, make_context, render_page, safe_link, write_report
from pipeline.results import UNSETTLED

HOSTILE = '<script>alert("x")</script>'


class Page(HTMLParser):
    """Tags, addresses and event handlers of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "xlink:href")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def context(outlets=("Tern", "Auk"), passage=None, cells=None, **changes) -> dict:
    """What a page is rendered from: two outlets, one lexicon, a shared text, no stance."""
    passage = passage or a_passage()
    term = {"entry": "mob", "category": "hostile_labels", "own": 3, "all": 4, "articles": 3, "passages": [passage]}
    article = {"outlet": outlets[0], "title": passage.title, "article_id": "a00", "url": passage.url, "published": ""}
    edit = {"kind": "replace", "before": passage.before, "old": passage.words, "new": passage.words, "after": passage.after}
    pair = {"old": outlets[0], "new": outlets[0], "ordered": False, "edits": [edit], "all": 2}
    coverage = {"outlet": outlets[0], "articles": [article] * 4, "tokens": 90, "own": 60, "hits": 2, "entries": [passage.words]}
    base = {
        "title": "How the news frames it",
        "source": "your own articles",
        "params": Params(),
        "rate": 0.05,
        "level": "95",
        "articles": 60,
        "span": ("2031-03-01", "2031-03-09"),
        "outlets": [an_outlet(name) for name in outlets],
        "styles": outlet_styles(outlets),
        "several": len(outlets) > 1,
        "known_outlets": len(outlets),
        "unknown": 0,
        "notices": ["Auk: thin."],
        "findings": [],
        "flags": [
            {"outlet": name, "articles": 9} | {flag: 2 for flag in UNSETTLED} | {f"{flag}_articles": 1 for flag in UNSETTLED}
            for name in outlets
        ],
        "lexicons": [
            {
                "name": "loaded_terms",
                "entries": 1,
                "unmatched": 0,
                "categories": 1,
                "audit": [],
                "agreement": None,
                "detectable": [{"category": "all", "label": "All together", "values": [1.2, NAN]}],
                "pairs": {},
                "told": True,
                "rows": [{"category": "all", "label": "All together", "cells": cells or {name: a_cell() for name in outlets}}],
                "outlets": [{"outlet": name, "terms": [term]} for name in outlets],
            }
        ],
        "word_choice": [],
        "concepts": {"rows": [], "agreement": None},
        "distances": {},
        "changes": [],
        "keyness": [],
        "keyness_tested": 0,
        "null": [],
        "single": [
            {
                **article,
                "tokens": 90,
                "voices": {"own": 0.6, "direct": 0.4, "reported": 0.0, "marked": 0.0},
                "totals": [{"lexicon": "loaded_terms", "own": 2, "others": 1, "terms": [passage.words]}],
                "categories": [(passage.words, 3)],
                "speakers": [(passage.words, 1)],
            }
        ],
        "rivals": [
            {"name": passage.words, "rival": passage.words, "stories": 2, "edits": 0, "similarity": 0.2}
            | {"rival_uses": 9, "name_uses": 8}
        ],
        "speakers": {outlets[0]: [{"speaker": passage.words, "articles": 3}]},
        "story_lexicon": "loaded_terms",
        "stories": [
            {"label": passage.words, "outlets": 1, "articles": 4, "first": "", "last": "", "coverage": [coverage]},
        ],
        "copies": [{"members": [article], "origin": outlets[0], "evidence": "credit", "pairs": [pair]}],
        "quotations": [{"words": passage.words, "forms": [{**article, "words": passage.words, "quoted": True}]}],
        "stance": [],
        "categories": [],
        "abbreviations": 3,
        "metrics": {"refused": 0, "removals": 2, "stories": 1, "copy_groups": 1, "articles_in_copy_groups": 2}
        | {"stories_of_several": 1, "digests": 1},
        "provenance": {
            "parallax": "0",
            "python": "3.12",
            "packages": {"numpy": "2"},
            "articles": {"count": 60, "identities_sha256": "0" * 64},
            "lexicons_sha256": {"loaded_terms.csv": "1" * 64},
        },
        "figures": {"voice": "<svg></svg>", "loaded_terms_own": "<svg></svg>"},
    }
    return base | changes


@pytest.mark.parametrize("name", PAGES)
def test_nothing_from_data_becomes_markup(name):
    passage = a_passage(before=HOSTILE, words=HOSTILE, after=HOSTILE, outlet=HOSTILE, title=HOSTILE, published=HOSTILE)
    page = render_page(
        context(
            (HOSTILE, "Auk"),
            passage,
            title=HOSTILE,
            notices=[HOSTILE],
            findings=[{"text": HOSTILE, "stories": "held"}],
            source=HOSTILE,
            categories=[dict.fromkeys(("label", "definition", "source", "false_friends"), HOSTILE) | {"lexicon": "loaded_terms"}],
        ),
        name,
    )
    assert "<script" not in page
    parsed = Page(page)
    assert "script" not in parsed.tags and parsed.handlers == []
    assert HOSTILE in parsed.text


def test_a_quotation_mark_does_not_leave_its_attribute():
    evil = '" onmouseover="alert(1)'
    page = Page(
        render_page(
            context(
                (evil, "Auk"),
                a_passage(url="https://x.example/" + evil),
                cells={evil: a_cell(status="withheld", note=evil), "Auk": a_cell()},
            )
        )
    )
    assert page.handlers == []
    assert "https://x.example/" + evil in page.links


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<b>",
        "vbscript:x",
        "//evil.example",
        "file:///etc",
        "",
    ],
)
def test_addresses_that_are_no_web_addresses_are_never_links(url):
    assert safe_link(url) == ""
    for name in ("index", "stories"):
        page = Page(render_page(context(passage=a_passage(url=url)), name))
        assert all(re.match(r"#|(index|stories|audit)\.html", link) for link in page.links)
        assert "Pier stormed" in page.text


def test_web_addresses_are_links():
    assert safe_link("HTTPS://tern.example/a") == "HTTPS://tern.example/a"
    for name in ("index", "stories"):
        assert "https://tern.example/a" in Page(render_page(context(), name)).links


@pytest.mark.parametrize("name", PAGES)
def test_every_link_within_the_report_leads_somewhere(name):
    pages = {page: render_page(context(), page) for page in PAGES}
    for link in Page(pages[name]).links:
        if not link.startswith("http"):
            file, _, anchor = link.partition("#")
            target = pages[file.removesuffix(".html") or name]
            assert not anchor or f'id="{anchor}"' in target


@pytest.mark.parametrize("name", PAGES)
def test_the_page_loads_nothing(name):
    page = render_page(context(), name)
    assert not re.search(r"<(link|img|iframe|object|embed|script)\b|@import|url\(", page)
    assert "default-src 'none'" in page


def test_withheld_and_thin_cells_say_so():
    cells = {
        "Tern": a_cell(status="withheld", estimate=NAN, low=NAN, high=NAN, note="2 independent texts"),
        "Auk": a_cell(status="thin", q=0.01),
    }
    page = render_page(context(cells=cells))
    assert '<td class="no" title="2 independent texts">too little data</td>' in page
    assert re.search(r'<td class="sure">4\.20<sup title="thin evidence">†</sup><span class="range">3\.10–5\.60', page)
    assert "nan" not in Page(page).text.lower().split()


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ("credit", "from Tern (credited)"),
        ("agency_outlet", "probably from Tern (an agency among the outlets)"),
        ("one_outlet", "from Tern (the only outlet)"),
        ("earliest", "perhaps from Tern (alone on the first day; hours are not known)"),
    ],
)
def test_an_origin_is_given_as_surely_as_it_is_known(evidence, said):
    given = context(("Tern",))
    (copy,) = given["copies"]
    given["copies"] = [copy | {"evidence": evidence}]
    assert f"· {said}" in Page(render_page(given, "stories")).text


def test_what_is_missing_is_said():
    text = Page(render_page(context(("Tern",), span=None, lexicons=[]))).text
    assert "60 articles of 1 outlet: your own articles." in text
    for words in (
        "Nothing to compare: there are no two outlets.",
        "Word choice needs two outlets.",
        "Keyness needs two outlets.",
        "Distances need two outlets.",
        "Not drawn: there are no two outlets.",
        "No target is set for this source.",
    ):
        assert words in text
    assert "No difference between outlets holds after correction." in Page(render_page(context())).text


def test_articles_of_unknown_outlets_are_no_outlets_of_the_heading():
    some = Page(render_page(context(("Tern", "(unknown outlet)"), known_outlets=1, unknown=12))).text
    assert "60 articles of 1 outlet (that of 12 articles is unknown)" in some
    none = Page(render_page(context(("(unknown outlet)",), known_outlets=0, unknown=60))).text
    assert "60 articles of unknown outlets" in none


def test_one_outlet_has_its_rates_and_nothing_on_others():
    (lexicon,) = context(("Tern",))["lexicons"]
    alone = Page(render_page(context(("Tern",), lexicons=[lexicon]))).text
    assert "rates per 1,000 own-voice tokens" in alone and "Too little data for rates" not in alone
    table = "Table: the smallest ratio"
    assert table not in alone and table in Page(render_page(context())).text
    assert "Too little data for rates" in Page(render_page(context(("Tern",), lexicons=[{**lexicon, "told": False}]))).text


def test_a_rate_without_an_interval_says_so():
    cells = {"Tern": a_cell(low=NAN, high=NAN), "Auk": a_cell()}
    assert render_page(context(cells=cells)).count('<span class="range">no interval</span>') == 1


def test_a_value_the_page_lacks_is_an_error_not_a_blank():
    lacking = context()
    del lacking["provenance"]
    with pytest.raises(jinja2.UndefinedError, match="provenance"):
        render_page(lacking)


@pytest.fixture
def reports(tmp_path, monkeypatch):
    """A folder with a report of an earlier run."""
    monkeypatch.setattr(paths, "REPORTS", tmp_path / "reports")
    write_report({"index": "<p>old</p>"}, {"old": "<svg/>"}, {"rates": b"n\n1\n"}, {"n": 1}, {"python": "3.12"})
    return tmp_path / "reports"


def contents(folder) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_report_is_complete_and_leaves_nothing_of_the_last(reports):
    write_report({"index": "<p>new</p>"}, {"new": "<svg/>"}, {"rates": b"title\n'=1+1\n"}, {"n": 2}, {})
    assert list(contents(reports)) == ["figures/new.svg", "index.html", "metrics.json", "provenance.json", "tables/rates.csv"]
    assert contents(reports)["tables/rates.csv"] == b"title\n'=1+1\n"
    assert json.loads((reports / "metrics.json").read_text()) == {"n": 2}
    assert (reports / "figures").stat().st_mode & 0o755 == 0o755


def test_a_report_without_figures_has_an_empty_folder_of_them(reports):
    write_report({"index": "<p>new</p>"}, {}, {"rates": b"n\n1\n"}, {}, {})
    assert list((reports / "figures").iterdir()) == []


@pytest.mark.parametrize(
    "broken", [{"metrics": {"n": NAN}}, {"provenance": {"n": NAN}}, {"tables": {"rates": None}}, {"pages": {"index": "\ud800"}}]
)
def test_a_run_that_fails_leaves_the_last_report_whole(reports, broken):
    before = contents(reports)
    new = {
        "pages": {"index": "<p>new</p>"},
        "figures": {"new": "<svg/>"},
        "tables": {"rates": b"n\n2\n"},
        "metrics": {},
        "provenance": {},
    }
    with pytest.raises((ValueError, TypeError), match=r"JSON|bytes-like|surrogates"):
        write_report(**(new | broken))
    assert contents(reports) == before
    assert [p.name for p in reports.iterdir() if p.name.startswith(".")] == []


def test_a_page_that_cannot_be_rendered_leaves_the_last_report_whole(reports, monkeypatch):
    before = contents(reports)
    monkeypatch.setattr(report, "load_results", lambda: None)
    monkeypatch.setattr(report, "make_context", lambda _: ({"title": "lacks the rest"}, dict, pd.DataFrame()))
    monkeypatch.setattr(report, "make_tables", lambda *_: {})
    with pytest.raises(jinja2.UndefinedError, match="stories"):
        report.main()
    assert contents(reports) == before


def test_a_corpus_in_which_nothing_is_found_still_has_a_page(monkeypatch):
    monkeypatch.chdir(PROJECT)
    given = results()
    score = {
        "status": "no_labels",
        "message": "none of the 2 relevant articles is coded",
        "label": "x",
        "coders": [],
        "relevant": 2,
    }
    given = given._replace(
        params=parse_params({"ingest": {"source": "example"}}),
        estimates=given.estimates[:0],
        hits=given.hits[:0],
        scores={
            "harland_ministry": score | {"coded_articles": 0, "coded_in_corpus": 0, "coded_but_not_relevant": 0, "agreement": None}
        },
    )
    made, drawn, shown = make_context(given)
    figures = drawn()
    text = Page(render_page(made | {"figures": figures})).text
    assert "Not estimated: none of the 2 relevant articles is coded." in text and "None." in text
    assert "loaded_terms_own" not in figures and shown.empty
