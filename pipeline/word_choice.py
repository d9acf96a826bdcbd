"""Word choice: concepts, the competing names of each, and how outlets divide among them.

The share of a name is its uses over the uses of all names of its concept (one outlet, one voice). Copy groups are the sample:
uses in one group hang together, so the multinomial sample size is divided by the design effect (Rao and Scott 1981), and
intervals are Goodman's (1965) simultaneous ones for the names of a concept, in Wilson's form, at that effective size.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from pipeline.csvtables import table_rows
from pipeline.entries import Entry, Lexicon, check_entry, expand_entry, holds
from pipeline.errors import InputError
from pipeline.lexicon import Corpus
from pipeline.lexicon_formats import read_text
from pipeline.tokens import TokenTable
from pipeline.voice import OWN

COLUMNS = ("concept", "name", "entries", "exclude", "implies", "source")
KEYS = ["concept", "name", "outlet", "copy_group", "story", "voice"]
OWN_VOICE, QUOTED_VOICE = "own", "quoted"


class WordChoice(NamedTuple):
    """Concepts and names as a lexicon whose categories are the concepts; name: of each entry; table: one row a name."""

    lexicon: Lexicon
    name: tuple[str, ...]
    table: pd.DataFrame


def parse_word_choice(text: str, source: str) -> WordChoice:
    """Concepts from CSV; `entries` and `exclude` are separated by semicolons. Raises `InputError` with every fault."""
    reader = table_rows(text)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise InputError(
            source, [f"line 1: columns must be {', '.join(COLUMNS)} (got {', '.join(reader.fieldnames or []) or 'none'})"]
        )
    faults: list[str] = []
    entries: list[Entry] = []
    names: list[str] = []
    rows: list[dict[str, str]] = []
    owner: dict[tuple[str, tuple[str, ...]], str] = {}
    for row in reader:
        line = reader.line_num
        if None in row or None in row.values():
            faults.append(f"line {line}: needs {len(COLUMNS)} cells")
            continue
        cells = {column: " ".join(row[column].split()) for column in COLUMNS}
        if any(cells["concept"] == known["concept"] and cells["name"] == known["name"] for known in rows):
            faults.append(f"line {line}: name {cells['name']!r} stands in {cells['concept']!r} already")
        rows.append(cells)
        phrases = [part.strip() for part in cells["exclude"].split(";") if part.strip()]
        unused = set(phrases)
        found = [part.strip() for part in cells["entries"].split(";") if part.strip()]
        if not found:
            faults.append(f"line {line}: entries is empty")
        for entry_text in found:
            entry, broken = _entry_of(entry_text, cells["concept"], phrases)
            unused -= set(entry.exclude)
            faults.extend(f"line {line}: {fault}" for fault in broken)
            entries.append(entry)
            names.append(cells["name"])
            for words in () if broken else expand_entry(entry_text):
                key = (cells["concept"], tuple(word.lower() for word in words))
                if owner.setdefault(key, cells["name"]) != cells["name"]:
                    faults.append(f"line {line}: {' '.join(words)!r} is a name {owner[key]!r} of {cells['concept']!r} already")
        faults.extend(
            f"line {line}: exclude: a phrase must contain one of the entries (got {phrase!r})" for phrase in sorted(unused)
        )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    alone = table.groupby("concept").size()
    faults.extend(f"concept {concept!r}: needs at least two names" for concept in alone[alone < 2].index)
    if not rows and not faults:
        faults.append("holds no concepts")
    if faults:
        raise InputError(source, faults)
    return WordChoice(Lexicon(Path(source).stem, entries), tuple(names), table)


def _entry_of(text: str, concept: str, phrases: list[str]) -> tuple[Entry, list[str]]:
    """An entry with those of the phrases that hold it, and the rules it breaks."""
    try:
        words = expand_entry(text)
        mine = tuple(phrase for phrase in phrases if all(any(holds(whole, w) for w in words) for whole in expand_entry(phrase)))
    except ValueError:
        mine = ()
    entry = Entry(text, concept, mine)
    return entry, check_entry(entry)


def read_word_choice(path: str | Path) -> WordChoice:
    """Concepts and names from a file; raises `InputError`."""
    return parse_word_choice(read_text(path), str(path))


def find_names(choice: WordChoice, corpus: Corpus) -> pd.DataFrame:
    """Every use of a name: concept, name, article (row), position (token), length, part, voice (`own`, or `quoted`: all others)."""
    tokens = corpus.tokens
    hits = corpus.find(choice.lexicon)
    concept = np.array([entry.category for entry in choice.lexicon.entries], dtype=object)
    return pd.DataFrame(
        {
            "concept": concept[hits.entry],
            "name": np.array(choice.name, dtype=object)[hits.entry],
            "article": tokens.article[hits.position],
            "position": hits.position,
            "length": hits.length,
            "part": tokens.part[hits.position],
            "voice": np.where(tokens.voice[hits.position] == OWN, OWN_VOICE, QUOTED_VOICE),
        }
    )


def count_names(uses: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    """Uses of each name per outlet, copy group, story and voice; articles: outlet, copy_group, story, one row an article."""
    places = articles[["outlet", "copy_group", "story"]].reset_index(drop=True)
    return uses.join(places, on="article").groupby(KEYS, as_index=False).size().rename(columns={"size": "count"})


def _cross_table(unit: np.ndarray, name: np.ndarray, count: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Units (copy groups or stories) x names counts."""
    return np.bincount(unit * shape[1] + name, weights=count, minlength=shape[0] * shape[1]).reshape(shape)


