"""A small coded corpus with a planted stance, for tests of training and prediction."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from builders import ENGLISH, article_frame, token_table, tokenized

from pipeline.corpus import Corpus, Prepared, prepare
from pipeline.features import masked_terms
from pipeline.params import Target, Train

TARGET = Target(id="harbour_board", label="the harbour board", names=["Moor"], labels="none.csv")
PARAMS = Train(min_df=2, resamples=200, inverse_penalties=[1.0, 10.0], min_class_labels=6)
WORDS = {
    "against": "reckless failure outrage waste broken shambles",
    "neutral": "met statement schedule committee tuesday session",
    "favor": "praised success progress relief welcomed boost",
}


@cache
def corpus(stories: int = 24, per_story: int = 3) -> tuple[Corpus, pd.DataFrame]:
    """Articles in stories of one stance each (against and neutral, four of favor), and the labels of two thirds of them."""
    rng = np.random.default_rng(1)
    texts, truth, story = [], [], []
    for s in range(stories):
        stance = "favor" if s in (5, 11) else ("against", "neutral")[s % 2]
        for _ in range(per_story):
            words = [*rng.choice(WORDS[stance].split(), 6), *rng.choice([f"filler{k}" for k in range(40)], 25), *[f"event{s}"] * 3]
            texts.append(f"Moor spoke. Moor and Moor. {' '.join(rng.permutation(words))}.")
            truth.append(stance)
            story.append(f"s{s:02d}")
    texts.append("Gulls only; nothing about the board at all, though reckless failure is told.")
    truth.append("against")
    story.append("s99")
    outlets = [("Tern Post", "Gull News")[i % 2] for i in range(len(texts))]
    articles = article_frame(texts, outlets)
    made = tokenized(articles)
    documents = made["documents"].assign(story=story, copy_group=articles["article_id"])
    terms = made["vocabulary"]["term"].tolist()
    rates = rng.random((len(texts), 2))
    built = Corpus(documents, articles, token_table(made), terms, rates, masked_terms(set(outlets), terms, ENGLISH))
    labels = pd.DataFrame(
        {
            "article_id": articles["article_id"],
            "label": truth,
            "coder": "Mia",
            "codebook": "1",
            "stratum": outlets,
            "probability": 0.5,
        }
    )
    return built, labels[np.arange(len(labels)) % 3 < 2].reset_index(drop=True)


def prepared(built: Corpus, target: Target = TARGET, params: Train = PARAMS) -> Prepared:
    """The corpus as training and prediction get it."""
    return prepare(built, [target], params, ENGLISH)
