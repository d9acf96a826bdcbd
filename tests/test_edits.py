import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.edits import Edit, trim_edits, word_edits


def edits(old: str, new: str) -> list[tuple[str, str, str]]:
    words = {w: k for k, w in enumerate(dict.fromkeys((old + " " + new).split()))}
    a, b = ([words[w] for w in text.split()] for text in (old, new))
    return [
        (e.kind, " ".join(old.split()[e.old_start : e.old_end]), " ".join(new.split()[e.new_start : e.new_end]))
        for e in word_edits(np.array(a), np.array(b))
    ]


def test_changed_dropped_and_added_words():
    assert edits("the rebels seized the port on sunday", "the militants seized the old port") == [
        ("replace", "rebels", "militants"),
        ("insert", "", "old"),
        ("delete", "on sunday", ""),
    ]
    assert edits("the same words", "the same words") == []


def test_a_passage_put_elsewhere_is_a_move():
    passage = "a b c d e f g h i"
    assert edits(
        f"{passage} one two three four five six seven eight nine ten", f"one two three four five six seven eight nine ten {passage}"
    ) == [("move", passage, passage)]


def test_what_stands_around_the_common_text_is_no_edit():
    found = [Edit("insert", 0, 0, 0, 5), Edit("replace", 3, 4, 8, 9), Edit("insert", 9, 9, 14, 20)]
    assert trim_edits(found, 9, 20) == [found[1]]
    assert trim_edits([found[1]], 9, 20) == [found[1]]


@given(st.lists(st.integers(0, 4), max_size=40), st.lists(st.integers(0, 4), max_size=40))
def test_edits_rebuild_the_new_text(old, new):
    """Applied to the old text, edits without moves give the new one."""
    out, at = [], 0
    for e in word_edits(np.array(old, dtype=int), np.array(new, dtype=int), least_move=1000):
        out += old[at : e.old_start] + new[e.new_start : e.new_end]
        at = e.old_end
    assert out + old[at:] == new


def test_a_word_that_both_happen_to_have_does_not_part_rewritten_passages():
    old = np.array([*range(0, 10), 90, *range(10, 20), *range(50, 60)])
    new = np.array([*range(20, 30), 90, *range(30, 40), *range(50, 60)])
    assert word_edits(old, new) == [Edit("replace", 0, 21, 0, 21)]
    short = word_edits(np.array([1, 90, 2, *range(50, 60)]), np.array([3, 90, 4, *range(50, 60)]))
    assert [edit.kind for edit in short] == ["replace", "replace"]
