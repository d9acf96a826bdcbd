import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.attribution import load_rules
from pipeline.grammar import LONGEST_WORD, SPACED_WORD, Grammar

GRAMMAR: Grammar = load_rules().grammar


def words(text: str) -> list[str]:
    lexed = GRAMMAR.lex(text)
    assert len(lexed.tags) == len(lexed.starts) - 1
    return [text[a:b] for a, b in zip(lexed.starts, lexed.starts[1:], strict=False)]


def test_words_keep_their_inner_marks_and_the_space_after_them():
    assert words("“It's 1,200,” said Mara-Lis Venn.\n\nThe R&D ferry") == [
        "“", "It's ", "1,200", ",", "” ", "said ", "Mara-Lis ", "Venn", ".", "\n\n", "The ", "R&D ", "ferry",
    ]  # fmt: skip
    assert words("") == []


@given(st.lists(st.text(st.sampled_from("aZ9é_'-.,&/“”\n"), min_size=1, max_size=8), min_size=1).map(" ".join))
def test_words_are_those_of_one_expression_over_the_whole_text(text):
    assert words(text) == SPACED_WORD.findall(text)


@given(st.text(st.sampled_from("aZ'.,“\n\t  "), max_size=12))
def test_untidy_spaces_are_read_too(text):
    assert words(text) == SPACED_WORD.findall(text)


def test_a_word_has_the_same_tag_in_every_piece():
    alone, marked = GRAMMAR.lex("said").tags, GRAMMAR.lex("“said,”").tags
    assert marked[1] == alone
    assert GRAMMAR.tag("Brandt") == GRAMMAR.tag("Venn") != GRAMMAR.tag("harbour")


@pytest.mark.parametrize("size", [LONGEST_WORD - 1, LONGEST_WORD, LONGEST_WORD + 1, 3 * LONGEST_WORD])
def test_words_of_any_length_are_read_to_their_end(size):
    assert "".join(words("a" * size + " ferry")) == "a" * size + " ferry"
    assert max(map(len, words("a" * size))) <= LONGEST_WORD
