"""Turns scores into wakes: a threshold, some patience, and a pause after each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

    A score that stays high is one wake: once a run of high scores was long enough, accepted or not, its word
    must first fall below its threshold before it can wake again.

    `approves` is asked about a word, by its number, in the moment it would wake. A no ends that run as well;
    it begins no refractory period, and `vetoed` tells of it until the next hop.
    """

    def __init__(
        self, words: Sequence[Word], refractory: int, approves: Callable[[int], bool] = lambda number: True
    ) -> None:
        if not words:
            raise ValueError("a detector listens for at least one word")
        if refractory < 0:
            raise ValueError("a refractory period is 0 samples or more")
        self._words = tuple(words)
        self._thresholds = [float(np.float32(word.threshold)) for word in words]  # scores are float32, too
        self._refractory = refractory
        self._approves = approves
        self._quiet_until = 0
        self.vetoed: Wake | None = None
        self.forget()

    def judge(self, scores: Scores, at: int) -> Wake | None:
        """The wake that `scores`, shape (words,), of the hop that ends at sample `at` complete, if any.

        NaN is a score that does not exist yet: it counts as below. Of several words the highest score wins.
        """
        best = self.vetoed = None
        above = []
        for number, score in enumerate(scores.tolist()):
            if not score >= self._thresholds[number]:  # NaN is not, either
                self._run[number] = 0
                self._spent[number] = False
                continue
            above.append(number)
            self._run[number] += 1
            word = self._words[number]
            if self._run[number] >= word.patience and not self._spent[number]:
                self._spent[number] = True
                best = self._better(best, number, Wake(word.name, at, score))
        if best is None:
            return None
        self.vetoed = None  # another word has woken: what was refused belongs to that
        self._quiet_until = at + self._refractory
        for number in above:  # words that sound alike rise together and are one wake
            self._spent[number] = True
        return best

    def _better(self, best: Wake | None, number: int, wake: Wake) -> Wake | None:
        """The higher of both, if it is approved. Nobody is asked about a wake that would not count anyway."""
        if wake.at < self._quiet_until or (best is not None and wake.score <= best.score):
            return best
        if self._approves(number):
            return wake
        if self.vetoed is None or wake.score > self.vetoed.score:
            self.vetoed = wake
        return best

    def forget(self) -> None:
        """Forget runs of high scores, as after a gap in the sound; the refractory period goes on."""
        self._run = [0] * len(self._words)
        self._spent = [False] * len(self._words)
