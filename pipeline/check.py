"""Before a run: params.yaml and the files it names, so that faults are told at once and not by the stage that meets them.

`python -m pipeline.check`
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.errors import InputError, run_stage, suggest
from pipeline.params import PARAMS_FILE, Params, parse_params, read_params


def _texts(values: Any, section: str, key: str) -> dict[str, str]:
    """The text of a parameter, or those of a list, as given or by default, by its name; what is no text is left to
    `parse_params`."""
    part = values.get(section) if isinstance(values, dict) else None
    default = getattr(getattr(Params(), section), key)
    value = part.get(key, default) if isinstance(part, dict) else default
    name = f"{section}.{key}"
    named = {f"{name}[{i}]": item for i, item in enumerate(value)} if isinstance(value, list) else {name: value}
    return {name: text for name, text in named.items() if isinstance(text, str)}


def file_faults(values: Any) -> list[str]:
    """Files and folders that the values of a parameter file name and that are not there, whatever else is wrong with them. Label
    files and coded samples may be missing."""
    named = _texts(values, "ingest", "path") | _texts(values, "score", "lexicons") | _texts(values, "score", "word_choice")
    return [f"{name}: no such file or folder (got {path!r})" for name, path in named.items() if not Path(path).exists()]


def lexicon_faults(values: Any) -> list[str]:
    """Lexicons that the report is to give a chart of its own, and that are not read."""
    known = [Path(file).stem for file in _texts(values, "score", "lexicons").values()]
    return [
        f"report.totals: no lexicon of score.lexicons is named {name!r} (known: {', '.join(known)}){suggest(name, known)}"
        for name in _texts(values, "report", "totals").values()
        if name not in known
    ]


def section_faults(values: Any) -> list[str]:
    """Sections that DVC would miss in the middle of a run."""
    if not isinstance(values, dict):
        return []
    return [f"{name}: the section must be there, with a key at least" for name in Params.model_fields if not values.get(name)]


def main() -> None:
    values = read_params(PARAMS_FILE)
    faults = section_faults(values) + file_faults(values) + lexicon_faults(values)
    try:
        parse_params(values)
    except InputError as error:
        faults = [*error.faults, *faults]
    if faults:
        raise InputError(PARAMS_FILE, faults)


if __name__ == "__main__":
    run_stage(main)
