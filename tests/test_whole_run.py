"""The whole pipeline as users run it: on the example corpus by DVC, and on small, broken and hostile input."""

from __future__ import annotations

import csv
import filecmp
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from columns import undocumented

PROJECT = Path(__file__).resolve().parent.parent
COPIED = (
    "pipeline",
    "data/lexicons",
    "data/labels",
    "data/example",
    "data/languages",
    "data/outlets.csv",
    "data/raw",
    ".dvc/config",
)
STAGES = ("fetch", "ingest", "clean", "tokenize", "group", "score", "audit", "train", "predict", "compare", "report")


def copy_project(folder: Path, **ingest: object) -> Path:
    """A copy of the project without derived data and git, with other values of the section `ingest`."""
    for name in (*COPIED, "dvc.yaml", ".dvcignore", "requirements.lock"):
        source, target = PROJECT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    params = yaml.safe_load((PROJECT / "params.yaml").read_text(encoding="utf-8"))
    params["ingest"].update(ingest)
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    (folder / ".dvc" / "config.local").write_text("[core]\n    no_scm = true\n", encoding="utf-8")
    return folder


def call(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a copy of the project with this interpreter first on the path."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def run_stages(folder: Path, *stages: str) -> subprocess.CompletedProcess[str]:
    """Run stages one after another without DVC; stops at the first that fails and returns it."""
    done = None
    for stage in stages:
        done = call(folder, sys.executable, "-m", f"pipeline.{stage}")
        if done.returncode:
            break
    assert done is not None
    return done


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ARTICLE = (
    "The council of Brackenford voted on Monday to close the old swimming pool. “It is a disgraceful decision,” said Ana Moss, who "
    "swims there every morning. The mayor claimed that repairs would cost two million crowns. Critics slammed the vote as reckless."
)


@pytest.fixture(scope="module")
def example_runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two independent runs of `dvc repro` on the example corpus, side by side."""
    folders = [copy_project(tmp_path_factory.mktemp(name), source="example") for name in ("one", "two")]
    dvc = str(Path(sys.executable).parent / "dvc")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    running = [
        subprocess.Popen([dvc, "repro"], cwd=f, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for f in folders
    ]
    for process in running:
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
    return folders[0], folders[1]


@pytest.mark.slow
def test_example_gives_a_report_with_every_part(example_runs: tuple[Path, Path]) -> None:
    reports = example_runs[0] / "reports"
    page = (reports / "index.html").read_text(encoding="utf-8")
    for anchor in ("findings", "corpus", "loaded_terms", "frames", "voice", "keyness", "stance", "null", "methods", "provenance"):
        assert f'id="{anchor}"' in page
    assert page.count("<svg") == len(list((reports / "figures").glob("*.svg"))) >= 5
    metrics = json.loads((reports / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["corpus"]["articles"] == 24
    assert metrics["corpus"]["outlets"] == 6
    assert metrics["stance"]["harland_ministry"]["status"] == "ok"


@pytest.mark.slow
def test_page_loads_nothing_from_the_network(example_runs: tuple[Path, Path]) -> None:
    page = (example_runs[0] / "reports/index.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    for loader in ("<script", "<link", "<img", "<iframe", "@import", "url(http"):
        assert loader not in page


@pytest.mark.slow
def test_two_runs_give_the_same_bytes(example_runs: tuple[Path, Path]) -> None:
    one, two = example_runs
    assert (one / "dvc.lock").read_bytes() == (two / "dvc.lock").read_bytes()
    files = sorted(p.relative_to(one) for p in (one / "reports").rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(two) for p in (two / "reports").rglob("*") if p.is_file())
    _, different, failed = filecmp.cmpfiles(one, two, [str(f) for f in files], shallow=False)
    assert (different, failed) == ([], [])


@pytest.mark.slow
def test_second_repro_does_nothing_and_metrics_show(example_runs: tuple[Path, Path]) -> None:
    again = call(example_runs[0], "dvc", "repro")
    assert "Data and pipelines are up to date" in again.stdout
    shown = call(example_runs[0], "dvc", "metrics", "show", "--json")
    assert shown.returncode == 0
    assert json.loads(shown.stdout)[""]["data"]["reports/metrics.json"]["data"]["corpus"]["articles"] == 24
    plots = call(example_runs[0], "dvc", "plots", "show", "-o", "plots")
    assert plots.returncode == 0, plots.stderr
    assert "Loaded terms, own voice" in (example_runs[0] / "plots/index.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_every_column_of_every_table_is_documented(example_runs: tuple[Path, Path]) -> None:
    for path in sorted((example_runs[0] / "reports/tables").glob("*.csv")):
        if path.name != "estimates.csv":  # has a table of its own there
            with path.open(encoding="utf-8", newline="") as file:
                header = next(csv.reader(file))
                assert header == ["empty"] or undocumented(path.name, header) == set(), path.name


@pytest.mark.slow
def test_every_number_of_the_loaded_total_is_that_of_the_hits(example_runs: tuple[Path, Path]) -> None:
    tables = example_runs[0] / "reports/tables"
    totals = {row["outlet"]: int(row["hits"]) for row in read_csv(tables / "loaded_terms_total.csv")}
    own = [
        r for r in read_csv(tables / "hits.csv") if r["lexicon"] == "loaded_terms" and r["part"] == "body" and r["voice"] == "own"
    ]
    for outlet, hits in totals.items():
        places = {(r["article_id"], r["position"]) for r in own if r["outlet"] == outlet}
        assert len(places) >= hits > 0 or hits == 0
        assert len(places) - hits <= 2  # overlapping terms of two categories count once in the total


@pytest.mark.slow
def test_failing_report_leaves_the_last_one_whole(example_runs: tuple[Path, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(example_runs[1], tmp_path / "project", symlinks=True)
    before = (folder / "reports/index.html").read_bytes()
    (folder / "pipeline/templates/stories.html.j2").write_text("{{ no_such_value }}", encoding="utf-8")
    assert run_stages(folder, "report").returncode != 0
    assert (folder / "reports/index.html").read_bytes() == before
    assert not list((folder / "reports").glob(".new.*"))


def test_messy_folder_all_records_are_articles_or_refused(tmp_path: Path) -> None:
    folder = copy_project(tmp_path / "project", source="files", path="data/raw")
    raw = folder / "data/raw"
    (raw / "plain.txt").write_text(ARTICLE, encoding="utf-8")
    (raw / "western.txt").write_bytes(("Café owners protested. " + ARTICLE.replace("“", '"').replace("”", '"')).encode("cp1252"))
    (raw / "empty.txt").write_text("", encoding="utf-8")
    (raw / "empty.csv").write_text("", encoding="utf-8")
    (raw / "binary.txt").write_bytes(b"\x00\x01\x02" * 50)
    rows = [
        ["outlet", "title", "text"],
        ["The Gull", "=cmd()", ARTICLE],
        ["The Gull", "Again", ARTICLE],
        ["The Tern", "Short", "Too short."],
    ]
    with (raw / "table.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    done = run_stages(folder, *STAGES)
    assert done.returncode == 0, done.stderr
    refused = read_csv(folder / "reports/tables/refused.csv")
    metrics = json.loads((folder / "reports/metrics.json").read_text(encoding="utf-8"))
    assert metrics["corpus"]["articles"] + len(refused) == 8
    assert sorted(row["reason"] for row in refused) == ["empty_file", "empty_text", "not_text", "same_record", "too_short"]
    page = (folder / "reports/index.html").read_text(encoding="utf-8")
    assert "too few" in page or "too little data" in page


def test_wrong_table_and_manifest_give_all_faults_at_once(tmp_path: Path) -> None:
    folder = copy_project(tmp_path, source="files", path="data/raw")
    (folder / "data/raw/no_text.csv").write_text("outlet,headline\nThe Gull,Hello\n", encoding="utf-8")
    (folder / "data/raw/manifest.csv").write_text("file,outlet\nmissing.txt,The Gull\n../../params.yaml,X\n", encoding="utf-8")
    done = run_stages(folder, "ingest")
    assert done.returncode == 1
    for part in ("no_text.csv", "columns found: outlet, headline", "missing.txt", "lies outside the folder"):
        assert part in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "data/ingest").exists()


def test_unknown_parameter_names_its_likely_name(tmp_path: Path) -> None:
    folder = copy_project(tmp_path, sourc="files", min_words=-1)
    done = run_stages(folder, "ingest")
    assert done.returncode == 1
    assert "ingest.sourc: no such parameter; did you mean 'source'?" in done.stderr
    assert "ingest.min_words" in done.stderr
    assert "-1" in done.stderr


def test_one_outlet_no_labels_and_a_target_nobody_mentions(tmp_path: Path) -> None:
    folder = copy_project(tmp_path, source="files", path="data/raw")
    for i in range(5):
        (folder / f"data/raw/{i}.txt").write_text(f"Number {i}. " + ARTICLE, encoding="utf-8")
    done = run_stages(folder, *STAGES)
    assert done.returncode == 0, done.stderr
    page = (folder / "reports/index.html").read_text(encoding="utf-8")
    assert "The outlet of 5 articles is unknown" in page
    assert "5 articles of unknown outlets" in page and "No outlet is known: nothing can be compared" in page
    assert "no article mentions the Trump administration" in page
