from __future__ import annotations

import pytest

from pipeline.furniture import (
    Habits,
    Removal,
    apply_removals,
    boilerplate_removals,
    find_lost_initial,
    inline_removals,
    learn_habits,
    merge_removals,
    related_removals,
    segments,
)
from pipeline.rules import load_rules, parse_rules

RULES = load_rules()


def left(text: str) -> str:
    """The text without inline furniture."""
    return apply_removals(text, merge_removals(inline_removals(text, RULES)))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("MOSCOW, March 3. /TASS/. The port is open.", "The port is open."),
        ("ASKERBY (Reuters) - The port is open.", "The port is open."),
        ("Port Maren, Velmark - The port is open.", "The port is open."),
        (
            "The port is open. Send Facebook Twitter Google+ Whatsapp Permalink http://a.example/p It closes at five.",
            "The port is open. It closes at five.",
        ),
        ("The port is open. dm/jm (AFP, dpa) -", "The port is open."),
        ("The port is open. dm/jm (AFP) Send Facebook Twitter Google+ Permalink http://a.example/x", "The port is open."),
        ("The port is open. Osk Tallen contributed to this report.", "The port is open."),
        ("The port is open. Follow Osk Tallen on Twitter: @osk", "The port is open."),
        ("The port is open. Contact the writer at osk@post.example", "The port is open."),
        ("The port is open. dm,osk/jm (AFP, dpa", "The port is open."),
        ("The port is open. — Tallen reported from Port Maren.", "The port is open."),
        ("The port is open. — Reach Osk Tallen on Twitter at", "The port is open."),
        ("The port is open. Harbour Watch is on BBC One at 20:30 GMT on Monday 3 March.", "The port is open."),
        ("The port is open. Or catch up on iPlayer.", "The port is open."),
        ("The port is open. This article was originally published on Port Notes. Read the original article.", "The port is open."),
        ("The port is open. — This story has been corrected to show that it closes at six.", "The port is open."),
        ("The port is open. Watch the full clip above. It closes at five.", "The port is open. It closes at five."),
        ("The port is open. You can also contact us in the following ways: WhatsApp: +44 1234", "The port is open."),
        ("The port is open. The interview was conducted by Osk Tallen. It has been edited.", "The port is open."),
        ("Port Maren, occupied Velmark — The port is open.", "The port is open."),
        ("ASKERBY -The port is open.", "The port is open."),
        ("ASKERBY, March 3. /TASS, Osk Tallen/. The port is open.", "The port is open."),
        ("- A crane at rest in Askerby. It is old. Osk Tallen / For China Daily The port is open.", "The port is open."),
        ("The port is open. Tallen (left) and a friend at the quay The warden said so.", "The port is open. The warden said so."),
        ("We stay in port tonight. — Osk Tallen (@osk) March 3, 2017 It rained.", "We stay in port tonight. It rained."),
        ("It rained. Port reopens at noon — Velmark News (@velmarknews) March 3, 2017 It was late.", "It rained. It was late."),
        ("He said the port was open and/or shut.", "He said the port was open and/or shut."),
        ("He told the BBC at 20:30 that he would watch the port.", "He told the BBC at 20:30 that he would watch the port."),
        ("The port is open. You can watch ships here all day long.", "The port is open. You can watch ships here all day long."),
        ("To sail or not to sail - that is what she asked.", "To sail or not to sail - that is what she asked."),
        ("Osk Tallen (left) told the warden that the port was open.", "Osk Tallen (left) told the warden that the port was open."),
        (
            "She told the BBC that both US and UK ports (and theirs) were open.",
            "She told the BBC that both US and UK ports (and theirs) were open.",
        ),
        ("The dockers follow the union on most questions.", "The dockers follow the union on most questions."),
    ],
)
def test_inline_furniture_goes_and_sentences_stay(text: str, kept: str) -> None:
    assert left(text) == kept


def test_pointer_ends_where_a_sentence_starts() -> None:
    corpus = ["The port is old. In the port the cranes are old and the men are too, but in time they may go. It was late."] * 20
    text = "The port is open. READ MORE: Why the cranes of Velmark stay idle In the morning the men went home."
    habits = learn_habits([*corpus, text], [text], RULES)
    assert "in" in habits.starters
    assert apply_removals(text, related_removals(text, habits, RULES)) == "The port is open. In the morning the men went home."


