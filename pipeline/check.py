"""Before a run: params.yaml and the files it names, so that faults are told at once and not by the stage that meets them.

`python -m pipeline.check`
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.errors import InputError, run_stage, suggest
from pipeline.params import PARAMS_FILE, Params, load_params, read_params


def file_faults(params: Params) -> list[str]:
    """Files and folders that the parameters name and that are not there. Label files and coded samples may be missing."""
    named = {"ingest.path": params.ingest.path, "score.word_choice": params.score.word_choice}
    named |= {f"score.lexicons[{i}]": file for i, file in enumerate(params.score.lexicons)}
    return [f"{name}: no such file or folder (got {path!r})" for name, path in sorted(named.items()) if not Path(path).exists()]


def lexicon_faults(params: Params) -> list[str]:
    """Lexicons that the report is to give a chart of its own, and that are not read."""
    known = [Path(file).stem for file in params.score.lexicons]
    return [
        f"report.totals: no lexicon of score.lexicons is named {name!r} (known: {', '.join(known)}){suggest(name, known)}"
        for name in params.report.totals
        if name not in known
    ]


def section_faults(values: Any) -> list[str]:
    """Sections that DVC would miss in the middle of a run."""
    if not isinstance(values, dict):
        return []
    return [f"{name}: the section must be there, with a key at least" for name in Params.model_fields if not values.get(name)]


def main() -> None:
    faults = section_faults(read_params(PARAMS_FILE))
    try:
        params = load_params()
        faults += file_faults(params) + lexicon_faults(params)
    except InputError as error:
        faults = [*error.faults, *faults]
    if faults:
        raise InputError(PARAMS_FILE, faults)


if __name__ == "__main__":
    run_stage(main)
