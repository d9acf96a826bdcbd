import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.entries import Entry, check_entry, expand_entry, globs_meet


@pytest.mark.parametrize(
    ("text", "sequences"),
    [
        ("regime", [("regime",)]),
        ("crack down", [("crack", "down")]),
        ("crack-down", [("crack", "down")]),
        ("people's", [("people", "'s")]),
        ("won’t", [("won't",)]),
        ("(pull|pulls) out", [("pull", "out"), ("pulls", "out")]),
        ("(the|) regime", [("the", "regime"), ("regime",)]),
        ("terroris(t|m)s*", [("terrorists*",), ("terrorisms*",)]),
        ("put * on", [("put", "*", "on")]),
        ("anti-immigra*", [("anti", "immigra*")]),
        ("U.S.-led", [("U.S.", "led")]),
        ("wom?n", [("wom?n",)]),
    ],
)
def test_entry_stands_for_sequences_of_tokens(text, sequences):
    assert expand_entry(text) == sequences


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("(pull|pulls out", "round brackets"),
        ("pull|pulls", "round brackets"),
        ("((a|b)|c)", "round brackets"),
        ("(a|)", "every alternative needs a word"),
        ("* out", "first and last word"),
        ("out *", "first and last word"),
        ("a, b", "no comma"),
        ("(a|b|c|d|e|f|g)" * 4, "at most 256 combinations"),
        ("a*b*c*d*e*f", "at most 4"),
        ("word" * 100, "at most 300 characters"),
        ("one two three four five six seven eight nine ten eleven twelve thirteen", "at most 12 words"),
    ],
)
def test_broken_syntax_is_refused_with_its_rule(text, rule):
    with pytest.raises(ValueError, match=rule):
        expand_entry(text)


def test_all_broken_rules_of_an_entry_are_listed():
    faults = check_entry(Entry("pay", "Bad Name", ("attention",), float("nan"), ("loud",), "upper"))
    for part in ("category", "exclude", "weight", "voice", "case"):
        assert any(fault.startswith(part) for fault in faults)
    assert len(faults) == 5


def test_excluded_phrase_may_have_wildcards_where_its_entry_has_none():
    assert check_entry(Entry("pay", "money", ("pay* attention",))) == []
    assert check_entry(Entry("radical*", "labels", ("free radicals",))) == []
    assert check_entry(Entry("(pay|pays)", "money", ("pay attention", "pays attention"))) == []


words = st.text("ab", max_size=4)


@given(st.text("ab*?", max_size=5), words)
def test_a_glob_meets_a_word_exactly_when_it_matches_it(glob, word):
    def matches(g, w):
        if not g:
            return not w
        if g[0] == "*":
            return matches(g[1:], w) or (bool(w) and matches(g, w[1:]))
        return bool(w) and g[0] in (w[0], "?") and matches(g[1:], w[1:])

    assert globs_meet(glob, word) == matches(glob, word)
    assert globs_meet(word, glob) == globs_meet(glob, word)
