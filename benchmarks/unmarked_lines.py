"""What the lines are that have no end mark and are left in the cleaned texts, and whether form and surroundings tell it.

    python -m benchmarks.unmarked_lines [--list]

Reads the cleaned table of the last run (data/clean) and the codes in data/labels/unmarked_lines.csv: article_id, line (the first
eight hexadecimal digits of the SHA-256 of its words), kind (one of `KINDS`) and second (a second coding of some). Prints the
kinds by outlet, the agreement of the two codings, and how many of the captions and links classifiers find at some precision: each
line judged by one that has not seen its article (ten folds), from `FEATURES` and the outlet. `--list` prints all lines that are
left, with their keys, for reading. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve, roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pipeline import paths
from pipeline.agreement import krippendorff_alpha
from pipeline.loose_lines import lines_without_mark
from pipeline.rules import PageRules, load_rules
from pipeline.storage import read_table

CODES = Path("data/labels/unmarked_lines.csv")
KINDS = ("caption", "link", "pull_quote", "post", "heading", "sentence", "unclear")
FURNITURE = ("caption", "link")
FOLDS = 10
SEED = 20261122
PRECISIONS = (0.95, 0.9, 0.8)
LONGEST = 45  # words
BESIDE = 160  # characters before and after a line whose words are compared with its own
FEATURES = (
    "words", "capitals", "has_verb", "words_in_s", "words_in_ing", "has_colon", "has_quotation", "has_digit", "has_tag",
    "shared_with_next", "shared_with_last", "shared_with_title", "shared_with_text", "new_words", "ends_open", "place",
    "lines_in_article", "length",
)  # fmt: skip

_LINE_FIRST = re.compile(r"[A-Z0-9'‘“@#]")
_WORD = re.compile(r"[A-Za-z][\w']+")


def line_key(line: str) -> str:
    """The key of a line: eight hexadecimal digits of the SHA-256 of its words."""
    return hashlib.sha256(" ".join(line.split()).encode()).hexdigest()[:8]


def lines_left(articles: pd.DataFrame, rules: PageRules) -> pd.DataFrame:
    """The lines without an end mark of a cleaned table: article_id, outlet, start, end (characters), key. Lines that open a text
    (summaries, mostly) or have more than `LONGEST` words are left out."""
    rows = []
    for article, outlet, text in zip(articles["article_id"], articles["outlet"], articles["text"], strict=True):
        for start, end in lines_without_mark(text, rules):
            line = text[start:end]
            if start and _LINE_FIRST.match(line) and line.count(" ") < LONGEST:
                rows.append((article, outlet, start, end, line_key(line)))
    return pd.DataFrame(rows, columns=["article_id", "outlet", "start", "end", "key"])


def features(lines: pd.DataFrame, articles: pd.DataFrame, rules: PageRules) -> pd.DataFrame:
    """Columns `FEATURES` of lines: their form, the words they share with what stands beside them, the article's other lines."""
    by_id = articles.set_index("article_id")
    counts = lines["article_id"].map(lines["article_id"].value_counts())

    def content(text: str) -> set[str]:
        return {word.lower() for word in _WORD.findall(text)} - rules.mid_sentence

    rows = []
    for line, count in zip(lines.itertuples(), counts, strict=True):
        text, title = by_id.at[line.article_id, "text"], by_id.at[line.article_id, "title"]
        own = text[line.start : line.end]
        words = _WORD.findall(own)
        said, size = content(own), max(1, len(content(own)))
        elsewhere = content(text[: line.start]) | content(text[line.end :])
        beside = text[line.end : line.end + BESIDE], text[max(0, line.start - BESIDE) : line.start], title
        small = [word for word in words if word[0].islower()]
        rows.append(
            (
                len(words), sum(word[0].isupper() for word in words) / max(1, len(words)),
                any(rules.sentence_verbs.fullmatch(word) for word in words),
                sum(word.endswith("s") for word in small), sum(word.endswith("ing") for word in small),
                ":" in own, any(mark in own for mark in "“‘'"), any(c.isdigit() for c in own), "#" in own or "@" in own,
                *(len(said & other) / size for other in (*map(content, beside), elsewhere)), len(said - elsewhere),
                bool(words) and words[-1].lower() in rules.mid_sentence, line.start / len(text), np.log(count), np.log(len(text)),
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=FEATURES, index=lines.index).astype(float)


def found_at(truth: np.ndarray, chances: np.ndarray, precision: float) -> int:
    """How many of the true lines the longest list of likely ones holds that still has this precision."""
    precisions, recalls, _ = precision_recall_curve(truth, chances)
    return round(float(recalls[precisions >= precision].max(initial=0)) * int(truth.sum()))


def models() -> dict[str, ClassifierMixin]:
    """The classifiers tried."""
    return {
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=2000)),
        "random forest": RandomForestClassifier(500, min_samples_leaf=3, random_state=SEED),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Lines without an end mark that cleaning leaves")
    parser.add_argument("--list", action="store_true", help="print the lines that are left")
    options = parser.parse_args()
    rules = load_rules()
    articles = read_table(paths.CLEANED, ["article_id", "outlet", "title", "text"])
    left = lines_left(articles, rules)
    if options.list:
        texts = articles.set_index("article_id")["text"]
        for line in left.itertuples():
            text = texts[line.article_id]
            print(f"{line.article_id} {line.key} {line.outlet} [{text[line.start : line.end]}]{text[line.end : line.end + 40]}")
        return
    codes = pd.read_csv(CODES, dtype=str, keep_default_na=False)
    both = codes[codes["second"] != ""]
    coded = left.merge(codes, left_on=["article_id", "key"], right_on=["article_id", "line"])
    coded = coded.drop_duplicates(["article_id", "start"], ignore_index=True)
    print(pd.crosstab(coded["outlet"], coded["kind"], margins=True).to_string())
    alpha = krippendorff_alpha(both["kind"], both["second"])
    print(f"{len(left)} lines left, {len(coded)} of them coded; {len(both)} coded twice, alpha {alpha:.2f}")
    truth = coded["kind"].isin(FURNITURE).to_numpy()
    matrix = pd.concat([features(coded, articles, rules), pd.get_dummies(coded["outlet"]).astype(float)], axis=1)
    found: dict[str, dict[str, float]] = {}
    for name, model in models().items():
        chances = cross_val_predict(
            model, matrix.to_numpy(), truth, groups=coded["article_id"], cv=GroupKFold(FOLDS), method="predict_proba"
        )[:, 1]
        found[name] = {"auc": round(float(roc_auc_score(truth, chances)), 3)}
        found[name] |= {f"found at {level}": found_at(truth, chances, level) for level in PRECISIONS}
        print(f"{name}: {found[name]}")
    print(json.dumps({"coded": len(coded), "furniture": int(truth.sum()), "alpha": round(alpha, 3), **found}))


if __name__ == "__main__":
    main()
