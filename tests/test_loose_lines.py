from __future__ import annotations

import pytest

from pipeline.furniture import Headlines
from pipeline.loose_lines import pull_quotes, unmarked_lines
from pipeline.rules import load_rules
from pipeline.segments import opening_hashes, read_segments

RULES = load_rules()
CAPTION = "Dockers have been waiting at the eastern quay since Monday morning"
LINK = "Warden of Askerby urges talks on idle cranes"


def captions(text: str) -> list[str]:
    return [text[start:end] for start, end in unmarked_lines(text, RULES).captions]


def headlines(text: str) -> list[str]:
    return [text[start:end] for start, end in unmarked_lines(text, RULES).headlines]


def test_long_line_without_a_mark_may_be_a_caption_and_a_heading_is_none() -> None:
    assert captions(f"The port is open. {CAPTION} The warden said so.") == [CAPTION]
    assert captions("The port is open. An uncertain future The warden said so.") == []
    assert unmarked_lines("The port is open. Years of waiting The warden said so.", RULES).headings == 1
    assert captions("The port is open. Union leader Osk Tallen The warden said so.") == ["Union leader Osk Tallen"]


def test_heading_behind_a_caption_stays_where_its_first_word_is_none_of_a_name() -> None:
    line = "Dockers have been waiting at the old eastern quay"
    assert captions(f"The port is open. {line} Reforms in the offing But few reforms came.") == [line]
    assert captions(f"The port is open. {line} Reforms in the offing But few came.") == [f"{line} Reforms in the offing"]
    assert captions(f"The port is open. {line} Mending the old cranes But few came.") == [line]
    assert captions(f"It was a bad day. {line} A visit to the cranes But few came.") == [line]


def test_heading_before_a_caption_stays() -> None:
    line = "Surrounded by dockers, the warden of Askerby opens the old eastern quay"
    assert captions(f"The port is open. Dark days for the port {line} But he was surrounded and left.") == [line]
    line = "Dark days for the Askerby port as it has stood idle since the strike began"
    assert captions(f"It is open. {line} But he left.") == [line]


def test_word_that_ends_names_starts_no_sentence_after_one() -> None:
    assert captions("The port is open. That is how the harbour company shows its own films on Maren Now, the warden said.") == []


@pytest.mark.parametrize(
    "text",
    [
        f"{CAPTION} The warden said so.",
        f"The port is open. But {CAPTION[0].lower()}{CAPTION[1:]} The warden said so.",
        "The port is open. The dockers who have waited since Monday morning told The Harbour Post. It is late.",
        f"The port is open. {CAPTION} (as they did The week before) and left.",
        f"The port is open. {CAPTION}. The warden said so.",
        f"The port is open. “{CAPTION} The warden said so.”",
    ],
)
def test_openings_quotations_and_sentences_are_no_captions(text: str) -> None:
    assert captions(text) == []


def test_quotation_that_is_a_sentence_starts_one() -> None:
    assert captions(f"The port is open. {CAPTION} “We have waited for days and it is cold here,” Tallen told the union.") == [
        CAPTION
    ]
    assert captions(f"The port is open. {CAPTION} “cold and dark” and left.") == []


def test_headline_has_no_verb_of_a_sentence() -> None:
    assert headlines(f"The port is open. {LINK} The ferry left at nine.") == [LINK]
    assert headlines("The port is open. Warden of Askerby urged talks on idle cranes The ferry left at nine.") == []
    assert headlines("The port is open. Warden Of Askerby Urges Talks On Idle Cranes The ferry left at nine.") == []


def test_lines_without_a_mark_are_an_outlets_habit_where_many_articles_hold_them() -> None:
    text = "The port is open."
    openings = opening_hashes(read_segments([text]), ["A"])
    habits = Headlines(3, 0.02)
    for number in range(100):
        habits.fill(["captions"], [False], [False], ([number < 20], [0], [0]), openings)
        habits.fill(["headings"], [False], [False], ([number < 19], [number < 19], [number < 50]), openings)
        habits.fill(["links"], [False], [False], ([0], [number < 7], [number < 10]), openings)
    assert [habits.leaves_captions(outlet) for outlet in ("captions", "headings", "links", "unknown")] == [
        True,
        False,
        False,
        False,
    ]
    assert [habits.leaves_links(outlet) for outlet in ("captions", "headings", "links", "unknown")] == [False, False, True, False]


