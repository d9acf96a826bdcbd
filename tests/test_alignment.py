from __future__ import annotations

import pytest

from pipeline.alignment import Alignment, align, compose


def test_a_run_never_reaches_beyond_where_the_next_begins() -> None:
    composed = compose(Alignment([0, 10], [0, 12]), Alignment([0, 5], [0, 30]), 20)
    assert composed.source == sorted(composed.source)


@pytest.mark.parametrize(
    ("source", "result", "runs"),
    [
        ("Wages of ?230 a week were on offer.", "Wages of £230 a week were on offer.", Alignment([0, 10], [0, 10])),
        ("The port  is open and so is the quay.", "The port is open and so is the quay.", Alignment([0, 9], [0, 10])),
        ("The port is open and so is the quay.", "The port (is open and so is the quay.", Alignment([0, 10], [0, 9])),
        ("The port is shut.", "The port isn't shut.", Alignment([0, 14], [0, 11])),
    ],
)
def test_runs_go_on_where_the_texts_are_equal_again(source: str, result: str, runs: Alignment) -> None:
    assert align(source, result) == runs
