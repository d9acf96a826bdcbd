"""Speed and memory of ingest and clean on one core: `python -m benchmarks.ingest [TABLE] [--pages N] [--copies N]`.

TABLE (the demonstration corpus by default) is read as it is and as JSON Lines, beside `ftfy.fix_text` alone, a peer that repairs
characters only; its first N articles are also put into web pages of each shape of `benchmarks.web_pages`, and read by the pipeline
and by trafilatura alone. Megabytes are of the articles' UTF-8 text. Each figure is processor time on one core, the median of three
runs; what is compared runs in turn. The parts of clean run each alone on all articles; the rest is what stands between them.

`--copies N`: instead, the stages themselves on TABLE repeated N times (with the number of the copy in each address and text), each
in a process of its own; printed are their processor time and peak memory, for one core and without the memory of a process that
has only loaded the modules.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import ftfy
import pandas as pd
import trafilatura
from trafilatura.settings import Extractor

from benchmarks.web_pages import SHAPES
from pipeline import furniture, parallel, paths
from pipeline.alignment import align
from pipeline.clean import BLOCK_ROWS, clean_articles
from pipeline.ingest import Settings, ingest_records, read_outlets
from pipeline.params import Clean
from pipeline.readers import Record, read_folder
from pipeline.rules import PageRules, load_rules
from pipeline.segments import opening_hashes, read_keys, read_segments
from pipeline.typography import mend_words, repair
from pipeline.webpages import read_web_page

RUNS = 3

# A stage in a process on one core, in a folder of its own; prints peak memory in MB before and after (Linux), and
# processor seconds.
STAGE = """
import re, sys, time
from pathlib import Path
from pipeline import paths, parallel, {stage}
from pipeline.params import Params
parallel.cores = lambda: 1
paths.OUTLETS, paths.LANGUAGES = Path({root!r}) / paths.OUTLETS, Path({root!r}) / paths.LANGUAGES
{stage}.load_params = lambda: Params.model_validate({{"ingest": {{"source": "files", "path": "articles.csv"}}}})
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
before, start = peak(), time.process_time()
{stage}.main()
print(before, peak(), time.process_time() - start, file=sys.stderr)
"""


def in_turn(work: dict[str, Callable[[], object]], runs: int = RUNS) -> dict[str, float]:
    """Median processor seconds of each piece of work; the pieces take turns, so that what else the machine does befalls all."""
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(runs):
        for name, piece in work.items():
            start = time.process_time()
            piece()
            times[name].append(time.process_time() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def parts_of_cleaning(articles: pd.DataFrame, rules: PageRules) -> dict[str, Callable[[], object]]:
    """The larger parts of clean, each on all texts alone."""
    raw, outlets = articles["text"].tolist(), articles["outlet"].tolist()
    texts = [repair(text) for text in raw]

    def read_blocks() -> None:
        for start in range(0, len(texts), BLOCK_ROWS):
            part = slice(start, start + BLOCK_ROWS)
            read = read_segments(texts[part])
            read_keys(read, outlets[part])
            opening_hashes(read, outlets[part])

    return {
        "typography": lambda: [repair(text) for text in raw],
        "lost letters of known words": lambda: [mend_words(text, rules.lost_letters) for text in texts],
        "pointers and habits": lambda: furniture.learn_habits(texts, [t for t in texts if furniture.has_pointer(t, rules)], rules),
        "inline rules": lambda: [furniture.inline_removals(text, rules) for text in texts],
        "line rules": lambda: [furniture.line_removals(text, "", "", rules) for text in texts],
        "segments and hashes": read_blocks,
        "alignment with the raw text": lambda: [align(a, b) for a, b in zip(raw, texts, strict=True)],
    }


def measure_stages(articles: pd.DataFrame, copies: int) -> None:
    """Print processor time and peak memory of the stages ingest and clean on `copies` of the articles."""
    root = str(Path.cwd())
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "articles.csv"
        rows = articles[["title", "subtitle", "text", "url", "published_raw"]].rename(columns={"published_raw": "published"})
        for n in range(copies):
            part = rows.assign(url=rows["url"] + f"?copy={n}", text=rows["text"] + f" Copy {n}.")
            part.to_csv(table, mode="a", header=n == 0, index=False)
        print(f"{copies * len(rows)} articles, {table.stat().st_size / 1e6:.0f} MB")
        print("| stage | seconds | peak memory, MB | before the stage, MB |\n|---|---|---|---|")
        for stage in ("ingest", "clean"):
            code = STAGE.format(stage=stage, root=root)
            environment = os.environ | {"PYTHONPATH": root}
            done = subprocess.run(
                [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=True
            )
            before, peak, seconds = map(float, done.stderr.split()[-3:])
            print(f"| {stage} | {seconds:.1f} | {peak:.0f} | {before:.0f} |")


def measure_pages(articles: pd.DataFrame, pages: int, settings: Settings) -> None:
    """Print, for each shape of page and for all of them, the time of the pipeline and of trafilatura alone on the same pages."""
    with_metadata = {"with_metadata": True}
    cascade = Extractor(comments=False, tables=False)
    sums: Counter[str] = Counter()
    print("| shape | HTML a page, kB | trafilatura, ms | with metadata | reading | and ingest | and clean | ratio | to metadata |")
    print("|---|---|---|---|---|---|---|---|---|")
    differing = 0
    for name, shape in SHAPES.items():
        rows = articles[:pages]
        documents = [shape(title or "Untitled", text) for title, text in zip(rows["title"], rows["text"], strict=True)]
        read = [Record(str(n), 0, "utf-8", read_web_page(page), "html", page) for n, page in enumerate(documents)]
        taken = ingest_records(read, settings)[0]
        times = in_turn(
            {
                "alone": partial(lambda pages: [trafilatura.extract(page) for page in pages], documents),
                "metadata": partial(lambda pages: [trafilatura.extract(page, **with_metadata) for page in pages], documents),
                "reading": partial(lambda pages: [read_web_page(page) for page in pages], documents),
                "ingest": partial(ingest_records, read, settings),
                "clean": partial(clean_articles, taken, Clean()),
            }
        )
        times["size"] = sum(len(page.encode()) for page in documents) / 1e3
        texts = [trafilatura.extract(page, options=cascade) or "" for page in documents]
        differing += sum(a.split() != b.fields.get("text", "").split() for a, b in zip(texts, read, strict=True))
        sums.update(times)
        print(_page_line(name, times, pages))
    print(_page_line("all", sums, pages * len(SHAPES)))
    print(f"{pages * len(SHAPES)} pages; texts that differ from those of trafilatura's whole cascade: {differing}")


def _page_line(name: str, times: Mapping[str, float], pages: int) -> str:
    """A line of the table: milliseconds a page, ours summed up to each step, and ratios of the whole."""
    reading, whole = times["reading"], times["reading"] + times["ingest"] + times["clean"]
    steps = (times["alone"], times["metadata"], reading, reading + times["ingest"], whole)
    shown = " | ".join(f"{1000 * seconds / pages:.2f}" for seconds in steps)
    return f"| {name} | {times['size'] / pages:.0f} | {shown} | {whole / times['alone']:.2f} | {whole / times['metadata']:.2f} |"


def main(table: Path, pages: int, copies: int) -> None:
    # One core: processor time of this process is then all there is.
    parallel.cores = lambda: 1
    settings = Settings(read_outlets(paths.OUTLETS), load_rules(), 10, ("en",))

    def ingest(path: Path) -> object:
        stream, faults = read_folder(path, {})
        assert not faults, faults
        return ingest_records(stream, settings)[0]

    articles = ingest(table)
    if copies:
        measure_stages(articles, copies)
        return
    size = sum(len(text.encode()) for text in articles["text"]) / 1e6
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "articles.jsonl"
        columns = ["title", "subtitle", "text", "url", "published_raw"]
        rows = articles[columns].rename(columns={"published_raw": "published"}).to_dict("records")
        lines.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
        taken = in_turn(
            {
                "table": lambda: ingest(table),
                "JSON Lines": lambda: ingest(lines),
                "clean": lambda: clean_articles(articles, Clean()),
                "ftfy": lambda: [ftfy.fix_text(text) for text in articles["text"]],
            }
        )
    cleaning, peer = taken.pop("clean"), taken.pop("ftfy")
    print(f"{len(articles)} articles, {size:.1f} MB of text")
    print("| what | seconds | MB/s |\n|---|---|---|")
    for name, seconds in taken.items():
        print(f"| ingest, {name} | {seconds:.2f} | {size / seconds:.1f} |")
    print(f"| clean | {cleaning:.2f} | {size / cleaning:.1f} |")
    for name, seconds in taken.items():
        print(f"| ingest and clean, {name} | {seconds + cleaning:.2f} | {size / (seconds + cleaning):.1f} |")
    print(f"| ftfy.fix_text alone | {peer:.2f} | {size / peer:.1f} |")
    print(f"\ningest and clean, JSON Lines: {(taken['JSON Lines'] + cleaning) / peer:.2f} times the time of ftfy.fix_text alone")
    print("\n| part of clean | seconds | share |\n|---|---|---|")
    for name, seconds in in_turn(parts_of_cleaning(articles, settings.rules)).items():
        print(f"| {name} | {seconds:.2f} | {seconds / cleaning:.0%} |")

    print()
    measure_pages(articles, pages, settings)
    print(f"\npeak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, nargs="?", default=paths.FETCHED / "NewsArticles.csv")
    parser.add_argument("--pages", type=int, default=150)
    parser.add_argument("--copies", type=int, default=0)
    given = parser.parse_args()
    main(given.table, given.pages, given.copies)
