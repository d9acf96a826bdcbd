"""Stage tokenize: text to token ids, sentences and voices, once for every later stage."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
import pandas as pd
from nltk.tokenize.punkt import PunktSentenceTokenizer
from tqdm import tqdm

from pipeline import paths
from pipeline.attribution import Reading, Rules, load_rules, read_voices, voice_spans
from pipeline.errors import run_stage
from pipeline.language import Language, load_language
from pipeline.params import load_params
from pipeline.sentences import learn_punkt, punkt_as_text, sentence_spans
from pipeline.storage import read_table, write_json, write_table
from pipeline.tokens import BODY, SUBTITLE, TITLE, Vocabulary, token_arrays
from pipeline.voice import DIRECT, OWN

PARTS = ((TITLE, "title"), (SUBTITLE, "subtitle"), (BODY, "text"))


ATTRIBUTION_COLUMNS = (
    "article", "part", "sentence", "cue_start", "cue_end", "cue", "lemma", "cue_class", "frame", "source_start", "source_end",
    "speaker", "kind", "named", "content_start", "content_end", "content_characters",
)  # fmt: skip


def voice_of_tokens(text: str, starts: np.ndarray, reading: Reading) -> np.ndarray:
    """Voice (int8) of each token of a text, by the span its first character stands in."""
    voice = np.full(len(starts), OWN, dtype=np.int8)
    for start, end, value in voice_spans(text, reading):
        first, last = np.searchsorted(starts, [start, end])
        voice[first:last] = value
    return voice


def attribution_rows(text: str, row: int, part: int, bounds: list[int], reading: Reading) -> list[tuple]:
    """Rows of the attribution table for one text; `bounds`: first characters of its sentences, from which they are counted."""
    rows = []
    for a in reading.attributions:
        start, end = a.source or (-1, -1)
        size = sum(d - c for c, d in a.content)
        first, last = (min(c for c, _ in a.content), max(d for _, d in a.content)) if a.content else (-1, -1)
        sentence = max(bisect_right(bounds, a.cue[0]) - 1, 0)
        rows.append(
            (
                row,
                part,
                sentence,
                *a.cue,
                text[a.cue[0] : a.cue[1]].lower(),
                a.lemma,
                a.cue_class,
                a.frame,
                start,
                end,
                a.speaker,
                a.kind,
                a.named,
                first,
                last,
                size,
            )
        )
    return rows


def tokenize_articles(
    articles: pd.DataFrame, language: Language, punkt: PunktSentenceTokenizer, rules: Rules
) -> dict[str, pd.DataFrame]:
    """Tables `tokens`, `sentences`, `documents`, `vocabulary` and `attributions` of articles (docs/output.md has the columns)."""
    vocabulary = Vocabulary(language)
    columns: dict[str, list[np.ndarray]] = {name: [] for name in ("token", "start", "length", "case", "voice", "part", "sentence")}
    sentences: list[tuple[int, int, int, int, int]] = []
    attributions: list[tuple] = []
    sizes = []
    n_tokens = n_sentences = 0
    rows = zip(articles["title"], articles["subtitle"], articles["text"], strict=True)
    for row, texts in enumerate(tqdm(rows, total=len(articles), desc="tokenize", unit=" articles", disable=None)):
        before = n_tokens
        for (part, _), text in zip(PARTS, texts, strict=True):
            ids, starts, lengths, case = token_arrays(text, vocabulary)
            reading = read_voices(text, rules)
            voice = voice_of_tokens(text, starts, reading)
            spans = sentence_spans(text, punkt) if part == BODY else ([(0, len(text))] if text else [])
            ends = np.searchsorted(starts, [end for _, end in spans])
            owner = np.full(len(ids), max(n_sentences + len(spans) - 1, 0), dtype=np.int32)
            first = 0
            for k, ((a, b), end) in enumerate(zip(spans, ends, strict=True)):
                owner[first:end] = n_sentences + k
                sentences.append((row, part, a, b, int(end - first)))
                first = int(end)
            found = attribution_rows(text, row, part, [a for a, _ in spans], reading)
            attributions.extend((*r[:2], r[2] + n_sentences, *r[3:]) for r in found)
            n_sentences += len(spans)
            n_tokens += len(ids)
            for name, values in zip(
                columns, (ids, starts, lengths, case, voice, np.full(len(ids), part, dtype=np.int8), owner), strict=True
            ):
                columns[name].append(values)
        sizes.append(n_tokens - before)
    tokens = pd.DataFrame({name: np.concatenate(parts) for name, parts in columns.items()})
    documents = articles[["article_id", "outlet", "published"]].assign(tokens=np.array(sizes, dtype=np.int32))
    article = np.repeat(np.arange(len(sizes)), sizes)
    for name, mask in (
        ("body_tokens", tokens["part"] == BODY),
        ("direct_tokens", (tokens["part"] == BODY) & (tokens["voice"] == DIRECT)),
    ):
        documents[name] = np.bincount(article[mask.to_numpy()], minlength=len(sizes)).astype(np.int32)
    counts = np.bincount(tokens["token"], minlength=len(vocabulary.ids))
    terms = pd.DataFrame({"term": list(vocabulary.ids), "count": counts.astype(np.int64)})
    frame = pd.DataFrame(sentences, columns=["article", "part", "start", "end", "tokens"]).astype("int32")
    numbers = {name: "int32" for name in ATTRIBUTION_COLUMNS if name.endswith(("_start", "_end", "_characters"))}
    found_frame = pd.DataFrame(attributions, columns=list(ATTRIBUTION_COLUMNS)).astype(
        numbers | {"article": "int32", "sentence": "int32", "part": "int8", "named": "bool"}
    )
    return {"tokens": tokens, "sentences": frame, "documents": documents, "vocabulary": terms, "attributions": found_frame}


def main() -> None:
    params = load_params().tokenize
    language = load_language(params.language)
    articles = read_table(paths.CLEANED, ["article_id", "outlet", "published", "title", "subtitle", "text"])
    learned = learn_punkt(articles["text"], params.punkt_characters, language.abbreviations)
    write_json(paths.PUNKT, punkt_as_text(learned))
    tables = tokenize_articles(articles, language, PunktSentenceTokenizer(learned), load_rules(params.language))
    for path, name in (
        (paths.TOKENS, "tokens"),
        (paths.SENTENCES, "sentences"),
        (paths.DOCUMENTS, "documents"),
        (paths.VOCABULARY, "vocabulary"),
        (paths.ATTRIBUTIONS, "attributions"),
    ):
        write_table(path, tables[name])
    print(f"tokenize: {len(tables['tokens'])} tokens, {len(tables['vocabulary'])} terms, {len(tables['sentences'])} sentences")


if __name__ == "__main__":
    run_stage(main)
