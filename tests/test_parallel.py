"""Chunked work in processes gives what the plain loop gives, in order."""

from __future__ import annotations

from pipeline.parallel import SERIAL, chunks, map_chunks


def squares(part: list[int]) -> list[int]:
    return [n * n for n in part]


def test_chunks_hold_every_item_once_in_order() -> None:
    assert [list(part) for part in chunks(range(7), 3)] == [[0, 1, 2], [3, 4, 5], [6]]


def test_many_items_in_processes_equal_the_loop() -> None:
    items = list(range(SERIAL * 3))
    assert [n for part in map_chunks(squares, items, "squares", size=100) for n in part] == [n * n for n in items]


def test_no_items_give_nothing() -> None:
    assert list(map_chunks(squares, [], "nothing")) == []


def shifted(part: list[int], by: int) -> list[int]:
    return [n + by for n in part]


def test_what_is_shared_reaches_every_process() -> None:
    items = list(range(SERIAL * 2))
    assert [n for part in map_chunks(shifted, items, "shifted", (7,), size=50) for n in part] == [n + 7 for n in items]
