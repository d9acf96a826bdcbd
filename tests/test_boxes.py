from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pandas as pd

from pipeline.boxes import Boxes, box_removals, segment_keys
from pipeline.clean import clean_articles
from pipeline.params import Clean
from pipeline.segments import key_hashes, read_segments

BOX = (
    "The quay was laid in the reign of the old duke, when the bay was still shallow. It took nine years to build. Two "
    "storms carried it away. The present wall dates from the time after the second of them, and its stones came from the "
    "quarries above Askerby. Since then it has been raised three times, and each time the town paid for it."
)
STORIES = [
    "The harbour board met on Monday. It spoke of the strike for hours. Nobody gave way. A vote is due next week.",
    "A ferry ran aground off Wick. Its crew are safe. The cause is not known. Divers will look at the hull.",
]


def repeated_in(texts: list[str], outlet: str) -> Callable[[np.ndarray], np.ndarray]:
    """Which hashes belong to segments of more than one of the texts."""
    counts = Counter(h for text in texts for h in set(hashes(text, outlet).tolist()))
    return lambda values: np.array([counts[value] > 1 for value in values.tolist()], bool)


def hashes(text: str, outlet: str) -> np.ndarray:
    keys = segment_keys(text, read_segments([text]).spans())
    return key_hashes(keys, [outlet] * len(keys))


def keys_of(befores: list[str], outlet: str = "Bay Post") -> frozenset[str]:
    boxes = Boxes(repeated_in(befores, outlet))
    for before in befores:
        boxes.add(outlet, before)
    return boxes.keys(outlet)


def test_signed_passage_in_several_articles_is_a_box() -> None:
    befores = [f"{story} {BOX}" for story in STORIES]
    keys = keys_of(befores)
    assert keys == set(segment_keys(BOX, read_segments([BOX]).spans()))
    for text in befores:
        assert [text[r.start : r.end] for r in box_removals(text, read_segments([text]).spans(), keys)] == [BOX]


def test_other_version_of_an_article_is_no_box() -> None:
    version = STORIES[0].replace("Nobody gave way.", "Both sides gave way.")
    assert keys_of([f"{STORIES[0]} {BOX}", f"{version} {BOX}"]) == frozenset()


def test_short_passage_and_one_that_opens_the_text_are_no_box() -> None:
    short = " ".join(BOX.split(". ")[1:3]) + "."
    assert keys_of([f"{story} {short}" for story in STORIES]) == frozenset()
    assert keys_of([BOX, BOX]) == frozenset()
    assert keys_of([f"{STORIES[0]} {BOX}", STORIES[1]]) == frozenset()


def test_box_goes_only_as_a_run_of_sentences() -> None:
    keys = keys_of([f"{story} {BOX}" for story in STORIES])
    text = "It took nine years to build. Two storms carried it away. He told us so."
    assert box_removals(text, read_segments([text]).spans(), keys) == []


def test_texts_without_sentences_hold_no_box() -> None:
    assert keys_of(["", " ... "]) == frozenset()
    assert box_removals("", [], frozenset({"a"})) == []


def test_cleaning_takes_a_signed_box_from_one_outlet_alone() -> None:
    last = "The board will meet again on Friday, it said."
    start = " ".join(f"On day {n} of the strike number {n} the board of pier {n} met and spoke." for n in "abcdefgh")
    starts = [start, start.replace("board", "crew")]
    texts = [f"{story} {own} {BOX} Author: Osk Tallen {last}" for story, own in zip(STORIES, starts, strict=True)]
    articles = pd.DataFrame(
        {
            "article_id": list("abc"),
            "outlet": ["Bay Post", "Bay Post", "Port News"],
            "title": "Idle cranes",
            "subtitle": "",
            "text": [*texts, texts[0]],
            "lost_characters": 0,
        }
    )
    cleaned, removals = clean_articles(articles, Clean())
    assert [BOX in text for text in cleaned["text"]] == [False, False, True]
    assert all(text.endswith(last) for text in cleaned["text"])
    boxes = removals[removals["kind"] == "boilerplate"]
    assert boxes["article_id"].tolist() == ["a", "b"]
    assert set(boxes["text"]) == {BOX}
    kept, _ = clean_articles(articles, Clean(disable=["boilerplate"]))
    assert all(BOX in text for text in kept["text"])
