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

    A score that stays high is one wake: once a run of high scores was long enough, accepted or not, its word
    must first fall below its threshold before it can wake again.
    """

    def __init__(self, words: Sequence[Word], refractory: int) -> None:
        if not words:
            raise ValueError("a detector listens for at least one word")
        if refractory < 0:
            raise ValueError("a refractory period is 0 samples or more")
        self._words = tuple(words)
        self._thresholds = [float(np.float32(word.threshold)) for word in words]  # scores are float32, too
        self._refractory = refractory
        self._quiet_until = 0
        self.forget()

    def judge(self, scores: Scores, at: int) -> Wake | None:
        """The wake that `scores`, shape (words,), of the hop that ends at sample `at` complete, if any.

        NaN is a score that does not exist yet: it counts as below. Of several words the highest score wins.
        """
        best: Wake | None = None
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
                if best is None or score > best.score:
                    best = Wake(word.name, at, score)
        if best is None or at < self._quiet_until:
            return None
        self._quiet_until = at + self._refractory
        for number in above:  # words that sound alike rise together and are one wake
            self._spent[number] = True
        return best

    def forget(self) -> None:
        """Forget runs of high scores, as after a gap in the sound; the refractory period goes on."""
        self._run = [0] * len(self._words)
        self._spent = [False] * len(self._words)
