import pytest
from builders import ENGLISH


def test_every_spelling_of_the_country_is_one_term_and_never_the_pronoun():
    assert {ENGLISH.same_term[form] for form in ("US", "USA", "U.S.", "U.S", "U.S.A.", "U.S.A")} == {"u.s."}
    assert not {"us", "Us"} & (set(ENGLISH.same_term) | set(ENGLISH.capitals))
    assert "us" not in set(ENGLISH.same_term.values()) | set(ENGLISH.capitals.values())


def test_abbreviations_are_text_in_small_letters_without_their_last_stop():
    assert all(isinstance(word, str) and word == word.lower() and not word.endswith(".") for word in ENGLISH.abbreviations)
    assert {"gen", "no", "u.s", "sen"} <= ENGLISH.abbreviations


def test_everyday_words_of_names_are_terms():
    assert {"the", "news", "daily"} <= ENGLISH.name_words
    assert all(word == word.lower() for word in ENGLISH.name_words)


def test_verbs_of_speaking_are_single_small_words():
    assert all(isinstance(verb, str) and verb.isalpha() and verb.islower() for verb in ENGLISH.speech_verbs)
    assert {"said", "read", "quoted"} <= ENGLISH.speech_verbs


@pytest.mark.parametrize(
    ("title", "digest"),
    [
        ("Tuesday's Morning Email: Strike at Port Maren", True),
        ("Week in pictures: 3-9 March 2031", True),
        ("Weird News Quiz", True),
        ("In brief (Page 4)", True),
        ("Sunday's papers: the strike spreads", True),
        ("Strike at Port Maren: the front pages", False),
        ("Strike at Port Maren: live updates", False),
        ("The mayor has had a good week", False),
        ("A brief history of the ferry", False),
    ],
)
def test_titles_of_digests(title, digest):
    assert (ENGLISH.digests.search(title) is not None) is digest
