"""The bounded memory of the last seconds of sound. Nothing older can be had from it, by anyone."""

from __future__ import annotations

from typing import Final

import numpy as np

from earlid.core.frame import Frame
from earlid.core.units import HOP, Samples


class Ring:
    """Holds the last `capacity` samples in one int16 array that never grows and never moves."""

    def __init__(self, capacity: int) -> None:
        if capacity < HOP or capacity % HOP:
            raise ValueError(f"a ring holds a whole number of hops of {HOP} samples, not {capacity}")
        self._memory: Final = np.zeros(capacity, np.int16)
        self._start = 0
        self._stop = 0

    @property
    def start(self) -> int:
        """Index of the oldest sample held."""
        return self._start

    @property
    def stop(self) -> int:
        """Index just past the newest sample held."""
        return self._stop

    def write(self, frame: Frame) -> None:
        """Take in the next frame. A gap before it empties the ring: sound across a gap is not one piece."""
        if frame.start < self._stop:
            raise ValueError(f"sound runs backwards: sample {frame.start} after {self._stop}")
        if frame.start != self._stop or self._start == self._stop:
            self.wipe()
            self._start = frame.start
        capacity = len(self._memory)
        at = frame.start % capacity
        first = min(HOP, capacity - at)
        self._memory[at : at + first] = frame.samples[:first]
        self._memory[: HOP - first] = frame.samples[first:]
        self._stop = frame.stop
        self._start = max(self._start, self._stop - capacity)

    def read(self, start: int, stop: int) -> Samples:
        """A copy of samples [start, stop), as far as they are still held."""
        start, stop = max(start, self._start), min(stop, self._stop)
        if start >= stop:
            return np.zeros(0, np.int16)
        capacity = len(self._memory)
        at, count = start % capacity, stop - start
        first = min(count, capacity - at)
        return np.concatenate((self._memory[at : at + first], self._memory[: count - first]))

    def wipe(self) -> None:
        """Overwrite all of it with zeros; nothing is held afterwards."""
        self._memory.fill(0)
        self._start = self._stop
