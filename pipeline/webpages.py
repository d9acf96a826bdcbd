"""Web pages: the article's text by trafilatura, its fields from what the page declares of itself."""

from __future__ import annotations

import json
import re

import trafilatura
from lxml import etree, html
from trafilatura.settings import Extractor

LARGEST_DECLARATION = 2**20

# Meta elements by their property or name, most trusted first.
_META = {
    "title": ("og:title", "twitter:title", "dc.title", "headline"),
    "subtitle": ("og:description", "description", "dc.description"),
    "byline": ("author", "article:author_name", "dc.creator", "parsely-author", "byl", "sailthru.author"),
    "published": (
        "article:published_time",
        "datepublished",
        "parsely-pub-date",
        "dc.date.issued",
        "pubdate",
        "sailthru.date",
        "date",
        "dc.date",
    ),
    "section": ("article:section", "parsely-section", "section"),
    "outlet": ("og:site_name", "application-name", "dc.publisher", "publisher"),
    "url": ("og:url",),
}
_ARTICLE_TYPE = re.compile(r"Article$|^BlogPosting$|^Report$")


def _name(value: object) -> str:
    if isinstance(value, dict):
        return _name(value.get("name"))
    if isinstance(value, list):
        return ", ".join(part for part in map(_name, value[:20]) if part)
    return " ".join(value.split()) if isinstance(value, str) else ""


def _articles_declared(tree: html.HtmlElement) -> list[dict]:
    """Objects of JSON-LD that say they are an article."""
    found = []
    for element in tree.iter("script"):
        if element.get("type") != "application/ld+json" or not element.text or len(element.text) > LARGEST_DECLARATION:
            continue
        try:
            value = json.loads(element.text)
        except (ValueError, RecursionError):
            continue
        waiting = [value]
        while waiting:
            item = waiting.pop(0)
            if isinstance(item, list):
                waiting.extend(item[:100])
            elif isinstance(item, dict):
                kinds = item.get("@type")
                if any(
                    isinstance(kind, str) and _ARTICLE_TYPE.search(kind) for kind in (kinds if isinstance(kinds, list) else [kinds])
                ):
                    found.append(item)
                if "@graph" in item:
                    waiting.append(item["@graph"])
    return found


def read_declared(tree: html.HtmlElement) -> dict[str, str]:
    """Fields a page declares: JSON-LD of an article, then meta elements, then `<time>`, the canonical link and the title."""
    fields: dict[str, str] = {}
    for item in _articles_declared(tree)[:1]:
        fields = {
            "title": _name(item.get("headline")),
            "byline": _name(item.get("author")),
            "published": _name(item.get("datePublished")),
            "section": _name(item.get("articleSection")),
            "outlet": _name(item.get("publisher")),
            "url": _name(item.get("url")),
        }
    metas: dict[str, str] = {}
    for element in tree.iter("meta"):
        key = (element.get("property") or element.get("name") or element.get("itemprop") or "").lower()
        if key and element.get("content"):
            metas.setdefault(key, " ".join(element.get("content").split()))
    for field, names in _META.items():
        if not fields.get(field):
            fields[field] = next((metas[name] for name in names if metas.get(name)), "")
    if fields["byline"].startswith("http"):
        fields["byline"] = ""
    if not fields["published"]:
        fields["published"] = next((e.get("datetime") for e in tree.iter("time") if e.get("datetime")), "")
    link = next((e.get("href") for e in tree.iter("link") if e.get("rel") == "canonical" and e.get("href")), "")
    fields["url"] = link or fields["url"]
    if not fields["title"]:
        fields["title"] = next((" ".join(e.text_content().split()) for e in tree.iter("h1")), "") or " ".join(
            (tree.findtext(".//title") or "").split()
        )
    return {field: value for field, value in fields.items() if value}


def read_web_page(page: str, url: str = "") -> dict[str, str]:
    """Fields of a page, `text` among them (paragraphs parted by an empty line); nothing where no article is found. Scripts never
    run."""
    tree = trafilatura.load_html(page)
    if tree is None:
        return {}
    declared = read_declared(tree)
    options = Extractor(comments=False, tables=False, with_metadata=False, url=url or None)
    try:
        text = trafilatura.extract(tree, options=options)
    except (etree.LxmlError, ValueError, RecursionError):
        text = None
    paragraphs = [line for line in (text or "").split("\n") if line.strip()]
    return {**declared, **({"url": url} if url else {}), "text": "\n\n".join(paragraphs)}
