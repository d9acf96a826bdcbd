from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from pipeline import clean, paths, storage
from pipeline.alignment import Alignment, span_to_source
from pipeline.clean import clean_articles
from pipeline.fields import make_outlets
from pipeline.ingest import Settings, ingest_records
from pipeline.params import Clean, Params
from pipeline.readers import Record
from pipeline.rules import load_rules
from pipeline.storage import read_table, write_table
from tests.pages import AGGREGATOR, CHANNEL, DAILY, OUTLETS, REPRINT

SETTINGS = Settings(make_outlets(OUTLETS), load_rules(), 10, ("en",))


def cleaned(*texts: str, **params: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pages taken in and cleaned, in the order given."""
    records = [Record(f"{number:03d}.txt", 0, "utf-8", {"text": text}) for number, text in enumerate(texts)]
    articles, _ = ingest_records(records, SETTINGS)
    out, removals = clean_articles(articles, Clean.model_validate(params))
    return out.sort_values("source", ignore_index=True), removals


@pytest.fixture(scope="module")
def pages() -> pd.DataFrame:
    return cleaned(DAILY, CHANNEL, AGGREGATOR, REPRINT)[0]


@pytest.mark.parametrize(
    ("number", "kept", "gone"),
    [
        (
            0,
            [
                "The ministry of ports has offered",
                "It cited a letter",
                "“We cannot even start talking about wages",
                "stay away from the quays.",
            ],
            ["ASKERBY", "News ID", "2032", "Comment"],
        ),
        (
            1,
            [
                "The harbour union has rejected",
                "were “unsafe.”",
                "‘Number of idle ships rises again'",
                "lives under them,” she added.",
            ],
            ["handout picture", "News /", "eastern quay\n", "website", "baytv", "SHARE", "Roku"],
        ),
        (
            2,
            ["Stressing that the dispute", "Earlier, rescue teams", "'Our demand is very clear.", "according to the mediator."],
            ["Avalanche buries", "latest updates", "Dorrit Vael", "2032", "The transport ministry says no"],
        ),
        (
            3,
            [
                "transport ministry on Friday rebuffed",
                "told the minister in a phone call",
                "“There does ... need",
                "“standing down.”",
            ],
            ["<", "span", "Written by", "Stant", "photo:", "Fundraising", "marketing", "5 March"],
        ),
    ],
)
def test_page_keeps_every_sentence_of_the_article_and_nothing_of_the_page(
    pages: pd.DataFrame, number: int, kept: list[str], gone: list[str]
) -> None:
    text = pages["text"][number]
    assert [part for part in kept if part not in text] == []
    assert [part for part in gone if part in text] == []


def test_lost_drop_cap_is_restored_where_the_summary_tells_it_and_flagged_where_nothing_does(pages: pd.DataFrame) -> None:
    assert pages["lost_initial"].tolist() == ["", "", "", "restored"]
    assert pages["text"][3].startswith("The transport ministry on Friday")
    alone, _ = cleaned("he transport ministry on Friday rebuffed demands from the harbour union to begin planning for new cranes.")
    assert alone["lost_initial"][0] == "found"
    assert alone["text"][0].startswith("he transport")


def test_every_word_of_a_page_is_in_the_cleaned_text_or_in_a_removal() -> None:
    out, removals = cleaned(REPRINT)
    left = out["text"][0] + " ".join(removals["text"])
    missing = [
        word for word in ("Written", "Fundraising", "marketing", "rebuffed", "Tallen", "docker", "ratchet") if word not in left
    ]
    assert missing == []


@pytest.mark.parametrize("page", [DAILY, CHANNEL, AGGREGATOR, REPRINT])
def test_offsets_lead_back_to_the_original(page: str) -> None:
    out, removals = cleaned(page)
    alignment = Alignment(list(out["clean_starts"][0]), list(out["raw_starts"][0]))
    text = out["text"][0]
    for word in ("ministry", "union", "cranes", "said"):
        at = text.find(word)
        while at >= 0:
            start, end = span_to_source(at, at + len(word), alignment, len(page))
            assert page[start:end] == word
            at = text.find(word, at + 1)
    for removal in removals.itertuples():
        assert re.findall(r"\w+", page[removal.raw_start : removal.raw_end]) == re.findall(r"\w+", removal.text)


def test_a_kind_that_is_switched_off_stays() -> None:
    out, removals = cleaned(CHANNEL, disable=["caption"])
    assert "This handout picture" in out["text"][0]
    assert "caption" not in set(removals["kind"])


def test_unknown_kind_is_an_error_that_names_the_likely_one() -> None:
    with pytest.raises(ValueError, match="Input should be 'markup'"):
        Clean.model_validate({"disable": ["captions"]})


def test_flags_count_what_can_not_be_repaired() -> None:
    out, _ = cleaned("The warden\ufffd said that the shop?s were closed and “that was that for the whole of the town on Monday.")
    assert (out["lost_characters"][0], out["unrepaired"][0], out["unbalanced"][0]) == (1, 2, 1)
    assert out["restored_letters"][0] == 0


CAPTION = "Dockers of {0} have been waiting at the eastern quay since Monday morning"


def of_an_outlet(texts: list[str], **params: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Articles of one outlet, cleaned."""
    records = [Record("a.csv", row, "utf-8", {"text": text, "outlet": "Bay Channel"}) for row, text in enumerate(texts)]
    articles, _ = ingest_records(records, SETTINGS)
    return clean_articles(articles, Clean.model_validate(params))


def test_captions_without_a_mark_go_where_they_are_an_outlets_habit_and_are_flagged_elsewhere() -> None:
    story = "The port of {0} is open again. So the warden of {0} told the town. %s The ships of {0} wait. It is late in {0}."
    names = ("Askerby", "Maren", "Osk", "Tallen", "Velmark", "Wick")
    texts = [(story % CAPTION).format(name) for name in names]
    out, removals = of_an_outlet(texts)
    assert set(removals["kind"]) == {"caption"}
    assert sorted(removals["text"]) == [CAPTION.format(name) for name in names]
    assert not out["unmarked_lines"].any()
    out, removals = of_an_outlet(texts, disable=["caption"])
    assert removals.empty and (out["unmarked_lines"] == 1).all()
    others = [story.replace("%s ", "").format(f"{name}-{number}") for name in names for number in range(5)]
    out, removals = of_an_outlet([texts[0], *others])
    assert removals.empty and sorted(out["unmarked_lines"]) == [0] * len(others) + [1]


def test_sentence_set_out_a_second_time_goes() -> None:
    words = "We have waited at this quay for eleven days and nobody came"
    out, removals = cleaned(f"The port is shut. {words}. The cranes are idle. “{words},” Tallen said on Monday.")
    assert removals[["kind", "text"]].to_numpy().tolist() == [["pull_quote", f"{words}."]]
    assert out["text"][0] == f"The port is shut. The cranes are idle. “{words},” Tallen said on Monday."


def test_letters_put_back_into_known_words_are_counted_and_lead_back_to_the_original() -> None:
    out, _ = cleaned("Two garda\ufffd of the D\ufffdil said that Bus ?ireann was late on the road to the port on Monday evening.")
    row = out.loc[0]
    assert row["text"] == "Two gardaí of the Dáil said that Bus Éireann was late on the road to the port on Monday evening."
    assert (row["restored_letters"], row["lost_characters"], row["unrepaired"]) == (3, 0, 0)


def test_title_of_another_article_of_the_outlet_goes_where_a_sentence_would_start() -> None:
    body = "The cranes of {0} stood idle on Monday. {1} The men went home at five, said the warden of the harbour at {0}."
    titled = {"Ferry strike enters a second week": ("Velmark", ""), "Cranes idle": ("Askerby", "Ferry strike enters a second week")}
    records = [
        Record("a.csv", number, "utf-8", {"outlet": "Harbour Post", "title": title, "text": body.format(*parts)})
        for number, (title, parts) in enumerate(titled.items())
    ]
    articles, _ = ingest_records(records, SETTINGS)
    _, removals = clean_articles(articles, Clean())
    assert removals.loc[removals["kind"] == "stray_headline", "text"].tolist() == ["Ferry strike enters a second week"]


def test_cleaning_twice_changes_nothing() -> None:
    out, _ = cleaned(DAILY, CHANNEL, AGGREGATOR, REPRINT)
    again, removals = clean_articles(out.drop(columns=["clean_starts", "raw_starts"]), Clean())
    assert again["text"].tolist() == out["text"].tolist()
    assert removals.empty


def test_the_same_tables_however_they_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "Story {0} tells of {0}. It is long. Nobody knew “Hake {0}. Then {0} left. All saw {0}. Our app brings you the news."
    words = ("ports", "bridges", "ferries", "strikes", "cranes")
    plain = [body.format(word) + " READ MORE: Why cranes stay idle In the end they left." for word in words]
    records = [
        Record(f"{number:03d}.txt", 0, "utf-8", {"text": text, "outlet": "A"})
        for number, text in enumerate([*plain, DAILY, CHANNEL, AGGREGATOR, REPRINT])
    ]
    closing = "The {0} are open to all. So the garda\ufffd of the {0} said. Old {0} of the northern coast"
    records += [
        Record(f"b{number}.txt", 0, "utf-8", {"text": closing.format(word), "outlet": "B", "title": f"A long walk to {word}"})
        for number, word in enumerate(("quays", "docks", "piers", "locks", "weirs", "canals"))
    ]
    linked = "The quays are open to all. A long walk to docks The piers are shut, and nobody knows why they are."
    records.append(Record("c.txt", 0, "utf-8", {"text": linked, "outlet": "B", "title": "Nobody knows"}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(clean, "read_outlets", lambda path: make_outlets(OUTLETS))
    monkeypatch.setattr(clean, "load_params", lambda: Params())
    monkeypatch.setattr(clean, "load_rules", lambda: SETTINGS.rules)
    write_table(paths.ARTICLES, ingest_records(records, SETTINGS)[0])
    written = []
    for rows in (1, 2, 4, 100):
        monkeypatch.setattr(clean, "BLOCK_ROWS", rows)
        monkeypatch.setattr(storage, "ROW_GROUP", 3)
        clean.main()
        files = sorted(path.name for path in paths.CLEANED.parent.iterdir())
        assert files == ["articles.parquet", "house_style.parquet", "removals.parquet"]
        written.append([(paths.CLEANED.parent / name).read_bytes() for name in files])
    assert written[1:] == written[:1] * 3
    found = read_table(paths.REMOVALS)
    assert "boilerplate" in set(found["kind"])
    headlines = set(found.loc[found["kind"] == "stray_headline", "text"])
    assert {"Old quays of the northern coast", "A long walk to docks"} <= headlines
    assert read_table(paths.CLEANED)["restored_letters"].sum() == 6
    whole, removals = clean_articles(read_table(paths.ARTICLES), Clean())
    assert_frame_equal(read_table(paths.REMOVALS), removals)
    assert read_table(paths.CLEANED)["text"].tolist() == whole["text"].tolist()


def test_no_articles_give_empty_tables() -> None:
    articles, _ = ingest_records([], SETTINGS)
    out, removals = clean_articles(articles, Clean())
    assert len(out) == len(removals) == 0
    assert {"clean_starts", "lost_initial"} <= set(out.columns)
