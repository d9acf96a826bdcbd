"""Attributions: cues, sources, contents and voices, on sentences written for the purpose."""

from __future__ import annotations

import itertools
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.attribution import Attribution, attributions, load_rules, read_voices, voice_spans
from pipeline.typography import repair
from pipeline.voice import DIRECT, MARKED, REPORTED


def only(text: str) -> Attribution:
    found = attributions(text)
    assert len(found) == 1, [text[slice(*a.cue)] for a in found]
    return found[0]


def parts(text: str, a: Attribution) -> tuple[str | None, str, list[str]]:
    return (text[slice(*a.source)] if a.source else None), text[slice(*a.cue)], [text[slice(*c)] for c in a.content]


@pytest.mark.parametrize(
    ("text", "source", "cue", "content"),
    [
        ("The mayor said that the port would close.", "The mayor", "said", ["that the port would close"]),
        ("The mayor said the port would close.", "The mayor", "said", ["the port would close"]),
        ("The port would close, the mayor said on Monday.", "the mayor", "said", ["The port would close"]),
        (
            "The port would close, said Mara Venn, the harbour master.",
            "Mara Venn, the harbour master",
            "said",
            ["The port would close"],
        ),
        ("According to the harbour office, the port would close.", "the harbour office", "According to", ["the port would close"]),
        ("The port would close, according to a new report.", "a new report", "according to", ["The port would close"]),
        ("The ferry, Venn said, had never been safe.", "Venn", "said", ["The ferry", "had never been safe"]),
        (
            "Mr. Venn has repeatedly warned that the ferry is unsafe.",
            "Mr. Venn",
            "has repeatedly warned",
            ["that the ferry is unsafe"],
        ),
        ("Venn told the council that the ferry was unsafe.", "Venn", "told", ["that the ferry was unsafe"]),
        ("Venn accused the council of hiding the bill.", "Venn", "accused", ["the council of hiding the bill"]),
        ("Dockers wants no part; Venn wants to sell the ferry.", "Venn", "wants", ["to sell the ferry"]),
        ("Venn called for a vote.", "Venn", "called for", ["a vote"]),
        (
            "The council rejected Venn's claim that the ferry is unsafe.",
            "The council",
            "rejected",
            ["Venn's claim that the ferry is unsafe"],
        ),
        ("Much was made of Venn's claim that the ferry is unsafe.", "Venn's", "claim", ["that the ferry is unsafe"]),
        ("Venn issued a statement saying the ferry was sold.", "Venn", "issued a statement saying", ["the ferry was sold"]),
        ("Mara Venn, who runs the port, said it would close.", "Mara Venn, who runs the port", "said", ["it would close"]),
        ("The ferry is late, as Venn's manager noted.", "Venn's manager", "noted", ["The ferry is late"]),
        ("Venn said in a statement that the port leaks.", "Venn", "said in a statement", ["that the port leaks"]),
        ("Venn said, among other things, that the port leaks.", "Venn", "said", ["that the port leaks"]),
        ("The port was shut, Venn said, adding that it was old.", "Venn", "adding", ["that it was old"]),
        ("Venn said the port leaks and added that it was old.", "Venn", "added", ["that it was old"]),
        ("Venn said the port leaks, while Mara Brandt said it was dry.", "Mara Brandt", "said", ["it was dry"]),
        ("The Post, citing papers, reported that the port leaks.", "The Post", "reported", ["that the port leaks"]),
        ("Most of them said they had left the port.", "Most of them", "said", ["they had left the port"]),
        ("Both think Venn sold the ferry.", "Both", "think", ["Venn sold the ferry"]),
        ("The Dockers hope their pier is on the list.", "The Dockers", "hope", ["their pier is on the list"]),
        ("Harbour polling shows he won the vote.", "Harbour polling", "shows", ["he won the vote"]),
        ("Venn promised Sunday at a rally to end the fee.", "Venn", "promised", ["to end the fee"]),
        ("The port has closed, Venn told reporters.", "Venn", "told", ["The port has closed"]),
        ("Mayor Venn told state broadcaster NBC the search had ended.", "Mayor Venn", "told", ["the search had ended"]),
        (
            "The park will hold piers, old sheds and quays, said Mara Venn, head of the port.",
            "Mara Venn, head of the port",
            "said",
            ["The park will hold piers, old sheds and quays"],
        ),
        ("Venn said in a history of the old port that it was loved.", "Venn", "said", ["that it was loved"]),
        ("Venn said, if elected, she would close the port.", "Venn", "said", ["she would close the port"]),
        ("Venn said when asked whether the port leaks that it does.", None, "asked", ["whether the port leaks that it does"]),
        ("A judge last week said the port would close.", "A judge", "said", ["the port would close"]),
        ("It was a busy day for the town as Venn announced the plan.", "Venn", "announced", ["the plan"]),
        ("Venn pointed out that in old days, the port leaked.", "Venn", "pointed out", ["that in old days, the port leaked"]),
        ("The port, according to Venn, has been closed.", "Venn", "according to", ["The port", "has been closed"]),
        ("Rather, according to Venn, the port has closed.", "Venn", "according to", ["the port has closed"]),
        (
            "According to Venn, who runs the port, it has closed.",
            "Venn, who runs the port",
            "According to",
            ["it has closed"],
        ),
        ("After Venn said that the port leaked, the dockers left.", "Venn", "said", ["that the port leaked"]),
        ("Mara Venn, who said that the port leaked, has left.", "who", "said", ["that the port leaked"]),
        ("Venn accused former President Otto Brandt of a lie.", "Venn", "accused", ["former President Otto Brandt of a lie"]),
        ("Imports will rise, says Sun Li, a professor.", "Sun Li, a professor", "says", ["Imports will rise"]),
    ],
)
def test_frames(text, source, cue, content):
    found = [parts(text, a) for a in attributions(text)]
    assert (source, cue, content) in found, found


