"""Adds up where the time of a field recording went: heard, muted, or lost to a fault. In samples."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from earlid.core.deafness import LIMIT
from earlid.core.field import Kind
from earlid.core.units import HOP, Samples


@dataclass(frozen=True, slots=True)
class Sum:
    """What was added up since the last time; `power` is the mean square of what was heard, or None."""

    listened: int
    muted: int
    deaf: int
    wakes: int
    near_misses: int
    power: float | None

    @property
    def is_nothing(self) -> bool:
        """Whether no time passed and nothing happened."""
        return not (self.listened or self.muted or self.deaf or self.wakes or self.near_misses)

    @property
    def passed(self) -> int:
        """How long it was on, whatever it did."""
        return self.listened + self.muted + self.deaf


class Tally:
    """Counts hops as they are heard. Exact silence waits: ten seconds of it are deafness, less is a pause."""

    def __init__(self) -> None:
        self._silent = 0
        self._empty()

    def hear(self, block: Samples) -> float:
        """Take the next samples; their mean square."""
        if not block.any():
            self._silent += len(block)
            return 0.0
        self._end_silence()
        wide = block.astype(np.float32)
        energy = float(np.dot(wide, wide))
        self._listened += len(block)
        self._energy += energy
        return energy / len(block)

    def mute(self, count: int) -> None:
        """So many samples passed while muted."""
        self._end_silence()
        self._muted += count

    def lose(self, count: int) -> None:
        """So many samples were not heard, or while the lamp said fault."""
        self._end_silence()
        self._deaf += count

    def find(self, kind: Kind) -> None:
        """A peak was found."""
        self._wakes += kind is Kind.WAKE
        self._near_misses += kind is Kind.NEAR_MISS

    def take(self, *, is_last: bool = False) -> Sum:
        """What was added up. Silence that may yet be deafness is left for the next time, unless `is_last`."""
        if is_last:
            self._end_silence()
        power = self._energy / self._listened if self._listened else None
        added = (self._listened, self._muted, self._deaf, self._wakes, self._near_misses)
        self._empty()
        return Sum(*added, power)

    def _end_silence(self) -> None:
        if self._silent >= LIMIT - HOP:  # the hop that completes it is heard by nobody any more
            self._deaf += self._silent
        else:
            self._listened += self._silent
        self._silent = 0

    def _empty(self) -> None:
        self._listened = self._muted = self._deaf = self._wakes = self._near_misses = 0
        self._energy = 0.0


def dbfs_of(power: float) -> float:
    """`power`, a mean square in steps of int16, as dB below a full-scale square wave; silence is -120."""
    return max(-120.0, 10.0 * math.log10(power / 32768.0**2)) if power > 0.0 else -120.0
