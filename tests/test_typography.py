from __future__ import annotations

import pytest

from pipeline.typography import direct_quotes, mangled_initials, mend_initials, mend_words, repair, sure_initials


@pytest.mark.parametrize(
    ("damaged", "repaired"),
    [
        ('He won"t go and they don"t know.', "He won't go and they don't know."),
        ('Osk O"\ufffd\ufffdTallen said "no" to Ms O"ullen.', "Osk O'Tallen said “no” to Ms O'\ufffdullen."),
        ('He said "plan O" failed, and "D" as well.', "He said “plan O” failed, and “D” as well."),
        ('DeVos"?highly contentious plan', "DeVos' highly contentious plan"),
        ("A fine of ?230,000 was paid.", "A fine of £230,000 was paid."),
        ("Was it 5? 230 came.", "Was it 5? 230 came."),
        ('"We go," he said.', "“We go,” he said."),
        ('"We go,” he said.', "“We go,” he said."),
        ("``We go,'' he said.", "“We go,” he said."),
        ('"It is late,"?she said.', "“It is late,” she said."),
        ("We'r all here and they'r not.", "We're all here and they're not."),
        ("They're been here, we\"re had it, you're got a boat.", "They've been here, we've had it, you've got a boat."),
        ("They're seen as weak, and we're beenish.", "They're seen as weak, and we're beenish."),
        ("He left.- -", "He left."),
        ("He said,-then left.", "He said, then left."),
        ('a "rant"-for them', "a “rant” for them"),
        ("a well-known man - and more", "a well-known man - and more"),
        ("one -- two–three", "one — two — three"),
        ("one\u00a0two\u200b  three\u00ad", "one two three"),
        ("a\r\nb\rc\n\n\n\nd", "a\nb\nc\n\nd"),
        ("First.   Second.", "First.\n\nSecond."),
        ("caf\u0065\u0301", "café"),
        ("AT&amp;T", "AT&T"),
        ("\ufffd\ufffd\ufffd", "\ufffd"),
        ("", ""),
    ],
)
def test_damage_is_repaired_and_nothing_else(damaged: str, repaired: str) -> None:
    assert repair(damaged) == repaired
    assert repair(repaired) == repaired


def test_lost_f_is_put_back_only_where_the_corpus_leaves_one_reading() -> None:
    texts = [
        "“Hake news,” he said. “He is here,” “Hull moon.”",
        "A fake coin and a fake bill.",
        "Hull is a port, a full port, full of ships.",
    ]
    sure = sure_initials(texts, mangled_initials(texts[:1]))
    assert mend_initials(texts[0], sure) == "“Fake news,” he said. “He is here,” “Hull moon.”"
    assert sure_initials(texts, {}) == frozenset()
    assert sure_initials(texts[:1], mangled_initials(texts[:1])) == frozenset()


@pytest.mark.parametrize(
    ("straight", "directed"),
    [
        ('He said "yes" and "no".', "He said “yes” and “no”."),
        ('"One"\n\n"Two', "“One”\n\n“Two"),
        ('a "b" "c"', "a “b” “c”"),
        ('one"two" three', "one “two” three"),
        ("She said “no“ and ”yes”", "She said “no” and “yes”"),
        ("``Two'' he said", "“Two” he said"),
        ("“One.“Two", "“One.”Two"),
        ("He left.\n”Two", "He left.\n“Two"),
    ],
)
def test_marks_get_their_direction_from_what_stands_beside_them_or_what_is_open(straight: str, directed: str) -> None:
    assert direct_quotes(straight) == directed


def test_a_range_of_years_is_no_sum_in_pounds() -> None:
    assert repair('the 2011"?012 season') == "the 2011 — 012 season"
    assert repair('a fee of "?50,001 and above,"?they say') == "a fee of “£50,001 and above,” they say"


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("Garda\ufffd and garda\ufffd met.", "Gardaí and gardaí met."),
        ("An Garda S\ufffdoch\ufffdna and Bus ?ireann met.", "An Garda Síochána and Bus Éireann met."),
        ("Is this the caf? It is.", "Is this the caf? It is."),
        ("The gardaí? They met.", "The gardaí? They met."),
        ("The warden\ufffd met the gard\ufffdner.", "The warden\ufffd met the gard\ufffdner."),
    ],
)
def test_lost_letters_go_back_into_known_words_only(text: str, mended: str) -> None:
    assert mend_words(text, ("gardaí", "Síochána", "Éireann", "café")) == mended
    assert mend_words(text, ()) == text
