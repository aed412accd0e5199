"""Misses against false accepts as the threshold moves, by the very detector that listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from earlid.bench.corpus import Role
from earlid.core.segment import Wake
from earlid.core.trace import Trace

THRESHOLDS: Final = tuple(step / 100 for step in range(1, 100))
"""Those that are tried."""
BINS: Final = 25
"""Bars of a histogram of scores from 0 to 1."""
_WINDOW: Final = 25
"""Hops of which the highest score is one entry in a histogram: two seconds."""

AtThreshold = Callable[[float], list[Wake]]


def _zeros() -> list[int]:
    return [0] * len(THRESHOLDS)


@dataclass(slots=True)
class Curve:
    """For each threshold: calls found, recordings of sound-alikes that woke, events in other sound."""

    found: list[int] = field(default_factory=_zeros)
    alike: list[int] = field(default_factory=_zeros)
    events: list[int] = field(default_factory=_zeros)

    def add(self, role: Role, trace: Trace, at: AtThreshold, is_hit: Callable[[list[Wake]], bool]) -> None:
        """Take in one recording; `at` gives its wakes at a threshold, `is_hit` whether they find the call."""
        scores = trace.scores[~np.isnan(trace.scores)]
        highest = float(scores.max()) if scores.size else 0.0
        for place, threshold in enumerate(THRESHOLDS):
            if highest < np.float32(threshold):
                break
            wakes = at(threshold)
            if role is Role.CALL:
                self.found[place] += is_hit(wakes)
            elif role is Role.NEAR:
                self.alike[place] += bool(wakes)
            else:
                self.events[place] += len(wakes)


@dataclass(slots=True)
class Histogram:
    """How often which score was the highest: of each call, of each sound-alike, of every two seconds else."""

    calls: list[int] = field(default_factory=lambda: [0] * BINS)
    alike: list[int] = field(default_factory=lambda: [0] * BINS)
    other: list[int] = field(default_factory=lambda: [0] * BINS)

    def add(self, role: Role, trace: Trace) -> None:
        """Take in one recording."""
        if role is not Role.OTHER:
            bars = self.calls if role is Role.CALL else self.alike
            bars[_bin(trace.peak()[0])] += 1
            return
        heard = np.nan_to_num(trace.scores[trace.lead_in :])
        for start in range(0, len(heard), _WINDOW):
            self.other[_bin(float(heard[start : start + _WINDOW].max()))] += 1


def _bin(score: float) -> int:
    return min(BINS - 1, max(0, int(score * BINS)))
