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
    ],
)
def test_kinds(source, kind):
    assert [a.kind for a in attributions(f"{source} said that the port would close.")] == [kind]


@pytest.mark.parametrize("source", ["", " ", "\u2028", "\x0b \x1f"])
def test_source_without_a_word_is_unresolved(source):
    text = f"said {source}"
    assert resolve_sources(text, [(5, len(text))], [], load_rules().sources) == [(UNRESOLVED, UNKNOWN, False)]
