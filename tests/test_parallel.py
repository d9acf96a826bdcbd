"""Chunked work in processes gives what the plain loop gives, in order."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from pipeline import parallel
from pipeline.errors import InputError
from pipeline.parallel import SERIAL, begin, call, chunks, cores, map_chunks, map_parts


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


def test_parts_are_asked_for_only_a_little_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "cores", lambda: 2)
    asked = 0

    def parts() -> Iterator[list[int]]:
        nonlocal asked
        for n in range(100):
            asked += 1
            yield [n] * 10

    results = map_parts(squares, parts(), 1000, "squares")
    assert next(results) == [0] * 10
    assert asked <= 2 * parallel.AHEAD + 1
    assert [part[0] for part in results] == [n * n for n in range(1, 100)]


def square(n: int) -> int:
    return n * n


@pytest.mark.parametrize("workers", [1, 2])
def test_what_was_begun_comes_in_order(monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    monkeypatch.setattr(parallel, "cores", lambda: workers)
    assert begin(square, [3, 1, 2], serial=2)() == [9, 1, 4]


def test_few_items_wait_until_they_are_asked_for() -> None:
    done: list[int] = []
    wait = begin(done.append, [1, 2], serial=3)
    assert done == []
    wait()
    assert done == [1, 2]


def test_jobs_of_any_kind_in_order() -> None:
    assert begin(call, [(squares, [2, 3]), (shifted, [1], 5)], serial=1)() == [[4, 9], [6]]


@pytest.mark.parametrize(("jobs", "each"), [(1, 4), (2, 2), (4, 1), (6, 1)])
def test_processes_beside_each_other_share_the_cores(monkeypatch: pytest.MonkeyPatch, jobs: int, each: int) -> None:
    monkeypatch.setattr(parallel, "_share_of_cores", 4)
    assert begin(call, [(cores,)] * jobs, serial=1)() == [each] * jobs


def faulty(path: str) -> None:
    raise InputError(path, ["no such column", "no rows"])


def test_an_input_error_comes_whole_from_another_process() -> None:
    with pytest.raises(InputError, match=r"outlets\.csv: 2 faults\n  - no such column\n  - no rows") as caught:
        begin(call, [(faulty, "outlets.csv")], serial=1)()
    assert caught.value.faults == ["no such column", "no rows"]


def ignores_interrupts(_: int) -> bool:
    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN


@pytest.mark.parametrize("ignored", [True, False])
def test_what_runs_in_the_background_ignores_ctrl_c_in_every_process(ignored: bool) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN if ignored else signal.default_int_handler)
    try:
        assert begin(ignores_interrupts, [0, 1], serial=1)() == [ignored] * 2
    finally:
        signal.signal(signal.SIGINT, before)
