"""Findings and warnings in words, from estimates and their intervals alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipeline.conventions import UNKNOWN_OUTLET
from pipeline.params import Compare


def plural(n: int, noun: str, several: str = "") -> str:
    """`1 article`, `2 articles`; `several` for irregular plurals."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {several or noun + 's'}"


def number(value: float) -> str:
    """Three significant digits, thousands separated, no exponent; a dash for NaN."""
    if np.isnan(value):
        return "–"
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    digits = max(0, 2 - int(np.floor(np.log10(abs(value)))))
    return f"{value:,.{digits}f}"


def heading(name: str) -> str:
    """A name from data (`West_Bank_land`) as a heading: spaces, and a capital at its start; other letters stay."""
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]


def points(value: float) -> str:
    """A difference of shares in whole percentage points, with its sign."""
    whole = round(100 * value)
    return f"{whole:+d}".replace("-", "−") if whole else "0"


def p_value(value: float) -> str:
    """A p or q value: two significant digits, `<.001` below that."""
    if not np.isfinite(value):
        return "–"
    return "<.001" if value < 0.001 else f"{value:.2g}".replace("0.", ".", 1) if value < 1 else "1"


def listed(names: Sequence[str], most: int = 8) -> str:
    """Names in a row; of many the first few, and how many more there are."""
    return ", ".join(names) if len(names) <= most + 1 else f"{', '.join(names[:most])} and {len(names) - most} more"


def multiple(value: float) -> str:
    """A ratio with two decimals; `∞` where the other side has none."""
    return "∞" if np.isinf(value) else f"{value:.2f}"


class Degrees(NamedTuple):
    """Words for how far a ratio is from 1: after a multiple, after a percentage, and where its interval holds 1."""

    multiple: str
    less: str
    unclear: str


OF_RATES = Degrees("times as often as", "less often than", "neither clearly more nor less often than")
OF_SHARES = Degrees("times that of", "smaller than that of", "neither clearly larger nor smaller than that of")


def degree(low: float, high: float, words: Degrees = OF_RATES) -> str:
    """How far a ratio of rates (or of shares: `OF_SHARES`) is from 1, by its interval."""
    if low > 1 and np.isinf(high):
        return f"at least {low:.2f} {words.multiple}"
    if low > 1:
        return f"between {low:.2f} and {high:.2f} {words.multiple}"
    if high < 1 and low == 0:
        return f"at least {1 - high:.0%} {words.less}"
    if high < 1:
        return f"between {1 - high:.0%} and {1 - low:.0%} {words.less}"
    return words.unclear


class Measured(NamedTuple):
    """What a contrast is of, in words: what the outlet uses (`loaded terms`), or for a share what it is the share of (`its words
    that are direct speech`)."""

    words: str
    share: bool = False


def ratio_sentence(row: Mapping, what: Measured, level: float, others: str = "all others together") -> str:
    """One contrast in words: the range of its interval first, the estimate after it."""
    low, high = row["low"], row["high"]
    said = (
        f"{row['outlet']}: the share of {what.words} is {degree(low, high, OF_SHARES)} {others}"
        if what.share
        else f"{row['outlet']} uses {what.words} {degree(low, high)} {others}"
    )
    return (
        f"{said} (ratio {multiple(row['estimate'])}, {level:.0%} interval {multiple(low)} to {multiple(high)}, "
        f"q {p_value(row['q'])}).{thin_note(row)}"
    )


def thin_note(row: Mapping) -> str:
    """A warning to end a finding with, where it rests on few texts."""
    return f" Thin evidence: {plural(int(row['groups']), 'independent text')}." if row.get("status") == "thin" else ""


def abs_interval(row: Mapping) -> str:
    """The interval of the size of a difference: `4 to 20` for -12 (-20 to -4), `-2 to 10` for -4 (-10 to 2)."""
    low, high = (row["low"], row["high"]) if row["estimate"] > 0 else (-row["high"], -row["low"])
    return f"{round(low)} to {round(high)}"


def stance_words(category: str) -> str:
    return {"against": "against", "favor": "in favor of", "neutral": "that are neutral on"}[category]


def corpus_notices(outlets: pd.DataFrame, refused: pd.DataFrame, articles: int, lost: int, params: Compare) -> list[str]:
    """What is thin or missing in the corpus itself."""
    notices = []
    if len(refused):
        reasons = refused["reason"].value_counts().sort_index()
        told = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in reasons.items())
        notices.append(
            f"{plural(len(refused), 'record')} of {articles + len(refused):,} were refused ({told}); "
            "all are listed in tables/refused.csv."
        )
    unknown = outlets[outlets["outlet"] == UNKNOWN_OUTLET]
    if len(unknown):
        notices.append(
            f"The outlet of {plural(int(unknown['articles'].sum()), 'article')} is unknown. "
            "They are kept together as one row and are no outlet: neither that row nor a comparison with it tells anything of one."
        )
    if len(outlets) == 1:
        known = "No outlet is known" if len(unknown) else "There is only one outlet"
        notices.append(f"{known}: nothing can be compared, and no contrast or keyness is given.")
    few = outlets[outlets["copy_groups"] < params.min_groups]
    if len(few):
        told = [f"{row['outlet']} ({row['copy_groups']})" for row in few.to_dict("records")]
        notices.append(f"{listed(told)}: fewer than {params.min_groups} independent articles each; no estimate is given.")
    thin = outlets[(outlets["copy_groups"] >= params.min_groups) & (outlets["copy_groups"] < params.thin_groups)]
    if len(thin):
        every = len(thin) == len(outlets) > 2 and not len(unknown)
        names = f"All {len(outlets)} outlets" if every else listed(thin["outlet"].tolist())
        notices.append(
            f"{names}: fewer than {params.thin_groups} independent articles each. "
            "Estimates are drawn hollow; their intervals are wide and less sure than stated."
        )
    undated = int((outlets["articles"] - outlets["dated"]).sum())
    if undated:
        dateless = plural(undated, "article has", "articles have")
        notices.append(f"{dateless} no known date and may be grouped into a story with articles of any time.")
    if lost:
        notices.append(
            f"{plural(lost, 'character')} could not be read when the articles were collected and stay lost (shown as �)."
        )
    return notices


