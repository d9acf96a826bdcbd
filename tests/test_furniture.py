from __future__ import annotations

import pytest

from pipeline.furniture import (
    Habits,
    Headlines,
    Removal,
    Repeats,
    Starts,
    _matches,
    apply_removals,
    boilerplate_removals,
    closing_headline,
    find_lost_initial,
    inline_removals,
    learn_habits,
    linked_headlines,
    merge_removals,
    related_removals,
    segments,
    title_signature,
)
from pipeline.rules import load_rules, parse_rules
from pipeline.segments import each_once, first_hashes, opening_hashes, read_keys, read_segments
from pipeline.storage import Lists

# Of one article: no caption, headline or heading without a mark.
NO_LINES = ([0], [0], [0])
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


def test_word_after_a_capital_may_be_one_of_a_name_in_a_pointer() -> None:
    habits = Habits(frozenset({"paper", "watching", "the", "she"}), frozenset())
    text = "It rains. READ MORE: The union's Quay Paper - a new start The men went home."
    assert apply_removals(text, related_removals(text, habits, RULES)) == "It rains. The men went home."
    # Nothing behind it starts a sentence.
    text = "It rains. READ MORE: A new start for the port of Velmark Watching from the quay, she smiled. It was late."
    assert (
        apply_removals(text, related_removals(text, habits, RULES)) == "It rains. Watching from the quay, she smiled. It was late."
    )


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


def hashes_of(texts: list[str], outlets: list[str]) -> Lists:
    """The hashes of the keys of each text's segments."""
    read = read_segments(texts)
    return each_once(read_keys(read, outlets).hashes, read.rows(), len(texts))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            "Open. READ MORE: Union and port to meet on idle cranes Velmark has seen no strike. It is late.",
            "Open. Velmark has seen no strike. It is late.",
        ),
        ("Open. READ MORE: Why the cranes of the port stay idle? It is late.", "Open. It is late."),
        (
            "Open. READ MORE: Dockers at the old quay await an answer What happens to the cranes? It is late.",
            "Open. What happens to the cranes? It is late.",
        ),
    ],
)
def test_pointer_ends_before_the_subject_of_a_sentence_or_a_question_of_the_articles_own(text: str, kept: str) -> None:
    habits = Habits(frozenset({"what"}), frozenset())
    assert apply_removals(text, related_removals(text, habits, RULES)) == kept


def repeated(texts: list[str], outlets: list[str], min_repeats: int, min_share: float) -> list[list[str]]:
    """What is boilerplate in each text, in the two passes that `Repeats` asks for."""
    repeats = Repeats(min_repeats, min_share, len(texts))
    repeats.fill(outlets, hashes_of(texts, outlets))
    repeats.count(outlets, texts)
    told = repeats.boilerplate()
    found = [boilerplate_removals(text, segments(text), told[outlet]) for text, outlet in zip(texts, outlets, strict=True)]
    return [[text[r.start : r.end] for r in removals] for text, removals in zip(texts, found, strict=True)]


def test_boilerplate_is_what_an_outlet_repeats_at_the_ends_of_different_articles() -> None:
    body = "Story {0} tells of {0}. It is long. Nobody knew {0}. Then {0} left. All of {0} saw. Our app brings you the news."
    texts = [body.format(word) for word in ("ports", "bridges", "ferries", "strikes")]
    others = ["Another outlet. Our app brings you the news."]
    assert repeated([*texts, *others], ["A"] * 4 + ["B"], 3, 0.02) == [["Our app brings you the news."]] * 4 + [[]]
    assert repeated(texts, ["A"] * 4, 5, 0.02) == [[], [], [], []]


def test_a_full_bucket_alone_makes_no_boilerplate() -> None:
    repeats = Repeats(3, 0.02)
    texts = ["The port is open. The union met", "The port is shut. Nobody came", "It is late in the port. Ships wait"]
    repeats.filled[:] = 3
    repeats.count(["A"] * 3, texts)
    assert repeats.is_full(hashes_of(texts, ["A"] * 3).values).all()
    assert repeats.boilerplate() == {"A": frozenset()}


def test_buckets_full_by_chance_change_nothing() -> None:
    texts = [f"Story {word} tells of {word}. It is long. Our app brings you the news." for word in ("ports", "bridges", "ferries")]
    told = []
    for size in (1, 2**20):
        repeats = Repeats(3, 0.02)
        repeats.filled = repeats.filled[:size]
        repeats.fill(["A"] * 3, hashes_of(texts, ["A"] * 3))
        repeats.count(["A"] * 3, texts)
        told.append(repeats.boilerplate()["A"])
    assert told == [{"It is long", "Our app brings you the news"}] * 2


TEXT_OF_MANY_RULES = (
    "— Ann Lee contributed to this report. Visit bay.example for more news. Contact desk@bay.example now.\n"
    "By Ann Lee. Boats (photo: Bay) Please check back for updates soon. Sign up: our newsletter offers news.\n\n"
    "- Two cranes at rest in Askerby. Ann Lee / China Daily Watch the full clip above. Send Facebook Twitter Whatsapp Share"
)


