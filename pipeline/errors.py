"""Errors that name the thing, the rule and the value, all faults of one input at once."""

from __future__ import annotations

import difflib
import gc
import os
import sys
from collections.abc import Callable, Iterable

# Objects made before young garbage is collected, and how many such rounds before older one is.
SELDOM = (100_000, 50, 100)


class InputError(Exception):
    """Input that breaks stated rules; carries every fault found, one line each."""

    def __init__(self, where: str, faults: Iterable[str]):
        self.where = where
        self.faults = list(faults)
        lines = "\n".join(f"  - {fault}" for fault in self.faults)
        noun = "fault" if len(self.faults) == 1 else "faults"
        super().__init__(f"{where}: {len(self.faults)} {noun}\n{lines}")

    def __reduce__(self) -> tuple:
        """How it comes from another process."""
        return InputError, (self.where, self.faults)


def suggest(name: str, known: Iterable[str]) -> str:
    """A hint such as "; did you mean 'outlet'?", or nothing when no known name is close."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def run_stage(main: Callable[[], None]) -> None:
    """Run a stage's ``main``; an input error ends it with its message and exit status 1, Ctrl-C with 130, without a traceback.

    Cyclic garbage is looked for seldom: a stage makes many objects, and few in cycles. A stage that is done leaves at once: its
    files are closed, and taking down modules and objects one by one would take another tenth of a second or two.
    """
    gc.freeze()
    gc.set_threshold(*SELDOM)
    try:
        main()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        print("interrupted; ./run goes on with this stage", file=sys.stderr)
        raise SystemExit(130) from None
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
