"""Speed of ingest and clean on one core: `python -m benchmarks.ingest [TABLE] [--pages N]`.

TABLE (the demonstration corpus by default) is read as it is and as JSON Lines; its first N articles are also put into web pages
with
navigation, scripts and share bars, and read by the pipeline and by trafilatura alone. Megabytes are of the articles' UTF-8 text.
Each figure is processor time, the best of three runs.
"""

from __future__ import annotations

import argparse
import html
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import trafilatura

from pipeline import paths
from pipeline.clean import clean_articles
from pipeline.ingest import Settings, ingest_records, read_outlets
from pipeline.params import Clean
from pipeline.readers import Record, read_folder
from pipeline.rules import load_rules

RUNS = 3


def best_of(work: Callable[[], object], runs: int = RUNS) -> float:
    """Processor seconds of the fastest run."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def web_page(title: str, text: str) -> str:
    """An article in a page with what pages have around it."""
    sentences = text.replace(". ", ".\n").split("\n")
    paragraphs = "".join(f"<p>{html.escape(' '.join(sentences[i : i + 3]))}</p>\n" for i in range(0, len(sentences), 3))
    links = "".join(f'<li><a href="/section/{n}">Section {n}</a></li>' for n in range(40))
    script = "<script>" + "var state = {};" * 200 + "</script>"
    return (
        f'<!DOCTYPE html><html><head><title>{html.escape(title)}</title><meta property="og:title" content="{html.escape(title)}">'
        f'<meta property="article:published_time" content="2032-03-05T07:56:00Z">{script}</head>'
        f"<body><nav><ul>{links}</ul></nav><main><article>"
        f"<h1>{html.escape(title)}</h1>{paragraphs}</article><aside><ul>{links}</ul></aside></main><footer>{script}</footer></body></html>"
    )


def main(table: Path, pages: int) -> None:
    settings = Settings(read_outlets(paths.OUTLETS), load_rules(), 10, ("en",))

    def ingest(path: Path) -> object:
        stream, faults = read_folder(path, {})
        assert not faults, faults
        return ingest_records(stream, settings)[0]

    articles = ingest(table)
    size = sum(len(text.encode()) for text in articles["text"]) / 1e6
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "articles.jsonl"
        columns = ["title", "subtitle", "text", "url", "published_raw"]
        rows = articles[columns].rename(columns={"published_raw": "published"}).to_dict("records")
        lines.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
        taken = {name: best_of(lambda path=path: ingest(path)) for name, path in (("table", table), ("JSON Lines", lines))}
    cleaning = best_of(lambda: clean_articles(articles, Clean()))
    print(f"{len(articles)} articles, {size:.1f} MB of text")
    print("| what | seconds | MB/s |\n|---|---|---|")
    for name, seconds in taken.items():
        print(f"| ingest, {name} | {seconds:.2f} | {size / seconds:.1f} |")
    print(f"| clean | {cleaning:.2f} | {size / cleaning:.1f} |")
    for name, seconds in taken.items():
        print(f"| ingest and clean, {name} | {seconds + cleaning:.2f} | {size / (seconds + cleaning):.1f} |")

    documents = [
        web_page(title or "Untitled", text) for title, text in zip(articles["title"][:pages], articles["text"][:pages], strict=True)
    ]
    from pipeline.webpages import read_web_page

    alone = best_of(lambda: [trafilatura.extract(page) for page in documents])
    with_metadata = best_of(lambda: [trafilatura.extract(page, with_metadata=True) for page in documents])
    reading = best_of(lambda: [read_web_page(page) for page in documents])

    def whole() -> None:
        records = (Record(str(n), 0, "utf-8", read_web_page(page), "html", page) for n, page in enumerate(documents))
        clean_articles(ingest_records(records, settings)[0], Clean())

    everything = best_of(whole)
    page_size = sum(len(page.encode()) for page in documents) / 1e6
    print(f"\n{len(documents)} web pages, {page_size:.1f} MB of HTML")
    print("| what | seconds | ratio to trafilatura alone |\n|---|---|---|")
    for name, seconds in (
        ("trafilatura alone, text", alone),
        ("trafilatura alone, text and metadata", with_metadata),
        ("reading text and fields", reading),
        ("ingest and clean", everything),
    ):
        print(f"| {name} | {seconds:.2f} | {seconds / alone:.2f} |")
    print(f"\npeak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, nargs="?", default=paths.FETCHED / "NewsArticles.csv")
    parser.add_argument("--pages", type=int, default=300)
    given = parser.parse_args()
    main(given.table, given.pages)
