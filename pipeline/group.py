"""Stage group: copies of one text, and stories of one event."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline import paths
from pipeline.copies import copy_groups, copy_pairs
from pipeline.errors import run_stage
from pipeline.matrices import term_counts
from pipeline.params import Group, load_params
from pipeline.storage import read_table, write_table
from pipeline.stories import story_groups, story_weights
from pipeline.tokens import BODY, TokenTable, load_tokens


def days_of(published: pd.Series) -> np.ndarray:
    """Days since 1970 of ISO dates, NaN where unknown."""
    stamp = pd.to_datetime(published.str.slice(0, 10).replace("", None), format="%Y-%m-%d")
    return ((stamp - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)).to_numpy(dtype=float)


def group_articles(tokens: TokenTable, documents: pd.DataFrame, n_terms: int, params: Group) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Groups (article_id, copy_group, story: ids of their first articles) and copy pairs (left, right, containment)."""
    body = tokens.part == BODY
    left, right, share = copy_pairs(tokens.token[body], tokens.article[body], len(documents), params.shingle, params.copy_containment)
    copies = copy_groups(len(documents), left, right)
    weights = story_weights(term_counts(tokens, n_terms))
    story = story_groups(weights, days_of(documents["published"]), params.story_days, params.story_cosine)
    # Copies tell one event: a copy group lies within one story, that of its first article.
    story = story[copies]
    identity = documents["article_id"].to_numpy()
    groups = pd.DataFrame({"article_id": identity, "copy_group": identity[copies], "story": identity[story]})
    pairs = pd.DataFrame({"left": identity[left], "right": identity[right], "containment": share})
    return groups, pairs


def main() -> None:
    params = load_params().group
    documents = read_table(paths.DOCUMENTS)
    groups, pairs = group_articles(load_tokens(), documents, len(read_table(paths.VOCABULARY, ["term"])), params)
    write_table(paths.GROUPS, groups)
    write_table(paths.COPIES, pairs)
    sizes = groups["copy_group"].value_counts()
    print(
        f"group: {int((sizes > 1).sum())} copy groups of {int(sizes[sizes > 1].sum())} articles, "
        f"{groups['story'].nunique()} stories of {len(groups)} articles"
    )


if __name__ == "__main__":
    run_stage(main)
