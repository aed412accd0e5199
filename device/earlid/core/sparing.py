"""An engine that rests in a quiet room, and whose scores are the same as if it had not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np

from earlid.core.room import Room
from earlid.core.units import HOP, Samples, Scores


class Restartable(Protocol):
    """An engine whose memory reaches back a known number of hops and no further."""

    @property
    def reach(self) -> int:
        """How many hops before a hop decide its scores, together with it."""

    @property
    def overlap(self) -> int:
        """How many samples before a hop its own first window looks at, one hop at the most."""

    def step(self, hop: Samples) -> Scores:
        """Scores of shape (words,) for int16 `hop` of shape (1280,); NaN where there is none yet."""

    def restart(self, before: Samples) -> None:
        """Begin anew with the hop that follows the `overlap` samples `before`."""

    def wipe(self) -> None:
        """Overwrite all memory with zeros and start cold."""


class Sparing:
    """Scores a hop only if the room is not quiet; then first makes up for the hops that were skipped.

    A skipped hop has no score (NaN). Any other has exactly the score it would have had: what was skipped
    is scored belatedly, as far back as the engine's memory reaches. That costs no more than it was spared.
    """

    def __init__(self, engine: Restartable, thresholds: Sequence[float]) -> None:
        self._engine = engine
        self._thresholds = np.array(thresholds, np.float32)
        self._room = Room()
        self._reach: Final = engine.reach
        self._memory: Final = np.zeros((self._reach + 1, HOP), np.int16)
        self._at = 0
        self._skipped = 0
        self._silence = np.full(len(thresholds), np.nan, np.float32)

    def step(self, hop: Samples) -> Scores:
        """Scores of shape (words,) for int16 `hop` of shape (1280,); NaN where there is none."""
        if self._room.is_quiet(hop):
            scores = self._silence
            self._skipped += 1
        else:
            if self._skipped:
                self._catch_up()
            scores = self._engine.step(hop)
            self._room.scored(float((scores / self._thresholds).max()))
        self._memory[self._at] = hop
        self._at = (self._at + 1) % len(self._memory)
        return scores

    def _catch_up(self) -> None:
        count = min(self._skipped, self._reach)
        if self._skipped > self._reach:
            oldest = self._memory[(self._at - count - 1) % len(self._memory)]
            self._engine.restart(oldest[HOP - self._engine.overlap :])
        for back in range(count, 0, -1):
            self._engine.step(self._memory[(self._at - back) % len(self._memory)])
        self._skipped = 0

    def wipe(self) -> None:
        """Overwrite all memory with zeros and start cold."""
        self._engine.wipe()
        self._room.forget()
        self._memory.fill(0)
        self._at = self._skipped = 0