def test_pointer_at_the_end_of_a_line_goes_whole_and_one_without_an_end_loses_its_mark_only() -> None:
    nothing = Habits(frozenset(), frozenset())
    assert (
        apply_removals(
            "Open.\nREAD MORE: Why cranes stay idle\nIt is late.",
            related_removals("Open.\nREAD MORE: Why cranes stay idle\nIt is late.", nothing, RULES),
        )
        == "Open.\n\nIt is late."
    )
    endless = "Open. READ MORE: " + "why the cranes stay idle and " * 8
    assert (
        apply_removals(endless, related_removals(endless, nothing, RULES))
        == ("Open. " + "why the cranes stay idle and " * 8).strip()
    )


def test_boilerplate_is_what_an_outlet_repeats_at_the_ends_of_different_articles() -> None:
    body = "Story {0} tells of {0}. It is long. Nobody knew {0}. Then {0} left. All of {0} saw. Our app brings you the news."
    texts = [body.format(word) for word in ("ports", "bridges", "ferries", "strikes")]
    others = ["Another outlet. Our app brings you the news."]
    found = boilerplate_removals([*texts, *others], ["A"] * 4 + ["B"], 3, 0.02)
    assert [[text[r.start : r.end] for r in removals] for text, removals in zip([*texts, *others], found, strict=True)] == [
        ["Our app brings you the news."]
    ] * 4 + [[]]
    assert boilerplate_removals(texts, [""] * 4, 3, 0.02) == [[], [], [], []]


def test_headline_without_an_end_mark_goes_where_an_outlet_closes_its_articles_so() -> None:
    words = ("quays", "docks", "piers", "locks", "weirs", "canals")
    texts = [f"The {word} are open. So the warden of the {word} said. Old {word} of the northern coast" for word in words]
    ends = [text[text.index("Old ") :] for text in texts]
    found = boilerplate_removals(texts, ["A"] * 6, 3, 0.02, titles=[""] * 6)
    assert [[text[r.start : r.end] for r in one] for text, one in zip(texts, found, strict=True)] == [[end] for end in ends]
    cut_off = [*texts[:5], "The locks are open. The warden said that he"]
    assert boilerplate_removals(cut_off, ["A"] * 5 + ["B"], 3, 0.02)[5] == []
    assert boilerplate_removals(texts[:5], ["A"] * 5, 3, 0.02) == [[]] * 5


def test_updates_of_one_text_are_no_boilerplate() -> None:
    text = "The port of the capital was closed on Monday after a long and bitter dispute. The cranes are idle. The men are home."
    assert boilerplate_removals([text] * 6, ["A"] * 6, 3, 0.02) == [[]] * 6


def test_segments_cover_sentences_and_lines() -> None:
    text = "One is here. “Two!” Three\n\nFour"
    assert [text[a:b] for a, b in segments(text)] == ["One is here.", "“Two!”", "Three", "Four"]


def test_removals_merge_without_overlap_and_kinds_can_be_off() -> None:
    found = [Removal(5, 9, "caption"), Removal(0, 6, "page_line"), Removal(20, 22, "byline")]
    assert merge_removals(found, ["byline"]) == [Removal(0, 6, "page_line"), Removal(6, 9, "caption")]


@pytest.mark.parametrize(
    ("text", "lead", "state"),
    [
        ("he transport ministry on Friday said so.", "The transport ministry on Friday said it.", ("restored", "T")),
        ("he transport ministry on Friday said so.", "", ("found", "")),
        ("The transport ministry on Friday said so.", "", ("", "")),
        ("iPhones of the ministry were lost on Friday.", "", ("", "")),
        ("“we go” said the ministry on Friday.", "", ("", "")),
    ],
)
def test_lost_initial(text: str, lead: str, state: tuple[str, str]) -> None:
    assert find_lost_initial(text, lead) == state


def test_faults_of_a_rules_file_are_listed_together() -> None:
    faulty = {"lines": [{"kind": "x", "pattern": "<<none>>"}, {"kind": "x", "pattern": "(", "where": "top"}]}
    with pytest.raises(Exception, match="3 faults"):
        parse_rules(faulty, "english", "rules.yaml")
