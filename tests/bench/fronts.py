"""What can be done to sound before the models hear it: causal, so that a listener could do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from webrtc_noise_gain import AudioProcessor

from earlid.core.units import HOP, RATE_HZ, Samples

Front = Callable[[Samples], Samples]

BLOCK: Final = RATE_HZ // 100
"""Samples that WebRTC takes at a time: 10 ms."""
LOUD: Final = 32_768 * 10 ** (-26 / 20)
"""The level, RMS, that plain normalisation aims at: -26 dBFS."""
MOST: Final = 10 ** (30 / 20)
FORGETTING: Final = 0.98
"""How much of the loudest level is remembered from hop to hop: half after 2.7 s."""


def later(stream: Samples) -> Samples:
    """The same, cut into hops half a hop later."""
    return stream[HOP // 2 :]


def webrtc(gain_dbfs: int, suppression: int) -> Front:
    """WebRTC's automatic gain (0 is none) and noise suppression (0 to 4)."""

    def front(stream: Samples) -> Samples:
        processor = AudioProcessor(gain_dbfs, suppression)
        out = np.zeros_like(stream)
        for start in range(0, len(stream) - BLOCK + 1, BLOCK):
            done = processor.Process10ms(stream[start : start + BLOCK].tobytes())
            out[start : start + BLOCK] = np.frombuffer(done.audio, np.int16)
        return out

    return front


def normalised(stream: Samples) -> Samples:
    """Brought to one level hop by hop by how loud it lately was; by 30 dB at most, and never down."""
    out, loudest = stream.copy(), 1.0
    for start in range(0, len(stream), HOP):
        hop = stream[start : start + HOP].astype(np.float64)
        loudest = max(float(np.sqrt(np.mean(hop**2))), loudest * FORGETTING, 1.0)
        gain = min(MOST, max(1.0, LOUD / loudest))
        out[start : start + HOP] = np.clip(hop * gain, -32_768, 32_767).astype(np.int16)
    return out


FRONTS: Final[dict[str, Front]] = {
    "as it is": lambda stream: stream,
    "40 ms later": later,
    "level brought to -26 dBFS": normalised,
    "webrtc gain": webrtc(3, 0),
    "webrtc noise suppression 1": webrtc(0, 1),
    "webrtc noise suppression 3": webrtc(0, 3),
}
