"""Run the first stages on any file of articles, away from the project's own data."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parent.parent
NEEDED = ("data/languages", "data/lexicons", "data/outlets.csv")
STAGES = ("ingest", "clean", "tokenize", "group")


@contextmanager
def stages_run(file: Path | None, stages: Sequence[str] = STAGES) -> Iterator[None]:
    """Work, while inside, in a temporary folder where `stages` have been run on a file of articles (any format that stage ingest
    reads) with the project's parameters; without a file, where one is.

    Raises FileNotFoundError for a file that is not there, RuntimeError with the stage's own words where one fails.
    """
    if file is None:
        yield
        return
    file = file.resolve(strict=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for needed in NEEDED:
            source, target = PROJECT / needed, folder / needed
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copy2(source, target)
        params = yaml.safe_load((PROJECT / "params.yaml").read_text(encoding="utf-8"))
        params["ingest"] |= {"source": "files", "path": "data/raw"}
        (folder / "data/raw").mkdir(parents=True)
        shutil.copy2(file, folder / "data/raw")
        (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
        for stage in stages:
            command = [sys.executable, "-m", f"pipeline.{stage}"]
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"stage {stage} failed on {file}:\n{done.stderr.strip()}")
        with chdir(folder):
            yield
