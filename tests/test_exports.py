import pandas as pd
from reporting import results

from pipeline.exports import flag_summary, make_metrics, make_tables, removal_summary


def test_removals_are_summed_by_kind_and_outlet_with_the_commonest_text():
    removals = pd.DataFrame(
        {
            "article_id": ["a", "b", "b", "c"],
            "outlet": ["Tern", "Tern", "Tern", ""],
            "kind": ["byline"] * 4,
            "text": ["By Mia", "By Ode", "By Ode", "By Zoë"],
        }
    )
    assert removal_summary(removals).to_dict("records") == [
        {"kind": "byline", "outlet": "(unknown outlet)", "removals": 1, "articles": 1, "commonest": "By Zoë"},
        {"kind": "byline", "outlet": "Tern", "removals": 3, "articles": 2, "commonest": "By Ode"},
    ]
    assert removal_summary(removals[:0]).columns.tolist() == ["kind", "outlet", "removals", "articles", "commonest"]


def test_flags_are_summed_by_outlet_with_the_articles_concerned():
    table = flag_summary(results().articles).set_index("outlet")
    assert table.index.tolist() == ["(unknown outlet)", "Auk", "Tern"] and table["articles"].tolist() == [1, 1, 1]
    assert table["unbalanced"].tolist() == [1, 0, 2] and table["unbalanced_articles"].tolist() == [1, 0, 1]
    assert table["lost_initial"].tolist() == [1, 0, 0]


def test_tables_name_what_their_numbers_stand_for():
    tables = make_tables(results(), pd.DataFrame())
    hits = tables["hits"]
    assert set(hits["part"]) == {"title", "body"} and set(hits["voice"]) == {"own", "direct"} and set(hits["entry"]) == {"mob"}
    said = tables["attributions"][["article_id", "outlet", "part", "speaker"]]
    assert said.to_numpy().tolist()[0] == ["a00", "Tern", "body", "Mia Reed"]
    assert tables["loaded_terms_total"]["outlet"].tolist() == ["Tern"]
    assert tables["keyness"].columns.tolist() == ["empty"] and tables["refused"]["title"].tolist() == ["=1+1"]


def test_metrics_count_the_corpus():
    corpus = make_metrics(results())["corpus"]
    assert corpus == {
        "articles": 3,
        "refused": 1,
        "outlets": 2,
        "tokens": 18000,
        "copy_groups": 1,
        "articles_in_copy_groups": 2,
        "stories": 2,
        "stories_of_several": 1,
        "digests": 1,
        "removals": 0,
    }
    assert make_metrics(results())["stance"] == {"board": {"status": "no_labels", "relevant": 2, "coded": 0}}
