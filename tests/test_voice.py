"""Quotations as they come: marks of every make, nesting, paragraphs, marks never closed, phrases that are no speech."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pipeline.typography import repair
from pipeline.voice import DIRECT, MARKED, quotations

VERBS = frozenset({"said", "asked", "shouted"})


def quotes(text: str) -> list[tuple[str, int, bool]]:
    text = repair(text)
    return [(text[q.start : q.end], q.voice, q.closed) for q in quotations(text, VERBS)]


@pytest.mark.parametrize(
    "text",
    [
        'Venn said: "The port will close at noon."',
        "Venn said: “The port will close at noon.”",
        'Venn said: "The port will close at noon.”',
        "Venn said: ''The port will close at noon.''",
        "Venn said: ``The port will close at noon.''",
        "Venn said: «The port will close at noon.»",
    ],
)
def test_marks_of_every_make(text):
    assert quotes(text) == [("“The port will close at noon.”", DIRECT, True)]


def test_single_marks_beside_apostrophes():
    assert quotes("Venn said: ‘The port won’t close before the men’s shift ends.’ She left.") == [
        ("‘The port won't close before the men's shift ends.'", DIRECT, True)
    ]


def test_apostrophes_are_no_quotation():
    assert quotes("The dockers' union and the ferry's crew met in the summer of '19.") == []


def test_nested_marks_are_part_of_the_outer_quotation():
    found = quotes("“They call it a ‘gift’ to the whole town,” Venn said.")
    assert found == [("“They call it a ‘gift' to the whole town,”", DIRECT, True)]


def test_paragraphs_with_an_opening_mark_each_and_one_closing():
    found = quotes("“The port will close at noon today.\n\n“It will not open again this year.”\n\nRain fell.")
    assert len(found) == 1
    assert found[0][0].endswith("this year.”")


def test_long_quotation_over_many_paragraphs_is_not_given_up():
    paragraph = "“" + "The harbour has seen better days than these and worse ones too. " * 12
    text = "\n\n".join([paragraph.strip()] * 4) + "”\n\nRain fell."
    found = quotes(text)
    assert [q[1:] for q in found] == [(DIRECT, True)]
    assert "Rain" not in found[0][0]


def test_never_closed_ends_with_its_paragraph():
    found = quotes("Venn said: “The port will close at noon.\n\nRain fell on the harbour.")
    assert len(found) == 1
    assert found[0][2] is False
    assert "Rain" not in found[0][0]


def test_never_closed_does_not_end_at_a_title():
    first, _ = quotes("“We wait for Sen. Brandt to come. Rain fell. Then “the harbour master of the town” came.")
    assert first[0] == "“We wait for Sen. Brandt to come. "


def test_few_words_without_a_speaker_are_marked():
    assert quotes("The so-called “peace plan” was shelved.") == [("“peace plan”", MARKED, True)]


def test_few_words_with_a_speaker_are_speech():
    assert quotes("“Never again,” Venn said.") == [("“Never again,”", DIRECT, True)]


def test_value_in_markup_is_no_quotation():
    assert quotes('<a href="x y z w v u"> The port closed.') == []


@pytest.mark.parametrize("text", ["'s ” '“ « ' Ω", "Venn said ‘we “will not pay at all” for the pier.' Rain fell."])
def test_quotations_never_overlap_where_marks_of_two_makes_cross(text):
    found = quotations(text, VERBS)
    assert found
    assert all(first.end <= second.start for first, second in pairwise(found))


def test_marks_inside_a_quotation_over_several_paragraphs_do_not_end_it():
    text = '"It is no “Gateway of the North” now. It leaks.\n\n"Rain fell for “years,” and nobody came.\n\n"We close it."'
    assert [q[1:] for q in quotes(text + "\n\nRain fell.")] == [(DIRECT, True)]


def test_paragraph_of_one_utterance_cut_in_two_ends_where_its_marks_say():
    found = quotes("“We close it,” Venn said. “It leaks all day long.\n\n“It has leaked for years.”\n\nRain fell.")
    assert [q[0][:10] for q in found] == ["“We close ", "“It leaks "]


@pytest.mark.parametrize(
    "text", ["Rain fell.\n\n\u202a”The port will close,” Venn said.", "Rain fell.\n\n” The port will close,” Venn said."]
)
def test_closing_mark_that_opens_a_paragraph_opens_a_quotation(text):
    assert [q[1:] for q in quotes(text)] == [(DIRECT, True)]


def test_opening_mark_that_closes_a_quotation_closes_it():
    assert quotes("“The port will close at noon.“[Harbour Post] Rain fell.")[0][0].endswith("noon.”")
