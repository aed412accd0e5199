"""Hears a kept clip once more, through exactly the engine that listens, for what it made of the moment."""

from __future__ import annotations

from typing import Final

import numpy as np

from earlid.core.field import AFTER, BEFORE, Peak
from earlid.core.teaching import MOST_HOPS
from earlid.core.units import HOP, Samples
from earlid.core.verifier import Embeddings
from earlid.edge.model.engine import Engine

_SAME: Final = 1e-3
"""Scores of the same sound differ by less, whatever the processor."""
_LEAD: Final = BEFORE // HOP
"""Whole hops of a clip up to the one of the peak, which ends BEFORE samples after the clip's beginning."""


class Rehearsal:
    """Gives the embeddings of a peak out of its clip, for one word. The sound is not held on to."""

    def __init__(self, engine: Engine, word: str) -> None:
        self._engine = engine
        self._column = engine.words.index(word)

    def hear(self, peak: Peak, clip: Samples) -> Embeddings | None:
        """What woke it and what followed as high, float32 (1 to 4, 16, 96); None if that is not how it was.

        `clip` is int16 of length BEFORE + AFTER. Its scores must be those in the peak's trace: a clip from
        the first seconds of a recording, or heard by other models, teaches nothing that is true.
        """
        if len(clip) != BEFORE + AFTER or not 0 <= -peak.first < len(peak.trace) - MOST_HOPS:
            return None
        start = BEFORE - _LEAD * HOP
        self._engine.restart(clip[start - self._engine.overlap : start])
        heard = []
        for hop in range(_LEAD + MOST_HOPS - 1):
            at = start + hop * HOP
            score = float(self._engine.step(clip[at : at + HOP])[self._column])
            if hop < _LEAD - 1:
                continue
            after = hop - (_LEAD - 1)
            told = float(peak.trace[after - peak.first])
            if after == 0 and abs(score - told) > _SAME:
                break
            if after and not told >= min(peak.threshold, peak.score):
                break
            heard.append(self._engine.embeddings().copy())
        self._engine.wipe()
        return np.stack(heard) if heard else None
