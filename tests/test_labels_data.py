import re

import pandas as pd
import pytest
from builders import PROJECT

from pipeline.labels import CLASSES, read_labels, second_coding
from pipeline.params import Params, default_targets
from pipeline.sampling import draw_sample

FOLDER = PROJECT / "data" / "labels"
TRUMP = FOLDER / "trump_administration.csv"
SECOND = second_coding(TRUMP)
README = (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("target", default_targets(), ids=lambda target: target.id)
def test_every_targets_labels_are_valid_and_identified_by_hashes(target):
    labels = read_labels(PROJECT / target.labels)
    assert len(labels) and labels["article_id"].str.fullmatch("[0-9a-f]{16}").all()
    assert (labels["coder"] != "").all() and (labels["codebook"] != "").all() and (labels["stratum"] != "").all()


@pytest.mark.parametrize("file", [TRUMP, SECOND, PROJECT / "data" / "example" / "labels.csv"], ids=lambda file: file.name)
def test_label_files_hold_no_text(file):
    table = pd.read_csv(file, dtype=str)
    assert table["article_id"].is_monotonic_increasing
    assert max(table[name].str.len().max() for name in table) < 40


def test_codes_beside_the_label_are_those_of_the_readme():
    for file in (TRUMP, SECOND):
        table = pd.read_csv(file)
        assert set(table["centrality"]) <= {"main", "secondary", "passing"}
        assert set(table["confidence"]) <= {1, 2, 3}
        assert table["coder"].str.fullmatch(r"model-[1-6]").all()
    assert re.search(r"A language model coded these articles", README)
    for column in pd.read_csv(TRUMP).columns:
        assert f"| {column} |" in README


def test_the_second_coding_is_of_articles_coded_first_by_another_session():
    first, second = read_labels(TRUMP), read_labels(SECOND)
    both = first.merge(second, on="article_id", suffixes=("", "_second"))
    assert len(both) == len(second)
    assert (both["coder"] != both["coder_second"]).all()
    assert "a random 120 of the 410" in README and len(second) == 120


def test_probabilities_are_those_of_the_sampling_module():
    labels = read_labels(TRUMP)
    sizes = {}
    for stratum, rows in labels.groupby("stratum"):
        (probability,) = rows["probability"].unique()
        sizes[stratum] = round(len(rows) / probability)
        assert len(rows) / probability == pytest.approx(sizes[stratum], abs=0.001), stratum
    population = pd.DataFrame(
        [(f"{name}{i}", name) for name, n in sizes.items() for i in range(n)], columns=["article_id", "stratum"]
    )
    drawn = draw_sample(population, 60, "any seed")
    assert drawn["stratum"].value_counts().to_dict() == labels["stratum"].value_counts().to_dict()
    expected = drawn.groupby("stratum")["probability"].first()
    assert labels["probability"].to_numpy() == pytest.approx(expected[labels["stratum"]].to_numpy(), abs=1e-6)
    assert sum(sizes.values()) == 769


def test_numbers_of_the_readme_are_those_of_the_files():
    labels = read_labels(TRUMP)
    counts = labels["label"].value_counts()
    words = {5: "Five"}
    text = " ".join(README.split())
    assert f"that {len(labels)} articles of the demonstration corpus convey" in text
    assert f"{words[int(counts['favor'])]} articles are `favor`" in text
    sizes = (1 / labels["probability"]).sum()
    assert "771 articles mention" in text and f"which leaves {round(sizes)}" in text
    assert f"(version {labels['codebook'].unique().item()})" in text
    assert set(counts.index) == set(CLASSES)


def test_the_rare_class_is_below_what_is_learned():
    counts = read_labels(TRUMP)["label"].value_counts()
    least = Params().train.min_class_labels
    assert (counts >= least).sum() == 2 and counts["favor"] < least
