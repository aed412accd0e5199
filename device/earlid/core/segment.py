"""What one wake keeps: the sound after the wake word, and the few facts that go with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from earlid.core.units import Samples


class Endpoint(Enum):
    """The rule that ended a segment."""

    NOBODY_SPOKE = "nobody spoke"
    SPEECH_ENDED = "speech ended"
    TOO_LONG = "too long"
    BUDGET = "budget spent"
    SOURCE_ENDED = "source ended"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Wake:
    """An accepted detection of `model` at sample `at`, the end of the hop that scored `score`."""

    model: str
    at: int
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """int16 samples [start, start + len(samples)) of the stream, kept for `wake`."""

    wake: Wake
    start: int
    samples: Samples
    endpoint: Endpoint

    @property
    def stop(self) -> int:
        """Index just past the last sample."""
        return self.start + len(self.samples)

    def wipe(self) -> None:
        """Overwrite the sound with zeros, once it is kept elsewhere."""
        self.samples.fill(0)
