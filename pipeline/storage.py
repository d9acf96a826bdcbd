"""Reading and writing tables and files: atomic, rounded, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from pipeline.errors import InputError

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
SIGNIFICANT_DIGITS = 6
ROW_GROUP = 8192


def round_significant(values: np.ndarray, digits: int = SIGNIFICANT_DIGITS) -> np.ndarray:
    """Round to significant digits, so that another processor's last bits do not change a written file."""
    values = np.asarray(values, dtype=float)
    out = values.copy()
    ok = np.isfinite(values) & (values != 0)
    if ok.any():
        found = values[ok]
        places = digits - 1 - np.floor(np.log10(np.abs(found))).astype(int)
        # One division of a whole number by an exact power of ten rounds as reading the decimal does. Ties and far powers go slowly.
        scale = 10.0 ** np.abs(np.clip(places, -22, 22))
        with np.errstate(over="ignore"):
            scaled = np.where(places >= 0, found * scale, found / scale)
        whole = np.rint(scaled)
        rounded = np.where(places >= 0, whole / scale, whole * scale)
        slow = (np.abs(np.abs(scaled - whole) - 0.5) < 1e-6) | (np.abs(places) > 22)
        rounded[slow] = [round(float(v), int(n)) for v, n in zip(found[slow], places[slow], strict=True)]
        out[ok] = rounded
    return out + 0.0  # turns -0.0 into 0.0


def round_frame(frame: pd.DataFrame, digits: int = SIGNIFICANT_DIGITS) -> pd.DataFrame:
    """The frame with every float column rounded to significant digits."""
    floats = frame.select_dtypes("floating").columns
    return frame.assign(**{name: round_significant(frame[name].to_numpy(), digits) for name in floats})


def neutralise_formula(cell: Any) -> Any:
    """Put an apostrophe before a text cell that a spreadsheet would run as a formula; numbers stay."""
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return "'" + cell
    return cell


@contextmanager
def open_whole(path: str | Path) -> Iterator[BinaryIO]:
    """A file to write that takes its place only when all is written; nothing is left of one that fails."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    with open_whole(path) as file:
        file.write(data)


def write_json(path: str | Path, value: Any) -> None:
    """Write JSON with sorted keys, UTF-8, a newline at the end."""
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    write_bytes(path, (text + "\n").encode("utf-8"))


def read_json(path: str | Path) -> Any:
    """Read a UTF-8 JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def read_yaml(path: str | Path, positional: Container[str] = ()) -> Any:
    """Read a UTF-8 YAML file of plain values; by libyaml where PyYAML has it, which takes a tenth of the time.

    Raises `InputError` with every value that stands twice in one list, where it would hide a slip; lists below a key of
    `positional` are tuples (the forms of a verb) and may repeat themselves.
    """
    values = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    faults = list(_repeated_values(values, "", positional))
    if faults:
        raise InputError(str(path), faults)
    return values


def _repeated_values(values: Any, place: str, positional: Container[str]) -> Iterator[str]:
    """A fault for each list that holds a plain value more than once."""
    if isinstance(values, dict):
        for key, value in values.items():
            if key not in positional:
                yield from _repeated_values(value, f"{place}.{key}" if place else str(key), positional)
    elif isinstance(values, list):
        counts = Counter(value for value in values if isinstance(value, str | int | float))
        repeated = [value for value, n in counts.items() if n > 1]
        if repeated:
            yield f"{place}: stands more than once in the list: {', '.join(map(str, repeated))}"
        for i, value in enumerate(values):
            yield from _repeated_values(value, f"{place}[{i}]", positional)


def arrow_table(frame: pd.DataFrame) -> pa.Table:
    """The frame as it is written: floats rounded, without the index or anything that varies between runs."""
    return pa.Table.from_pandas(round_frame(frame), preserve_index=False).replace_schema_metadata(None)


