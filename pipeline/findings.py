"""Findings: the contrasts that hold after correction, in words, by what is left of them within shared stories."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipeline.conventions import TOTAL
from pipeline.params import Compare
from pipeline.wording import Measured, abs_interval, multiple, p_value, ratio_sentence, stance_words, thin_note

# What became of a contrast within stories that the others cover, too.
HELD, REVERSED, GONE, UNTOLD, UNTESTED = "held", "reversed", "gone", "too little data", "not estimated"
# Or: it holds in less than half of the other ways of counting; or within such stories, but not over all articles.
FRAGILE, HIDDEN = "fragile", "only within stories"
KEYS = ("measure", "category", "voice", "outlet")
# Findings told of each kind, and hits that a category needs for one.
MOST_TOTALS, MOST_CATEGORIES, MOST_QUOTING, MOST_SOURCES, MOST_STANCE = 6, 5, 2, 1, 4
LEAST_HITS = 20


class Finding(NamedTuple):
    """A contrast that holds; stories: what is left of it within shared stories (`HELD` and so on), `FRAGILE` or `HIDDEN`."""

    measure: str
    outlet: str
    stories: str
    text: str


def follow_up(ratios: pd.DataFrame, within: pd.DataFrame) -> pd.DataFrame:
    """The contrasts with what is left of each within shared stories, in columns `within`, `within_low`, `within_high`, `within_q`.

    NaN where it was not estimated. q is that of the whole family of contrasts within stories: correcting over those that held
    over all articles alone would take p values for new that come from the same texts.
    """
    keys, names = [*KEYS, "reference"], {"estimate": "within", "low": "within_low", "high": "within_high", "q": "within_q"}
    if "reference" not in within:
        return ratios.assign(**dict.fromkeys(names.values(), np.nan))
    return ratios.merge(within[[*keys, *names]].rename(columns=names), on=keys, how="left", validate="one_to_one")


def within_stories(row: Mapping, rate: float, tested: bool) -> tuple[str, str]:
    """What is left of a contrast (a row of `follow_up`) within shared stories: one of the words above, and a sentence.

    rate: false discovery rate; tested: whether contrasts within stories were estimated at all.
    """
    if not tested:
        return UNTESTED, ""
    if np.isnan(row["within"]) or (row["within_low"] == 0 and np.isinf(row["within_high"])):
        return UNTOLD, " Within shared stories: too little data to tell."
    ratio, low, high = (multiple(row[name]) for name in ("within", "within_low", "within_high"))
    told = f"ratio {ratio}, {low} to {high}, q {p_value(row['within_q'])}"
    if not row["within_q"] <= rate:
        return GONE, f" Within shared stories it is not told apart from no difference ({told}): topics may explain it."
    if (row["within"] > 1) != (row["estimate"] > 1):
        return REVERSED, f" Within shared stories it is the other way round ({told}): topics explain it."
    return HELD, f" It holds within shared stories ({told})."


def other_counts(ratios: pd.DataFrame, sensitivity: pd.DataFrame) -> pd.DataFrame:
    """The contrasts with the number of other ways in which each was counted (`ways`) and of those in which it holds (`holding`)."""
    if "switch" not in sensitivity:
        return ratios.assign(ways=0, holding=0)
    tried = sensitivity[sensitivity["switch"] != "as reported"]
    counts = tried.groupby(list(KEYS))["holds"].agg(ways="size", holding="sum").reset_index()
    found = ratios.merge(counts, on=list(KEYS), how="left")
    return found.assign(ways=found["ways"].fillna(0).astype(int), holding=found["holding"].fillna(0).astype(int))


def hidden_contrasts(estimates: pd.DataFrame, within: pd.DataFrame, rate: float) -> pd.DataFrame:
    """Contrasts with all others that hold within shared stories (rows of `within`) and not over all articles.

    Further columns: `crude_ratio`, `crude_low`, `crude_high`, `crude_q`, over all articles; `size`, `held`, `sturdy` (`pick_told`).
    """
    if "reference" not in within:
        return pd.DataFrame()
    names = {"estimate": "crude_ratio", "low": "crude_low", "high": "crude_high", "q": "crude_q"}
    ratios = estimates[(estimates["statistic"] == "ratio") & (estimates["status"] != "withheld")]
    keys = [*KEYS, "reference"]
    found = within[within["q"] <= rate].merge(ratios[[*keys, *names]].rename(columns=names), on=keys, validate="one_to_one")
    found = found[~(found["crude_q"] <= rate)]
    return found.assign(size=strength(found), held=True, sturdy=True)


def hidden_finding(row: Mapping, what: Measured, level: float) -> Finding:
    """A contrast that holds within shared stories alone, in words."""
    ratio, low, high = (multiple(row[name]) for name in ("crude_ratio", "crude_low", "crude_high"))
    text = ratio_sentence(row, what, level, "the others on the same stories")
    crude = f"ratio {ratio}, {low} to {high}, q {p_value(row['crude_q'])}"
    return Finding(
        row["measure"], row["outlet"], HIDDEN, f"{text} Over all articles it is not told apart from no difference ({crude})."
    )


def strength(ratios: pd.DataFrame) -> np.ndarray:
    """How far each ratio is from 1, on the log scale; one of 0 or infinity is as far as the end of its interval that faces 1."""
    value, low, high = (ratios[name].to_numpy(dtype=float) for name in ("estimate", "low", "high"))
    return np.abs(np.log(np.where(value == 0, high, np.where(np.isinf(value), low, value))))


def find(
    estimates: pd.DataFrame,
    labels: Mapping[tuple[str, str], str],
    targets: Mapping[str, str],
    totals: Sequence[str],
    params: Compare,
    within: pd.DataFrame,
    sensitivity: pd.DataFrame,
) -> list[Finding]:
    """The contrasts that hold after correction: of each kind those that hold within shared stories first, then those that hold in
    most other ways of counting, then by size.

    totals: lexicons whose categories add up to something. within, sensitivity: the same contrasts within stories and under other
    ways of counting; told with each finding where known.
    """
    if estimates.empty:
        return []
    holds = estimates[(estimates["q"] <= params.false_discovery_rate) & (estimates["status"] != "withheld")]
    ratios = other_counts(follow_up(holds[holds["statistic"] == "ratio"], within), sensitivity)
    rate, tested = params.false_discovery_rate, "reference" in within
    checked = [within_stories(row, rate, tested) for row in ratios.to_dict("records")]
    ratios = ratios.assign(
        size=strength(ratios),
        stories=[word for word, _ in checked],
        note=[note for _, note in checked],
        held=[word == HELD for word, _ in checked],
    )
    counted = list(zip(ratios["ways"], ratios["holding"], strict=True))
    ratios["sturdy"] = [2 * holding >= ways for ways, holding in counted]
    ratios["stories"] = ratios["stories"].where(ratios["sturdy"], FRAGILE)
    ratios["held"] &= ratios["sturdy"]
    ratios["note"] += [f" Counted in {ways} other ways it holds in {holding}." if ways else "" for ways, holding in counted]
    out = [
        Finding(row["measure"], row["outlet"], row["stories"], ratio_sentence(row, what, params.level) + row["note"])
        for row, what in pick_told(ratios, labels, totals)
    ]
    hidden = hidden_contrasts(estimates, within, rate)
    out += [hidden_finding(row, what, params.level) for row, what in pick_told(hidden, labels, totals)]
    differences = holds[(holds["statistic"] == "difference") & (holds["category"] != "neutral")]
    differences = differences.assign(size=differences["estimate"].abs())
    order = differences.sort_values(["size", "outlet", "category"], ascending=[False, True, True]).head(MOST_STANCE)
    return out + [stance_finding(row, targets, params.level) for row in order.to_dict("records")]


def pick_told(
    ratios: pd.DataFrame, labels: Mapping[tuple[str, str], str], totals: Sequence[str]
) -> list[tuple[dict[Hashable, Any], Measured]]:
    """The contrasts that are told, of each kind the foremost by `held`, `sturdy` and `size`, each with what it is of in words."""
    if ratios.empty:
        return []
    own, whole = ratios["voice"] == "own", ratios["category"] == TOTAL

    def strongest(rows: pd.DataFrame, most: int) -> list[dict[Hashable, Any]]:
        order = rows.sort_values(["held", "sturdy", "size", "outlet", "category"], ascending=[False, False, False, True, True])
        return order.head(most).to_dict("records")

    told: list[tuple[dict[Hashable, Any], Measured]] = []
    for lexicon in dict.fromkeys(name for name, _ in labels):
        mine, name = ratios["measure"] == lexicon, lexicon.replace("_", " ")
        if lexicon in totals:
            told += [(row, Measured(f"{name} in its own voice")) for row in strongest(ratios[mine & own & whole], MOST_TOTALS)]
        categories = ratios[mine & own & ~whole & (ratios["hits"] >= LEAST_HITS)]
        told += [
            (row, Measured(f"words of “{labels.get((lexicon, row['category']), row['category'])}” ({name}) in its own voice"))
            for row in strongest(categories, MOST_CATEGORIES)
        ]
    quoted = (ratios["measure"] == "voice") & (ratios["category"] == "direct")
    told += [(row, Measured("its words that are direct speech", share=True)) for row in strongest(ratios[quoted], MOST_QUOTING)]
    unnamed = (ratios["measure"] == "sources") & (ratios["category"] == "unnamed")
    anonymous = Measured("its spoken attributions that go to unnamed sources", share=True)
    return told + [(row, anonymous) for row in strongest(ratios[unnamed], MOST_SOURCES)]


def stance_finding(row: Mapping, targets: Mapping[str, str], level: float) -> Finding:
    """A difference of shares of articles in words."""
    target = targets.get(row["measure"].partition(":")[2], row["measure"])
    direction = "more" if row["estimate"] > 0 else "fewer"
    text = (
        f"{row['outlet']} carries {direction} articles {stance_words(row['category'])} {target} than the others do together: "
        f"{abs(row['estimate']):.0f} percentage points ({level:.0%} interval {abs_interval(row)}, q {p_value(row['q'])})."
    )
    return Finding(row["measure"], row["outlet"], UNTESTED, text + thin_note(row))
