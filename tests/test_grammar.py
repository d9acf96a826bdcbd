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


@given(
    st.lists(
        st.sampled_from(["Mara", "venn's", "R&D", "3.5", "Mr", "the", "no", "“", "”", ".", ",", "-", "'", "(", "é", "\n", " "])
    )
)
def test_a_word_has_the_same_tag_whatever_stands_beside_it(parts):
    text = " ".join("".join(parts).split(" ")).strip(" ")
    apart = "".join(GRAMMAR.packed[word.strip(" ")][0] for word in SPACED_WORD.findall(text))
    assert GRAMMAR.lex(text).tags == GRAMMAR.abbreviated.sub(GRAMMAR.dot, apart)


@pytest.mark.parametrize("mark", [".", "-", "“", "("])
def test_long_lines_of_marks_are_read(mark):
    assert words(f"one{mark * 5000} {mark * 5000}two") == ["one", *mark * 4999, f"{mark} ", *mark * 5000, "two"]


def test_a_word_has_the_same_tag_in_every_piece():
    alone, marked = GRAMMAR.lex("said").tags, GRAMMAR.lex("“said,”").tags
    assert marked[1] == alone
    assert GRAMMAR.tag("Brandt") == GRAMMAR.tag("Venn") != GRAMMAR.tag("harbour")


@pytest.mark.parametrize("size", [LONGEST_WORD - 1, LONGEST_WORD, LONGEST_WORD + 1, 3 * LONGEST_WORD])
def test_words_of_any_length_are_read_to_their_end(size):
    assert "".join(words("a" * size + " ferry")) == "a" * size + " ferry"
    assert max(map(len, words("a" * size))) <= LONGEST_WORD