def test_rules_tried_at_some_places_find_what_a_search_of_the_whole_text_finds() -> None:
    rules = [rule for rule in RULES.inline if (rule.starts or rule.reach) and rule.edge != "head"]
    found = {m.span() for rule in rules for m in _matches(rule, Starts(TEXT_OF_MANY_RULES, RULES))}
    assert found == {m.span() for rule in rules for m in rule.pattern.finditer(TEXT_OF_MANY_RULES)}
    assert len(found) >= 6
    first = TEXT_OF_MANY_RULES.index("Boats")
    there = {m.span() for rule in rules for m in _matches(rule, Starts(TEXT_OF_MANY_RULES, RULES, first))}
    assert there == {m.span() for rule in rules for m in rule.pattern.finditer(TEXT_OF_MANY_RULES, first)}


def test_rules_met_are_those_whose_strings_stand_in_the_text() -> None:
    for text in (TEXT_OF_MANY_RULES, "Nothing", "a@b (AP)"):
        numbers = {
            number
            for number, rule in enumerate(RULES.inline)
            if rule.edge == "any" and (not rule.needs or any(needed in text for needed in rule.needs))
        }
        assert RULES.anywhere.met(text) == numbers


def test_a_head_that_opens_as_no_rule_does_meets_only_rules_with_needs() -> None:
    for text in ("MOSCOW, March 3. /TASS/. The port is open.", "- The port is open."):
        assert RULES.openings.match(text)
    assert not RULES.openings.match("The port is open.")
    assert RULES.at_head.always and not RULES.at_head.met("The port is open.", always=False)


def test_headline_without_an_end_mark_goes_where_an_outlet_closes_its_articles_so() -> None:
    words = ("quays", "docks", "piers", "locks", "weirs", "canals")
    texts = [f"The {word} are open. So the warden of the {word} said. Old {word} of the northern coast" for word in words]
    ends = [text[text.index("Old ") :] for text in texts]
    headlines = Headlines(3, 0.02)
    for text, end in zip(texts, ends, strict=True):
        assert not headlines.closes("A")
        found = closing_headline(text, segments(text))
        assert found and text[found.start : found.end] == end
        headlines.fill(["A"], [found is not None], [False], NO_LINES, opening_hashes(read_segments([text]), ["A"]))
    assert headlines.closes("A") and not headlines.closes("B")
    for text in ("The locks are open. The warden said so.", "Old locks of the northern coast", "The locks are open. See: a, b"):
        assert closing_headline(text, segments(text)) is None


def test_titles_are_kept_where_a_text_of_the_outlet_opens_a_segment_with_their_first_words() -> None:
    text = "The port is open. Ferry strike enters a second week. Ferry strike enters a third week and more. It is late."
    spans = segments(text)
    headlines = Headlines(3, 0.02)
    opened = opening_hashes(read_segments([text]), ["A"])
    headlines.fill(["A"], [False], [False], NO_LINES, opened)
    named = ["Ferry strike enters a second week", "Ferry strike enters a third week", "Why the cranes stay idle", "It is late"]
    headlines.add_titles(["A"] * 4, named)
    headlines.add_titles(["B"], named[:1])
    assert set(headlines.titles) == {"A"}
    titles = headlines.titles["A"]
    assert titles == {"Ferry strike enters": {"Ferry strike enters a second week", "Ferry strike enters a third week"}}
    assert set(first_hashes(named[:2], ["A", "A"])) <= set(opened)
    found = linked_headlines(text, spans, "Cranes idle", titles)
    assert [text[r.start : r.end] for r in found] == ["Ferry strike enters a second week."]
    assert linked_headlines(text, spans, "Ferry strike enters a second week", titles) == []


def test_updates_of_one_text_are_no_boilerplate() -> None:
    text = "The port of the capital was closed on Monday after a long and bitter dispute. The cranes are idle. The men are home."
    assert repeated([text] * 6, ["A"] * 6, 3, 0.02) == [[]] * 6


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


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("The last dockers of the old quay Mara Venn", "Mara Venn"),
        ("Why the cranes stay idle: 'Nobody asked us' Mara El Venn", "Mara El Venn"),
        ("What the dockers of Askerby want De Ruud Venn", "De Ruud Venn"),
        ("The dockers' union elects as its head Ines Moor", None),
        ("Dockers And Cranes Of The Old Quay Mara Venn", None),
        ("The quay Mara Venn", None),
        ("Time for dockers: it is Running Out", None),
        ("Storm hits the coast near Velmark's Askerby", None),
    ],
)
def test_a_name_that_closes_a_title_and_is_not_in_the_text_is_its_writers(title: str, name: str | None) -> None:
    text = "Ines Moor heads the union in Askerby. Time is running out for the dockers."
    found = title_signature(title, text)
    assert (found and (title[found.start : found.end], found.kind)) == (name and (name, "byline"))


def test_names_in_titles_are_an_outlets_habit_where_many_titles_have_them() -> None:
    headlines = Headlines(3, 0.02)
    opened = opening_hashes(read_segments(["The port is open."]), ["A"])
    for number in range(100):
        headlines.fill(["A"], [False], [number < 5], NO_LINES, opened)
        headlines.fill(["B"], [False], [number < 4], NO_LINES, opened)
    assert headlines.signs_titles("A")
    assert not headlines.signs_titles("B")
