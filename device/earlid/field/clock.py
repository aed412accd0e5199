"""The time by which a field recording goes: the wall's, but never backwards, not even over a power cut."""

from __future__ import annotations

import time
from collections.abc import Callable


class FieldClock:
    """Seconds since 1970 that only grow: where the wall's clock falls behind, a steady one goes on."""

    def __init__(
        self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self.steady_s = steady
        self._last_s = 0.0
        self._last_steady_s = steady()

    def now_s(self) -> float:
        """What time it is."""
        steady_s = self.steady_s()
        self._last_s = max(self._wall(), self._last_s + steady_s - self._last_steady_s)
        self._last_steady_s = steady_s
        return self._last_s

    def is_after(self, then_s: float) -> None:
        """It is at least `then_s`, as was written down before the power was cut."""
        self._last_s = max(self.now_s(), then_s)
