"""Any sampling rate to 16 kHz, block after block, as if it were one piece."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

from earlid.core.units import RATE_HZ, Samples

QUALITY: Final = "HQ"
WIPE_S: Final = 0.5
"""Silence pushed through to displace what was heard: several times the filter's memory."""

Block = npt.NDArray[np.float32]


class Resampler:
    """Keeps the filter's tail between blocks. Computes in float32 and rounds once, without dither."""

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._stream = soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="float32", quality=QUALITY)
        self._ended = False
        self._zeros = np.zeros(max(1, round(WIPE_S * rate_hz)), np.float32)

    def feed(self, block: Samples) -> Samples:
        """What is ready at 16 kHz after int16 `block`; the filter holds back about 30 ms."""
        return self.feed_scaled(block.astype(np.float32))

    def feed_scaled(self, block: Block, last: bool = False) -> Samples:
        """The same for float32 on the scale of int16. `last` gives the tail too; after it, `reset`."""
        self._ended = last
        return round_to_int16(self._stream.resample_chunk(block, last=last))

    def reset(self) -> None:
        """Forget all that was fed: silence displaces it, then the filter starts anew."""
        if self._ended:
            self._stream.clear()  # takes nothing more until then
        self._stream.resample_chunk(self._zeros)
        self._stream.clear()
        self._ended = False


def round_to_int16(block: Block) -> Samples:
    """The nearest int16 to each number of `block`, on the same scale; what is too loud is clipped."""
    return np.clip(np.rint(block), -32768, 32767).astype(np.int16)


def at_speed(sound: Samples, factor: float) -> Samples:
    """int16 `sound` played `factor` times as fast, its pitch rising with it, as a tape does."""
    scaled = sound.astype(np.float32)
    return round_to_int16(soxr.resample(scaled, RATE_HZ * factor, RATE_HZ, quality=QUALITY))
