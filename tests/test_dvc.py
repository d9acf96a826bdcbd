import ast
import re

import pytest
import yaml
from builders import PROJECT
from imports import all_imports

from pipeline import paths
from pipeline.params import Params, load_params

DVC = yaml.safe_load((PROJECT / "dvc.yaml").read_text(encoding="utf-8"))
STAGES = DVC["stages"]
SECTIONS = set(Params.model_fields)
PLACES = {name: str(value) for name, value in vars(paths).items() if name.isupper()}


def deps_of(stage: str) -> list[str]:
    return [next(iter(dep)) if isinstance(dep, dict) else dep for dep in STAGES[stage]["deps"]]


def outs_of(stage: str) -> list[str]:
    found = STAGES[stage].get("outs", []) + STAGES[stage].get("metrics", [])
    return [next(iter(out)) if isinstance(out, dict) else out for out in found]


def sections_read(module: str) -> set[str]:
    """Parameters, as section or section.name, that a module reads of params.yaml: `params.x.y`, `load_params().x`."""
    tree = ast.parse((PROJECT / "pipeline" / f"{module}.py").read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in SECTIONS and re.search(r"params(\(\))?$", ast.unparse(node.value)):
            found.add(node.attr)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "active_targets":
            found |= {"train", "ingest.source"}
    return found


def test_the_stages_are_the_modules_that_can_be_run():
    for stage, entry in STAGES.items():
        assert entry["cmd"] == f"python -m pipeline.{stage}"
    mains = {p.stem for p in (PROJECT / "pipeline").glob("*.py") if "run_stage(main)" in p.read_text(encoding="utf-8")}
    assert mains - {"check", "sampling"} == set(STAGES)


@pytest.mark.parametrize("stage", STAGES)
def test_declared_modules_are_those_imported(stage):
    declared = {dep for dep in deps_of(stage) if dep.endswith(".py")}
    assert declared == all_imports(stage)


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_is_declared_twice_and_code_stands_before_data(stage):
    deps = deps_of(stage)
    assert len(deps) == len(set(deps))
    code = [dep.endswith(".py") for dep in deps]
    assert code == sorted(code, reverse=True)


@pytest.mark.parametrize("stage", STAGES)
def test_declared_parameters_exist(stage):
    for name in STAGES[stage]["params"]:
        values = load_params(PROJECT / "params.yaml").model_dump()
        for part in name.split("."):
            assert part in values, name
            values = values[part]


@pytest.mark.parametrize("stage", STAGES)
def test_parameters_that_a_stage_reads_are_declared(stage):
    declared = set(STAGES[stage]["params"])
    for name in sections_read(stage):
        section = name.split(".")[0]
        assert name in declared or any(d == section or d.startswith(f"{section}.") for d in declared), name


def test_the_whole_report_rests_on_every_parameter_but_the_downloads():
    assert set(STAGES["report"]["params"]) == SECTIONS - {"fetch"}


@pytest.mark.parametrize("stage", STAGES)
def test_declared_data_are_known_places(stage):
    known = {*PLACES.values(), *(target.labels for target in Params().train.targets), *Params().score.lexicons}
    for name in [dep for dep in deps_of(stage) if dep.startswith("data/")] + outs_of(stage):
        assert name in known or any(place.startswith(f"{name}/") or name.startswith(f"{place}/") for place in known), name


@pytest.mark.parametrize("stage", STAGES)
def test_places_that_a_stage_names_are_declared(stage):
    """Every `paths.X` in the source of a stage's modules is below one of its deps or outs."""
    declared = [*deps_of(stage), *outs_of(stage), *(["data/raw"] if "${ingest.path}" in deps_of(stage) else [])]
    source = (PROJECT / "pipeline" / f"{stage}.py").read_text(encoding="utf-8")
    for name in sorted(set(re.findall(r"paths\.([A-Z]+)\b", source))):
        place = PLACES[name]
        assert any(place == d or place.startswith(f"{d}/") or d.startswith(f"{place}/") for d in declared), f"{name}: {place}"


def test_no_two_stages_write_the_same_and_each_input_is_written_or_committed():
    outs = [out for stage in STAGES for out in outs_of(stage)]
    assert len(outs) == len(set(outs))
    for stage in STAGES:
        for dep in deps_of(stage):
            made = any(dep == out or dep.startswith(f"{out}/") for out in outs)
            assert made or dep == "${ingest.path}" or (PROJECT / dep).exists(), f"{stage}: {dep}"


def test_labels_and_lexicons_of_the_defaults_are_dependencies():
    params = Params()
    for target in params.train.targets:
        assert any(target.labels == dep or target.labels.startswith(f"{dep}/") for dep in deps_of("train")), target.labels
    for lexicon in params.score.lexicons:
        assert any(lexicon.startswith(f"{dep}/") for dep in deps_of("score")) and (PROJECT / lexicon).exists()


def test_reports_outlive_a_failing_run():
    """Without `persist` DVC deletes the last report before the stage runs."""
    for kind in ("outs", "metrics"):
        for out in STAGES["report"][kind]:
            ((name, options),) = out.items()
            assert options == {"cache": False, "persist": True}, name