def period_notices(articles: pd.DataFrame, params: Compare) -> list[str]:
    """Outlets of whose dated articles less than half lie within the days of the others' (5th to 95th percentile)."""
    dated = articles[(articles["published"] != "") & (articles["outlet"] != "")]
    days = pd.to_datetime(dated["published"].str.slice(0, 10)).to_numpy()
    names = dated["outlet"].to_numpy()
    notices = []
    for outlet in sorted(set(names)):
        mine, others = days[names == outlet], np.sort(days[names != outlet])
        if min(len(mine), len(others)) < params.min_groups:
            continue
        first, last = others[int(0.05 * len(others))], others[int(np.ceil(0.95 * len(others))) - 1]
        share = float(((mine >= first) & (mine <= last)).mean())
        if share < 0.5:
            notices.append(
                f"{outlet}: {share:.0%} of its dated articles lie in the days of the others' "
                f"({str(first)[:10]} to {str(last)[:10]}). What sets it apart may be the time."
            )
    return notices


def stance_notices(scores: Mapping[str, dict], min_labels: int, stance: pd.DataFrame) -> list[str]:
    """What is thin or failed in the stance estimates, per target."""
    notices = []
    for target, score in scores.items():
        label = score["label"]
        if score["status"] != "ok":
            notices.append(f"Stance towards {label}: not estimated by a classifier, since {score['message']}.")
        away = score["coded_articles"] - score["coded_in_corpus"]
        if away and score["status"] != "not_mentioned":
            notices.append(
                f"Stance towards {label}: {away:,} of {plural(score['coded_articles'], 'coded article')} are not in this corpus "
                "and count nowhere (an article's identity depends on its outlet as given, address and raw text)."
            )
        if score["coded_but_not_relevant"]:
            notices.append(
                f"Stance towards {label}: {plural(score['coded_but_not_relevant'], 'coded article')} mention it too seldom and "
                "count nowhere (train.min_mentions)."
            )
        if score["status"] in ("not_mentioned", "no_labels"):
            continue
        absent = [name for name, n in score["labels"].items() if name not in score["learned"]]
        if score["status"] == "ok" and absent:
            told = ", ".join(f"{name} ({score['labels'][name]} coded)" for name in absent)
            notices.append(f"Stance towards {label}: too rare to be learned: {told}. Its share rests on the coded articles alone.")
        if any(coder.startswith("model") for coder in score["coders"]):
            notices.append(
                f"Stance towards {label}: the articles were coded by a language model, not by people (data/labels/README.md). "
                "Take these shares as a demonstration of the method."
            )
        if score["coders"] == ["author"]:
            notices.append(
                f"Stance towards {label}: the labels were set when the articles were invented; scores on them are optimistic."
            )
        gain = score.get("gain_over", {}).get("outlet")
        if gain and gain["low"] <= 0:
            notices.append(
                f"Stance towards {label}: knowing the outlet alone predicts the stance about as well as the text does (gain in "
                f"macro-F1 {gain['value']:.2f}, interval {gain['low']:.2f} to {gain['high']:.2f}). "
                "The classifier may have learned the outlet."
            )
        here = stance[(stance["measure"] == f"stance:{target}") & (stance["statistic"] == "share")]
        few = sorted(here[here["note"].str.startswith("too few labels")]["outlet"].unique())
        if few:
            notices.append(f"Stance towards {label}: too few labels (under {min_labels}) for {listed(few)}.")
    return notices


def null_notices(null: pd.DataFrame, params: Compare) -> list[str]:
    """Families whose error rate under shuffled labels is not what it should be."""
    notices = []
    for row in null.to_dict("records"):
        tolerance = 0.05 + 3 * np.sqrt(0.05 * 0.95 / max(row["shuffles"], 1))
        if row["below_5_percent_shuffled"] > max(0.075, 0.05 * 1.5) or row["shuffles_with_findings"] > max(
            tolerance, 2 * params.false_discovery_rate
        ):
            notices.append(
                f"With outlet labels that mean nothing ({row['null']}), “{row['family']}” finds something in "
                f"{row['shuffles_with_findings']:.0%} of shuffles: its findings are less sure than their q values say."
            )
    return notices


def precision_notices(precision: pd.DataFrame, labels: Mapping[tuple[str, str], str], least: float) -> list[str]:
    """Lexicon categories with hits in the corpus whose coded hits are right too seldom."""
    if "category" not in precision:
        return []
    low = precision[(precision["precision"] < least) & (precision["category"] != "all") & (precision["hits"] > 0)]
    return [
        f"“{labels.get((row['lexicon'], row['category']), row['category'])}”: {row['precision']:.0%} of {row['coded']} coded hits "
        f"are right in context ({row['low']:.0%} to {row['high']:.0%}), less than the {least:.0%} asked for."
        for row in low.sort_values(["lexicon", "category"]).to_dict("records")
    ]
