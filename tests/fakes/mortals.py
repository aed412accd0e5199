"""Workers that are killed without warning, one for each line on stdin; for scripts that tests start.

Each line is how many seconds one may live. Everything is imported before the first is forked, so that the
kill falls into the work itself and not into the start of an interpreter.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Final

TESTS: Final = Path(__file__).parents[1]


def command_of(script: ModuleType, *arguments: str) -> list[str]:
    """How to start a `script` of this folder, with the tests to import from: see `environ`."""
    return [sys.executable, "-m", script.__name__, *arguments]


def environ() -> dict[str, str]:
    """An environment in which such a script finds what it imports, and computes on one thread."""
    path = os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])])
    return dict(os.environ, PYTHONPATH=path, OPENBLAS_NUM_THREADS="1")


def live_by_the_line(work: Callable[[], object]) -> None:
    """For each line fork one that does `work` until it is killed, and print how it ended."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                work()
            finally:
                os._exit(1)
        ended = signal.sigtimedwait({signal.SIGCHLD}, float(line))
        if ended is None:
            os.kill(child, signal.SIGKILL)
            signal.sigwait({signal.SIGCHLD})
        os.waitpid(child, 0)
        print("ended by itself" if ended else "killed", flush=True)