def write_table(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a frame as Parquet, see `arrow_table`."""
    sink = io.BytesIO()
    pq.write_table(arrow_table(frame), sink, compression="zstd", store_schema=False)
    write_bytes(path, sink.getvalue())


class TableWriter:
    """Writes a table that comes in parts as Parquet: the same file however it is parted, at most `ROW_GROUP` rows (and a part's)
    in memory."""

    def __init__(self, file: BinaryIO, schema: pa.Schema):
        self.schema = schema
        self.writer = pq.ParquetWriter(file, schema, compression="zstd", store_schema=False)
        self.waiting: list[pa.Table] = []
        self.rows = 0

    def add(self, frame: pd.DataFrame) -> None:
        self.waiting.append(arrow_table(frame).cast(self.schema))
        self.rows += len(frame)
        if self.rows >= ROW_GROUP:
            table = pa.concat_tables(self.waiting)
            whole = self.rows - self.rows % ROW_GROUP
            for start in range(0, whole, ROW_GROUP):
                self._write(table.slice(start, ROW_GROUP))
            # A copy of the rest, not a view that keeps all the rows before it.
            self.waiting, self.rows = [table.slice(whole).take(np.arange(self.rows - whole))], self.rows - whole

    def _write(self, table: pa.Table) -> None:
        self.writer.write_table(table.combine_chunks(), row_group_size=ROW_GROUP)

    def finish(self) -> None:
        """Write the rows that wait for a full group."""
        if self.rows:
            self._write(pa.concat_tables(self.waiting))


@contextmanager
def table_writer(path: str | Path, schema: pa.Schema) -> Iterator[TableWriter]:
    """A `TableWriter` to a file that is written whole or not at all."""
    with open_whole(path) as file:
        writer = TableWriter(file, schema)
        try:
            yield writer
            writer.finish()
        finally:
            writer.writer.close()


class Blocks(NamedTuple):
    """A table that is gone over block by block, more than once if need be: `rows` in all, and `read` to start anew."""

    rows: int
    read: Callable[[], Iterator[pd.DataFrame]]


def read_blocks(path: str | Path, size: int) -> Blocks:
    """A Parquet table in blocks of at most `size` rows."""

    def read() -> Iterator[pd.DataFrame]:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=size):
                yield batch.to_pandas()

    return Blocks(pq.read_metadata(path).num_rows, read)


class Lists(NamedTuple):
    """Lists of numbers, one a row, in one array: that of a row is `values[bounds[row] : bounds[row + 1]]`."""

    values: np.ndarray
    bounds: np.ndarray

    def any_in_row(self, flags: np.ndarray) -> np.ndarray:
        """For each row, whether some flag is set; `flags`: one for each of `values`."""
        counts = np.append(0, np.cumsum(flags))
        return counts[self.bounds[1:]] > counts[self.bounds[:-1]]


class Spool:
    """Rows set aside in a file in between: added in parts, then gone over part by part as often as needed. Columns of lists are
    `Lists`."""

    def __init__(self, path: Path, schema: pa.Schema):
        self.path, self.schema = path, schema
        self.writer = pa.ipc.new_stream(str(path), schema)

    def add(self, columns: dict[str, list | Lists]) -> None:
        arrays = [
            pa.ListArray.from_arrays(pa.array(values.bounds, pa.int32()), pa.array(values.values), type=field.type)
            if isinstance(values := columns[field.name], Lists)
            else pa.array(values, field.type)
            for field in self.schema
        ]
        self.writer.write_batch(pa.record_batch(arrays, schema=self.schema))

    def read(self, *names: str) -> Iterator[dict[str, Any]]:
        """The parts from the first, some of their columns or all."""
        self.writer.close()
        with pa.OSFile(str(self.path)) as file, pa.ipc.open_stream(file) as reader:
            for batch in reader:
                columns = {name: batch.column(name) for name in names or self.schema.names}
                yield {
                    name: Lists(column.values.to_numpy(), column.offsets.to_numpy())
                    if pa.types.is_list(column.type)
                    else column.to_pylist()
                    for name, column in columns.items()
                }


def read_table(path: str | Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a Parquet table (some columns of it) as a frame."""
    return pq.read_table(path, columns=columns).to_pandas()


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """The frame as CSV: floats rounded, formula cells neutralised, Unix line ends."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(frame.columns)
    columns = []
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_float_dtype(column):
            rounded = round_significant(column.to_numpy(dtype=float))
            columns.append(["" if np.isnan(v) else f"{v:.{SIGNIFICANT_DIGITS}g}" for v in rounded])
        elif pd.api.types.is_integer_dtype(column) and not column.hasnans:
            columns.append(column.tolist())
        else:
            codes, values = pd.factorize(column, use_na_sentinel=True)
            cells = [neutralise_formula(value) for value in values] + [""]
            columns.append([cells[code] for code in codes.tolist()])
    writer.writerows(zip(*columns, strict=True))
    return sink.getvalue().encode("utf-8")


def replace_folder(new: Path, target: Path) -> None:
    """Put a finished folder in the place of an older one of the same parent."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)
