from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.segments import MARKS, STEPS, each_once, first_hashes, key_hashes, key_text, opening_hashes, read_keys, read_segments

# The same by a search of one text.
END = re.compile(r"[.!?)\n](?:(?<!\n)([”’')\]]{0,2})\s+(?=[A-Z“‘\d(\[#@—-])|(?<=\n)\n*)")
PIECES = st.sampled_from([*".!?)”’']\n Aa1“-#—", "\u2003", "é", "\U0001f600", "\n\n", ". ", "." * (STEPS + 2), " " * (STEPS + 2)])
TEXTS = st.lists(st.lists(PIECES, max_size=24).map(lambda pieces: "".join(pieces).strip()), min_size=1, max_size=4)


def searched(text: str) -> list[tuple[int, int]]:
    starts, ends = [0], []
    for match in END.finditer(text):
        ends.append(match.start() if match[1] is None else match.end(1))
        starts.append(match.end())
    return [(start, end) for start, end in zip(starts, [*ends, len(text)], strict=True) if start < end]


def test_segments_cover_sentences_and_lines() -> None:
    text = "One is here. “Two!” Three\n\nFour"
    assert [text[a:b] for a, b in read_segments([text]).spans()] == ["One is here.", "“Two!”", "Three", "Four"]


@given(TEXTS)
def test_segments_of_many_texts_are_those_of_each(texts: list[str]) -> None:
    read = read_segments(texts)
    assert [read.spans(row) for row in range(len(texts))] == [searched(text) for text in texts]


@given(TEXTS)
def test_keys_are_segments_without_marks_at_their_ends(texts: list[str]) -> None:
    read = read_segments(texts)
    keys = read_keys(read, ["A"] * len(texts))
    joined = "\n".join(texts)
    for start, end, first, last in zip(read.starts, read.ends, keys.starts, keys.ends, strict=True):
        assert key_text(joined[first:last]) == key_text(joined[start:end]).strip(MARKS)


def test_same_keys_of_an_outlet_have_the_same_hash_wherever_they_stand() -> None:
    texts = ["The port-side at 5 is open. It is late.", "“Boats!” No. (The port side at 7 is open)", "The port side at 7 is open"]
    read = read_segments(texts)
    hashes = read_keys(read, ["A", "A", "B"]).hashes
    assert hashes[0] == hashes[4] == key_hashes(["The port side at 0 is open"], ["A"])[0]
    assert len(set(hashes.tolist())) == len(hashes) - 1


def test_first_words_have_the_same_hash_in_titles_and_where_segments_start() -> None:
    text = "It is late. Ferry strike enters a second week"
    found = opening_hashes(read_segments([text]), ["A"])
    titles = ["Ferry strike enters a third week", "Ferry strikes enter a third week"]
    assert first_hashes(titles, ["A", "A"])[0] == found[1]
    assert first_hashes(titles, ["A", "A"])[1] != found[1]
    assert first_hashes(titles, ["B", "B"])[0] != found[1]


def test_hashes_of_a_text_are_kept_once() -> None:
    lists = each_once(np.array([7, 5, 7, 5], np.uint32), np.array([0, 0, 0, 2]), 3)
    assert (lists.values.tolist(), lists.bounds.tolist()) == ([5, 7, 5], [0, 2, 2, 3])
    assert lists.any_in_row(lists.values == 7).tolist() == [True, False, False]
