"""What is compared: counts and exposures of every measure, summed into the units of inference."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from pipeline.conventions import ALL_VOICES, TOTAL, UNKNOWN_OUTLET
from pipeline.inference import Estimates, Moments, contrasts, influences, moments, shared_covariance, unit_sums
from pipeline.params import Compare
from pipeline.tokens import BODY, TokenTable
from pipeline.voice import DIRECT, MARKED, OWN, REPORTED, VOICES

ATTRIBUTED = "attributed"
NAMED = "named"


class Units(NamedTuple):
    """Clusters (copy groups or stories) within outlets.

    outlets: names; of_article: unit of each article; sets: (outlets, units) of 0/1; of each unit, owner: its outlet, cluster: its
    cluster, story: the story of its first article.
    """

    outlets: list[str]
    of_article: np.ndarray
    sets: sparse.csr_matrix
    owner: np.ndarray
    cluster: np.ndarray
    story: np.ndarray

    @property
    def count(self) -> int:
        """Number of units."""
        return self.sets.shape[1]


class Measures(NamedTuple):
    """Counts y and exposures x, (articles, measures) each, with measure, category, voice and unit of every column."""

    y: np.ndarray
    x: np.ndarray
    names: list[tuple[str, str, str, str]]

    @property
    def families(self) -> np.ndarray:
        """Family of tests to which each column belongs."""
        return np.array([_family(measure, category, voice) for measure, category, voice, _ in self.names], dtype=object)


class Sums(NamedTuple):
    """Counts y and exposures x of every unit, (units, measures), with the units and the families of the columns.

    together: the units whose cluster holds several, in order of their clusters; alike: columns with one and the same exposure.
    """

    units: Units
    y: np.ndarray
    x: np.ndarray
    families: np.ndarray
    together: np.ndarray
    alike: list[np.ndarray]


def make_units(documents: pd.DataFrame, cluster: str = "copy_group") -> Units:
    """Units of a document table with `outlet`, `story` and the column `cluster`."""
    outlet = documents["outlet"].replace("", UNKNOWN_OUTLET)
    outlets = sorted(outlet.unique())
    code = np.searchsorted(np.array(outlets, dtype=str), outlet.to_numpy(dtype=str))
    _, group = np.unique(documents[cluster].to_numpy(dtype=str), return_inverse=True)
    _, story = np.unique(documents["story"].to_numpy(dtype=str), return_inverse=True)
    width = int(group.max(initial=-1)) + 1
    keys, first, of_article = np.unique(code.astype(np.int64) * width + group, return_index=True, return_inverse=True)
    owner = keys // max(width, 1)
    return Units(outlets, of_article, sets_of(owner, len(outlets)), owner, keys % max(width, 1), story[first])


def sets_of(owner: np.ndarray, outlets: int) -> sparse.csr_matrix:
    """Sets (outlets, units) of 0/1 from the outlet of each unit."""
    return sparse.csr_matrix((np.ones(len(owner)), (owner, np.arange(len(owner)))), shape=(outlets, len(owner)))


def voice_tokens(tokens: TokenTable) -> dict[str, np.ndarray]:
    """Body tokens per article of each voice, and of all."""
    n = len(tokens.bounds) - 1
    body = tokens.part == BODY
    table = {name: np.bincount(tokens.article[body & (tokens.voice == code)], minlength=n) for code, name in VOICES.items()}
    return {**table, ALL_VOICES: np.bincount(tokens.article[body], minlength=n)}


def build_measures(counts: pd.DataFrame, tokens: TokenTable, attributions: pd.DataFrame | None = None) -> Measures:
    """Lexicon categories by voice, the shares of the voices themselves, and who speaks by which cues.

    Voices of the lexicon measures: the outlet's own; attributed (direct and reported); all; and for a lexicon's total direct speech
    alone. attributions: `article`,
    `part`, `kind`, `cue_class`, `named`, `spoken` of every attribution; without it `sources` and `cues` are left out. Only acts of
    speech count there: views, wishes and deeds are read right less often (docs/validation.md).
    """
    sizes = voice_tokens(tokens)
    sizes[ATTRIBUTED] = sizes[VOICES[DIRECT]] + sizes[VOICES[REPORTED]]
    n = len(tokens.bounds) - 1
    body = counts[counts["part"] == BODY]
    columns, exposures, names = [], [], []
    voices = {VOICES[OWN]: [OWN], VOICES[DIRECT]: [DIRECT], ATTRIBUTED: [DIRECT, REPORTED], ALL_VOICES: list(VOICES)}
    for (lexicon, category), part in body.groupby(["lexicon", "category"], sort=True):
        for voice, codes in voices.items():
            if voice == VOICES[DIRECT] and category != TOTAL:
                continue
            here = part[part["voice"].isin(codes)]
            columns.append(np.bincount(here["article"], weights=here["count"], minlength=n))
            exposures.append(sizes[voice])
            which = f"{voice}-voice" if voice != ALL_VOICES else "all"
            names.append((lexicon, category, voice, f"per 1,000 {which} tokens"))
    for code in (DIRECT, REPORTED, MARKED):
        columns.append(sizes[VOICES[code]].astype(float))
        exposures.append(sizes[ALL_VOICES])
        names.append(("voice", VOICES[code], ALL_VOICES, "% of tokens"))
    if attributions is not None:
        spoken = attributions[(attributions["part"] == BODY) & attributions["spoken"]]
        total = np.bincount(spoken["article"], minlength=n)
        shares = [("sources", kind, spoken["kind"] == kind) for kind in sorted(spoken["kind"].unique())]
        shares.append(("sources", NAMED, spoken["named"]))
        shares += [("cues", kind, spoken["cue_class"] == kind) for kind in sorted(spoken["cue_class"].unique())]
        for measure, category, mask in shares:
            columns.append(np.bincount(spoken["article"][mask.astype(bool)], minlength=n).astype(float))
            exposures.append(total)
            names.append((measure, category, ATTRIBUTED, "% of spoken attributions"))
    return Measures(np.stack(columns, axis=1), np.stack(exposures, axis=1).astype(float), names)


def scale_of(unit: str) -> float:
    """Factor from a ratio of counts to the unit in which it is told."""
    return 100.0 if unit.startswith("%") else 1000.0


def _family(measure: str, category: str, voice: str) -> str:
    if measure in ("voice", "sources", "cues"):
        return measure
    return f"{measure}{' total' if category == 'all' else ''}, {voice} voice"


def sum_units(measures: Measures, units: Units) -> Sums:
    """The measures, summed over the articles of each unit."""
    y, x = (unit_sums(part, units.of_article, units.count) for part in (measures.y, measures.x))
    size = np.bincount(units.cluster)
    together = np.flatnonzero(size[units.cluster] > 1)
    together = together[np.argsort(units.cluster[together], kind="stable")]
    alike: dict[bytes, list[int]] = {}
    for j in range(x.shape[1]):
        alike.setdefault(x[:, j].tobytes(), []).append(j)
    return Sums(units, y, x, measures.families, together, [np.array(columns) for columns in alike.values()])


def some_columns(sums: Sums, columns: np.ndarray) -> Sums:
    """The sums of some measures, which have one and the same exposure."""
    parts = (np.ascontiguousarray(part[:, columns]) for part in (sums.y, sums.x))
    return Sums(sums.units, *parts, sums.families[columns], sums.together, [np.arange(len(columns))])


def set_moments(sums: Sums, sets: sparse.csr_matrix) -> Moments:
    """Moments of sets of units, (sets, measures); what rests on the exposure alone is summed once for columns alike."""
    parts = [moments(sets, sums.y[:, columns], sums.x[:, columns[:1]]) for columns in sums.alike]
    back = np.argsort(np.concatenate(sums.alike))
    return Moments(*(np.concatenate(field, axis=1)[:, back] for field in zip(*parts, strict=True)))


def _dense(sets: sparse.csr_matrix | np.ndarray) -> np.ndarray:
    return sets.toarray() if sparse.issparse(sets) else np.asarray(sets)


def contrast_sets(
    sums: Sums, near_a: np.ndarray, near_b: np.ndarray, a: Moments, b: Moments, params: Compare, intervals: bool = True
) -> Estimates:
    """Ratios of sets of units, (tests, measures); NaN below the minimum of groups or hits.

    a, b: moments of the sets; near_a, near_b: which of `sums.together` they hold, (tests, units) of 0/1; intervals: whether they
    are wanted beside p (else NaN).
    """
    shared: np.ndarray | float = 0.0
    if len(sums.together):
        u = influences(near_a, near_b, sums.y[sums.together], sums.x[sums.together], a, b)
        shared = shared_covariance(sums.units.cluster[sums.together], u)
    found = contrasts(a, b, params.level if intervals else None, shared)
    enough = (a.n >= params.min_groups) & (b.n >= params.min_groups) & (a.y + b.y >= params.min_hits)
    return Estimates(*(np.where(enough, part, np.nan) for part in found))


def contrast_with_rest(
    sums: Sums, sets: sparse.csr_matrix, whole: sparse.csr_matrix, params: Compare, intervals: bool = True
) -> tuple[Moments, Estimates]:
    """Moments of each set (tests, units), and its ratio to the rest of `whole`, whose rows are repeated over the tests."""
    times = sets.shape[0] // whole.shape[0]
    m = set_moments(sums, sets)
    rest = Moments(*(np.tile(part, (times, 1)) for part in set_moments(sums, whole))) - m
    near, near_whole = (_dense(part[:, sums.together]) for part in (sets, whole))
    return m, contrast_sets(sums, near, np.tile(near_whole, (times, 1)) - near, m, rest, params, intervals)


def all_units(units: Units) -> sparse.csr_matrix:
    """One row that holds every unit."""
    return sparse.csr_matrix(np.ones((1, units.count)))


def adjust_within(families: np.ndarray, p: np.ndarray, adjust) -> np.ndarray:
    """Adjusted p-values of an array (tests, measures), each family of columns by itself; adjust: p (any) -> q."""
    q = np.full(p.shape, np.nan)
    for family in sorted(set(families.tolist())):
        columns = np.flatnonzero(families == family)
        q[:, columns] = adjust(p[:, columns].ravel()).reshape(len(p), -1)
    return q
