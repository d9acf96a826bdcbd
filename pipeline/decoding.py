"""Bytes to text: encodings as they come, mixed ones too, and lines of bounded length."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

LOST = "\ufffd"
LONGEST_LINE = 16 * 2**20
CHUNK = 2**20


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that are no UTF-8 as Windows-1252; those it leaves undefined are lost."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("parallax_cp1252", _as_cp1252)


def guess_utf16(head: bytes) -> str:
    """`utf-16-le` or `utf-16-be` by the mark or by where the zero bytes stand; empty for anything else."""
    if head.startswith(b"\xff\xfe"):
        return "utf-16-le"
    if head.startswith(b"\xfe\xff"):
        return "utf-16-be"
    sample = head[: len(head) // 2 * 2]
    if len(sample) < 8 or b"\x00" not in sample:
        return ""
    half = len(sample) // 2
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd >= 0.4 * half and even <= 0.02 * half:
        return "utf-16-le"
    return "utf-16-be" if even >= 0.4 * half and odd <= 0.02 * half else ""


def decode(data: bytes) -> tuple[str, str] | None:
    """Text and the name of its encoding (utf-8, utf-16, cp1252, mixed: both of utf-8 and cp1252); None for what is no text.

    Marks at the start are dropped. Bytes that are no UTF-8 are read as Windows-1252, each for itself.
    """
    wide = guess_utf16(data[:4096])
    if wide:
        text = data.decode(wide, "replace").removeprefix("\ufeff")
        return (text, "utf-16") if text.count(LOST) <= 0.01 * len(text) + 1 else None
    if b"\x00" in data:
        return None
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text = data.decode("utf-8", "parallax_cp1252")
    # Some character above U+00FF that is not one of Windows-1252 can only have come from UTF-8.
    valid = data.decode("utf-8", "ignore")
    return text, "cp1252" if valid.isascii() else "mixed"


def read_lines(stream: BinaryIO, wide: str = "") -> Iterator[bytes | int]:
    """Lines of a stream with their ends, as UTF-8 or single-byte encoded bytes; for one longer than `LONGEST_LINE` its length
    instead.

    `wide`: the UTF-16 encoding to convert from, see `guess_utf16`. Memory is bounded by the longest line allowed.
    """
    converter = codecs.getincrementaldecoder(wide)("replace") if wide else None
    rest = b""
    skipped = 0
    first = True
    while True:
        data = stream.read(CHUNK)
        final = not data
        if converter is not None:
            data = converter.decode(data, final).encode("utf-8")
        if first and (data or final):
            data, first = data.removeprefix(codecs.BOM_UTF8), False
        if skipped:
            cut = data.find(b"\n")
            if cut < 0 and not final:
                skipped += len(data)
                continue
            yield skipped + max(cut, 0)
            skipped = 0
            data = data[cut + 1 :] if cut >= 0 else b""
        lines = (rest + data).split(b"\n")
        rest = lines.pop()
        for line in lines:
            yield line + b"\n" if len(line) <= LONGEST_LINE else len(line)
        if len(rest) > LONGEST_LINE:
            skipped, rest = len(rest), b""
        if final:
            if rest:
                yield rest
            if skipped:
                yield skipped
            return


def read_pieces(stream: BinaryIO, wide: str = "") -> Iterator[str]:
    """Decoded text of a stream in pieces of bounded size, as `decode` reads it."""
    decoder = codecs.getincrementaldecoder(wide or "utf-8")("replace" if wide else "parallax_cp1252")
    first = True
    while True:
        data = stream.read(CHUNK)
        piece = decoder.decode(data, not data)
        if first and piece:
            piece, first = piece.removeprefix("\ufeff"), False
        if piece:
            yield piece.replace("\x00", " ")
        if not data:
            return