QUOTED = "We have waited at this quay for eleven days and nobody came"


def without_pull_quotes(text: str) -> str:
    for start, end in reversed(pull_quotes(text, RULES)):
        text = text[:start] + text[end:].lstrip()
    return text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            f"The port is shut. {QUOTED}. The cranes are idle. “{QUOTED},” Tallen said.",
            f"The port is shut. The cranes are idle. “{QUOTED},” Tallen said.",
        ),
        (
            f"The port is shut. {QUOTED}. Osk Tallen, head of the union In May, the cranes stood idle. “{QUOTED},” Tallen said.",
            f"The port is shut. In May, the cranes stood idle. “{QUOTED},” Tallen said.",
        ),
        (
            f"The port is shut. {QUOTED}. Osk Tallen, clerk “It is late,” he said. “{QUOTED},” Tallen said.",
            f"The port is shut. “It is late,” he said. “{QUOTED},” Tallen said.",
        ),
        (
            f"The port is shut. {QUOTED}. Osk Tallen, told the paper that “it is late”. “{QUOTED},” Tallen said.",
            f"The port is shut. Osk Tallen, told the paper that “it is late”. “{QUOTED},” Tallen said.",
        ),
        (
            "It is late. The harbour of Askerby, the pride of the whole northern coast, now waits for ships that never come. "
            "So it goes. The harbour of Askerby, the pride of the whole coast, now waits for ships that never come. It is late.",
            "It is late. The harbour of Askerby, the pride of the whole northern coast, now waits for ships that never come. "
            "So it goes. It is late.",
        ),
    ],
)
def test_sentence_set_out_a_second_time_goes_with_its_speaker(text: str, kept: str) -> None:
    assert without_pull_quotes(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "The port is shut. It is late and dark. The cranes are idle. “It is late and dark,” Tallen said.",
        f"The port is shut. “{QUOTED},” Tallen said. “{QUOTED},” Marn said.",
        "It is late. The harbour lost 11 ships in the long and cold winter of that year, the warden of the port said on Monday. "
        "So it goes. The harbour lost 12 ships in the long and cold winter of that year, the warden of the port said on Monday.",
    ],
)
def test_short_quoted_and_counted_sentences_stay(text: str) -> None:
    assert pull_quotes(text, RULES) == []


def test_line_that_tells_whose_the_quotation_before_it_is_is_no_caption() -> None:
    line = "Osk Tallen wrote in a letter to the warden of Askerby"
    assert captions(f"It rained. “What is the port to us?” {line} The men went home.") == []
    assert captions(f"It rained. “What is the port to us?” {CAPTION} The men went home.") == [CAPTION]


SET_OUT = "Whoever wants to open the eastern quay again must first pay the dockers what they have been owed since the spring."


def pulled(text: str) -> list[str]:
    return [text[start:end] for start, end in pull_quotes(text, RULES)]


def test_sentence_set_out_that_stands_changed_or_within_a_longer_one_goes() -> None:
    longer = f"The lesson is plain, the board was told: {SET_OUT[0].lower()}{SET_OUT[1:]}"
    assert pulled(f"It rained all day. {SET_OUT} The men went home. {longer} It was late.") == [SET_OUT]
    changed = SET_OUT.replace("first pay the dockers", "first, and in full, pay the dockers")
    assert pulled(f"It rained. {changed} The men went home. {SET_OUT} It was late.") == [SET_OUT]
    assert pulled(f"It rained. {SET_OUT} The men went home. “{changed}” It was late.") == [SET_OUT]


def test_sentence_that_shares_less_or_is_of_another_person_stays() -> None:
    other = SET_OUT.replace("must first pay the dockers", "has to find a way of talking to the dockers about")
    assert pulled(f"It rained. {SET_OUT} The men went home. {other} It was late.") == []
    told = "{} was seen on the pictures of the harbour camera at the eastern quay shortly before ten on Monday, police said."
    assert pulled(f"It rained. {told.format('Osk Tallen')} He fled. {told.format('He also')} It was late.") == []


def test_both_copies_of_a_sentence_never_go() -> None:
    text = f"It rained. {SET_OUT} The men went home. So: {SET_OUT} It was late. {SET_OUT} The end."
    gone = pull_quotes(text, RULES)
    left = text
    for start, end in reversed(gone):
        left = left[:start] + left[end:]
    assert SET_OUT in left and len(gone) == len(set(gone))
