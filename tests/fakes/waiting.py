"""Waiting for others, and judging how long something took on a machine that others use, too."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SECONDS: Final = 60.0
"""How long anything may take that is waited for."""
_PROCESSORS: Final = os.cpu_count() or 1
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


def until(what: str, happens: Callable[[], object]) -> None:
    """Wait until `happens` is true; the test fails, and says `what`, if it never is."""
    deadline = time.monotonic() + SECONDS
    while not happens():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


@contextmanager
def within(limit_s: float) -> Iterator[None]:
    """The block takes less than that; what was spent on waiting for a processor or the disk is not counted.

    On a quiet machine that is next to nothing. Where the kernel does not say, ten times as long is allowed.
    """
    began_s, waited_s = time.monotonic(), _waited_s()
    yield
    took_s = time.monotonic() - began_s
    if waited_s is None:
        limit_s *= 10.0
    else:
        took_s -= (_waited_s() or 0.0) - waited_s
    assert took_s < limit_s, f"it took {took_s:.2f} s"


def _waited_s() -> float | None:
    """How long something has waited so far, at the most: on every processor, and for a neighbour."""
    try:
        lines = [Path(f"/proc/pressure/{what}").read_text() for what in ("cpu", "io")]
    except OSError:
        return None
    some_s = sum(int(text.splitlines()[0].rpartition("total=")[2]) for text in lines) / 1e6
    stolen_s = int(Path("/proc/stat").read_text().split(maxsplit=9)[8]) / _TICKS_PER_S
    return some_s * _PROCESSORS + stolen_s
