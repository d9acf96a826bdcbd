"""Stage tokenize: text to token ids, sentences and voices, once for every later stage."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipeline import paths
from pipeline.attribution import Reading, Rules, load_rules, read_voices, voice_spans
from pipeline.errors import run_stage
from pipeline.language import Language, load_language
from pipeline.parallel import map_chunks
from pipeline.params import load_params
from pipeline.raw_typography import before_repair, texts_to_compare
from pipeline.sentences import SentenceTokenizer, learn_punkt, punkt_as_text, sentence_spans
from pipeline.storage import read_table, write_json, write_table
from pipeline.tokens import BODY, SUBTITLE, TITLE, Vocabulary, token_arrays
from pipeline.voice import DIRECT, OWN

TOKEN_COLUMNS = {
    "token": np.int32, "start": np.int32, "length": np.int16, "case": np.int8, "voice": np.int8, "part": np.int8,
    "sentence": np.int32,
}  # fmt: skip
PART = 64  # articles read at a time: few, so that no core waits long for the last
PARTS = ((TITLE, "title"), (SUBTITLE, "subtitle"), (BODY, "text"))


ATTRIBUTION_COLUMNS = (
    "article", "part", "sentence", "cue_start", "cue_end", "cue", "lemma", "cue_class", "frame", "spoken", "source_start",
    "source_end", "speaker", "kind", "named", "content_start", "content_end", "content_characters",
)  # fmt: skip


def voice_of_tokens(text: str, starts: np.ndarray, reading: Reading) -> np.ndarray:
    """Voice (int8) of each token of a text, by the span its first character stands in."""
    voice = np.full(len(starts), OWN, dtype=np.int8)
    spans = voice_spans(text, reading)
    if spans:
        first_characters, ends, values = zip(*spans, strict=True)
        bounds = np.searchsorted(starts, [first_characters, ends]).tolist()
        for first, last, value in zip(*bounds, values, strict=True):
            voice[first:last] = value
    return voice


def attribution_rows(text: str, row: int, part: int, bounds: list[int], sentence: int, reading: Reading) -> list[tuple]:
    """Rows of the attribution table for one text; `bounds`: first characters of its sentences, which count from `sentence`."""
    rows = []
    for a in reading.attributions:
        start, end = a.source or (-1, -1)
        firsts, lasts = zip(*a.content, strict=True) if a.content else ((-1,), (-1,))
        rows.append(
            (
                row,
                part,
                sentence + max(bisect_right(bounds, a.cue[0]) - 1, 0),
                *a.cue,
                text[a.cue[0] : a.cue[1]].lower(),
                a.lemma,
                a.cue_class,
                a.frame,
                a.spoken,
                start,
                end,
                a.speaker,
                a.kind,
                a.named,
                min(firsts),
                max(lasts),
                sum(lasts) - sum(firsts),
            )
        )
    return rows


class Part(NamedTuple):
    """Tokens, sentences and attributions of some articles; ids, rows of articles and of sentences count from 0 within the part."""

    columns: dict[str, np.ndarray]
    terms: list[str]
    sentences: list[tuple[int, int, int, int, int]]
    attributions: list[tuple]
    sizes: list[int]


class Reader(NamedTuple):
    """What reading a text takes."""

    language: Language
    punkt: SentenceTokenizer
    rules: Rules


def tokenize_part(texts: Sequence[tuple[str, str, str]], reader: Reader, speakers: bool = True) -> Part:
    """Tokenize some articles, each given as title, subtitle and text; speakers: whether sources are resolved."""
    punkt, rules = reader.punkt, reader.rules
    vocabulary = Vocabulary(reader.language)
    columns: dict[str, list[np.ndarray]] = {name: [np.empty(0, dtype)] for name, dtype in TOKEN_COLUMNS.items()}
    sentences: list[tuple[int, int, int, int, int]] = []
    attributions: list[tuple] = []
    sizes = []
    for row, fields in enumerate(texts):
        size = 0
        for (part, _), text in zip(PARTS, fields, strict=True):
            if not text:
                continue
            ids, starts, lengths, case = token_arrays(text, vocabulary)
            reading = read_voices(text, rules, speakers)
            voice = voice_of_tokens(text, starts, reading)
            spans = sentence_spans(text, punkt) if part == BODY else [(0, len(text))]
            counts = np.diff(np.searchsorted(starts, [end for _, end in spans]), prepend=0)
            # Tokens after the last sentence count as its own.
            owner = np.full(len(ids), max(len(sentences) + len(spans) - 1, 0), dtype=np.int32)
            inside = np.repeat(np.arange(len(sentences), len(sentences) + len(spans), dtype=np.int32), counts)
            owner[: len(inside)] = inside
            attributions.extend(attribution_rows(text, row, part, [a for a, _ in spans], len(sentences), reading))
            sentences.extend((row, part, a, b, count) for (a, b), count in zip(spans, counts.tolist(), strict=True))
            size += len(ids)
            here = (ids, starts, lengths, case, voice, np.full(len(ids), part, dtype=np.int8), owner)
            for name, values in zip(TOKEN_COLUMNS, here, strict=True):
                columns[name].append(values)
        sizes.append(size)
    return Part(
        {name: np.concatenate(arrays) for name, arrays in columns.items()}, list(vocabulary.ids), sentences, attributions, sizes
    )


def tokenize_articles(
    articles: pd.DataFrame, language: Language, punkt: SentenceTokenizer, rules: Rules
) -> dict[str, pd.DataFrame]:
    """Tables `tokens`, `sentences`, `documents`, `vocabulary` and `attributions` of articles (docs/output.md has the columns).

    Parts are read on all cores and joined in order, so that ids are those of first sight whatever the number of cores.
    """
    texts = list(zip(articles["title"], articles["subtitle"], articles["text"], strict=True))
    return join_parts(articles, map_chunks(tokenize_part, texts, "tokenize", (Reader(language, punkt, rules),)))


def join_parts(articles: pd.DataFrame, parts: Iterable[Part]) -> dict[str, pd.DataFrame]:
    """The tables of articles from those of their parts, in order."""
    ids: dict[str, int] = {}
    columns: dict[str, list[np.ndarray]] = {name: [np.empty(0, dtype)] for name, dtype in TOKEN_COLUMNS.items()}
    sentences: list[tuple[int, int, int, int, int]] = []
    attributions: list[tuple] = []
    sizes: list[int] = []
    for part in parts:
        place = np.array([ids.setdefault(term, len(ids)) for term in part.terms], dtype=np.int32)
        for name, values in part.columns.items():
            moved = place[values] if name == "token" else values + np.int32(len(sentences)) if name == "sentence" else values
            columns[name].append(moved)
        attributions.extend((r[0] + len(sizes), r[1], r[2] + len(sentences), *r[3:]) for r in part.attributions)
        sentences.extend((s[0] + len(sizes), *s[1:]) for s in part.sentences)
        sizes.extend(part.sizes)
    tokens = pd.DataFrame({name: np.concatenate(parts) for name, parts in columns.items()})
    sizes_here = np.array(sizes, dtype=np.int32)
    documents = articles[["article_id", "outlet", "published"]].assign(tokens=sizes_here)
    article = np.repeat(np.arange(len(sizes)), sizes_here)
    for name, mask in (
        ("body_tokens", tokens["part"] == BODY),
        ("direct_tokens", (tokens["part"] == BODY) & (tokens["voice"] == DIRECT)),
    ):
        documents[name] = np.bincount(article[mask.to_numpy()], minlength=len(sizes)).astype(np.int32)
    counts = np.bincount(tokens["token"], minlength=len(ids))
    terms = pd.DataFrame({"term": list(ids), "count": counts.astype(np.int64)})
    frame = pd.DataFrame(sentences, columns=["article", "part", "start", "end", "tokens"]).astype("int32")
    numbers = {name: "int32" for name in ATTRIBUTION_COLUMNS if name.endswith(("_start", "_end", "_characters"))}
    found_frame = pd.DataFrame(attributions, columns=list(ATTRIBUTION_COLUMNS)).astype(
        numbers | {"article": "int32", "sentence": "int32", "part": "int8", "named": "bool", "spoken": "bool"}
    )
    return {"tokens": tokens, "sentences": frame, "documents": documents, "vocabulary": terms, "attributions": found_frame}


def tokenize_twice(
    items: Sequence[tuple[tuple[str, str, str], tuple[str, str, list[int], list[int]]]], reader: Reader
) -> tuple[Part, Part]:
    """Tokenize some articles as cleaned and, each given as to `before_repair`, as they were before repair: no tokens where it
    changed nothing."""
    mended = tokenize_part([texts for texts, _ in items], reader)
    return mended, tokenize_part([("", "", before_repair(*compared)) for _, compared in items], reader, speakers=False)


def tokenize_corpus(articles: pd.DataFrame, raw: pd.Series, removals: pd.DataFrame, reader: Reader) -> dict[str, pd.DataFrame]:
    """The tables of `tokenize_articles`, and of the texts that repair changed as they were before it `unmended_tokens` (with
    `article`, its row) and `unmended_vocabulary`."""
    texts = zip(articles["title"], articles["subtitle"], articles["text"], strict=True)
    compared = texts_to_compare(raw, articles["text"], removals, articles["article_id"].tolist())
    unmended: list[Part] = []

    def mended() -> Iterator[Part]:
        for part, before in map_chunks(tokenize_twice, list(zip(texts, compared, strict=True)), "tokenize", (reader,), PART):
            unmended.append(before)
            yield part

    tables = join_parts(articles, mended())
    before = join_parts(articles, unmended)
    article = np.repeat(np.arange(len(articles), dtype=np.int32), before["documents"]["tokens"])
    return tables | {"unmended_tokens": before["tokens"].assign(article=article), "unmended_vocabulary": before["vocabulary"]}


def main() -> None:
    params = load_params().tokenize
    language, rules = load_language(params.language), load_rules(params.language)
    articles = read_table(paths.CLEANED, ["article_id", "outlet", "published", "title", "subtitle", "text"])
    learned = learn_punkt(articles["text"], params.punkt_characters, language.abbreviations)
    write_json(paths.PUNKT, punkt_as_text(learned))
    punkt = SentenceTokenizer(learned)
    raw = read_table(paths.ARTICLES, ["text"])["text"]
    removals = read_table(paths.REMOVALS, ["article_id", "part", "raw_start", "raw_end"])
    tables = tokenize_corpus(articles, raw, removals, Reader(language, punkt, rules))
    for path, name in (
        (paths.TOKENS, "tokens"),
        (paths.SENTENCES, "sentences"),
        (paths.DOCUMENTS, "documents"),
        (paths.VOCABULARY, "vocabulary"),
        (paths.ATTRIBUTIONS, "attributions"),
        (paths.UNMENDED_TOKENS, "unmended_tokens"),
        (paths.UNMENDED_VOCABULARY, "unmended_vocabulary"),
    ):
        write_table(path, tables[name])
    print(f"tokenize: {len(tables['tokens'])} tokens, {len(tables['vocabulary'])} terms, {len(tables['sentences'])} sentences")


if __name__ == "__main__":
    run_stage(main)
