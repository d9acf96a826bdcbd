"""What the tests of the report share: results of two outlets with three articles."""

import numpy as np
import pandas as pd
from builders import article_frame, token_table, tokenized

from pipeline.params import Params
from pipeline.passages import Passage
from pipeline.results import Results

NAN = float("nan")


def a_cell(**changes) -> dict:
    cell = {"estimate": 4.2, "low": 3.1, "high": 5.6, "status": "ok", "note": "", "q": NAN, "hits": 21, "tokens": 5000}
    return cell | changes


def an_outlet(name: str) -> dict:
    return {
        "outlet": name,
        "articles": 30,
        "copy_groups": 29,
        "shared_with_others": 1,
        "stories": 12,
        "dated": 30,
        "first_date": "2031-03-01",
        "last_date": "",
        "tokens_all": 9000,
        "tokens_own": 7000,
        "tokens_direct": 2000,
    }


def a_passage(**changes) -> Passage:
    return Passage(
        "A ", "mob", " stormed it.", "a00", "Tern", "Pier stormed", "2031-03-01", "https://tern.example/a", "own"
    )._replace(**changes)


def keyness_table(*rows) -> pd.DataFrame:
    columns = ["outlet", "term", "low", "q", "log_odds", "outlet_name"]
    return pd.DataFrame(rows, columns=columns)


def results() -> Results:
    """Two outlets, three articles: the first two copies of one text, the third with a hostile title and an unknown outlet."""
    texts = ["A mob came. “The mob is here,” said the mob leader today.", "A mob came. Gulls fled.", "The mob left. A mob?"]
    articles = article_frame(
        texts, ["Tern", "Auk", ""], title=["Mob", "Mob", "=HYPERLINK()"], published=["2031-03-02", "2031-03-01", ""]
    )
    made = tokenized(articles)
    tokens = token_table(made)
    terms = made["vocabulary"]["term"].tolist()
    at = np.flatnonzero(tokens.token == terms.index("mob"))
    hits = pd.DataFrame(
        {
            "lexicon": "loaded_terms",
            "entry": 0,
            "category": "hostile_labels",
            "article": tokens.article[at],
            "sentence": tokens.sentence[at],
            "position": at,
            "length": 1,
            "part": tokens.part[at],
            "voice": tokens.voice[at],
            "counted": True,
        }
    )
    estimates = pd.DataFrame(
        [
            {
                "measure": "loaded_terms",
                "category": "all",
                "voice": "own",
                "statistic": "rate",
                "outlet": "Tern",
                "groups": 1,
                **a_cell(),
            }
        ]
    )
    return Results(
        params=Params(),
        articles=articles.assign(
            lost_characters=0, unrepaired=0, unbalanced=[2, 0, 1], unmarked_lines=0, lost_initial=["", "restored", "found"]
        ),
        refused=pd.DataFrame({"source": ["x.txt"], "reason": ["too_short"], "title": ["=1+1"]}),
        removals=pd.DataFrame({"article_id": [], "outlet": [], "kind": [], "text": []}),
        groups=pd.DataFrame(
            {"article_id": articles["article_id"], "copy_group": ["a00", "a00", "a02"], "story": ["a00", "a00", "a02"]}
            | {"digest": [False, False, True]}
        ),
        copies=pd.DataFrame({"left": ["a00"], "right": ["a01"], "containment": [0.5]}),
        outlets=pd.DataFrame([an_outlet("Auk"), an_outlet("Tern")]),
        estimates=estimates,
        keyness=keyness_table(),
        null=pd.DataFrame(),
        entries=pd.DataFrame({"lexicon": ["loaded_terms"], "category": ["hostile_labels"], "entry": ["mob"], "hits": [7]}),
        hits=hits,
        sentences=made["sentences"],
        tokens=tokens,
        terms=terms,
        scores={
            "board": {"status": "no_labels", "relevant": 2, "coded_in_corpus": 0, "agreement": None}
            | {"coded_articles": 0, "coded_but_not_relevant": 0}
        },
        coded=pd.DataFrame({"target": []}),
        reliability=pd.DataFrame({"target": []}),
        weights=pd.DataFrame({"target": []}),
        categories=[],
        abbreviations=0,
        audit=pd.DataFrame({"lexicon": [], "category": [], "scope": [], "measure": [], "entry": [], "value": []}),
        precision=pd.DataFrame({"lexicon": []}),
        codes=pd.DataFrame({"lexicon": [], "correct": [], "second": []}),
        within=pd.DataFrame(),
        quoting=pd.DataFrame(),
        word_choice=pd.DataFrame(),
        name_uses=pd.DataFrame(),
        distances=pd.DataFrame(),
        places=pd.DataFrame(),
        sensitivity=pd.DataFrame(),
        changes=pd.DataFrame(),
        attributions=pd.DataFrame(
            {
                "article": [0, 0, 1],
                "part": [2, 2, 2],
                "speaker": ["Mia Reed", "unresolved", "the keeper"],
                "named": [True, False, False],
                "spoken": [True, True, True],
                "kind": ["official", "unknown", "citizen"],
            }
        ),
        copy_groups=pd.DataFrame(
            {"copy_group": ["a00"], "articles": [2], "outlets": [2], "origin": ["Auk"], "evidence": ["earliest"], "credits": [""]}
        ),
        edits=pd.DataFrame(
            {
                "old": ["a01"],
                "new": ["a00"],
                "kind": ["replace"],
                "old_start": [12],
                "old_end": [22],
                "new_start": [13],
                "new_end": [28],
                "old_words": ["gulls fled"],
                "new_words": ["the mob is here"],
            }
        ),
        quotations=pd.DataFrame(
            {"quotation": [0, 0], "article_id": ["a00", "a01"], "outlet": ["Tern", "Auk"], "start": [0, 0], "end": [10, 10]}
        ).assign(quoted=[1.0, 0.0], words="a mob came"),
        stories=pd.DataFrame(
            {"story": ["a00"], "label": ["mob"], "articles": [2], "outlets": [2], "first": ["2031-03-01"], "last": ["2031-03-02"]}
        ),
        pairs=pd.DataFrame(),
        weeks=pd.DataFrame(),
        rivals=pd.DataFrame(),
        cue_classes=pd.DataFrame(),
    )


def ratio(outlet="Tern", estimate=1.5, low=1.2, high=1.9, q=0.01, **others) -> dict:
    """A row of the estimates: a contrast with all others."""
    row = {"outlet": outlet, "estimate": estimate, "low": low, "high": high, "q": q, "status": "ok", "groups": 40, "hits": 50}
    row |= {"measure": "loaded_terms", "category": "all", "voice": "own", "statistic": "ratio", "family": "loaded terms"}
    return row | others
