"""Texts without their furniture and with their damage."""

import pandas as pd
import pytest

from pipeline.raw_typography import before_repair, texts_to_compare, without_spans
from pipeline.typography import repair, unmended

COLUMNS = ["article_id", "part", "raw_start", "raw_end"]


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        ('They won"t say "no"', "They won “t say “no”"),
        ("‘It’s’ – here", "‘It's' — here"),
        ('A cost of ?230,000 for DeVos"?highly paid', "A cost of ?230,000 for DeVos”?highly paid"),
        ("one   two\r\nthree", "one two\nthree"),
        ("a--b—c", "a — b — c"),
    ],
)
def test_characters_take_one_form_and_damage_stays(raw, form):
    assert unmended(raw) == form


@pytest.mark.parametrize("text", ["She said: “No.”\n\n“Why?” he asked — twice.", "Plain words only, 3-4 of them."])
def test_text_in_one_form_and_without_damage_is_left_alone(text):
    assert unmended(text) == repair(text) == text


@pytest.mark.parametrize(
    ("starts", "ends", "left"),
    [([], [], "abcdef"), ([2], [4], "ab ef"), ([3, 0], [5, 2], " c f"), ([1, 2], [4, 3], "a  ef")],
)
def test_spans_are_taken_out_in_any_order_and_may_overlap(starts, ends, left):
    assert without_spans("abcdef", starts, ends) == left


def test_only_articles_whose_words_or_marks_repair_changed_are_read_again():
    raw = pd.Series(['Share this They won"t go, he said.', "It’s “over” – now.", 'The town - "sad" - slept.', "Gone"])
    cleaned = pd.Series([repair(text.removeprefix("Share this ")) for text in raw])
    removals = pd.DataFrame([("a", "text", 0, 10), ("b", "title", 0, 4)], columns=COLUMNS)
    found = [before_repair(*article) for article in texts_to_compare(raw, cleaned, removals, ["a", "b", "c", "d"])]
    assert found == ["They won “t go, he said.", "", "", ""]


def test_what_is_taken_out_is_no_change():
    assert before_repair("Read more The sea.", "The sea.", [0], [10]) == ""
