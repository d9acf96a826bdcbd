"""Accuracy and speed of the voice rules against articles with labelled attributions.

    python -m benchmarks.voice --gold FILE [--speed CSV]

FILE is JSON Lines: `id`, `outlet`, `text`, and `attributions`, each with `source`, `cue` and `content` as lists of [start, end)
character offsets into `text`. Prints a table per outlet; the last line is one JSON object.

The unit is a token between white space. A token belongs to a span when they share a character. Over all articles, per outlet
and together (never a mean of articles):

- content: tokens inside any labelled content against tokens inside any content found; precision, recall, F1;
- direct: labelled tokens are those inside labelled content and inside quotation marks, found tokens those given the voice
  `direct`. What is inside quotation marks is decided here by a plain rule of its own, not by the rules under test: within a
  paragraph, a double mark (straight, curly or two apostrophes) opens and the next one closes; one left open ends with the
  paragraph. Tokens that only touch a mark from outside are not inside;
- cue, source: tokens inside any labelled cue (source) against tokens inside any cue (source) found, F1;
- mb_per_s: characters of repaired text read per second of processor time on one core, in millions, with everything the stage
  needs of a text (quotations, attributions, sources resolved, voice spans) and without reading and repairing it. On the
  articles of the CSV (a column `text`) when it is there, else on FILE. Where spaCy is installed, its blank English tokenizer
  is timed on the same texts in the same run. A line below splits a second reading, with all caches full, into its parts.

The rules read repaired text (`pipeline.typography.repair`); what they find is carried back by letters and digits, whose order
repair keeps. An article where their number differs is an error.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pipeline.attribution import Article, Rules, find, load_rules, read_voices, voice_spans
from pipeline.paths import FETCHED
from pipeline.typography import repair
from pipeline.voice import DIRECT, quotations

MEASURES = ("content", "direct", "cue", "source")
SPEED_CHARACTERS = 6_000_000

_TOKEN = re.compile(r"\S+")
_LETTER = re.compile(r"[^\W_]")
_PLAIN_QUOTE = re.compile(r"(?:[\"“”]|'')(?:(?!\n\s*\n)[^\"“”'\n]|(?!\n\s*\n)\n|'(?!'))*(?:[\"“”]|''|(?=\n\s*\n)|$)")

Span = tuple[int, int]


class Tokens:
    """The white-space tokens of a text, looked up by character spans."""

    def __init__(self, text: str):
        spans = [match.span() for match in _TOKEN.finditer(text)]
        self.starts = [a for a, _ in spans]
        self.ends = [b for _, b in spans]
        self.words = [bool(_LETTER.search(text, a, b)) for a, b in spans]

    def inside(self, spans: Iterable[Span]) -> set[int]:
        """Tokens that share a character with any of the spans."""
        out: set[int] = set()
        for a, b in spans:
            out.update(range(bisect_right(self.ends, a), bisect_left(self.starts, b)))
        return out

    def bridged(self, tokens: set[int]) -> set[int]:
        """The tokens and those without a letter or digit between two of them, which `Back` cannot carry back."""
        return tokens | {i for i, word in enumerate(self.words) if not word and i - 1 in tokens and i + 1 in tokens}


class Back:
    """Carries spans of repaired text back to the text it was made from, by the letters and digits they hold."""

    def __init__(self, repaired: str, text: str, name: str):
        self.repaired = [match.start() for match in _LETTER.finditer(repaired)]
        self.text = [match.start() for match in _LETTER.finditer(text)]
        if len(self.repaired) != len(self.text):
            raise ValueError(f"{name}: repair changed the number of letters and digits ({len(self.text)} to {len(self.repaired)})")

    def span(self, span: Span) -> Span | None:
        """The span in the text; for a mark alone, the letter before it; nothing where there is none."""
        first, end = bisect_left(self.repaired, span[0]), bisect_left(self.repaired, span[1])
        if end > first:
            return self.text[first], self.text[end - 1] + 1
        return (self.text[first - 1], self.text[first - 1] + 2) if first else None

    def spans(self, spans: Iterable[Span | None]) -> list[Span]:
        """All spans that can be carried back."""
        return [back for span in spans if span is not None and (back := self.span(span)) is not None]


def gold_tokens(article: dict[str, Any], tokens: Tokens) -> dict[str, set[int]]:
    """Labelled tokens of each measure, and those in quotation marks (`quoted`)."""
    gold = {
        part: tokens.inside((a, b) for attribution in article["attributions"] for a, b in attribution[part])
        for part in ("content", "cue", "source")
    }
    quoted = tokens.inside((m.start() + 1, m.end()) for m in _PLAIN_QUOTE.finditer(article["text"]))
    return gold | {"direct": gold["content"] & quoted, "quoted": quoted}


def found_tokens(article: dict[str, Any], tokens: Tokens, rules: Rules) -> dict[str, set[int]]:
    """Tokens of each measure as the rules have them."""
    text = repair(article["text"])
    reading = read_voices(text, rules)
    back = Back(text, article["text"], str(article.get("id", "article")))
    spans: dict[str, list[Span | None]] = {
        "content": [span for a in reading.attributions for span in a.content],
        "cue": [a.cue for a in reading.attributions],
        "source": [a.source for a in reading.attributions],
        "direct": [(start, end) for start, end, voice in voice_spans(text, reading) if voice == DIRECT],
    }
    return {measure: tokens.bridged(tokens.inside(back.spans(spans[measure]))) for measure in MEASURES}


def count(articles: Iterable[dict[str, Any]], rules: Rules) -> dict[str, Counter[tuple[str, str]]]:
    """Per outlet, for each measure the tokens labelled, found, and both."""
    counts: dict[str, Counter[tuple[str, str]]] = {}
    for article in articles:
        tokens = Tokens(article["text"])
        gold, found = gold_tokens(article, tokens), found_tokens(article, tokens, rules)
        outlet = counts.setdefault(article["outlet"], Counter())
        for measure in MEASURES:
            outlet[measure, "gold"] += len(gold[measure])
            outlet[measure, "found"] += len(found[measure])
            outlet[measure, "both"] += len(gold[measure] & found[measure])
        outlet["direct", "quoted"] += len((found["direct"] - gold["direct"]) & gold["quoted"])
    return counts


def scores(counts: Counter[tuple[str, str]]) -> dict[str, float]:
    """Precision, recall and F1 of each measure: both / found, both / gold, 2 both / (found + gold); 0 where nothing is there."""
    out = {}
    for measure in MEASURES:
        both, found, gold = (counts[measure, part] for part in ("both", "found", "gold"))
        out[f"{measure}_p"] = both / found if found else 0.0
        out[f"{measure}_r"] = both / gold if gold else 0.0
        out[f"{measure}_f1"] = 2 * both / (found + gold) if found + gold else 0.0
    return out


def speed(texts: list[str], rules: Rules) -> float:
    """Millions of characters per second of processor time, after one round on the first texts to fill caches."""
    for text in texts[: len(texts) // 20 + 1]:
        voice_spans(text, read_voices(text, rules))
    start = time.process_time()
    for text in texts:
        voice_spans(text, read_voices(text, rules))
    return sum(map(len, texts)) / 1e6 / max(time.process_time() - start, 1e-9)


def seconds_of_parts(texts: list[str], rules: Rules) -> dict[str, float]:
    """Seconds of processor time for each part of reading texts that were read before, so that all caches are full."""

    def timed(function: Callable[..., Any], *inputs: Iterable[Any]) -> tuple[float, list[Any]]:
        start = time.process_time()
        out = list(map(function, *inputs))
        return time.process_time() - start, out

    marking, marks = timed(lambda text: quotations(text, rules.speech_verbs), texts)
    tagging, _ = timed(rules.grammar.lex, texts)
    laying, articles = timed(lambda text, marks: Article(text, rules, marks), texts, marks)
    finding, _ = timed(find, articles)
    reading, readings = timed(lambda text: read_voices(text, rules), texts)
    spanning, _ = timed(voice_spans, texts, readings)
    return {
        "quotations": marking,
        "words and their tags": tagging,
        "sentences": laying - tagging,
        "attributions": finding,
        "sources": reading - marking - laying - finding,
        "voices": spanning,
    }


def spacy_speed(texts: list[str]) -> float | None:
    """The same for spaCy's blank English tokenizer; nothing where spaCy is not installed."""
    try:
        import spacy
    except ImportError:
        return None
    tokenizer = spacy.blank("en").tokenizer
    start = time.process_time()
    for text in texts:
        tokenizer(text)
    return sum(map(len, texts)) / 1e6 / max(time.process_time() - start, 1e-9)


