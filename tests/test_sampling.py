import numpy as np
import pandas as pd
import pytest

from pipeline import paths, sampling
from pipeline.errors import InputError
from pipeline.params import Params
from pipeline.sampling import draw_sample, permanent_random_number
from pipeline.storage import write_table


def frame(**strata: int) -> pd.DataFrame:
    rows = [(f"{name}{i}", name) for name, n in strata.items() for i in range(n)]
    return pd.DataFrame(rows, columns=["article_id", "stratum"])


def test_all_of_small_strata_and_the_stated_number_of_large_ones():
    got = draw_sample(frame(small=7, exact=60, large=240), 60, "seed")
    assert got["stratum"].value_counts().to_dict() == {"large": 60, "exact": 60, "small": 7}
    assert got.groupby("stratum")["probability"].unique().str[0].to_dict() == {"exact": 1.0, "large": 0.25, "small": 1.0}
    assert got["article_id"].is_unique


def test_weights_add_up_to_the_population():
    got = draw_sample(frame(a=13, b=217, c=87), 60, "seed")
    assert (1 / got["probability"]).groupby(got["stratum"]).sum().to_dict() == pytest.approx({"a": 13, "b": 217, "c": 87})


def test_the_stated_probability_is_how_often_an_article_is_drawn():
    population = frame(b=30)
    drawn = np.zeros(30)
    for seed in range(400):
        drawn[draw_sample(population, 6, str(seed))["article_id"].str[1:].astype(int)] += 1
    share = drawn / 400
    assert share == pytest.approx(np.full(30, 0.2), abs=4 * np.sqrt(0.2 * 0.8 / 400))


def test_an_articles_number_is_its_own_whatever_else_is_in_the_corpus():
    whole = draw_sample(frame(a=100), 10, "seed")
    without_one_not_drawn = frame(a=100)[
        lambda f: f["article_id"] != sorted(set(frame(a=100)["article_id"]) - set(whole["article_id"]))[0]
    ]
    assert draw_sample(without_one_not_drawn, 10, "seed")["article_id"].tolist() == whole["article_id"].tolist()
    assert permanent_random_number("seed", "a1") != permanent_random_number("other", "a1")


def test_the_order_of_coding_mixes_the_strata_and_ignores_the_order_of_rows():
    population = frame(a=40, b=40)
    got = draw_sample(population, 60, "seed")
    assert got.equals(draw_sample(population.iloc[::-1], 60, "seed"))
    assert (got["stratum"] != got["stratum"].shift()).sum() > 10


def test_the_sheet_is_printed_and_an_unknown_target_named(tmp_path, monkeypatch, capsys):
    articles = pd.DataFrame(
        {
            "article_id": ["x", "y"],
            "outlet": ["Tern", "Tern"],
            "title": ["Trump speaks", "Gulls"],
            "text": ["Nothing more", "Trump"],
        }
    )
    monkeypatch.setattr(paths, "ARTICLES", tmp_path / "articles.parquet")
    write_table(paths.ARTICLES, articles)
    monkeypatch.setattr(sampling, "load_params", Params)
    monkeypatch.setattr("sys.argv", ["sampling", "trump_administration"])
    sampling.main()
    assert capsys.readouterr().out == "article_id,stratum,probability,label,coder,codebook\nx,Tern,1,,,\n"
    monkeypatch.setattr("sys.argv", ["sampling", "trump_administration", "--texts", str(tmp_path / "texts.csv")])
    sampling.main()
    assert (tmp_path / "texts.csv").read_text(encoding="utf-8") == "article_id,title,text\nx,Trump speaks,Nothing more\n"
    monkeypatch.setattr("sys.argv", ["sampling", "trump"])
    with pytest.raises(InputError, match=r"no target 'trump' \(known: trump_administration, harland_ministry\)"):
        sampling.main()


def test_all_faults_of_a_draw_are_told_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "ARTICLES", tmp_path / "articles.parquet")
    monkeypatch.setattr(sampling, "load_params", Params)
    monkeypatch.setattr("sys.argv", ["sampling", "trump", "--per-outlet", "0"])
    with pytest.raises(InputError, match="3 faults") as raised:
        sampling.main()
    assert raised.value.faults[1] == "--per-outlet: must be at least 1 (got 0)"
    assert raised.value.faults[2].endswith("articles.parquet: no such file; run ./run first")
