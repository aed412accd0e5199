"""A hop of sound on its way in, with where it starts and the epoch it was heard in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earlid.core.units import HOP, Samples


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One hop: `samples` is int16 of shape (1280,), `start` the index of its first sample.

    Indices never run backwards and are never reused; sound that was lost leaves a gap in them.
    `epoch` counts the mutes so far and was read *before* the samples were.
    """

    start: int
    epoch: int
    samples: Samples

    def __post_init__(self) -> None:
        if self.samples.shape != (HOP,) or self.samples.dtype != np.int16:
            raise ValueError(f"a frame is {HOP} int16 samples, not {self.samples.dtype} {self.samples.shape}")
        if self.start < 0 or self.epoch < 0:
            raise ValueError("a frame starts at sample 0 or later, in epoch 0 or later")

    @property
    def stop(self) -> int:
        """Index just past the last sample."""
        return self.start + HOP