def speed_texts(path: Path, gold: list[dict[str, Any]]) -> tuple[str, list[str]]:
    """What speed is measured on: repaired texts of the CSV up to a number of characters, or of the labelled articles."""
    if not path.is_file():
        return "labelled articles", [repair(article["text"]) for article in gold]
    csv.field_size_limit(sys.maxsize)
    texts: list[str] = []
    size = 0
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            texts.append(repair(row["text"]))
            size += len(texts[-1])
            if size >= SPEED_CHARACTERS:
                break
    return path.name, texts


def main() -> None:
    parser = argparse.ArgumentParser(description="Accuracy and speed of the voice rules")
    parser.add_argument("--gold", required=True, type=Path, help="JSON Lines of articles with labelled attributions")
    parser.add_argument("--speed", type=Path, default=FETCHED / "NewsArticles.csv", help="CSV whose column `text` is timed")
    options = parser.parse_args()
    articles = [json.loads(line) for line in options.gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    rules = load_rules()
    counts = count(articles, rules)
    columns = ("content_p", "content_r", "content_f1", "direct_p", "direct_r", "cue_f1", "source_f1")
    print(f"{'outlet':<14}" + "".join(f"{name:>12}" for name in columns))
    total = sum(counts.values(), Counter())
    for outlet, row in [*sorted(counts.items()), ("all", total)]:
        values = scores(row)
        print(f"{outlet:<14}" + "".join(f"{values[name]:>12.3f}" for name in columns))
    wrong = total["direct", "found"] - total["direct", "both"]
    print(f"direct: {total['direct', 'quoted']} of the {wrong} tokens found and not labelled stand in quotation marks all the same")
    what, texts = speed_texts(options.speed, articles)
    ours, theirs = speed(texts, rules), spacy_speed(texts)
    print(f"speed on {what}: {ours:.2f} MB/s; spaCy blank tokenizer: " + (f"{theirs:.2f} MB/s" if theirs else "not installed"))
    parts = seconds_of_parts(texts, rules)
    print(f"second reading, {sum(parts.values()):.2f} s: " + ", ".join(f"{name} {value:.2f}" for name, value in parts.items()))
    values = scores(total)
    print(json.dumps({name: round(values[name], 4) for name in columns} | {"mb_per_s": round(ours, 2)}))


if __name__ == "__main__":
    main()
