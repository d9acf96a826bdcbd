import numpy as np
import pandas as pd
import pytest
from reporting import results

from pipeline.attribution import load_rules
from pipeline.coverage import (
    article_rows,
    copy_rows,
    edit_passage,
    named_outlets,
    own_counts,
    own_hits,
    quotation_rows,
    speaker_rows,
    story_rows,
)


def test_own_tokens_and_hits_are_those_of_the_body_in_own_voice():
    given = results()
    counts = own_counts(given.tokens, given.hits, "loaded_terms", 3)
    assert counts["hits"].tolist() == [2, 1, 2]
    assert counts["own"][0] < counts["tokens"][0] and counts["own"][1] == counts["tokens"][1]
    assert own_counts(given.tokens, given.hits, "frames", 3)["hits"].tolist() == [0, 0, 0]


def test_an_article_alone_shows_its_voices_terms_and_speakers():
    given = results()
    entries, labels = {"loaded_terms": np.array(["mob"]), "frames": np.array(["gulls"])}, {("frames", "nature"): "Nature"}
    frames = given.hits[:1].assign(lexicon="frames", category="nature", part=2)
    hits = pd.concat([given.hits, frames])
    rows = article_rows(given.articles, given.tokens, hits, given.attributions, entries, labels, ["loaded_terms"])
    assert [row["outlet"] for row in rows] == ["(unknown outlet)", "Auk", "Tern"]
    tern = rows[2]
    assert sum(tern["voices"].values()) == pytest.approx(1) and tern["voices"]["direct"] > 0 and tern["voices"]["marked"] == 0
    assert tern["totals"] == [{"lexicon": "loaded_terms", "own": 2, "others": 1, "terms": ["mob"]}]
    assert tern["categories"] == [("Nature", 1)] and rows[1]["categories"] == []
    assert tern["speakers"] == [("Mia Reed", 1)] and rows[1]["speakers"] == [("the keeper", 1)]


def test_speakers_of_an_outlet_are_named_and_counted_by_articles():
    given = results()
    names = load_rules().sources
    assert speaker_rows(given.articles, given.attributions, names) == {
        "Tern": [{"outlet": "Tern", "speaker": "Mia Reed", "articles": 1, "attributions": 1}]
    }
    assert speaker_rows(given.articles, given.attributions[:0], names) == {}


def test_a_speaker_called_in_full_and_by_the_family_name_is_listed_once():
    given = results()
    said = given.attributions.assign(article=[0, 1, 2], speaker=["Nancy Reed", "Reed", "Reed"], named=True)
    articles = given.articles.assign(outlet="Tern", text=["Nancy Reed said so.", "Mayor Reed said so.", "Oke Reed met Reed."])
    assert speaker_rows(articles, said, load_rules().sources)["Tern"] == [
        {"outlet": "Tern", "speaker": "Nancy Reed", "articles": 2, "attributions": 2},
        {"outlet": "Tern", "speaker": "Reed", "articles": 1, "attributions": 1},
    ]


def test_an_article_without_a_title_goes_by_its_first_words():
    articles = results().articles.assign(title="", text=["Short text.", "word " * 40, ""])
    assert named_outlets(articles)["title"].tolist() == ["Short text.", "word " * 13 + "word …", ""]


def test_a_story_shows_each_outlets_coverage_beside_the_others():
    given = results()
    counts = own_counts(given.tokens, given.hits, "loaded_terms", 3)
    mine = own_hits(given.hits, "loaded_terms")
    (story,) = story_rows(given.stories, given.groups, given.articles, counts, mine, given.entries["entry"].to_numpy(), 5)
    assert story["label"] == "mob"
    assert [(c["outlet"], c["hits"], c["entries"], len(c["articles"])) for c in story["coverage"]] == [
        ("Auk", 1, ["mob"], 1),
        ("Tern", 2, ["mob"], 1),
    ]
    alone = given.stories.assign(outlets=1)
    assert story_rows(alone, given.groups, given.articles, counts, mine, given.entries["entry"].to_numpy(), 5) == []


def test_a_copied_text_shows_its_articles_by_date_and_what_was_changed():
    given = results()
    (group,) = copy_rows(given.copy_groups, given.groups, given.edits, given.articles, 5)
    assert [a["outlet"] for a in group["members"]] == ["Auk", "Tern"]
    (pair,) = group["pairs"]
    assert (pair["old"], pair["new"], pair["all"], pair["ordered"]) == ("Auk", "Tern", 1, True)
    assert (pair["edits"][0]["old"], pair["edits"][0]["new"]) == ("Gulls fled", "The mob is here")
    assert pair["edits"][0]["before"] == "A mob came. " and pair["edits"][0]["after"] == "."
    assert copy_rows(given.copy_groups, given.groups, given.edits, given.articles, 0) == []


def test_on_one_day_nobody_can_tell_which_text_was_first():
    given = results()
    same_day = given.articles.assign(published="2031-03-01")
    (group,) = copy_rows(given.copy_groups, given.groups, given.edits, same_day, 5)
    assert not group["pairs"][0]["ordered"]


def test_an_edit_of_marks_alone_is_not_shown():
    given = results()
    marks = given.edits.assign(old_start=22, old_end=23, new_start=12, new_end=13)
    (group,) = copy_rows(given.copy_groups, given.groups, marks, given.articles, 5)
    assert group["pairs"][0]["all"] == 0 and group["pairs"][0]["edits"] == []


def test_a_long_edit_is_cut_at_a_space():
    text = "word " * 200
    shown = edit_passage(text, "", {"kind": "delete", "old_start": 0, "old_end": 900, "new_start": 0, "new_end": 0})
    assert shown["old"].endswith("word …") and len(shown["old"]) < 330 and shown["new"] == ""


def test_a_shared_quotation_says_who_has_it_in_marks():
    given = results()
    (quotation,) = quotation_rows(given.quotations, given.articles, 5)
    assert quotation["words"] == "A mob came"
    assert [(f["outlet"], f["quoted"]) for f in quotation["forms"]] == [("Auk", False), ("Tern", True)]
    one = given.quotations.assign(outlet="Tern")
    assert quotation_rows(one, given.articles, 5) == []
    assert quotation_rows(pd.DataFrame(columns=given.quotations.columns), given.articles, 5) == []
