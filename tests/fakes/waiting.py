"""Waiting for what another thread or process does, without a guess how long that takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

SECONDS: Final = 60.0
"""How long anything may take that is waited for."""


def until(what: str, happens: Callable[[], object]) -> None:
    """Wait until `happens` is true; the test fails, and says `what`, if it never is."""
    deadline = time.monotonic() + SECONDS
    while not happens():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)
