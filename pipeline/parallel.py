"""Article-wise work on all cores, in order: the result does not depend on how many there are."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
Part = TypeVar("Part")
Result = TypeVar("Result")

# Below this many items starting workers costs more than it saves.
SERIAL = 400
# Parts that wait for each process.
AHEAD = 3


def cores() -> int:
    """Cores this process may use: its share of them where it is one of several."""
    return _share_of_cores or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def chunks(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    """Consecutive parts of at most `size` items."""
    return [items[i : i + size] for i in range(0, len(items), size)]


_shared: tuple = ()
_share_of_cores: int | None = None


def _share(values: tuple, cores_each: int) -> None:
    global _shared, _share_of_cores
    _shared, _share_of_cores = values, cores_each
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as in a run in the background
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C is told by the first process alone


def _call(function: Callable, part: object) -> object:
    return function(part, *_shared)


def _pool(workers: int, shared: tuple = ()) -> ProcessPoolExecutor:
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    context = multiprocessing.get_context(method)
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_share, initargs=(shared, max(1, cores() // workers)))


def call(job: tuple) -> object:
    """The result of a job: a function and its arguments. For `begin`, where the jobs are not of one kind."""
    function, *arguments = job
    return function(*arguments)


def begin(function: Callable[[Item], Result], items: Sequence[Item], serial: int) -> Callable[[], list[Result]]:
    """Begin `function(item)` of each item in other processes and go on here; what is returned waits for the results, in order.

    In this process, and not before they are asked for, when there is one core or fewer than `serial` items.
    """
    workers = cores()
    if workers < 2 or len(items) < serial:
        return lambda: [function(item) for item in items]
    pool = _pool(min(workers, len(items)))
    waiting = [pool.submit(function, item) for item in items]

    def wait() -> list[Result]:
        with pool:
            return [future.result() for future in waiting]

    return wait


def map_parts(
    function: Callable[..., Result],
    parts: Iterable[Part],
    total: int,
    what: str,
    shared: tuple = (),
    serial: int = SERIAL,
    unit: str = " articles",
    rows_in: Callable[[Part], int] = len,
) -> Iterator[Result]:
    """`function(part, *shared)` of each part, in order, with a progress bar named `what`; the parts hold `total` items together
    (`rows_in` a part).

    In this process when there are fewer than `serial` items; else in one process a core, to which `shared` goes once, not with
    every part. Parts are asked for only a few ahead of the results, so that they need not fit into memory together.
    """
    workers = cores()
    with tqdm(total=total, desc=what, unit=unit, disable=None) as bar:
        if workers < 2 or total < serial:
            for part in parts:
                yield function(part, *shared)
                bar.update(rows_in(part))
            return
        with _pool(workers, shared) as pool:
            waiting: deque[tuple[int, Future]] = deque()
            for part in parts:
                waiting.append((rows_in(part), pool.submit(_call, function, part)))
                if len(waiting) > AHEAD * workers:
                    size, first = waiting.popleft()
                    yield first.result()
                    bar.update(size)
            for size, future in waiting:
                yield future.result()
                bar.update(size)


def map_chunks(
    function: Callable[..., Result],
    items: Sequence[Item],
    what: str,
    shared: tuple = (),
    size: int = 128,
    serial: int = SERIAL,
    unit: str = " articles",
) -> Iterator[Result]:
    """`map_parts` of items cut into chunks of `size`; in this process where they make one chunk only."""
    few = len(items) + 1 if len(items) <= size else serial
    return map_parts(function, chunks(items, size), len(items), what, shared, few, unit)
