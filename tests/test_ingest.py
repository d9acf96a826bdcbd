from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from pipeline.fields import make_outlets
from pipeline.ingest import RefusalStore, Settings, article_identity, domain_of, ingest_records, mend_encoding, outlet_of
from pipeline.readers import Note, Record, Refusal
from pipeline.rules import load_rules
from tests.pages import OUTLETS

KNOWN = make_outlets(OUTLETS)
SETTINGS = Settings(KNOWN, load_rules(), 10, ("en",))
TEXT = "The harbour union said on Monday that the cranes of the eastern quay would stay idle."


def record(number: int = 1, **fields: str) -> Record:
    return Record("a.csv", number, "utf-8", {"text": TEXT, **fields})


def test_identity_is_a_hash_of_what_came_in() -> None:
    expected = hashlib.sha256(b"Bay TV\x1fhttps://a.example\x1fraw").hexdigest()[:16]
    assert article_identity("Bay TV", "https://a.example", "raw") == expected


def test_in_is_out_plus_refused_with_a_reason_each() -> None:
    german = "Der Minister sagte am Dienstag, die Fähre werde nicht fahren, und das Gericht habe es so gewollt."
    records = [
        record(1),
        record(2),
        record(3, text=" "),
        record(4, text="Too short."),
        record(5, text=german),
        Refusal("b", 0, "not_text", "x"),
        Note("a", "n"),
    ]
    table, outcome = ingest_records(records, SETTINGS)
    assert (len(table), outcome.records, outcome.notes) == (1, 6, ["a: n"])
    assert outcome.refused[["number", "reason"]].to_numpy().tolist() == [
        [3, "empty_text"], [0, "not_text"], [5, "other_language"], [2, "same_record"], [4, "too_short"]
    ]  # fmt: skip


def test_other_languages_are_kept_when_asked_for() -> None:
    german = "Der Minister sagte am Dienstag, die Fähre werde nicht fahren, und das Gericht habe es so gewollt."
    table, _ = ingest_records([record(text=german)], SETTINGS._replace(languages=()))
    assert table["language"].tolist() == ["de"]


@pytest.mark.parametrize(
    ("given", "url", "outlet"),
    [
        ("Bay TV", "https://x.example", ("Bay TV", "given")),
        ("www.baytv.example", "", ("Bay TV", "given")),
        ("\u202eVT yaB\u202c News", "", ("VT yaB News", "given")),
        ("", "https://news.baytv.example/a", ("Bay TV", "address")),
        ("", "https://unknown.example/a", ("unknown.example", "address")),
        ("", "", ("", "unknown")),
        ("", "http://[bad", ("", "unknown")),
    ],
)
def test_outlet_and_how_it_is_known(given: str, url: str, outlet: tuple[str, str]) -> None:
    assert outlet_of(given, url, KNOWN) == outlet


def test_given_fields_win_over_the_pages() -> None:
    page = "A headline on the page\n\nBy Osk Tallen\n\n" + TEXT
    table, _ = ingest_records([record(text=page, title="Given", byline="Given Writer", published="2032-01-02")], SETTINGS)
    assert table.loc[0, ["title", "title_from", "byline", "published", "published_from"]].tolist() == [
        "Given",
        "given",
        "Given Writer",
        "2032-01-02",
        "given",
    ]


def test_dates_with_two_readings_follow_the_others_of_their_source() -> None:
    rows = [record(1, text=TEXT + " One.", published="25/4/2032"), record(2, text=TEXT + " Two.", published="3/4/2032")]
    table, _ = ingest_records(rows, SETTINGS)
    assert sorted(table["published"]) == ["2032-04-03", "2032-04-25"]
    alone, _ = ingest_records(rows[1:], SETTINGS)
    assert (alone["published"][0], alone["published_raw"][0], alone["published_from"][0]) == ("", "3/4/2032", "")


def test_mojibake_is_mended_and_the_identity_stays_that_of_what_came() -> None:
    broken = TEXT + " The cafÃ© owner said â€œnoâ€\u009d."
    table, _ = ingest_records([record(text=broken)], SETTINGS)
    assert table["text"][0].endswith("The café owner said “no”.")
    assert (table["mojibake"][0], table["article_id"][0]) == (True, article_identity("", "", broken))
    assert mend_encoding("Ð is a letter, Â too") == "Ð is a letter, Â too"


def test_rows_beyond_the_limit_wait_on_disk_and_the_table_is_the_same() -> None:
    rows = [record(n, text=f"{TEXT} Number {n % 50}.") for n in range(60)]
    whole, before = ingest_records(rows, SETTINGS)
    spilled, after = ingest_records(rows, SETTINGS, spill=5_000)
    assert spilled.to_dict("records") == whole.to_dict("records")
    assert sorted(before.refused["number"]) == sorted(after.refused["number"]) == list(range(50, 60))
    assert whole["article_id"].is_monotonic_increasing


def test_refusals_beyond_the_limit_wait_on_disk_and_the_first_are_named(tmp_path: Path) -> None:
    store = RefusalStore(tmp_path, held=2)
    for number in range(1, 6):
        store.add(("a.csv", number, "too_short", "x", "", "", ""))
    store.add(("b.txt", 0, "empty_text", "no text", "", "", ""))
    assert pd.concat(list(store.frames()))["number"].tolist() == [0, 1, 2, 3, 4, 5]
    assert store.describe() == ["empty_text: 1 (b.txt)", "too_short: 5 (a.csv:1, a.csv:2, a.csv:3, ...)"]


def test_domain_of_an_address() -> None:
    assert [domain_of(url) for url in ("https://www.A.example/x", "a.example/x", "")] == ["a.example", "a.example", ""]
