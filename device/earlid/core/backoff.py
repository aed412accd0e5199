"""How long to wait before the next attempt: twice as long each time, up to a limit, until one succeeds."""

from __future__ import annotations

from typing import Final

FIRST_S: Final = 0.5
MOST_S: Final = 30.0
SPREAD: Final = 0.25
"""Jitter shortens a delay by at most this share, so that a house of devices does not knock in step."""


class Backoff:
    """Delays of 0.5, 1, 2 ... 30 s. It waits for nothing itself: whoever asks also sleeps."""

    def __init__(self, first_s: float = FIRST_S, most_s: float = MOST_S) -> None:
        if not 0.0 < first_s <= most_s:
            raise ValueError(
                f"a backoff starts above 0 and at or below its limit, not {first_s} of {most_s} s"
            )
        self._first_s = first_s
        self._most_s = most_s
        self._next_s = first_s

    def delay_s(self, jitter: float = 0.0) -> float:
        """The next delay. `jitter`, 0 to 1, is the caller's random number; 0 gives the delay undiminished."""
        if not 0.0 <= jitter <= 1.0:
            raise ValueError(f"jitter is 0 to 1, not {jitter}")
        delay_s, self._next_s = self._next_s, min(2.0 * self._next_s, self._most_s)
        return delay_s * (1.0 - SPREAD * jitter)

    def reset(self) -> None:
        """Begin with the shortest delay again: an attempt succeeded."""
        self._next_s = self._first_s
