"""How far cues can be found at all: what of the labelled cues of one set of articles could be known from another.

    python -m benchmarks.voice_cues --train FILE --gold FILE

Both files as in `benchmarks/voice.py`. Prints, for the cues of --gold in tokens:

- strings, stems: an oracle that marks a labelled cue if its words (its stems without function words) are those of a cue in
  --train, and never marks anything else: precision 1, recall R, F1 = 2R / (1 + R). No list of cues drawn from --train does better;
- tagger: a logistic regression over each token's word, ending and neighbours, trained on --train, with the threshold that is best
  on the last fifth of --train. It decides word by word whether a known cue is one here. Nothing of it is kept.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from nltk.stem.snowball import SnowballStemmer
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import SGDClassifier

from benchmarks.voice import Tokens, gold_tokens
from pipeline.attribution import load_rules

FUNCTION_WORDS = ("det", "poss", "subj", "obj", "prep", "to", "and", "have", "be", "do", "modal", "neg", "adv")
THRESHOLDS = np.arange(0.1, 0.6, 0.05)


def cues(articles: list[dict[str, Any]]) -> Iterator[list[str]]:
    """The words of each labelled cue, in small letters without the marks around them."""
    for article in articles:
        for attribution in article["attributions"]:
            words = " ".join(article["text"][a:b] for a, b in attribution["cue"]).lower().split()
            if words:
                yield [word.strip(".,;:\"“”()!?'") for word in words]


def oracle(train: list[list[str]], gold: list[list[str]], function: frozenset[str] | None) -> float:
    """F1 of the oracle over strings, or over stems without these function words."""
    stem = SnowballStemmer("english").stem

    def key(words: list[str]) -> str:
        if function is None:
            return " ".join(words)
        return " ".join(stem(word) for word in words if word not in function) or " ".join(words)

    known = {key(words) for words in train}
    recall = sum(len(words) for words in gold if key(words) in known) / sum(map(len, gold))
    return 2 * recall / (1 + recall)


def token_rows(articles: list[dict[str, Any]]) -> tuple[list[list[str]], np.ndarray]:
    """Features of every token, and whether it is in a labelled cue."""
    rows: list[list[str]] = []
    labels: list[bool] = []
    for article in articles:
        tokens = Tokens(article["text"])
        words = [article["text"][a:b].lower() for a, b in zip(tokens.starts, tokens.ends, strict=True)]
        inside = gold_tokens(article, tokens)["cue"]
        padded = ["", "", *words, "", ""]
        for i, word in enumerate(words):
            around = padded[i : i + 5]
            single = [f"{place}={w}" for place, w in enumerate(around)]
            rows.append(
                [*single, f"end={word[-3:]}", f"12={around[1]} {word}", f"23={word} {around[3]}", f"34={around[3]} {around[4]}"]
            )
            labels.append(i in inside)
    return rows, np.array(labels)


def f1(found: np.ndarray, gold: np.ndarray) -> float:
    return 2 * (found & gold).sum() / (found.sum() + gold.sum())


def tagger(train: list[dict[str, Any]], gold: list[dict[str, Any]]) -> float:
    """F1 of the tagger on the gold articles."""
    hasher = FeatureHasher(2**20, input_type="string")
    kept = len(train) - len(train) // 5

    def prepared(articles: list[dict[str, Any]]) -> tuple[Any, np.ndarray]:
        rows, labels = token_rows(articles)
        return hasher.transform(rows), labels

    model = SGDClassifier(loss="log_loss", alpha=1e-6, random_state=0, max_iter=20).fit(*prepared(train[:kept]))
    held, held_labels = prepared(train[kept:])
    chance = model.predict_proba(held)[:, 1]
    threshold = max(THRESHOLDS, key=lambda t: f1(chance > t, held_labels))
    features, labels = prepared(gold)
    return f1(model.predict_proba(features)[:, 1] > threshold, labels)


def main() -> None:
    parser = argparse.ArgumentParser(description="What of the labelled cues could be known from other articles")
    parser.add_argument("--train", required=True, type=Path)
    parser.add_argument("--gold", required=True, type=Path)
    options = parser.parse_args()
    train, gold = (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        for path in (options.train, options.gold)
    )
    sets = load_rules().grammar.sets
    function = frozenset(word for word, features in sets.items() if features & set(FUNCTION_WORDS) and "cue" not in features)
    known, asked = list(cues(train)), list(cues(gold))
    values = {"strings": oracle(known, asked, None), "stems": oracle(known, asked, function), "tagger": tagger(train, gold)}
    print(json.dumps({name: round(float(value), 4) for name, value in values.items()}))


if __name__ == "__main__":
    main()
