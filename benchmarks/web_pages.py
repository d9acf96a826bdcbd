"""Invented web pages around an article, in the shapes that news pages come in; used to measure speed and to compare readings."""

from __future__ import annotations

import html
import json
from collections.abc import Callable

# What stands around an article; every word invented.
WORDS = [
    "harbour", "union", "quay", "crane", "ferry", "island", "ministry", "letter", "judge", "strike", "wage", "shift", "vessel",
    "night", "market", "school", "road", "court", "engineer", "fare", "season", "budget", "storm", "museum", "river", "bridge",
    "council", "vote", "bakery", "orchard", "signal", "tower", "lamp", "winter", "garden", "station",
]  # fmt: skip


def _words(start: int, count: int) -> str:
    return " ".join(WORDS[(start * 7 + i * (3 + start % 5)) % len(WORDS)] for i in range(count)).capitalize()


def _links(count: int, path: str) -> str:
    return "".join(f'<li class="item"><a href="/{path}/{n}">{_words(n, 2)}</a></li>' for n in range(count))


def _teasers(count: int) -> str:
    return "".join(
        f'<div class="card teaser"><a href="/story/{n}"><img src="/pic/{n}.jpg" alt=""><h3>{_words(n, 7)}</h3></a>'
        f'<p class="summary">{_words(n + 3, 16)}.</p><span class="when">{n % 12 + 1} hours ago</span></div>'
        for n in range(count)
    )


def _paragraphs(text: str) -> list[str]:
    sentences = text.replace(". ", ".\n").split("\n")
    return [html.escape(" ".join(sentences[i : i + 3])) for i in range(0, len(sentences), 3)]


def _meta(title: str) -> str:
    return (
        f'<meta charset="utf-8"><title>{html.escape(title)}</title><meta property="og:title" content="{html.escape(title)}">'
        '<meta property="og:site_name" content="Bay TV"><meta property="article:published_time" content="2032-03-05T07:56:00Z">'
    )


def lean(title: str, text: str) -> str:
    """Navigation, the article, a list beside it, scripts."""
    body = "".join(f"<p>{part}</p>\n" for part in _paragraphs(text))
    script = "<script>" + "var state = {};" * 200 + "</script>"
    return (
        f"<!DOCTYPE html><html><head>{_meta(title)}{script}</head><body><nav><ul>{_links(40, 'section')}</ul></nav><main><article>"
        f"<h1>{html.escape(title)}</h1>{body}</article><aside><ul>{_links(40, 'read')}</ul></aside></main>"
        f"<footer>{script}</footer></body></html>"
    )


def broadsheet(title: str, text: str) -> str:
    """A picture with its caption, share bar, related stories within the text, a newsletter form, comments of readers, JSON-LD."""
    parts = _paragraphs(text)
    declared = {
        "@context": "https://schema.org", "@type": "NewsArticle", "headline": title, "datePublished": "2032-03-05T07:56:00Z",
        "author": [{"@type": "Person", "name": "Dorrit Vael"}], "publisher": {"@type": "Organization", "name": "Bay TV"},
        "articleSection": "Ports",
    }  # fmt: skip
    share = '<div class="share-bar"><button>Share</button><button>Mail</button><button>Copy link</button></div>'
    related = f'<aside class="related"><h2>Read more</h2><ul>{_links(4, "related")}</ul></aside>'
    body = "".join(f'<p class="body-text">{part}</p>' + (related if n == 2 else "") for n, part in enumerate(parts))
    figure = f'<figure><img src="/a.jpg" alt=""><figcaption>{_words(5, 9)}. Photograph: Mara Venn</figcaption></figure>'
    comments = "".join(f'<div class="comment"><b>Reader {n}</b><p>{_words(n, 22)}.</p></div>' for n in range(15))
    return (
        f'<!DOCTYPE html><html lang="en"><head>{_meta(title)}<script type="application/ld+json">{json.dumps(declared)}</script>'
        f"<style>{'.a { margin: 0; padding: 1px }' * 300}</style></head><body><header><nav><ul>{_links(70, 'section')}</ul></nav>"
        f'</header><main id="content"><article><h1>{html.escape(title)}</h1><p class="standfirst">{_words(2, 18)}.</p>'
        f'<div class="byline">By <a rel="author" href="/dorrit">Dorrit Vael</a></div><time datetime="2032-03-05T07:56:00Z">5 March '
        f'2032</time>{share}{figure}{body}{share}</article><form class="newsletter"><label>Your address</label><input type="email">'
        f'</form><section class="comments">{comments}</section><section class="more-stories">{_teasers(12)}</section></main>'
        f"<footer><ul>{_links(50, 'about')}</ul></footer></body></html>"
    )


def portal(title: str, text: str) -> str:
    """Nested blocks without names, advertisements and icons between the paragraphs, a large state for scripts."""
    icon = '<svg viewBox="0 0 9 9"><path d="M0 0L9 9"/><path d="M9 0L0 9"/></svg>'
    ad = '<div class="x7 ad-slot"><div><div><iframe src="about:blank"></iframe></div></div></div>'
    body = "".join(
        f'<div class="c1"><div class="c2"><p class="c3">{part}</p></div></div>' + (ad if n % 2 else "")
        for n, part in enumerate(_paragraphs(text))
    )
    state = json.dumps({"items": [{"id": n, "name": _words(n, 4), "at": [n, n + 1]} for n in range(600)]})
    return (
        f'<!DOCTYPE html><html><head>{_meta(title)}<script>window.state = {state}</script></head><body><div id="root">'
        f'<div class="h1">{icon * 5}<div class="menu"><ul>{_links(90, "channel")}</ul></div></div><div class="g1"><div class="g2">'
        f"<h1>{html.escape(title)}</h1>{body}</div><div class='g3 sidebar'>{_teasers(20)}</div></div>"
        f'<div class="g4 recommended">{_teasers(30)}</div>'
        f'<div class="f1 footer"><ul>{_links(40, "help")}</ul></div></div></body></html>'
    )


def tables(title: str, text: str) -> str:
    """A page as they were made long ago: tables for the layout, line breaks for paragraphs, no closing marks."""
    body = "<br><br>\n".join(_paragraphs(text))
    return (
        f"<html><head><title>{html.escape(title)}</title></head><body bgcolor=white><table width=760><tr><td valign=top>"
        f"<ul>{_links(25, 'menu')}</ul><td><font size=5><b>{html.escape(title)}</b></font><br>5 March 2032<p>{body}"
        f"<p><a href=/print>Print this page</a><td>{_words(4, 12)}<br><img src=/b.gif></table></body></html>"
    )


def live(title: str, text: str) -> str:
    """Entries with a clock and a heading each, quotations and lists among them."""
    entries = "".join(
        f'<section class="entry"><time datetime="2032-03-05T{n % 24:02d}:10:00Z">{n % 24:02d}:10</time><h2>{_words(n, 6)}</h2>'
        + (f"<blockquote><p>{part}</p></blockquote>" if n % 4 == 3 else f"<p>{part}</p>")
        + (f"<ul>{_links(3, 'fact')}</ul>" if n % 5 == 4 else "")
        + "</section>"
        for n, part in enumerate(_paragraphs(text))
    )
    return (
        f"<!DOCTYPE html><html><head>{_meta(title)}</head><body><header><ul>{_links(30, 'section')}</ul></header><article>"
        f"<h1>{html.escape(title)}</h1>{entries}</article><div class='recommended'>{_teasers(8)}</div></body></html>"
    )


SHAPES: dict[str, Callable[[str, str], str]] = {shape.__name__: shape for shape in (lean, broadsheet, portal, tables, live)}
