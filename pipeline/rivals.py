"""Rival names found in the texts themselves: proposals for a person to judge, used nowhere.

Two sources. Edits: what one outlet put for another's words in a copy of its text. Slots: within one story, words of two outlets
between the same two words on the left and the same two on the right (the distributional idea of Lin and Pantel 2001, with the
story holding the thing named the same). A pair is proposed when both names also keep similar company in the whole corpus: cosine
of the positive pointwise mutual information with the words around them (Bullinaria and Levy 2007).
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from pipeline.entries import expand_entry
from pipeline.params import Audit
from pipeline.tokens import BODY, TokenTable
from pipeline.word_choice import WordChoice

COLUMNS = ["name", "rival", "stories", "slots", "edits", "similarity", "name_uses", "rival_uses", "listed"]
CONTEXT = 2
SAME_WORD = 0.75
# Odd multipliers that spread the four words and the story of a slot over 64 bits.
_LEFT, _RIGHT, _STORY = (np.uint64(k) for k in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x27220A95FE1DBA35))


class Words(NamedTuple):
    """Which terms may stand in a name (`usable`) and which are content (`content`), by id of the term; names are coded as
    integers: the id of one term, or first + (second + 1) * number of terms."""

    terms: list[str]
    content: np.ndarray
    usable: np.ndarray

    @property
    def size(self) -> int:
        return len(self.terms)

    def text(self, code: int) -> str:
        """The words of a coded name."""
        return self.terms[code] if code < self.size else f"{self.terms[code % self.size]} {self.terms[code // self.size - 1]}"


def sort_words(tokens: TokenTable, terms: list[str], frequent: int) -> Words:
    """Names hold no numbers, no single letters and none of the most frequent terms."""
    counts = np.bincount(tokens.token, minlength=len(terms))
    content = np.ones(len(terms), dtype=bool)
    content[np.argsort(-counts, kind="stable")[:frequent]] = False
    letters = np.array([len(term) > 1 and term.replace("'", "").isalpha() for term in terms], dtype=bool)
    return Words(terms, content, content & letters)


def same_word(left: str, right: str) -> bool:
    """Whether two names are forms, spellings or abbreviations of one, or share a word."""
    if set(left.split()) & set(right.split()) or left.startswith(right) or right.startswith(left):
        return True
    return SequenceMatcher(None, left.replace(" ", ""), right.replace(" ", ""), autojunk=False).ratio() >= SAME_WORD


def slot_swaps(tokens: TokenTable, words: Words, story: np.ndarray, outlet: np.ndarray) -> pd.DataFrame:
    """Pairs of coded names (`first` < `second`) that two outlets have in the same slot within a story, with story and slot.

    story, outlet: codes of each article. A slot is two tokens, a name of one or two, two tokens, in one sentence of the body, at
    least one of the four being content; slots are told apart by a 64-bit hash.
    """
    token, n = tokens.token.astype(np.int64), len(tokens.token)
    outlets = pd.DataFrame({"story": story, "outlet": outlet}).drop_duplicates()["story"].value_counts()
    in_shared = np.isin(story, outlets.index[outlets > 1])[tokens.article] & (tokens.part == BODY)
    usable, content = words.usable[token], words.content[token]
    parts = []
    for length in (1, 2):
        first = np.arange(CONTEXT, n - length - CONTEXT + 1)
        first = first[usable[first] & usable[first + length - 1] & in_shared[first]]
        after = first + length
        around = np.stack([first - 2, first - 1, after, after + 1])
        kept = (tokens.sentence[around[0]] == tokens.sentence[around[3]]) & content[around].any(axis=0)
        first, around = first[kept], token[around[:, kept]].astype(np.uint64)
        size = np.uint64(words.size)
        slot = (around[0] * size + around[1]) * _LEFT ^ (around[2] * size + around[3]) * _RIGHT
        article = tokens.article[first]
        slot ^= story[article].astype(np.uint64) * _STORY
        name = token[first] if length == 1 else token[first] + (token[first + 1] + 1) * words.size
        parts.append(pd.DataFrame({"slot": slot, "name": name, "outlet": outlet[article], "story": story[article]}))
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame.duplicated("slot", keep=False)].drop_duplicates(["slot", "name", "outlet"])
    both = frame.merge(frame, on=["slot", "story"], suffixes=("", "_other"))
    both = both[(both["name"] < both["name_other"]) & (both["outlet"] != both["outlet_other"])]
    both = both.rename(columns={"name": "first", "name_other": "second"})[["first", "second", "story", "slot"]]
    return both.drop_duplicates(ignore_index=True)


def edit_swaps(edits: pd.DataFrame, words: Words) -> pd.DataFrame:
    """The same from the edits of copies that `group` wrote, with old and new article: replacements of one or two usable words."""
    ids = {term: i for i, term in enumerate(words.terms)}
    rows = []
    for edit in edits[edits["kind"] == "replace"].itertuples():
        codes = [_code([ids.get(word, -1) for word in side.split(" ")], words) for side in (edit.old_words, edit.new_words)]
        if codes[0] is not None and codes[1] is not None and codes[0] != codes[1]:
            rows.append((min(codes), max(codes), edit.old, edit.new))
    return pd.DataFrame(rows, columns=["first", "second", "old", "new"])


def _code(found: list[int], words: Words) -> int | None:
    """The code of a name; None where it is none."""
    if len(found) > 2 or min(found) < 0 or not words.usable[found].all():
        return None
    return found[0] if len(found) == 1 else found[0] + (found[1] + 1) * words.size


def find_uses(tokens: TokenTable, names: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First token, row of `names` (coded, sorted) and length of every use; both words of a name stand in one sentence."""
    token = tokens.token.astype(np.int64)
    single = np.flatnonzero(np.isin(token, names[names < size]))
    opens = np.zeros(size, dtype=bool)
    opens[names[names >= size] % size] = True
    two = np.flatnonzero(opens[token[:-1]] & (tokens.sentence[:-1] == tokens.sentence[1:]))
    code = token[two] + (token[two + 1] + 1) * size
    known = np.isin(code, names)
    position = np.concatenate([single, two[known]])
    row = np.searchsorted(names, np.concatenate([token[single], code[known]]))
    return position, row, np.repeat([1, 2], [len(single), int(known.sum())])


