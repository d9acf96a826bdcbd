import json
import re
from html.parser import HTMLParser

import jinja2
import numpy as np
import pandas as pd
import pytest
from builders import PROJECT, article_frame, token_table, tokenized
from statsmodels.stats.proportion import proportion_confint

from pipeline import paths, report
from pipeline.charts import outlet_styles
from pipeline.params import Params, parse_params
from pipeline.passages import Passage
from pipeline.report import (
    Results,
    keyness_passages,
    keyness_rows,
    lexicon_rows,
    make_context,
    make_metrics,
    make_tables,
    pooled_rate,
    reliability_figure,
    removal_summary,
    render_page,
    safe_link,
    select,
    shared_copies,
    term_passages,
    wilson,
    write_report,
)
from pipeline.voice import OWN

HOSTILE = '<script>alert("x")</script>'
NAN = float("nan")


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


def a_cell(**changes) -> dict:
    cell = {"estimate": 4.2, "low": 3.1, "high": 5.6, "status": "ok", "note": "", "q": NAN, "hits": 21, "tokens": 5000}
    return cell | changes


def an_outlet(name: str) -> dict:
    return {
        "outlet": name,
        "articles": 30,
        "copy_groups": 29,
        "shared_with_others": 1,
        "stories": 12,
        "dated": 30,
        "first_date": "2031-03-01",
        "last_date": "",
        "tokens_all": 9000,
        "tokens_own": 7000,
        "tokens_direct": 2000,
    }


def a_passage(**changes) -> Passage:
    return Passage(
        "A ", "mob", " stormed it.", "a00", "Tern", "Pier stormed", "2031-03-01", "https://tern.example/a", "own"
    )._replace(**changes)


def context(outlets=("Tern", "Auk"), passage=None, cells=None, **changes) -> dict:
    """What a page is rendered from: two outlets, one lexicon, a shared text, no stance."""
    passage = passage or a_passage()
    term = {"entry": "mob", "category": "hostile_labels", "own": 3, "all": 4, "articles": 3, "passages": [passage]}
    shared = [
        {"outlet": name, "title": passage.title, "article_id": "a00", "url": passage.url, "published": ""} for name in outlets
    ]
    base = {
        "title": "How the news frames it",
        "source": "your own articles",
        "params": Params(),
        "articles": 60,
        "span": ("2031-03-01", "2031-03-09"),
        "outlets": [an_outlet(name) for name in outlets],
        "styles": outlet_styles(outlets),
        "several": len(outlets) > 1,
        "notices": ["Auk: thin."],
        "findings": [],
        "lexicons": [
            {
                "name": "loaded_terms",
                "entries": 1,
                "unmatched": 0,
                "categories": 1,
                "audit": [],
                "agreement": None,
                "rows": [{"category": "all", "label": "All together", "cells": cells or {name: a_cell() for name in outlets}}],
                "outlets": [{"outlet": name, "terms": [term]} for name in outlets],
            }
        ],
        "word_choice": [],
        "distances": {},
        "changes": [],
        "keyness": [],
        "keyness_tested": 0,
        "null": [],
        "copies": [{"group": "a00", "articles": shared}],
        "stance": [],
        "categories": [],
        "abbreviations": 3,
        "metrics": {"refused": 0, "removals": 2, "stories": 1, "copy_groups": 1, "articles_in_copy_groups": 2},
        "provenance": {
            "parallax": "0",
            "python": "3.12",
            "packages": {"numpy": "2"},
            "articles": {"count": 60, "identities_sha256": "0" * 64},
            "lexicons_sha256": {"loaded_terms.csv": "1" * 64},
        },
        "figures": {"voice_direct": "<svg></svg>", "voice_marked": "<svg></svg>"},
    }
    return base | changes


