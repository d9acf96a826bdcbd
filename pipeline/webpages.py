"""Web pages: the article's text by trafilatura, its fields from what the page declares of itself."""

from __future__ import annotations

import json
import re
from copy import copy

import trafilatura
from lxml import etree, html
from trafilatura.baseline import html2txt
from trafilatura.external import try_readability
from trafilatura.htmlprocessing import convert_tags, prune_unwanted_nodes, tree_cleaning
from trafilatura.main_extractor import extract_content
from trafilatura.settings import Extractor
from trafilatura.utils import normalize_unicode
from trafilatura.xml import xmltotxt
from trafilatura.xpaths import RAW_TREE_PRUNE_XPATH, REMOVE_COMMENTS_AND_LISTS_XPATH

DECLARATION = "application/ld+json"
LARGEST_DECLARATION = 2**20

OPTIONS = Extractor(comments=False, tables=False)
# When trafilatura looks at what other algorithms find, in characters and as ratios (its settings, `core` and `external`).
SHORT, LONGER = 250, 2
ESCALATED, ESCALATED_SHARE = 3000, 0.2
UNCLEAN = (
    "aside", "audio", "button", "fencedframe", "fieldset", "figure", "footer", "iframe", "input", "label", "link", "nav", "noindex",
    "noscript", "object", "option", "select", "source", "svg", "time",
)  # fmt: skip

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
        if element.get("type") != DECLARATION or not element.text or len(element.text) > LARGEST_DECLARATION:
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


def _is_settled(tree: html.HtmlElement, body: etree._Element, size: int) -> bool:
    """Whether trafilatura's own extraction, of `size` characters, stands against the other algorithms that it compares it with.

    They win over an article that is short, not clean or without paragraphs, or, readability, with more than twice its text: more
    than the page holds, mostly, so that it need not be asked. The conditions are those of `trafilatura.core` and `external`.
    """
    if size < SHORT or next(body.iter(*UNCLEAN), None) is not None or next(body.iter("p"), None) is None:
        return False
    shown = tree.find("body")
    if len(" ".join((shown if shown is not None else tree).text_content().split())) <= LONGER * size:
        return True
    if size < ESCALATED and size < ESCALATED_SHARE * len(html2txt(tree)):
        return False
    other = try_readability(copy(tree))
    return len(" ".join(other.text_content().split())) <= LONGER * size


def extract_text(tree: html.HtmlElement) -> str:
    """The article's text by trafilatura, one line a paragraph; empty where there is none.

    The first step of its cascade comes alone, the whole of it (more than twice the time) only where that could change the result.
    """
    # Never text, and copied with the tree time and again.
    for element in list(tree.iter("script", "style")):
        if element.get("type") != DECLARATION:
            element.drop_tree()
    pruned = prune_unwanted_nodes(copy(tree), [*RAW_TREE_PRUNE_XPATH, *REMOVE_COMMENTS_AND_LISTS_XPATH])
    cleaned = convert_tags(tree_cleaning(copy(pruned), OPTIONS), OPTIONS)
    body, text = extract_content(cleaned, OPTIONS)
    if not _is_settled(pruned, body, len(text)):
        document = trafilatura.bare_extraction(tree, options=OPTIONS)
        if document is None:
            return ""
        body = document.body
    return normalize_unicode(xmltotxt(body, False))


def read_web_page(page: str, url: str = "") -> dict[str, str]:
    """Fields of a page, `text` among them (paragraphs parted by an empty line); nothing where no article is found. Scripts never
    run."""
    tree = trafilatura.load_html(page)
    if tree is None:
        return {}
    declared = read_declared(tree)
    try:
        text = extract_text(tree)
    except (etree.LxmlError, TypeError, ValueError, RecursionError):
        text = ""
    paragraphs = [line for line in text.split("\n") if line.strip()]
    return {**declared, **({"url": url} if url else {}), "text": "\n\n".join(paragraphs)}
