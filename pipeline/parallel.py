"""Article-wise work on all cores, in order: the result does not depend on how many there are."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
Result = TypeVar("Result")

# Below this many items starting workers costs more than it saves.
SERIAL = 400


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def chunks(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    """Consecutive parts of at most `size` items."""
    return [items[i : i + size] for i in range(0, len(items), size)]


_shared: tuple = ()


def _share(values: tuple) -> None:
    global _shared
    _shared = values


def _call(function: Callable, part: Sequence) -> object:
    return function(part, *_shared)


def map_chunks(
    function: Callable[..., Result],
    items: Sequence[Item],
    what: str,
    shared: tuple = (),
    size: int = 128,
    serial: int = SERIAL,
    unit: str = " articles",
) -> Iterator[Result]:
    """`function(chunk, *shared)` of each chunk of items, in order, with a progress bar named `what`.

    In this process when there are fewer than `serial` items; else in one process a core, to which `shared` goes once, not with every chunk.
    """
    parts = chunks(items, size)
    workers = min(cores(), len(parts))
    with tqdm(total=len(items), desc=what, unit=unit, disable=None) as bar:
        if workers < 2 or len(items) < serial:
            for part in parts:
                yield function(part, *shared)
                bar.update(len(part))
            return
        method = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
        context = multiprocessing.get_context(method)
        with ProcessPoolExecutor(workers, mp_context=context, initializer=_share, initargs=(shared,)) as pool:
            for part, result in zip(parts, pool.map(partial(_call, function), parts), strict=True):
                yield result
                bar.update(len(part))
