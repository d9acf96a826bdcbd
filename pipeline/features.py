"""Features of the stance classifier: counts of words and word pairs, of letters within words, of what stands near the target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

from pipeline.language import Language
from pipeline.matrices import count_matrix, pair_ids
from pipeline.tokens import LOWER, TOKEN, TokenTable, Vocabulary, case_of

WORDS, LETTERS, BEFORE, AFTER = "words", "letters", "before", "after"
LETTERS_IN_A_ROW = (3, 5)
NEAR = 4


def masked_terms(names: Iterable[str], terms: Sequence[str], language: Language) -> np.ndarray:
    """Ids of the terms that give an outlet away: the words of the outlets' and agencies' names, but for everyday ones."""
    vocabulary = Vocabulary(language)
    words = {vocabulary.term(form) for name in names for form in TOKEN.findall(name)}
    words -= language.name_words
    return np.array([i for i, term in enumerate(terms) if term in words], dtype=np.int64)


def mention_tokens(tokens: TokenTable, terms: Sequence[str], names: Iterable[str], language: Language) -> np.ndarray:
    """Mask of the tokens that are part of a name, all its words in a row; a word with a capital in the name has one in the text."""
    vocabulary = Vocabulary(language)
    ids = {term: i for i, term in enumerate(terms)}
    mask = np.zeros(len(tokens.token), dtype=bool)
    for name in names:
        forms = TOKEN.findall(name)
        words = [ids.get(vocabulary.term(form), -1) for form in forms]
        found = np.arange(max(len(mask) - len(forms) + 1, 0) if forms else 0)
        for k, (form, word) in enumerate(zip(forms, words, strict=True)):
            at = found + k
            right = (tokens.token[at] == word) & (tokens.sentence[at] == tokens.sentence[found])
            found = found[right & ((tokens.case[at] != LOWER) | (case_of(form) == LOWER))]
        for k in range(len(forms)):
            mask[found + k] = True
    return mask


def near_mentions(tokens: TokenTable, mentions: np.ndarray, step: int) -> np.ndarray:
    """Mask of the tokens up to `NEAR` before (step -1) or after (1) a mention in its sentence, themselves no part of one."""
    mask = np.zeros(len(mentions), dtype=bool)
    mentioned = np.flatnonzero(mentions)
    for k in range(1, NEAR + 1):
        at = mentioned + step * k
        inside = (at >= 0) & (at < len(mask))
        at, of = at[inside], mentioned[inside]
        mask[at[(tokens.sentence[at] == tokens.sentence[of]) & (tokens.part[at] == tokens.part[of])]] = True
    return mask & ~mentions


def _frequent(counts: sparse.csr_matrix, min_df: int) -> np.ndarray:
    return np.flatnonzero(np.bincount(counts.indices, minlength=counts.shape[1]) >= min_df)


def _places(tokens: TokenTable, mask: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Line of each article among `rows` (-1 for others), and the mask without the tokens of others."""
    place = np.full(len(tokens.bounds) - 1, -1)
    place[rows] = np.arange(len(rows))
    return place, mask & (place[tokens.article] >= 0)


def _count_words(
    tokens: TokenTable, mask: np.ndarray, rows: np.ndarray, terms: Sequence[str], min_df: int
) -> tuple[sparse.csr_matrix, list[str]]:
    """Counts of the words in `mask` and of adjacent pairs of them in the articles `rows`, with their names, in order of ids."""
    place, mask = _places(tokens, mask, rows)
    left, right, article = pair_ids(tokens, mask)
    width = len(terms) + 1
    key = np.concatenate([tokens.token[mask].astype(np.int64) * width, left.astype(np.int64) * width + right + 1])
    owner = np.concatenate([place[tokens.article[mask]], place[article]])
    features, column = np.unique(key, return_inverse=True)
    counts = count_matrix(owner, column, (len(rows), len(features)))
    frequent = _frequent(counts, min_df)
    names = [
        terms[left] if second == 0 else f"{terms[left]} {terms[second - 1]}"
        for left, second in zip(*(part.tolist() for part in np.divmod(features[frequent], width)), strict=True)
    ]
    return counts[:, frequent].tocsr(), names


def letters_of(term: str) -> list[str]:
    """Every run of 3 to 5 letters of a word, an underscore marking where the word begins and ends; a shorter word is one run."""
    low, high = LETTERS_IN_A_ROW
    marked = f"_{term}_"
    runs = [marked[i : i + n] for n in range(low, high + 1) for i in range(len(marked) - n + 1)]
    return runs or [marked]


def _count_letters(
    tokens: TokenTable, mask: np.ndarray, rows: np.ndarray, terms: Sequence[str], min_df: int
) -> tuple[sparse.csr_matrix, list[str]]:
    """Counts of runs of letters within the words in `mask` (see `letters_of`), with their names, in alphabetical order."""
    place, mask = _places(tokens, mask, rows)
    used, column = np.unique(tokens.token[mask], return_inverse=True)
    words = count_matrix(place[tokens.article[mask]], column, (len(rows), len(used)))
    runs = [letters_of(terms[i]) for i in used.tolist()]
    names = sorted({run for of_word in runs for run in of_word})
    number = {name: i for i, name in enumerate(names)}
    owner = np.repeat(np.arange(len(used)), [len(of_word) for of_word in runs])
    holds = count_matrix(
        owner, np.array([number[run] for of_word in runs for run in of_word], dtype=np.int64), (len(used), len(names))
    )
    counts = (words @ holds).tocsr()
    frequent = _frequent(counts, min_df)
    return counts[:, frequent].tocsr(), [names[i] for i in frequent.tolist()]


def stance_counts(
    tokens: TokenTable, rows: np.ndarray, masked: np.ndarray, mentions: np.ndarray, terms: Sequence[str], min_df: int
) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Counts in the chosen articles (title, subtitle and body, all voices), in blocks one after the other:

    `words`, words and adjacent word pairs; `letters`, runs of letters within words; `before` and `after`, words and
    word pairs near the target's mentions, on either side. rows: indices of the articles; masked: ids of terms left out;
    mentions: mask of tokens. Returns the matrix (articles, features) and the features as (block, name), strings, in the
    same order. Features in fewer than `min_df` of the articles are left out.
    """
    hidden = np.zeros(len(terms), dtype=bool)
    hidden[masked] = True
    seen = ~hidden[tokens.token]
    blocks = {
        WORDS: _count_words(tokens, seen, rows, terms, min_df),
        LETTERS: _count_letters(tokens, seen, rows, terms, min_df),
        **{
            name: _count_words(tokens, seen & near_mentions(tokens, mentions, step), rows, terms, min_df)
            for name, step in ((BEFORE, -1), (AFTER, 1))
        },
    }
    counts = sparse.hstack([block for block, _ in blocks.values()], format="csr")
    counts.sum_duplicates()  # once: every slice would be sorted anew
    features = [(block, name) for block, (_, names) in blocks.items() for name in names]
    return counts, np.array(features, dtype=object).reshape(-1, 2)
