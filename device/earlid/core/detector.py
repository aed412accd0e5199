"""Turns scores into wakes: a threshold, some patience, and a pause after each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from earlid.core.segment import Wake
from earlid.core.units import Scores


@dataclass(frozen=True, slots=True)
class Word:
    """A wake word's operating point: `patience` hops in a row at or above `threshold`."""

    name: str
    threshold: float
    patience: int = 1

    def __post_init__(self) -> None:
        if not 0.0 < self.threshold <= 1.0:
            raise ValueError(f"{self.name}: a threshold is above 0 and at most 1, not {self.threshold}")
        if self.patience < 1:
            raise ValueError(f"{self.name}: patience is one hop or more, not {self.patience}")


class Detector:
    """Accepts wakes at least `refractory` samples apart, whichever words they are of.

    A score that stays high is one wake: after an accepted wake, and after the refractory period, a word
    must first fall below its threshold before it can wake again.
    """

    def __init__(self, words: Sequence[Word], refractory: int) -> None:
        if not words:
            raise ValueError("a detector listens for at least one word")
        if refractory < 0:
            raise ValueError("a refractory period is 0 samples or more")
        self._words = tuple(words)
        self._thresholds = np.array([word.threshold for word in words], np.float32)
        self._patience = np.array([word.patience for word in words])
        self._refractory = refractory
        self._quiet_until = 0
        self._run = np.zeros(len(self._words), np.int64)
        self._spent = np.zeros(len(self._words), np.bool_)

    def judge(self, scores: Scores, at: int) -> Wake | None:
        """The wake that `scores`, shape (words,), of the hop that ends at sample `at` complete, if any.

        NaN is a score that does not exist yet: it counts as below. Of several words the highest score wins.
        """
        above = scores >= self._thresholds
        if not above.any() and not self._run.any() and not self._spent.any():
            return None
        self._run = np.where(above, self._run + 1, 0)
        self._spent &= above
        ready = (self._run >= self._patience) & ~self._spent
        if not ready.any():
            return None
        self._spent |= ready  # accepted or not, this stretch of high scores had its chance
        if at < self._quiet_until:
            return None
        self._quiet_until = at + self._refractory
        best = int(np.argmax(np.where(ready, scores, -1.0)))
        self._spent |= above  # words that sound alike rise together and are one wake
        return Wake(self._words[best].name, at, float(scores[best]))

    def forget(self) -> None:
        """Forget runs of high scores, as after a gap in the sound; the refractory period goes on."""
        self._run.fill(0)
        self._spent.fill(False)