def design_effect(counts: np.ndarray) -> float:
    """Variance of the shares, clustered by row, over that of a multinomial sample; at least 1 (Rao and Scott 1981, first order).

    counts: groups x names. With residuals e_gk = x_gk - p_k n_g, the clustered variance of p_k is G / (G - 1) sum_g e_gk^2 / N^2;
    its sum over names is set against sum_k p_k (1 - p_k) / N. Where one name has all uses, or there is one group, neither says
    anything, and Kish's bound for groups that are all of a piece stands in: sum_g n_g^2 / N.
    """
    sizes = counts.sum(axis=1)
    total = sizes.sum()
    share = counts.sum(axis=0) / total
    simple = float((share * (1 - share)).sum() / total)
    groups = len(counts)
    if groups < 2 or simple <= 0:
        return float(max(1.0, (sizes**2).sum() / total))
    residual = counts - share * sizes[:, None]
    clustered = groups / (groups - 1) * float((residual**2).sum()) / total**2
    return max(1.0, clustered / simple)


def share_intervals(counts: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share of each name with simultaneous limits; counts: copy groups x names, at least one use.

    Goodman (1965): p is inside where (p_hat - p)^2 <= A p (1 - p) / n, with n the effective size N / design effect and A the
    quantile of chi-squared with 1 degree of freedom at 1 - alpha / K for K names, replaced by that of F(1, G - 1) for G groups.
    """
    total = counts.sum()
    share = counts.sum(axis=0) / total
    n = total / design_effect(counts)
    tail = 1 - (1 - level) / counts.shape[1]
    a = special.fdtri(1, len(counts) - 1, tail) if len(counts) > 1 else special.chdtri(1, 1 - tail)
    middle = (share + a / (2 * n)) / (1 + a / n)
    half = np.sqrt(a / n * (share * (1 - share) + a / (4 * n))) / (1 + a / n)
    return share, np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def _limits(difference: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The difference with its limits within [-1, 1]; NaN for limits where nothing varies, which shows no certainty."""
    half = np.where(half > 1e-9, half, np.nan)
    return difference, np.maximum(difference - half, -1), np.minimum(difference + half, 1)


def voice_difference(own: np.ndarray, quoted: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share in own voice minus share in quotations, with limits clustered by copy group (rows of both, the same groups).

    Linearised: d_gk = (o_gk - p_k o_g) / O - (q_gk - r_k q_g) / Q; variance G / (G - 1) sum_g d_gk^2; Student's t, G - 1.
    """
    mine, theirs = own.sum(axis=0) / own.sum(), quoted.sum(axis=0) / quoted.sum()
    d = (own - mine * own.sum(axis=1)[:, None]) / own.sum() - (quoted - theirs * quoted.sum(axis=1)[:, None]) / quoted.sum()
    groups = len(own)
    half = special.stdtrit(groups - 1, (1 + level) / 2) * np.sqrt(groups / (groups - 1) * (d**2).sum(axis=0))
    return _limits(mine - theirs, half)


def story_difference(mine: np.ndarray, others: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An outlet's share minus that of the others within the same stories, with limits clustered by story.

    mine, others: stories x names, each story with uses in both. Mantel and Haenszel's weights w_s = n_s m_s / (n_s + m_s)
    (Greenland and Robins 1985): d_k = sum_s w_s (p_sk - r_sk) / sum_s w_s; variance S / (S - 1) sum_s w_s^2 (d_sk - d_k)^2 /
    (sum_s w_s)^2; Student's t, S - 1.
    """
    n, m = mine.sum(axis=1)[:, None], others.sum(axis=1)[:, None]
    weight = n * m / (n + m)
    within = mine / n - others / m
    difference = (weight * within).sum(axis=0) / weight.sum()
    stories = len(mine)
    variance = stories / (stories - 1) * (weight**2 * (within - difference) ** 2).sum(axis=0) / weight.sum() ** 2
    half = special.stdtrit(stories - 1, (1 + level) / 2) * np.sqrt(variance)
    return _limits(difference, half)


def measure_word_choice(counts: pd.DataFrame, level: float, min_groups: int) -> pd.DataFrame:
    """One long table of all measures of word choice, from counts per copy group (`count_names`).

    Rows: measure (`name_share`, voice `all`, `own`, `quoted`; `own_minus_quoted`; `within_story`), concept, name, outlet, voice,
    estimate, low, high, uses (of the concept), groups (copy groups, or stories for `within_story`). Fewer groups than
    `min_groups` give no estimate: the row says how many there are.
    """
    rows: list[tuple] = []

    def add(measure: str, key: tuple[str, str, str], names: list[str], found: tuple | None, uses: float, groups: int) -> None:
        columns = found if found is not None else (np.full(len(names), np.nan),) * 3
        for name, *values in zip(names, *columns, strict=True):
            rows.append((measure, key[0], name, key[1], key[2], *values, int(uses), groups))

    for concept, of_concept in counts.groupby("concept"):
        codes = {key: np.unique(of_concept[key].to_numpy(dtype=str), return_inverse=True) for key in KEYS[1:5]}
        names, name = codes["name"][0].tolist(), codes["name"][1]
        (outlets, owner), story = codes["outlet"], codes["story"][1]
        count, quoted = of_concept["count"].to_numpy(dtype=float), (of_concept["voice"] != OWN_VOICE).to_numpy()
        stories = _cross_table(story, name, count, (story.max() + 1, len(names)))
        for i, outlet in enumerate(outlets.tolist()):
            mine = owner == i
            group, member = np.unique(codes["copy_group"][1][mine], return_inverse=True)
            own, other = (
                _cross_table(member[kept], name[mine][kept], count[mine][kept], (len(group), len(names)))
                for kept in (~quoted[mine], quoted[mine])
            )
            voices = {"all": own + other, OWN_VOICE: own, QUOTED_VOICE: other}
            for voice, table in voices.items():
                table = table[table.any(axis=1)]
                if len(table):
                    found = share_intervals(table, level) if len(table) >= min_groups else None
                    add("name_share", (concept, outlet, voice), names, found, table.sum(), len(table))
            least = min(int(table.any(axis=1).sum()) for table in (own, other))
            if least:
                found = voice_difference(own, other, level) if least >= max(min_groups, 2) else None
                add("own_minus_quoted", (concept, outlet, "all"), names, found, own.sum() + other.sum(), least)
            here = _cross_table(story[mine], name[mine], count[mine], stories.shape)
            shared = here.any(axis=1) & (stories - here).any(axis=1)
            here, others = here[shared], (stories - here)[shared]
            found = story_difference(here, others, level) if len(here) >= max(min_groups, 2) else None
            add("within_story", (concept, outlet, "all"), names, found, here.sum(), len(here))
    columns = ["measure", "concept", "name", "outlet", "voice", "estimate", "low", "high", "uses", "groups"]
    return pd.DataFrame(rows, columns=columns)


class Line(NamedTuple):
    """A keyword in context: text before, the words themselves, text after, as they stand in the article."""

    left: str
    words: str
    right: str


def keyword_in_context(text: str, start: int, end: int, width: int = 60) -> Line:
    """The words at [start, end) with up to `width` characters on both sides, cut at spaces, line breaks shown as spaces."""
    left, words, right = (
        part.replace("\n", " ") for part in (text[max(0, start - width) : start], text[start:end], text[end : end + width])
    )
    if start > width and " " in left:
        left = left[left.index(" ") + 1 :]
    if end + width < len(text) and " " in right:
        right = right[: right.rindex(" ")]
    return Line(left, words, right)


def context_lines(uses: pd.DataFrame, tokens: TokenTable, parts: pd.DataFrame, width: int = 60) -> pd.DataFrame:
    """The uses with columns left, words, right; parts: `title`, `subtitle`, `text` of the articles, in order of their rows."""
    texts = [parts[name].tolist() for name in ("title", "subtitle", "text")]
    last = uses["position"] + uses["length"] - 1
    starts = tokens.start[uses["position"]]
    ends = tokens.start[last].astype(np.int64) + tokens.length[last]
    lines = [
        keyword_in_context(texts[part][article], int(start), int(end), width)
        for part, article, start, end in zip(uses["part"], uses["article"], starts, ends, strict=True)
    ]
    return uses.reset_index(drop=True).join(pd.DataFrame(lines, columns=list(Line._fields)))
