"""Every format with a miniature file of our own; every kind of fault with its line."""

import time
from pathlib import Path

import pytest

from pipeline.entries import Entry
from pipeline.errors import InputError
from pipeline.lexicon_formats import lexicon_from_mapping, name_category, parse_lexicon, read_lexicon

LIWC = """%
1\tfunction (Function words)
\t2\twarm\t(Warmth)
31\tcold
%
sunny\t1\t2
fros*\t31
glow worm 2
kind\t<of>31/2
like\t(02 134)2/31
:)\t2
"""

LIWC_TABLE = """DicTerm,Warm Words,Cold
sunny,X,
fros*,,X
"glow worm",0.5,
"""

YAML = """
Policy:
  Health: [doctor*, "waiting list", no]
  Taxes:
    - levy
    - "public spending"
Style: plain
"""

LEXICODER = """+negative
gloom*
best of nothing
+positive
glad
"""

WORDSTAT = """WEATHER
\tSUNNY_DAY (1)
\tSTORMS
\t\tGALE* (2)
\t\tFOG (0)
\t@ICE [ICE NEAR ROAD] (1)
CALM
\tSTILL (1)
"""


def found(text, name):
    """{category: [(entry, weight)]} of a file's text."""
    lexicon = parse_lexicon(text, name)
    out = {}
    for entry in lexicon.entries:
        out.setdefault(entry.category, []).append((entry.text, entry.weight))
    return out, lexicon.notes


def test_our_csv_with_all_columns():
    text = (
        "entry,category,exclude,note,weight,voice,case\n"
        "pay,money,pay attention;pay* heed,a note,2.5,own;reported,exact\n"
        "iron  fist,force,,,,,\n"
    )
    assert parse_lexicon(text, "x/mine.csv").entries == [
        Entry("pay", "money", ("pay attention", "pay* heed"), 2.5, ("own", "reported"), "exact"),
        Entry("iron fist", "force"),
    ]
    assert parse_lexicon(text, "x/mine.csv").name == "mine"


def test_our_csv_lists_every_fault_with_its_line():
    rows = [",a,,,", "(x,a,,,", "ok,A b,,much,", "ok,b,nothing,0,loud", "good,a,,,", "good,a,,,", "good,c,,,,,"]
    text = "\n".join(["entry,category,exclude,weight,voice", *rows])
    with pytest.raises(InputError, match=r"lex\.csv: 9 faults") as error:
        parse_lexicon(text, "lex.csv")
    lines = [fault.split(":")[0] for fault in error.value.faults]
    assert lines == ["line 2", "line 3", "line 4", "line 4", "line 5", "line 5", "line 5", "line 7", "line 8"]


def test_our_csv_names_missing_and_unknown_columns():
    with pytest.raises(InputError, match=r"needs a column 'category'(.|\n)*no such column 'categroy'; did you mean 'category'"):
        parse_lexicon("entry,categroy\na,b\n", "lex.csv")


def test_liwc_reads_terms_conditions_and_notes_the_rest():
    categories, notes = found(LIWC, "mini.dic")
    assert categories == {
        "function": [("sunny", 1.0)],
        "warm": [("sunny", 1.0), ("glow worm", 1.0), ("kind", 1.0)],
        "cold": [("fros*", 1.0), ("kind of", 1.0)],
    }
    kind = next(entry for entry in parse_lexicon(LIWC, "mini.dic").entries if entry.text == "kind")
    assert kind.exclude == ("kind of",)
    assert len(notes) == 2
    assert "line 10: 'like': condition" in notes[0]
    assert "line 11: ':)' holds no word" in notes[1]


@pytest.mark.parametrize("name", ["mini.dicx", "mini.dic"])
def test_liwc_22_reads_marks_and_weights(name):
    categories, _ = found(LIWC_TABLE, name)
    assert categories == {"warm_words": [("sunny", 1.0), ("glow worm", 0.5)], "cold": [("fros*", 1.0)]}


def test_liwc_of_2001_parts_by_spaces():
    assert found("%\n1 tone\n%\nglow worm 01\nsun* 1\n", "old.dic")[0] == {"tone": [("glow worm", 1.0), ("sun*", 1.0)]}


@pytest.mark.parametrize(
    ("name", "line"), [("a.dic", "1" * 20_000 + " " * 20_000 + "x"), ("a.cat", "A" + " " * 40_000 + "("), ("a.dic", "<" * 40_000)]
)
def test_crafted_lines_end_quickly(name, line):
    start = time.perf_counter()
    with pytest.raises(InputError, match=r"faults?"):
        parse_lexicon(f"%\n{line}\n%\nword\t{line}\n", name)
    assert time.perf_counter() - start < 2


