"""Silence that no microphone makes: exact zeros for ten seconds mean that nothing is connected."""

from __future__ import annotations

from typing import Final

import numpy as np

from earlid.core.units import Samples, samples

LIMIT: Final = samples(10.0)
"""Samples of exact digital silence after which a source counts as deaf."""


class Deafness:
    """Counts the zeros at the end of what was heard; the first other sample makes it hear again."""

    def __init__(self, limit: int = LIMIT) -> None:
        if limit < 1:
            raise ValueError(f"deafness needs at least one silent sample, not {limit}")
        self._limit = limit
        self._silent = 0

    def hear(self, block: Samples) -> bool:
        """Take the next samples and say whether the source is deaf at their end."""
        if block.any():
            self._silent = len(block) - 1 - int(np.flatnonzero(block)[-1])
        else:
            self._silent += len(block)
        return self.deaf

    def forget(self) -> None:
        """Begin anew, after a mute or a new device: what was silent before says nothing now."""
        self._silent = 0

    @property
    def deaf(self) -> bool:
        """Whether the last `limit` samples were all zero."""
        return self._silent >= self._limit

    @property
    def silent(self) -> int:
        """Samples of exact silence up to now."""
        return self._silent