def test_nothing_from_data_becomes_markup():
    passage = a_passage(before=HOSTILE, words=HOSTILE, after=HOSTILE, outlet=HOSTILE, title=HOSTILE, published=HOSTILE)
    page = render_page(
        context((HOSTILE, "Auk"), passage, title=HOSTILE, notices=[HOSTILE], findings=[{"text": HOSTILE}], source=HOSTILE)
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
    page = Page(render_page(context(passage=a_passage(url=url))))
    assert all(link.startswith("#") for link in page.links)
    assert "Pier stormed" in page.text


def test_web_addresses_are_links():
    assert safe_link("HTTPS://tern.example/a") == "HTTPS://tern.example/a"
    assert "https://tern.example/a" in Page(render_page(context())).links


def test_the_page_loads_nothing():
    page = render_page(context())
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


def test_what_is_missing_is_said():
    text = Page(render_page(context(("Tern",), span=None, lexicons=[], copies=[]))).text
    assert "60 articles of 1 outlet: your own articles." in text
    assert "No difference between outlets holds after correction." in text
    assert (
        "Keyness needs two outlets." in text and "there is only one outlet" in text and "No target is set for this source." in text
    )


def test_a_value_the_page_lacks_is_an_error_not_a_blank():
    lacking = context()
    del lacking["provenance"]
    with pytest.raises(jinja2.UndefinedError, match="provenance"):
        render_page(lacking)


@pytest.fixture
def reports(tmp_path, monkeypatch):
    """A folder with a report of an earlier run."""
    monkeypatch.setattr(paths, "REPORTS", tmp_path / "reports")
    write_report("<p>old</p>", {"old": "<svg/>"}, {"rates": pd.DataFrame({"n": [1]})}, {"n": 1}, {"python": "3.12"})
    return tmp_path / "reports"


def contents(folder) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_report_is_complete_and_leaves_nothing_of_the_last(reports):
    write_report("<p>new</p>", {"new": "<svg/>"}, {"rates": pd.DataFrame({"title": ["=1+1"]})}, {"n": 2}, {})
    assert list(contents(reports)) == ["figures/new.svg", "index.html", "metrics.json", "provenance.json", "tables/rates.csv"]
    assert contents(reports)["tables/rates.csv"] == b"title\n'=1+1\n"
    assert json.loads((reports / "metrics.json").read_text()) == {"n": 2}
    assert (reports / "figures").stat().st_mode & 0o755 == 0o755


def test_a_report_without_figures_has_an_empty_folder_of_them(reports):
    write_report("<p>new</p>", {}, {"rates": pd.DataFrame({"n": [1]})}, {}, {})
    assert list((reports / "figures").iterdir()) == []


@pytest.mark.parametrize(
    "broken", [{"metrics": {"n": NAN}}, {"provenance": {"n": NAN}}, {"tables": {"rates": None}}, {"page": "\ud800"}]
)
def test_a_run_that_fails_leaves_the_last_report_whole(reports, broken):
    before = contents(reports)
    new = {
        "page": "<p>new</p>",
        "figures": {"new": "<svg/>"},
        "tables": {"rates": pd.DataFrame({"n": [2]})},
        "metrics": {},
        "provenance": {},
    }
    with pytest.raises((ValueError, AttributeError), match=r"JSON|columns|surrogates"):
        write_report(**(new | broken))
    assert contents(reports) == before
    assert [p.name for p in reports.iterdir() if p.name.startswith(".")] == []


def test_a_page_that_cannot_be_rendered_leaves_the_last_report_whole(reports, monkeypatch):
    before = contents(reports)
    monkeypatch.setattr(report, "load_results", lambda: None)
    monkeypatch.setattr(report, "make_context", lambda _: ({"title": "lacks the rest"}, {}, pd.DataFrame()))
    with pytest.raises(jinja2.UndefinedError, match="params"):
        report.main()
    assert contents(reports) == before


@pytest.mark.parametrize(("hits", "n"), [(0, 3), (1, 7), (5, 5), (13, 40)])
def test_wilsons_interval_is_statsmodels(hits, n):
    assert wilson(hits / n, n) == pytest.approx(proportion_confint(hits, n, method="wilson"), abs=1e-6)


def test_wilsons_interval_holds_its_share_at_the_ends():
    for n in range(1, 300):
        for share in (0.0, 1.0):
            low, high = wilson(share, n)
            assert 0 <= low <= share <= high <= 1


def test_calibration_is_drawn_where_no_case_or_every_case_is_true():
    rows = [("against", 0.1, 0.0, n) for n in (3, 5, 6)] + [("against", 0.9, 1.0, n) for n in (4, 10)]
    assert "<svg" in reliability_figure(pd.DataFrame(rows, columns=["class", "predicted", "observed", "articles"]))


def test_rows_are_selected_and_pooled():
    table = pd.DataFrame(
        {"voice": ["own", "own", "direct"], "unit": ["per 1,000 tokens"] * 3, "hits": [1, 3, 9], "tokens": [1000, 1000, 1000]}
    )
    assert select(table, voice="own").index.tolist() == [0, 1] and len(select(table, voice="own", unit="x")) == 0
    assert pooled_rate(select(table, voice="own")) == 2.0
    assert pooled_rate(table.assign(unit="% of tokens")) == pytest.approx(100 * 13 / 3000)
    assert pooled_rate(table.assign(tokens=0)) is None and pooled_rate(table[:0]) is None


def test_every_outlet_has_a_cell_in_every_category_total_first():
    rows = [("b", "own", o, s) for o in ("Tern", "Auk") for s in ("rate", "ratio")] + [
        ("all", "own", o, "rate") for o in ("Tern", "Auk")
    ]
    table = pd.DataFrame(rows, columns=["category", "voice", "outlet", "statistic"]).assign(
        measure="loaded_terms", **a_cell() | {"q": [NAN, 0.01, NAN, 0.5, NAN, NAN]}
    )
    got = lexicon_rows(table, "loaded_terms", {("loaded_terms", "b"): "Boosters"}, ["Auk", "Tern"])
    assert [(row["category"], row["label"]) for row in got] == [("all", "All together"), ("b", "Boosters")]
    assert got[1]["cells"]["Tern"]["q"] == 0.01 and got[1]["cells"]["Auk"]["q"] == 0.5 and np.isnan(got[0]["cells"]["Tern"]["q"])


def keyness_table(*rows) -> pd.DataFrame:
    columns = ["outlet", "term", "low", "q", "log_odds", "outlet_name"]
    return pd.DataFrame(rows, columns=columns)


def test_shown_keyness_is_an_outlets_own_and_says_nothing_twice():
    table = keyness_table(
        ("Tern", "prime minister", 2.0, 0.001, 2.5, False),
        ("Tern", "minister", 1.5, 0.001, 2.5, False),
        ("Tern", "harbour", 1.0, 0.001, 2.5, False),
        ("Tern", "tern", 3.0, 0.001, 4.0, True),
        ("Tern", "others'", -2.0, 0.001, -1.0, False),
        ("Tern", "perhaps", 0.1, 0.2, 0.5, False),
        ("Auk", "minister", 0.5, 0.01, 1.0, False),
    )
    assert keyness_rows(table, 0.05, 12)[["outlet", "term"]].to_numpy().tolist() == [
        ["Auk", "minister"],
        ["Tern", "prime minister"],
        ["Tern", "harbour"],
    ]
    assert len(keyness_rows(table, 0.05, 1)) == 2
    assert keyness_rows(pd.DataFrame({"outlet": []}), 0.05, 12).empty and keyness_rows(table[:0], 0.05, 12).empty


def test_removals_are_summed_by_kind_and_outlet_with_the_commonest_text():
    removals = pd.DataFrame(
        {
            "article_id": ["a", "b", "b", "c"],
            "outlet": ["Tern", "Tern", "Tern", ""],
            "kind": ["byline"] * 4,
            "text": ["By Mia", "By Ode", "By Ode", "By Zoë"],
        }
    )
    assert removal_summary(removals).to_dict("records") == [
        {"kind": "byline", "outlet": "(unknown outlet)", "removals": 1, "articles": 1, "commonest": "By Zoë"},
        {"kind": "byline", "outlet": "Tern", "removals": 3, "articles": 2, "commonest": "By Ode"},
    ]
    assert removal_summary(removals[:0]).columns.tolist() == ["kind", "outlet", "removals", "articles", "commonest"]


def results() -> Results:
    """Two outlets, three articles: the first two copies of one text, the third with a hostile title and an unknown outlet."""
    texts = ["A mob came. “The mob is here,” said the mob leader today.", "A mob came. Gulls fled.", "The mob left. A mob?"]
    articles = article_frame(
        texts, ["Tern", "Auk", ""], title=["Mob", "Mob", "=HYPERLINK()"], published=["2031-03-02", "2031-03-01", ""]
    )
    made = tokenized(articles)
    tokens = token_table(made)
    terms = made["vocabulary"]["term"].tolist()
    at = np.flatnonzero(tokens.token == terms.index("mob"))
    hits = pd.DataFrame(
        {
            "lexicon": "loaded_terms",
            "entry": 0,
            "category": "hostile_labels",
            "article": tokens.article[at],
            "sentence": tokens.sentence[at],
            "position": at,
            "length": 1,
            "part": tokens.part[at],
            "voice": tokens.voice[at],
            "counted": True,
        }
    )
    estimates = pd.DataFrame(
        [
            {
                "measure": "loaded_terms",
                "category": "all",
                "voice": "own",
                "statistic": "rate",
                "outlet": "Tern",
                "groups": 1,
                **a_cell(),
            }
        ]
    )
    return Results(
        params=Params(),
        articles=articles.assign(lost_characters=0),
        refused=pd.DataFrame({"source": ["x.txt"], "reason": ["too_short"], "title": ["=1+1"]}),
        removals=pd.DataFrame({"article_id": [], "outlet": [], "kind": [], "text": []}),
        groups=pd.DataFrame(
            {"article_id": articles["article_id"], "copy_group": ["a00", "a00", "a02"], "story": ["a00", "a00", "a02"]}
        ),
        copies=pd.DataFrame({"left": ["a00"], "right": ["a01"], "containment": [0.5]}),
        outlets=pd.DataFrame([an_outlet("Auk"), an_outlet("Tern")]),
        estimates=estimates,
        keyness=keyness_table(),
        null=pd.DataFrame(),
        entries=pd.DataFrame({"lexicon": ["loaded_terms"], "category": ["hostile_labels"], "entry": ["mob"], "hits": [7]}),
        hits=hits,
        sentences=made["sentences"],
        tokens=tokens,
        terms=terms,
        scores={"board": {"status": "no_labels", "relevant": 2, "coded_in_corpus": 0, "agreement": None}},
        coded=pd.DataFrame({"target": []}),
        reliability=pd.DataFrame({"target": []}),
        weights=pd.DataFrame({"target": []}),
        categories=[],
        abbreviations=0,
        audit=pd.DataFrame({"lexicon": [], "category": [], "scope": [], "measure": [], "entry": [], "value": []}),
        precision=pd.DataFrame({"lexicon": []}),
        codes=pd.DataFrame({"lexicon": [], "correct": [], "second": []}),
        within=pd.DataFrame(),
        quoting=pd.DataFrame(),
        word_choice=pd.DataFrame(),
        name_uses=pd.DataFrame(),
        distances=pd.DataFrame(),
        places=pd.DataFrame(),
        sensitivity=pd.DataFrame(),
        changes=pd.DataFrame(),
    )


def test_terms_an_outlet_uses_are_counted_in_its_own_voice_with_passages():
    given = results()
    (term,) = term_passages(given, "loaded_terms", np.array([True, False, False]), 8, 3)
    assert (term["entry"], term["own"], term["all"], term["articles"]) == ("mob", 2, 3, 1)
    (passage,) = term["passages"]
    assert (passage.words, passage.outlet, passage.voice) == ("mob", "Tern", "own")
    assert term_passages(given, "loaded_terms", np.array([True, False, False]), 8, 0)[0]["passages"] == []
    assert term_passages(given, "frames", np.array([True, True, True]), 8, 3) == []


def test_passages_of_keyness_terms_are_the_outlets_own_words():
    given = results()
    rows = keyness_table(("Tern", "a mob", 1.0, 0.01, 1.0, False), ("(unknown outlet)", "mob", 1.0, 0.01, 1.0, False))
    found = keyness_passages(given, rows, 3)
    assert [p.words for p in found["Tern", "a mob"]] == ["A mob"]
    assert [p.article_id for p in found["(unknown outlet)", "mob"]] == ["a02"]
    own = given.tokens.voice == OWN
    assert own.any() and not own.all()


def test_shared_texts_are_those_of_several_outlets_by_date():
    (group,) = shared_copies(results())
    assert [a["outlet"] for a in group["articles"]] == ["Auk", "Tern"] and group["group"] == "a00"
    assert shared_copies(results(), most=0) == []


def test_tables_name_what_their_numbers_stand_for():
    tables = make_tables(results(), pd.DataFrame())
    hits = tables["hits"]
    assert set(hits["part"]) == {"title", "body"} and set(hits["voice"]) == {"own", "direct"} and set(hits["entry"]) == {"mob"}
    assert tables["loaded_terms_total"]["outlet"].tolist() == ["Tern"]
    assert tables["keyness"].columns.tolist() == ["empty"] and tables["refused"]["title"].tolist() == ["=1+1"]


def test_metrics_count_the_corpus():
    corpus = make_metrics(results())["corpus"]
    assert corpus == {
        "articles": 3,
        "refused": 1,
        "outlets": 2,
        "tokens": 18000,
        "copy_groups": 1,
        "articles_in_copy_groups": 2,
        "stories": 2,
        "removals": 0,
    }
    assert make_metrics(results())["stance"] == {"board": {"status": "no_labels", "relevant": 2, "coded": 0}}


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
        scores={"harland_ministry": score | {"coded_in_corpus": 0, "agreement": None}},
    )
    made, figures, shown = make_context(given)
    text = Page(render_page(made)).text
    assert "Not estimated: none of the 2 relevant articles is coded." in text and "None." in text
    assert "loaded_terms_own" not in figures and shown.empty
