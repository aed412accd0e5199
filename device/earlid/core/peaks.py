"""Finds in a stream of scores what a field recording keeps: wakes, near misses, and the scores around them.

A near miss is a score of at least NEAR of its threshold, the highest of its word within two seconds on either
side, with no wake of any word as near as that: what belongs to one call is one peak. A wake is a peak however
near another is. Each is found AFTER it happened, with a trace of fixed length around it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from earlid.core.detector import Word
from earlid.core.field import AFTER, FIRST_HOP, LAST_HOP, NEAR, STRONG, Kind
from earlid.core.segment import Wake
from earlid.core.units import HOP, RATE_HZ, Scores

_AROUND: Final = RATE_HZ // HOP
"""The score of a wake is the highest within this many hops, about a second, of the one that completed it."""
_LOUD: Final = 13
"""Hops before a peak, about a second, whose power is its level."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A peak at sample `at`; `power` is the mean square of the second before it, in steps of int16.

    `is_whole` says that the stream went on for AFTER without a gap; otherwise the trace ends in NaN.
    """

    kind: Kind
    word: str
    at: int
    score: float
    threshold: float
    trace: Scores
    power: float
    is_whole: bool = True

    @property
    def wants_sound(self) -> bool:
        """Whether its sound would help: a near miss must be a strong one."""
        return self.kind is not Kind.NEAR_MISS or self.score >= STRONG * self.threshold


@dataclass(frozen=True, slots=True, eq=False)
class _Hop:
    at: int
    scores: Scores
    power: float


class PeakFinder:
    """Takes every hop once, with the scores of `words` in their order, and any wake right after its hop."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words: Final = tuple(words)
        self._floors: Final = [float(np.float32(word.threshold * NEAR)) for word in words]
        self._names: Final = {word.name: number for number, word in enumerate(words)}
        self._hops: deque[_Hop] = deque(maxlen=LAST_HOP - FIRST_HOP + 1)
        self._high: deque[tuple[int, int]] = (
            deque()
        )  # (at, word) of scores that may turn out to be near misses
        self._wakes: deque[tuple[Kind, Wake]] = deque()
        self._woke_at: deque[int] = deque(maxlen=64)

    def hear(self, scores: Scores, at: int, power: float) -> None:
        """Take the `scores`, shape (words,), of the hop that ends at `at`, and its mean square."""
        self._hops.append(_Hop(at, scores, power))
        for number, score in enumerate(scores.tolist()):
            if score >= self._floors[number]:  # NaN is not
                self._high.append((at, number))

    def woke(self, wake: Wake, kind: Kind = Kind.WAKE) -> None:
        """The hop just taken completed `wake`, which may have been vetoed."""
        self._wakes.append((kind, wake))
        self._woke_at.append(wake.at)

    def ripe(self) -> list[Found]:
        """What lies AFTER behind the last hop by now, each peak once."""
        now = self._hops[-1].at if self._hops else 0
        return self._found(now - AFTER, is_whole=True) if self._wakes or self._high else []

    def finish(self) -> list[Found]:
        """What is left, though nobody knows what would have followed: the stream ends here, or breaks off."""
        now = self._hops[-1].at if self._hops else 0
        rest = self._found(now - AFTER, is_whole=True) + self._found(now, is_whole=False)
        self._hops.clear()
        return rest

    def _found(self, until: int, *, is_whole: bool) -> list[Found]:
        found = []
        while self._wakes and self._wakes[0][1].at <= until:
            kind, wake = self._wakes.popleft()
            number = self._names[wake.model]
            best = self._highest(number, wake.at - _AROUND * HOP, wake.at + _AROUND * HOP)
            found.append(self._peak(kind, number, wake.at, max(best, wake.score), is_whole=is_whole))
        while self._high and self._high[0][0] <= until:
            at, number = self._high.popleft()
            if self._is_near_miss(at, number):
                score = self._highest(number, at, at)
                found.append(self._peak(Kind.NEAR_MISS, number, at, score, is_whole=is_whole))
        return found

    def _is_near_miss(self, at: int, number: int) -> bool:
        if any(abs(woke_at - at) <= AFTER for woke_at in self._woke_at):
            return False
        score = self._highest(number, at, at)
        if self._highest(number, at + 1, at + AFTER) > score:
            return False
        return self._highest(number, at - AFTER, at - 1) < score  # of equals, the first

    def _highest(self, number: int, first: int, last: int) -> float:
        """The highest score of a word in the hops that end in [first, last]; below all if there is none."""
        scores = [float(hop.scores[number]) for hop in self._hops if first <= hop.at <= last]
        return max((score for score in scores if not math.isnan(score)), default=-math.inf)

    def _peak(self, kind: Kind, number: int, at: int, score: float, *, is_whole: bool) -> Found:
        trace = np.full(LAST_HOP - FIRST_HOP + 1, np.nan, np.float32)
        powers = []
        for hop in self._hops:
            place = (hop.at - at) // HOP - FIRST_HOP
            if 0 <= place < len(trace):
                trace[place] = hop.scores[number]
            if 0 <= at - hop.at < _LOUD * HOP:
                powers.append(hop.power)
        word, power = self._words[number], sum(powers) / max(1, len(powers))
        return Found(kind, word.name, at, score, word.threshold, trace, power, is_whole)
