"""Storing models without pickle, in bytes that depend on nothing but the model."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np
import skops.io

from pipeline.stance import BlockTfidf

_DATE = (1980, 1, 1, 0, 0, 0)
DIGITS = 10
# Our own type, and scikit-learn's parts that skops does not list as known.
_TRUSTED = [
    f"{BlockTfidf.__module__}.{BlockTfidf.__qualname__}",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
]


def _rounded(array: np.ndarray) -> np.ndarray:
    return np.round(array, DIGITS) + 0.0 if array.dtype.kind == "f" else array


def _renumber(node: Any, numbers: dict[str, int]) -> Any:
    """The schema with the addresses of objects, and the file names made of them, as running numbers."""
    if isinstance(node, list):
        return [_renumber(value, numbers) for value in node]
    if not isinstance(node, dict):
        return node
    out = {}
    for key, value in sorted(node.items()):
        if key == "__id__":
            out[key] = numbers.setdefault(str(value), len(numbers) + 1)
        elif key == "file" and isinstance(value, str):
            stem, dot, ending = value.partition(".")
            out[key] = f"{numbers.setdefault(stem, len(numbers) + 1)}{dot}{ending}"
        else:
            out[key] = _renumber(value, numbers)
    return out


def dump_model(model: Any) -> bytes:
    """A model as a skops archive whose members are renamed in order, with fixed dates and rounded floats."""
    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(model))) as archive:
        numbers: dict[str, int] = {}
        schema = _renumber(json.loads(archive.read("schema.json")), numbers)
        members = {"schema.json": json.dumps(schema, sort_keys=True).encode("utf-8")}
        for name in archive.namelist():
            if name == "schema.json":
                continue
            stem, dot, ending = name.partition(".")
            data = archive.read(name)
            if ending == "npy":
                sink = io.BytesIO()
                np.save(sink, _rounded(np.load(io.BytesIO(data), allow_pickle=False)), allow_pickle=False)
                data = sink.getvalue()
            members[f"{numbers[stem]}{dot}{ending}"] = data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(members.items()):
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()


def load_model(data: bytes) -> Any:
    """A model from `dump_model`'s bytes; any type that is not ours, scikit-learn's, numpy's or scipy's own is refused."""
    return skops.io.loads(data, trusted=_TRUSTED)
