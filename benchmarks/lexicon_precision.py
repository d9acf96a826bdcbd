"""Precision of the loaded terms, from the codes in data/lexicons/precision.csv.

`python -m benchmarks.lexicon_precision` prints a table of the categories (hits read, precision, Wilson interval) and, as its last
line, a JSON object with the overall figures and the agreement of the two codings. `--entries data/score/entries.parquet` also
weights the categories by their hits in a scored corpus.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from statistics import NormalDist

import pandas as pd
from nltk.metrics.agreement import AnnotationTask
from statsmodels.stats.proportion import proportion_confint

CODES = Path("data/lexicons/precision.csv")
COLUMNS = ["article_id", "position", "category", "entry", "code", "second_code"]
LEXICON = "loaded_terms"


def read_codes(path: Path) -> pd.DataFrame:
    """The coded hits, one a row: `code` 0 or 1, `second_code` 0, 1 or missing; raises `ValueError` on anything else."""
    codes = pd.read_csv(path, dtype={"article_id": str, "code": "Int64", "second_code": "Int64"})
    if list(codes.columns) != COLUMNS:
        raise ValueError(f"{path}: columns must be {', '.join(COLUMNS)} (got {', '.join(codes.columns)})")
    if codes["code"].isna().any() or not codes[["code", "second_code"]].stack().dropna().isin([0, 1]).all():
        raise ValueError(f"{path}: code must be 0 or 1, second_code 0, 1 or empty")
    if codes.duplicated(["article_id", "position", "category"]).any():
        raise ValueError(f"{path}: the same hit is coded twice")
    return codes


def precision_table(codes: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Per category: n, precision, and its Wilson (1927) score interval."""
    table = codes.groupby("category")["code"].agg(n="size", right="sum").astype(int)
    low, high = proportion_confint(table["right"], table["n"], alpha=1 - level, method="wilson")
    return table.assign(precision=table["right"] / table["n"], low=low, high=high)


def weighted_precision(table: pd.DataFrame, hits: pd.Series, level: float = 0.95) -> tuple[float, float, float]:
    """Precision over all hits of a corpus: sum of W p over the strata, W = share of hits (Cochran 1977, chapter 5), and its interval.

    The variance is the sum of W^2 p (1 - p) / (n - 1); a stratum without errors adds none, so the interval is read as a lower bound of
    the uncertainty. Raises `ValueError` if a category of `table` has no count in `hits`.
    """
    if missing := sorted(set(table.index) - set(hits.index)):
        raise ValueError(f"no hits counted for: {', '.join(missing)}")
    weight = hits.loc[table.index] / hits.loc[table.index].sum()
    p = table["precision"]
    estimate = float((weight * p).sum())
    error = float((weight**2 * p * (1 - p) / (table["n"] - 1)).sum()) ** 0.5
    z = NormalDist().inv_cdf((1 + level) / 2)
    return estimate, max(0.0, estimate - z * error), min(1.0, estimate + z * error)


def agreement(codes: pd.DataFrame) -> dict[str, float]:
    """Agreement of the two codings of the hits that were coded twice: n, share alike, Cohen's kappa, Krippendorff's alpha (nominal)."""
    both = codes.dropna(subset=["second_code"])
    triples = [("first", i, int(a)) for i, a in enumerate(both["code"])]
    triples += [("second", i, int(b)) for i, b in enumerate(both["second_code"])]
    task = AnnotationTask(triples)
    return {
        "recoded": len(both),
        "alike": float((both["code"] == both["second_code"]).mean()),
        "kappa": float(task.kappa()),
        "alpha": float(task.alpha()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--codes", type=Path, default=CODES)
    parser.add_argument("--entries", type=Path, help="entries.parquet of a scored corpus, for weights")
    given = parser.parse_args()
    codes = read_codes(given.codes)
    table = precision_table(codes)
    print(table.round(3).to_string())
    low, high = proportion_confint(int(codes["code"].sum()), len(codes), method="wilson")
    result = {"n": len(codes), "precision": float(codes["code"].mean()), "low": low, "high": high, **agreement(codes)}
    if given.entries:
        entries = pd.read_parquet(given.entries)
        hits = entries[entries["lexicon"] == LEXICON].groupby("category")["hits"].sum()
        result["weighted"], result["weighted_low"], result["weighted_high"] = weighted_precision(table, hits)
    result["lowest"] = {"category": str(table["precision"].idxmin()), "precision": float(table["precision"].min())}
    print(json.dumps({key: round(value, 3) if isinstance(value, float) else value for key, value in result.items()}))


if __name__ == "__main__":
    main()
