"""Stage clean: typography repaired, furniture and boilerplate removed, every removal recorded."""

from __future__ import annotations

import pandas as pd

from pipeline import furniture, paths
from pipeline.errors import run_stage
from pipeline.params import Clean, load_params
from pipeline.storage import read_table, write_table
from pipeline.typography import LOST, repair


def clean_articles(articles: pd.DataFrame, params: Clean) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clean an article table.

    Returns the table with `title`, `subtitle` and `text` cleaned and a column `lost_characters`, and the removals: one row a
    removed span with `article_id`, `outlet`, `kind`, `start` and `end` (characters of the repaired text) and `text`.
    """
    off = set(params.disable)
    titles = [repair(title) for title in articles["title"]]
    subtitles = [repair(subtitle) for subtitle in articles["subtitle"]]
    texts = [repair(text) for text in articles["text"]]
    common = furniture.common_words(texts) if any(map(furniture.has_related, texts)) else frozenset()

    identities, outlets = articles["article_id"].tolist(), articles["outlet"].tolist()
    rows: list[tuple[str, str, furniture.Removal, str]] = []

    def strip(index: int, text: str, found: list[furniture.Removal]) -> str:
        kept = furniture.merge_removals(found, off)
        rows.extend((identities[index], outlets[index], removal, text[removal.start : removal.end]) for removal in kept)
        return furniture.apply_removals(text, kept)

    for i, text in enumerate(texts):
        by_form = furniture.line_removals(text, titles[i]) + furniture.inline_removals(text)
        texts[i] = strip(i, text, by_form + furniture.related_removals(text, common))
        subtitles[i] = strip(i, subtitles[i], furniture.inline_removals(subtitles[i]))
        titles[i] = strip(i, titles[i], [r for r in furniture.inline_removals(titles[i]) if r.kind == "markup"])
    if "boilerplate" not in off:
        repeated = furniture.boilerplate_removals(texts, outlets, params.min_repeats, params.min_repeat_share)
        for i, removals in enumerate(repeated):
            texts[i] = strip(i, texts[i], removals)

    cleaned = articles.assign(title=titles, subtitle=subtitles, text=texts)
    cleaned["lost_characters"] = [text.count(LOST) for text in texts]
    removals = pd.DataFrame(
        {
            "article_id": [row[0] for row in rows],
            "outlet": [row[1] for row in rows],
            "kind": [row[2].kind for row in rows],
            "start": pd.array([row[2].start for row in rows], dtype="int32"),
            "end": pd.array([row[2].end for row in rows], dtype="int32"),
            "text": [row[3] for row in rows],
        }
    )
    return cleaned, removals


def main() -> None:
    params = load_params().clean
    cleaned, removals = clean_articles(read_table(paths.ARTICLES), params)
    write_table(paths.CLEANED, cleaned)
    write_table(paths.REMOVALS, removals)
    print(f"clean: {len(cleaned)} articles, {len(removals)} removals")


if __name__ == "__main__":
    run_stage(main)
