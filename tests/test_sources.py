"""Sources: names made full, pronouns and roles carried back, kinds."""

from __future__ import annotations

import pytest

from pipeline.attribution import attributions, load_rules
from pipeline.sources import UNKNOWN, UNRESOLVED, resolve_sources


def speakers(text: str) -> list[str]:
    return [a.speaker for a in attributions(text)]


def test_family_name_is_made_full():
    assert speakers("Mara Venn runs the port. Venn said it would close.") == ["Mara Venn"]


def test_family_name_of_two_people_stays_as_it_is():
    assert speakers("Mara Venn met Otto Venn. Venn said the port would close.") == ["Venn"]


def test_pronoun_goes_to_the_nearest_speaker_it_fits():
    text = "Mr. Otto Brandt said the port would close. Mrs. Mara Venn said it would not. He added that it was sold."
    assert speakers(text) == ["Otto Brandt", "Mara Venn", "Otto Brandt"]


def test_pronoun_without_a_fitting_speaker_is_unresolved():
    assert speakers("The rain fell. She said that the port would close.") == [UNRESOLVED]


def test_role_goes_back_to_its_bearer():
    text = "Harbour spokesman Otto Brandt said the port would close. The spokesman said it was sold."
    assert speakers(text) == ["Otto Brandt", "Otto Brandt"]


def test_name_that_only_describes_is_no_speaker():
    (found,) = attributions("Norvik lawmakers said the port would close.")
    assert (found.speaker, found.named, found.kind) == ("norvik lawmakers", False, "official")


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("Prime Minister Otto Brandt", "official"),
        ("Gen. Otto Brandt", "military"),
        ("Harbour spokeswoman Mara Venn", "spokesperson"),
        ("Mara Venn, a professor at Norvik College,", "expert"),
        ("A shop owner", "citizen"),
        ("The newspaper", "media"),
        ("A new survey", "document"),
        ("Two sources", "unnamed"),
        ("An official who asked not to be named", "unnamed"),
        ("Otto Brandt", "unknown"),
        ("A defence ministry spokesman", "spokesperson"),
        ("A group of lawyers", "expert"),
        ("The president of the Pier Bank", "organisation"),
        ("The president of Norvik", "official"),
        ("Police chief Otto Brandt", "military"),
        ("Pier Bank CEO Otto Brandt", "organisation"),
        ("Marine Le Venn", "unknown"),
        ("Bill Brandt", "unknown"),
        ("The Norvik Police officers", "military"),
        ("Mara Venn, 44,", "citizen"),
        ("Striker Otto Brandt", "culture"),
        ("Criminologists", "expert"),
    ],
)
def test_kinds(source, kind):
    assert [a.kind for a in attributions(f"{source} said that the port would close.")] == [kind]


@pytest.mark.parametrize("source", ["", " ", "\u2028", "\x0b \x1f"])
def test_source_without_a_word_is_unresolved(source):
    text = f"said {source}"
    assert resolve_sources(text, [(5, len(text))], [], load_rules().sources) == [(UNRESOLVED, UNKNOWN, False)]


def kinds(text: str) -> list[str]:
    return [a.kind for a in attributions(text)]


@pytest.mark.parametrize(
    "introduction",
    [
        "Otto Brandt, the harbour minister, slept.",
        "The harbour minister, Otto Brandt, slept.",
        "Rain fell on Minister for Trade Otto Brandt.",
        "Rain fell on Otto Brandt (D-Tex.) at noon.",
        "Brandt slept. Rain fell. It fell on minister Otto Brandt.",
    ],
)
def test_kind_comes_from_any_mention_of_the_name(introduction):
    assert kinds(f"Otto Brandt said the port would close. {introduction}") == ["official"]


def test_verb_beside_a_name_is_no_title():
    assert kinds("The minister met Otto Brandt at noon. Brandt said the port would close.") == ["unknown"]


def test_relative_pronoun_stands_for_the_phrase_before_it():
    (found,) = attributions("Rain fell on the professor, who said the port would close.")
    assert (found.speaker, found.kind) == ("professor", "expert")
    (found,) = attributions("Rain fell on Otto Brandt, who said the port would close.")
    assert (found.speaker, found.named) == ("Otto Brandt", True)


def test_it_is_the_body_or_paper_that_spoke_last():
    assert speakers("The ministry said the port would close. It said the pier was old.") == ["ministry", "ministry"]
    assert speakers("Otto Brandt said the port would close. It said the pier was old.") == ["Otto Brandt", UNRESOLVED]


def test_pronoun_stands_for_a_person_without_a_name_or_gender():
    assert speakers("A diplomat said the port would close. He said the pier was old.") == ["a diplomat", "a diplomat"]
    assert speakers("The ministry said the port would close. He said the pier was old.") == ["ministry", UNRESOLVED]


def test_role_of_another_kind_is_somebody_else():
    text = "President Donald Brandt said the port would close. The spokesman said the pier was old."
    assert speakers(text) == ["Donald Brandt", "spokesman"]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Rain fell on Hou Mingli, a founder. Hou said the port would close.", "Hou Mingli"),
        ("Rain fell on Mara Venn, a painter. Mara said the port would close.", "Mara Venn"),
        ("The chair of the Bank of Norvik Mara Venn said the port would close.", "Mara Venn"),
        ("The Minister for Foreign Trade Otto Brandt said the port would close.", "Otto Brandt"),
        ("The EU ambassador to Brazil, Otto Brandt, said the port would close.", "Otto Brandt"),
        ("Otto Brandt of the Norvik Food Fund (NFF) said the port would close.", "Otto Brandt"),
        ("Amnesty International said the port would close.", "Amnesty International"),
        ("The New York Post said the port would close.", "New York Post"),
    ],
)
def test_names_are_found_whole(text, speaker):
    assert speakers(text) == [speaker]


@pytest.mark.parametrize(
    ("source", "kind"),
    [("35-year-old Fatma Venn", "citizen"), ("Mara Venn, general manager of the pier,", "organisation"), ("Medics", "expert")],
)
def test_kinds_by_age_and_by_office(source, kind):
    assert kinds(f"{source} said that the port would close.") == [kind]


def test_role_before_a_name_that_ends_its_sentence():
    assert kinds("Otto Brandt said it rained. It fell on the harbour minister, Otto Brandt.") == ["official"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Critics said the plan was weak.", False),
        ("Experts said the plan was weak.", False),
        ("The police waited. Police said the road was shut.", False),
        ("Police said the road was shut.", True),
        ("Democrats said the plan was weak.", True),
        ("Venn met experts. Venn said the road was shut.", True),
    ],
)
def test_a_role_with_the_capital_of_its_sentence_is_no_name(text, named):
    assert attributions(text)[-1].named is named
