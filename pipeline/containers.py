"""Files within files: gzip, zip and Zstandard, nested, opened by content, with limits that hostile archives run into.

Nothing is ever unpacked to a path: members are read as streams, their names serve as labels only.
"""

from __future__ import annotations

import gzip
import io
import lzma
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import zstandard

MANIFEST = "manifest.csv"
SNIFF = 64 * 2**10
SPOOL = 32 * 2**20

ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
GZIP_MARK = b"\x1f\x8b"
ZSTD_MARK = b"\x28\xb5\x2f\xfd"
UNREADABLE = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zstandard.ZstdError,
    zipfile.BadZipFile,
    RuntimeError,
    NotImplementedError,
    ValueError,
)


class Limits(NamedTuple):
    """What an archive may unfold to: bytes in all, bytes out per byte in (above a floor), archives within archives, members."""

    total: int = 64 * 2**30
    ratio: int = 400
    floor: int = 64 * 2**20
    depth: int = 4
    members: int = 5_000_000


class LimitExceeded(Exception):
    """An archive that unfolds beyond its limits."""


class Member(NamedTuple):
    """A file that is no archive: its label (archive!member), its stream, and the stream's first bytes, already read."""

    name: str
    stream: BinaryIO
    head: bytes


class Unreadable(NamedTuple):
    """An archive or member that can't be read, with a reason code and the detail."""

    name: str
    reason: str
    detail: str


class Budget:
    """Bytes that one file on disk may still unfold to."""

    def __init__(self, packed: int, limits: Limits):
        self.left = min(limits.total, max(limits.floor, limits.ratio * packed))
        self.members = limits.members
        self.whole = self.left

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise LimitExceeded(f"unfolds to more than {self.whole:,} bytes")


class _Metered(io.RawIOBase):
    """A stream that spends a budget as it is read."""

    def __init__(self, inner: BinaryIO, budget: Budget):
        self.inner, self.budget = inner, budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        data = self.inner.read(len(buffer))
        self.budget.spend(len(data))
        buffer[: len(data)] = data
        return len(data)


class Chained(io.RawIOBase):
    """A stream whose first bytes were read ahead."""

    def __init__(self, head: bytes, rest: BinaryIO):
        self.head, self.rest = memoryview(head), rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if self.head:
            size = min(len(buffer), len(self.head))
            buffer[:size] = self.head[:size]
            self.head = self.head[size:]
            return size
        data = self.rest.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def spool(stream: BinaryIO) -> BinaryIO:
    """A seekable copy of a stream, in memory while small, else in an unnamed file of the system's."""
    copy = tempfile.SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115 (the caller reads it)
    shutil.copyfileobj(stream, copy, 2**20)
    copy.seek(0)
    return copy


def _safe_name(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return not (name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\x00" in name)


def _buffered(raw: io.RawIOBase) -> BinaryIO:
    return io.BufferedReader(raw, buffer_size=2**18)


def open_members(name: str, stream: BinaryIO, budget: Budget, depth: int) -> Iterator[Member | Unreadable]:
    """The files within a stream, one after the other: each must be read before the next is asked for.

    An archive that breaks or runs into a limit ends with an `Unreadable`; what came before it stands.
    """
    try:
        head = stream.read(SNIFF)
        whole = _buffered(Chained(head, stream))
        kind = (
            "zip"
            if head.startswith(ZIP_MARKS)
            else "gzip"
            if head.startswith(GZIP_MARK)
            else "zstd"
            if head.startswith(ZSTD_MARK)
            else ""
        )
        if not kind:
            yield Member(name, whole, head)
            return
        if depth <= 0:
            yield Unreadable(name, "nested_too_deep", "archives within archives beyond the limit")
            return
        if kind == "zip":
            yield from _open_zip(name, whole, budget, depth)
            return
        opened = (
            gzip.GzipFile(fileobj=whole)
            if kind == "gzip"
            else zstandard.ZstdDecompressor().stream_reader(whole, read_across_frames=True)
        )
        yield from open_members(inner_name(name), _buffered(_Metered(opened, budget)), budget, depth - 1)
    except LimitExceeded as error:
        yield Unreadable(name, "unfolds_too_far", str(error))
    except UNREADABLE as error:
        yield Unreadable(name, "unreadable_archive", f"{type(error).__name__}: {error}"[:200])


def inner_name(name: str) -> str:
    """The label of what a compressed file holds: its name without the ending that says so."""
    stem, dot, ending = name.rpartition(".")
    return stem if dot and ending.lower() in ("gz", "gzip", "zst", "zstd") else name


def _open_zip(name: str, stream: BinaryIO, budget: Budget, depth: int) -> Iterator[Member | Unreadable]:
    with spool(stream) as copy, zipfile.ZipFile(copy) as archive:
        # A manifest comes before what it lists.
        for info in sorted(archive.infolist(), key=lambda info: (Path(info.filename).name != MANIFEST, info.filename)):
            label = f"{name}!{info.filename}"
            if info.is_dir():
                continue
            budget.members -= 1
            if budget.members < 0:
                yield Unreadable(name, "unfolds_too_far", "too many members")
                return
            if not _safe_name(info.filename):
                yield Unreadable(label, "unsafe_path", "the member's name leads outside the archive")
                continue
            if info.flag_bits & 1:
                yield Unreadable(label, "unreadable_archive", "the member is encrypted")
                continue
            try:
                member = archive.open(info)
            except UNREADABLE as error:
                yield Unreadable(label, "unreadable_archive", f"{type(error).__name__}: {error}"[:200])
                continue
            with member:
                yield from open_members(label, _buffered(_Metered(member, budget)), budget, depth - 1)
