from collections import Counter
from functools import cache

import numpy as np
import pandas as pd
import pytest
from builders import PROJECT, token_table, tokenized

from pipeline.group import Grouped, background_shares, group_articles
from pipeline.ingest import article_identity
from pipeline.labels import read_labels
from pipeline.origins import Agencies
from pipeline.params import Group, Params
from pipeline.relevance import relevant_articles

EXAMPLE = PROJECT / "data" / "example"
MANIFEST = pd.read_csv(EXAMPLE / "articles" / "manifest.csv", dtype=str, keep_default_na=False)
EVENTS = ("strike", "bridge", "ferry", "demonstration")


def raw_text(name: str) -> str:
    """A file's text as the reader decodes it: without its byte order mark, line ends as they are."""
    return (EXAMPLE / "articles" / name).read_bytes().decode("utf-8-sig")


@cache
def articles() -> pd.DataFrame:
    """The example's articles in the manifest's order, uncleaned, with `file`."""
    frame = MANIFEST.assign(text=[raw_text(name) for name in MANIFEST["file"]], subtitle="")
    frame["article_id"] = [article_identity(row["outlet"], row["url"], row["text"]) for row in frame.to_dict("records")]
    return frame


def grouped(frame: pd.DataFrame) -> Grouped:
    made = tokenized(frame)
    terms = made["vocabulary"]["term"].to_numpy()
    credits = [set() for _ in range(len(frame))]
    background = background_shares(terms, "english")
    digest = np.zeros(len(frame), dtype=bool)
    agencies = Agencies([("VNA", "VNA")])
    return group_articles(token_table(made), made["documents"], terms, background, credits, digest, agencies, Group())


def number(file: str) -> str:
    return file.split("_")[0]


def test_24_articles_of_six_outlets_on_four_events():
    assert sorted(MANIFEST["file"]) == sorted(p.name for p in (EXAMPLE / "articles").glob("*.txt"))
    assert len(MANIFEST) == 24 and (MANIFEST["outlet"].value_counts() == 4).all() and MANIFEST["outlet"].nunique() == 6
    assert Counter(name.split("_")[1] for name in MANIFEST["file"]) == dict.fromkeys(EVENTS, 6)


def test_addresses_are_reserved_ones_and_two_dates_are_unknown():
    assert MANIFEST["url"].str.fullmatch(r"https://[a-z]+\.example/[a-z0-9/-]+").all()
    assert MANIFEST.loc[MANIFEST["published"] == "", "file"].map(number).tolist() == ["09", "18"]


def test_copies_are_found_as_the_readme_tells_them():
    frame = articles()
    found_groups = grouped(frame)
    groups, pairs = found_groups.groups, found_groups.pairs
    name = dict(zip(frame["article_id"], frame["file"].map(number), strict=True))
    found = groups.assign(file=groups["article_id"].map(name)).groupby("copy_group")["file"].apply(frozenset)
    assert {group for group in found if len(group) > 1} == {frozenset({"01", "02", "05"}), frozenset({"21", "22", "23"})}
    shares = {(name[a], name[b]): share for a, b, share in pairs[["left", "right", "containment"]].itertuples(index=False)}
    assert shares["01", "05"] > 0.8 and shares["22", "23"] > 0.8, "verbatim copies but for their furniture"
    assert 0.4 < shares["02", "05"] < shares["01", "05"] and 0.4 < shares["21", "23"] < shares["22", "23"]


def test_no_story_mixes_events():
    frame = articles()
    groups = grouped(frame).groups
    event = [name.split("_")[1] for name in frame["file"]]
    assert groups["story"].nunique() < 20
    assert pd.Series(event).groupby(groups["story"].to_numpy()).nunique().max() == 1


def test_labels_join_and_are_those_of_the_readme():
    labels = read_labels(EXAMPLE / "labels.csv")
    frame = articles().merge(labels, on="article_id", validate="one_to_one")
    assert len(frame) == len(labels) == 24
    assert (frame["outlet"] == frame["stratum"]).all() and (frame["probability"] == 1).all()
    told = {}
    for line in (EXAMPLE / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].endswith(".txt"):
            told[cells[0]] = cells[3]
    assert told == dict(zip(frame["file"], frame["label"], strict=True))


def test_every_article_is_about_the_target():
    (target,) = [t for t in Params().train.targets if t.corpora == ["example"]]
    assert relevant_articles(articles(), target.names, Params().train.min_mentions).sum() >= 20


def test_no_outlet_has_one_label_only():
    frame = articles().merge(read_labels(EXAMPLE / "labels.csv"), on="article_id")
    assert (frame.groupby("outlet")["label"].nunique() >= 2).all()


@pytest.mark.parametrize(
    ("file", "oddity"),
    [("08_bridge_ledger.txt", b"\r\n"), ("03_strike_dockside.txt", b"<a href="), ("17_ferry_civicwire.txt", b"&amp;")],
)
def test_oddities_are_there(file, oddity):
    assert oddity in (EXAMPLE / "articles" / file).read_bytes()


def test_a_byte_order_mark_starts_one_file():
    marked = [p.name for p in sorted((EXAMPLE / "articles").glob("*.txt")) if p.read_bytes().startswith(b"\xef\xbb\xbf")]
    assert marked == ["13_ferry_courier.txt"]