def test_no_attribution_where_nobody_speaks():
    assert attributions("The ferry left at noon. Rain fell on the harbour all day, and the state of the pier is poor.") == []


def test_noun_after_an_article_is_no_cue():
    assert attributions("The report was long. The claims office opened at nine.") == []


@pytest.mark.parametrize(
    "text",
    [
        "How would you describe your leadership style?",
        "How will the firm respond to the new rules?",
        "What is your advice for people who sail?",
        "A man described as ill came by ferry.",
        "A gas described by the harbour as deadly was found.",
        "The envoy told TASS.",
        "The firm won a bid to make 840 metro rail cars, a record.",
        "It was a club founded in 1920 called Norvik.",
        "There was a string of new reports that day.",
    ],
)
def test_what_looks_like_a_cue_and_is_none(text):
    assert attributions(text) == []


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Venn said that the port would close.", True),
        ("Venn slammed the council.", True),
        ("According to Venn, the port has closed.", True),
        ("Venn wants to close the port.", False),
        ("Venn thinks the port will close.", False),
        ("Venn would not say whether the port had closed.", False),
        ("The plan, which says that the port must close, is old.", False),
        ("Norvik: Dockers kill the fee and leave", False),
        ("Venn: “Kill the fee and leave the port”", True),
    ],
)
def test_speech_is_told_from_views_wishes_and_what_is_not_said(text, spoken):
    assert [a.spoken for a in attributions(text)] == [spoken]


def test_whole_quotation_before_a_sentence_is_not_what_follows_says():
    text = "“It leaks,” Brandt said. “The port is old and it has always been.” Venn said the port would close."
    found = {text[slice(*a.source)]: parts(text, a)[2] for a in attributions(text)}
    assert found["Venn"] == ["the port would close"]


def test_quotation_far_from_any_attribution_is_marked():
    far = "Rain fell on the harbour and the quay all day. " * 9
    text = f"Venn said the port would close. {far}“A ferry for everybody in the town” stood on the wall. It was old."
    assert ("“A ferry for everybody in the town”", MARKED) in voices(text)
    assert ("“A ferry for everybody in the town”", DIRECT) in voices(text.replace(far, ""))


@pytest.mark.parametrize("text", ["“A ferry for the whole town,” by Mara Venn", "“The Long Road to the Old Harbour” is out"])
def test_title_beside_an_attribution_is_marked(text):
    read = voices(f"Brandt said it rained. {text}. Nobody came.")
    assert [voice for words, voice in read if words.startswith("“")] == [MARKED]


def test_credited_excerpt_is_direct_however_far():
    far = "Rain fell on the harbour and the quay all day. " * 9
    text = f"Venn said the port would close. {far}“The ferry was never safe at all” [Norvik Post]."
    assert ("“The ferry was never safe at all”", DIRECT) in voices(text)


def test_names_before_a_colon_and_a_quotation_are_its_speakers_within_a_line_too():
    said = ["“The port is shut and nobody came to us.”", "“We have waited here for eleven days.”", "“No.”"]
    text = (
        f"It rained all day. Sen. Mara Venn (R-Wick): {said[0]} Osk Tallen: {said[1]} Then she left. Warden: {said[2]} It was late."
    )
    assert [parts(text, a) for a in attributions(text)] == [
        ("Sen. Mara Venn", ":", [said[0]]),
        ("Osk Tallen", ":", [said[1]]),
    ]
    assert [kind for words, kind in voices(text) if words in said[:2]] == [DIRECT, DIRECT]


