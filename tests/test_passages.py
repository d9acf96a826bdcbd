import numpy as np
import pytest
from builders import article_frame, token_table, tokenized

from pipeline.passages import passage_at, pick, shorten, title_of
from pipeline.tokens import BODY, TITLE


def test_short_passages_stay():
    assert shorten("The mob ", "stormed", " the gate.") == ("The mob ", "stormed", " the gate.")


def test_long_sides_are_cut_at_spaces_and_say_so():
    before, words, after = shorten("gull " * 60, "stormed", " tern" * 60, longest=107)
    assert before.startswith("… gull ") and before.endswith("gull ")
    assert words == "stormed"
    assert len(before) <= 52 and len(after) <= 52 and after.endswith("tern …")
    assert set(before.split()) == {"…", "gull"} and set(after.split()) == {"tern", "…"}


def test_a_side_without_spaces_is_not_cut_inside_a_word():
    assert shorten("x" * 500, "word", "", 100)[0] == "x" * 500


def corpus():
    articles = article_frame(
        ["The pier closed. A furious mob stormed the pier! It rained.", "Gulls."],
        ["Tern", "Auk"],
        title=["Mob storms pier", ""],
        published=["2031-03-01", ""],
        url=["https://tern.example/a", ""],
    )
    made = tokenized(articles)
    return articles, made["sentences"], token_table(made), made["vocabulary"]["term"].tolist()


@pytest.mark.parametrize(
    ("term", "part", "length", "parts"),
    [
        ("furious", BODY, 2, ("A ", "furious mob", " stormed the pier!")),
        ("it", BODY, 2, ("", "It rained", ".")),
        ("mob", TITLE, 1, ("", "Mob", " storms pier")),
        ("gulls", BODY, 1, ("", "Gulls", ".")),
    ],
)
def test_a_passage_is_the_sentence_of_its_words(term, part, length, parts):
    articles, sentences, tokens, terms = corpus()
    position = int(np.flatnonzero((tokens.token == terms.index(term)) & (tokens.part == part))[0])
    got = passage_at(position, length, tokens, sentences, articles, "own")
    assert got[:3] == parts
    row = articles.iloc[1 if term == "gulls" else 0]
    assert (got.article_id, got.outlet, got.published, got.url) == tuple(row[["article_id", "outlet", "published", "url"]])
    assert got.title == (row["title"] or "Gulls.")


def test_first_words_stand_for_a_title_where_there_is_none():
    assert title_of("Mob storms pier", "A mob came.") == "Mob storms pier"
    assert title_of("", "Gulls.") == "Gulls."
    assert title_of("", "word " * 40) == "word " * 13 + "word …"


def test_picked_hits_are_of_different_articles_and_the_same_every_time():
    positions, articles = np.arange(100, 130), np.repeat(np.arange(6), 5)
    chosen = pick(positions, articles, 4, "loaded_terms")
    assert len(chosen) == len({int(articles[i]) for i in chosen}) == 4
    assert chosen == pick(positions, articles, 4, "loaded_terms") != pick(positions, articles, 4, "frames")
    assert len(pick(positions, articles, 10, "x")) == 6


def test_none_wanted_or_none_there():
    assert pick(np.arange(5), np.arange(5), 0, "x") == []
    assert pick(np.array([]), np.array([]), 3, "x") == []


def test_what_is_picked_does_not_hang_on_the_order_of_hits():
    positions, articles = np.arange(100, 130), np.repeat(np.arange(6), 5)
    backwards = pick(positions[::-1], articles[::-1], 4, "x")
    assert [positions[::-1][i] for i in backwards] == [positions[i] for i in pick(positions, articles, 4, "x")]
