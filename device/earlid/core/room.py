"""Tells a room in which nothing changes from one in which something may be said.

Level alone cannot: the models look at the shape of a sound, and find words in noise at -80 dBFS. What no
word can do without is change. So a room is quiet once nothing in it has changed for a second and no score
came near a threshold meanwhile, and until the next change.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from earlid.core.units import HOP, Samples

SETTLED_HOPS: Final = 12
"""A second without a change, before a room counts as quiet."""
CHANGE: Final = 10 ** (1.0 / 10)
"""1 dB of power, up or down: what speech 6 dB below the noise adds. White noise strays by 0.2 dB."""
NEAR: Final = 0.04
"""A score of this share of its threshold is near it."""
_LEAST: Final = 0.02
"""Power of less than one step of one sample in fifty: a muted converter, not a room."""
_SLOWNESS: Final = 16
"""Hops over which the mean follows a quiet room's slow changes."""


class Room:
    """Watches power hop by hop, of the sound's differences: what hums and rumbles counts less than voices."""

    def __init__(self) -> None:
        self._differences = np.zeros(HOP - 1, np.float32)
        self._wide = np.zeros(HOP, np.float32)
        self._recent: deque[float] = deque(maxlen=SETTLED_HOPS)
        self._quiet = False
        self._mean = 0.0
        self._calm = 0

    def is_quiet(self, hop: Samples) -> bool:
        """Whether int16 `hop` of shape (1280,) belongs to a room that was and stays quiet."""
        return self.is_quiet_at(self.power(hop))

    def power(self, hop: Samples) -> float:
        """What of int16 `hop`, of shape (1280,), the room goes by: mean square of its differences."""
        np.copyto(self._wide, hop)
        np.subtract(self._wide[1:], self._wide[:-1], out=self._differences)
        return float(np.dot(self._differences, self._differences)) / HOP

    def is_quiet_at(self, power: float) -> bool:
        """The same for a hop of which only its power was kept."""
        if self._quiet:
            self._quiet = _alike(power, self._mean)
            self._mean += (power - self._mean) / _SLOWNESS
            self._calm = 0
        self._recent.append(power)
        return self._quiet

    def scored(self, nearest: float) -> None:
        """Take in how near the hop's scores came to their thresholds, 1 being there; NaN is unknown."""
        self._calm = self._calm + 1 if nearest < NEAR else 0
        if self._calm >= SETTLED_HOPS == len(self._recent):
            mean = sum(self._recent) / SETTLED_HOPS
            if _alike(max(self._recent), mean) and _alike(min(self._recent), mean):
                self._quiet, self._mean = True, mean

    def forget(self) -> None:
        """Know nothing of the room, as after a mute."""
        self._wide.fill(0)
        self._differences.fill(0)
        self._recent.clear()
        self._quiet = False
        self._mean = 0.0
        self._calm = 0


def _alike(power: float, mean: float) -> bool:
    return mean / CHANGE <= power <= mean * CHANGE or max(power, mean) <= _LEAST