def context_vectors(tokens: TokenTable, names: np.ndarray, size: int) -> tuple[sparse.csr_array, np.ndarray]:
    """Unit vectors of the company that coded names keep, and their numbers of uses.

    Columns: the word before, the word after, and any word two away, in the sentence; values: positive pointwise mutual information.
    """
    position, row, length = find_uses(tokens, names, size)
    uses = np.bincount(row, minlength=len(names))
    n = len(tokens.token)
    rows, columns = [], []
    for place, side in ((position - 1, 0), (position + length, 1), (position - 2, 2), (position + length + 1, 2)):
        inside = (place >= 0) & (place < n)
        inside[inside] = tokens.sentence[place[inside]] == tokens.sentence[position[inside]]
        rows.append(row[inside])
        columns.append(tokens.token[place[inside]].astype(np.int64) + side * size)
    flat_rows, flat_columns = np.concatenate(rows), np.concatenate(columns)
    counts = sparse.coo_array((np.ones(len(flat_rows)), (flat_rows, flat_columns)), shape=(len(names), 3 * size))
    counts.sum_duplicates()
    share = np.bincount(tokens.token, minlength=size) / n
    expected = uses[counts.row] * share[counts.col % size] * np.array([1, 1, 2])[counts.col // size]
    values = np.maximum(np.log(counts.data / expected), 0)
    lengths = np.sqrt(np.bincount(counts.row, weights=values**2, minlength=len(names)))
    values = values / np.where(lengths > 0, lengths, 1)[counts.row]
    return sparse.csr_array((values, (counts.row, counts.col)), shape=counts.shape), uses


def listed_words(choice: WordChoice) -> list[tuple[str, str, frozenset[str]]]:
    """Concept, name and all words of its entries, of every listed name."""
    found: dict[tuple[str, str], set[str]] = {}
    for entry, name in zip(choice.lexicon.entries, choice.name, strict=True):
        words = {word.lower() for sequence in expand_entry(entry.text) for word in sequence}
        found.setdefault((entry.category, name), set()).update(words)
    return [(concept, name, frozenset(words)) for (concept, name), words in found.items()]


def concept_of(name: str, rival: str, listed: Iterable[tuple[str, str, frozenset[str]]]) -> str:
    """The first concept in which two names stand as different ones, whatever else their entries hold; empty where none does."""
    sides = [{(concept, other) for concept, other, words in listed if set(text.split()) <= words} for text in (name, rival)]
    return min((a for a, left in sides[0] for b, right in sides[1] if a == b and left != right), default="")


def propose_rivals(
    tokens: TokenTable,
    terms: list[str],
    story: np.ndarray,
    outlet: np.ndarray,
    edits: pd.DataFrame,
    choice: WordChoice,
    params: Audit,
) -> pd.DataFrame:
    """Pairs of names that may be rivals, those in most stories and of most similar company first; at most `params.rivals`.

    Columns: name, rival (the more frequent first), stories, slots, edits (how many have the swap), similarity (0 to 1), name_uses,
    rival_uses (in the whole corpus), listed (the concept of `choice` that has both, or empty).
    """
    words = sort_words(tokens, terms, params.rival_frequent)
    slots, changes = slot_swaps(tokens, words, story, outlet), edit_swaps(edits, words)
    keys = ["first", "second"]
    table = pd.concat([slots[keys], changes[keys]]).drop_duplicates().astype("int64")
    table = table[[not same_word(words.text(a), words.text(b)) for a, b in table.to_numpy()]]
    if table.empty or not params.rivals:
        return pd.DataFrame({name: [] for name in COLUMNS})
    names = np.unique(table.to_numpy())
    vectors, uses = context_vectors(tokens, names, words.size)
    rows = np.searchsorted(names, table.to_numpy())
    table = table.assign(
        similarity=vectors[rows[:, 0]].multiply(vectors[rows[:, 1]]).sum(axis=1),
        first_uses=uses[rows[:, 0]],
        second_uses=uses[rows[:, 1]],
    )
    table = table[
        (table["similarity"] >= params.rival_similarity) & (table[["first_uses", "second_uses"]].min(axis=1) >= params.rival_uses)
    ]
    table = table.merge(slots.groupby(keys, as_index=False).agg(stories=("story", "nunique"), slots=("slot", "size")), "left", keys)
    table = table.merge(changes.groupby(keys, as_index=False).agg(edits=("old", "size")), "left", keys)
    table = table.fillna({"stories": 0, "slots": 0, "edits": 0}).astype({"stories": int, "slots": int, "edits": int})
    listed = listed_words(choice)
    out = []
    for row in table.to_dict("records"):
        sides = [(-row["first_uses"], words.text(row["first"])), (-row["second_uses"], words.text(row["second"]))]
        (n, name), (m, rival) = sorted(sides)
        counts = (row["stories"], row["slots"], row["edits"], row["similarity"], -n, -m)
        out.append((name, rival, *counts, concept_of(name, rival, listed)))
    found = pd.DataFrame(out, columns=COLUMNS)
    found = found.sort_values(["stories", "similarity", "name", "rival"], ascending=[False, False, True, True])
    return found.head(params.rivals).reset_index(drop=True)