def test_cue_inside_a_quotation_is_the_speakers_own():
    text = "“She said we would all be paid by the end of the week,” Venn said."
    assert parts(text, only(text)) == ("Venn", "said", ["“She said we would all be paid by the end of the week,”"])


def test_cue_inside_reported_content_is_the_sources():
    text = "Venn said the council believes the ferry is safe."
    assert parts(text, only(text))[2] == ["the council believes the ferry is safe"]


def test_quotation_goes_on_after_the_cue():
    text = "“We will not pay for the pier,” Venn said. “We have paid for it twice already.”"
    assert parts(text, only(text))[2] == ["“We will not pay for the pier,”", "“We have paid for it twice already.”"]


@pytest.mark.parametrize(
    ("verb", "cue_class"),
    [("said", "neutral"), ("claimed", "doubting"), ("alleged", "doubting"), ("revealed", "endorsing"), ("noted", "endorsing")],
)
def test_classes_of_cues(verb, cue_class):
    assert only(f"Venn {verb} that the ferry was sold.").cue_class == cue_class


def test_force_is_a_class():
    assert only("Venn slammed the council.").cue_class == "forceful"


def voices(text: str) -> list[tuple[str, int]]:
    reading = read_voices(text, load_rules())
    return [(text[a:b], voice) for a, b, voice in voice_spans(text, reading)]


def test_quotation_inside_reported_content_is_direct():
    assert voices("Venn said the plan was “a gift to nobody” and left.") == [
        ("the plan was ", REPORTED),
        ("“a gift to nobody”", DIRECT),
        (" and left", REPORTED),
    ]


def test_single_word_in_marks_stays_marked():
    assert ("“experts”", MARKED) in voices("The so-called “experts” went home. Nobody else came.")
    assert ("“reform”", MARKED) in voices("Venn said the “reform” was over.")


def test_title_of_a_work_stays_marked_inside_content():
    assert ("“Harbour Lights”", MARKED) in voices("Venn said he had watched “Harbour Lights” at home.")


def test_spans_are_ordered_and_apart():
    text = "“No,” Venn said. He added that “nobody at all” came, according to a report, and “that is that for today.” The end."
    spans = voice_spans(text, read_voices(text, load_rules()))
    assert all(a < b for a, b, _ in spans)
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(spans))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "“",
        "”“",
        "said",
        "said that",
        ": : :",
        "according to",
        "\n\n\n",
        "He said",
        "“…”, said",
        "Asked to",
        "’s claim that",
    ],
)
def test_scraps_are_read_without_error(text):
    reading = read_voices(text, load_rules())
    for a in reading.attributions:
        assert 0 <= a.cue[0] < a.cue[1] <= len(text)


FRAGMENTS = [
    *("said", "Venn", "“", "”", ",", ".", "that", "port", "\n\n", "according to", "Asked", "who", ":", "—", "to", "claim"),
    *("(R-Tex.)", "'s", "told", "her", "of", "was accused", "by", "No. 2", "‘", "'", "issued a statement", "in", "clear"),
]


@pytest.mark.parametrize("form", [repair, str], ids=["repaired", "as it came"])
@given(
    fragments=st.lists(
        st.sampled_from(FRAGMENTS) | st.text(st.sampled_from("”‘« \u2028\x0b\x1f\xa0\ufffdé…\t"), max_size=3), max_size=40
    )
)
@settings(max_examples=400, deadline=None)
def test_any_order_of_words_gives_spans_within_the_text(form, fragments):
    text = form(" ".join(fragments))
    reading = read_voices(text, load_rules())
    for a in reading.attributions:
        for start, end in (a.cue, *([a.source] if a.source else []), *a.content):
            assert 0 <= start < end <= len(text)
            assert text[start:end].strip()
    spans = voice_spans(text, reading)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_short_ways_leave_out_no_match():
    """Where a pattern is tried only before some tags, it matches nothing before any other."""
    rules = load_rules()
    plainest = [min(tags, key=lambda tag: (len(rules.features[tag]), tag)) for _, tags in sorted(rules.tags_with.items())]
    draw = random.Random(1)
    for _ in range(40_000):
        tags = "".join(draw.choices(plainest, k=6))
        for pattern, starts in (
            (rules.lead, rules.leads),
            (rules.filler, rules.filling),
            (rules.auxiliaries, rules.auxiliary),
            (rules.circumstance, rules.prepositions),
        ):
            match = pattern.match(tags)
            assert not match or not match.end() or tags[0] in starts
        assert tags[0] in rules.opens or not (rules.opening.match(tags) or rules.that.match(tags))
