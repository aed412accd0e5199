"""What a listener made of one recording, hop by hop: kept, any decision can be tried on it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from earlid.core.detector import Detector, Word
from earlid.core.room import CHANGE, SETTLED_HOPS, Room
from earlid.core.segment import Wake
from earlid.core.units import HOP, Scores

Mask = npt.NDArray[np.bool_]
Powers = npt.NDArray[np.float64]

_NARROW: Final = CHANGE * CHANGE * 1.001
"""Loudest to softest of a second in which a room may have settled, at the most."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Scores of every hop, rested in or not, and what the quiet gate goes by.

    `scores` float32 of shape (hops, words), NaN where there is none; `powers` float64 of shape (hops,), as
    `Room.power` gives them, or empty where no gate is to be tried. `margins` are those of the words'
    verifiers, float32 of the shape of `scores`, NaN for a word without one; None where there is none at all.
    The first `lead_in` hops came before the recording: they are judged, as they would be in a room, and a
    wake in them is nobody's.
    """

    scores: Scores
    powers: Powers
    lead_in: int
    margins: Scores | None = None

    def __post_init__(self) -> None:
        if self.scores.ndim != 2 or self.scores.dtype != np.float32:
            raise ValueError("scores are float32, a row a hop and a column a word")
        if self.powers.shape not in ((len(self.scores),), (0,)):
            raise ValueError("powers are one a hop, or none at all")
        if self.margins is not None and self.margins.shape != self.scores.shape:
            raise ValueError("margins are one for each score, or none at all")
        if not 0 <= self.lead_in <= len(self.scores):
            raise ValueError("a lead-in is no longer than its trace")

    def of(self, columns: Sequence[int]) -> Trace:
        """The same recording as heard by a listener that has only the words in `columns`."""
        margins = None if self.margins is None else self.margins[:, list(columns)]
        return Trace(self.scores[:, list(columns)], self.powers, self.lead_in, margins)

    def approves(self, hop: int, number: int) -> bool:
        """Whether the verifier of the word of that number, if there is one, lets it wake at `hop`."""
        return self.margins is None or not self.margins[hop, number] < 0.0

    def peak(self) -> tuple[float, int]:
        """The highest score within the recording and the hop, counted from its first; 0 if there is none."""
        heard = self.scores[self.lead_in :]
        if not heard.size or np.isnan(heard).all():
            return 0.0, 0
        hop = int(np.nanargmax(heard) // heard.shape[1])
        return float(np.nanmax(heard[hop])), hop


def rested(trace: Trace, thresholds: Sequence[float]) -> Mask:
    """The hops in which an engine that rests in a quiet room would have rested, of shape (hops,)."""
    mask = np.zeros(len(trace.scores), np.bool_)
    scored = np.flatnonzero(~np.isnan(trace.scores).any(axis=1))
    if not scored.size or not _may_rest(trace.powers[scored[0] :]):
        return mask
    room = Room()
    with np.errstate(invalid="ignore"):
        nearest = (trace.scores / np.array(thresholds, np.float32)).max(axis=1)
    for hop, (power, near) in enumerate(zip(trace.powers.tolist(), nearest.tolist(), strict=True)):
        mask[hop] = room.is_quiet_at(power)
        if not mask[hop]:
            room.scored(near)
    return mask


def wakes(trace: Trace, words: Sequence[Word], refractory: int, *, gate: bool) -> list[Wake]:
    """The wakes that a listener accepts, `at` counted in samples from the recording's first.

    Runs the very detector that listens. Hops in which nothing can happen are left out: those below every
    threshold that do not end a run. With `gate`, hops that it would have rested in have no score.
    """
    thresholds = [word.threshold for word in words]
    reached: Mask = np.any(trace.scores >= np.array(thresholds, np.float32), axis=1)
    if not reached.any():
        return []
    scores = trace.scores
    if gate and (mask := rested(trace, thresholds)).any():
        scores = np.where(mask[:, None], np.float32(np.nan), scores)
    ends = np.zeros_like(reached)
    ends[1:] = reached[:-1]
    now = 0
    detector, found = Detector(words, refractory, lambda number: trace.approves(now, number)), []
    for now in np.flatnonzero(reached | ends).tolist():
        wake = detector.judge(scores[now], (now + 1) * HOP)
        if wake and now >= trace.lead_in:
            found.append(Wake(wake.model, wake.at - trace.lead_in * HOP, wake.score))
    return found


def _may_rest(powers: Powers) -> bool:
    """Whether there is any second in `powers` calm enough: cheap, and never wrong about a no."""
    if len(powers) <= SETTLED_HOPS:
        return False
    each_second = np.lib.stride_tricks.sliding_window_view(powers, SETTLED_HOPS)
    low, high = each_second.min(axis=1), each_second.max(axis=1)
    return bool(((high <= low * _NARROW) | (high <= 1.0)).any())
