"""Which articles are about a target: mentions of its names in the raw title and text, before any cleaning."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd


def relevant_articles(articles: pd.DataFrame, names: Sequence[str], min_mentions: int) -> np.ndarray:
    """Mask of articles with a name in the title, or at least `min_mentions` whole-word mentions in the text; case kept.

    In a title the name also counts inside a longer word (`Trumpcare`). Raw text, so that the set, and with it the
    inclusion probabilities of a sample, outlives changes in cleaning.
    """
    alternatives = "|".join(re.escape(name) for name in names)
    in_title = re.compile(alternatives)
    in_text = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)")  # not \b, which fails beside the last stop of `U.N.`
    return np.array(
        [
            in_title.search(title) is not None
            or (any(name in text for name in names) and sum(1 for _ in in_text.finditer(text)) >= min_mentions)
            for title, text in zip(articles["title"], articles["text"], strict=True)
        ],
        dtype=bool,
    )