def test_quanteda_yaml_is_nested_and_keeps_no_as_a_word():
    categories, _ = found(YAML, "mini.yml")
    assert categories == {
        "policy__health": [("doctor*", 1.0), ("waiting list", 1.0), ("no", 1.0)],
        "policy__taxes": [("levy", 1.0), ("public spending", 1.0)],
        "style": [("plain", 1.0)],
    }


def test_lexicoder_reads_headings_and_terms():
    assert found(LEXICODER, "mini.lc3")[0] == {"negative": [("gloom*", 1.0), ("best of nothing", 1.0)], "positive": [("glad", 1.0)]}


def test_wordstat_reads_nesting_weights_and_underscores():
    categories, notes = found(WORDSTAT, "mini.cat")
    assert categories == {"weather": [("SUNNY DAY", 1.0)], "weather__storms": [("GALE*", 2.0)], "calm": [("STILL", 1.0)]}
    assert notes == ("line 5: 'FOG' has the weight 0", "line 6: rules are not read: @ICE [ICE NEAR ROAD]")


def test_plain_list_has_one_category_of_its_own_name():
    assert found("# comment\ngloomy\n\niron fist # strong\ngloomy\n", "My words.txt") == (
        {"my_words": [("gloomy", 1.0), ("iron fist", 1.0)]},
        ("line 5: 'gloomy' stands in 'my_words' already",),
    )


def test_python_mapping_takes_lists_weights_and_levels():
    lexicon = lexicon_from_mapping("mine", {"tone": {"bad": {"awful": 2, "poor": 1}, "good": ["fine"]}})
    assert lexicon.entries == [Entry("awful", "tone__bad", weight=2.0), Entry("poor", "tone__bad"), Entry("fine", "tone__good")]


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a.dic", "sunny\t1\n", "line 1: categories stand between two lines"),
        (
            "a.dic",
            "%\nx\n1 warm\n%\nsunny\t9\nfrost\ngale\t1\tq\n",
            "(?s)line 2: a category is.*line 5: no category.*line 6: a term is.*line 7: the number",
        ),
        ("a.dicx", "DicTerm,a,b\nx,X\ny,maybe,\n", "(?s)line 2: 2 cells in a table of 3.*line 3: X or a weight"),
        ("a.yml", "a: [b\nc: d", "line 2: not YAML"),
        ("a.yml", "a: &x [b]\nc: *x\n", "line 2: aliases are not read"),
        ("a.yml", "[" * 30 + "]" * 30, "at most 20 levels"),
        ("a.yml", "- b\n", "line 1: a term stands under the name of a category"),
        ("a.lcd", "b\n+a\nc\n", "line 1: a term stands under a line"),
        ("a.cat", "A\n\t\t\tb (1)\nc (1)\n    d\n", "(?s)line 2: stands 2 level.*line 3: a term stands under.*line 4: nesting"),
        ("a.txt", "# nothing\n", "holds no entries"),
        ("a.xlsx", "", "no lexicon format has the ending '.xlsx'"),
        ("a.yml", "Big One: [a]\nbig-one: [b]\n", "both get the name 'big_one'"),
    ],
)
def test_faults_name_file_line_and_rule(name, text, fault):
    with pytest.raises(InputError, match=fault) as error:
        parse_lexicon(text, name)
    assert error.value.where == name


def test_mapping_with_a_wrong_value_is_refused():
    with pytest.raises(InputError, match=r"term 2: text under the name of a category .got None"):
        lexicon_from_mapping("mine", {"a": ["b", None]})


def test_missing_and_binary_files_are_named(tmp_path: Path):
    with pytest.raises(InputError, match="can't be read"):
        read_lexicon(tmp_path / "none.csv")
    (tmp_path / "binary.csv").write_bytes(b"\x00\x01")
    with pytest.raises(InputError, match="not text"):
        read_lexicon(tmp_path / "binary.csv")


def test_windows_encoding_is_read(tmp_path: Path):
    path = tmp_path / "words.txt"
    path.write_bytes("café\n".encode("cp1252"))
    assert read_lexicon(path).entries == [Entry("café", "words")]


def test_category_names_are_identifiers():
    assert name_category(("Affect: Words", "2nd")) == "affect_words__2nd"
    assert name_category(("2nd",)) == "c_2nd"


@pytest.mark.parametrize("name", ["loaded_terms", "frames"])
def test_committed_lexicons_are_valid(name):
    assert len(read_lexicon(f"data/lexicons/{name}.csv").entries) > 100


def test_faults_of_columns_and_entries_are_told_together():
    with pytest.raises(InputError, match="2 faults") as raised:
        parse_lexicon("entry;category;wieght\nmob;;1\n", "terms.csv")
    assert raised.value.faults[0].startswith("line 1: no such column 'wieght'; did you mean 'weight'?")
    assert raised.value.faults[1].startswith("line 2: category")
