"""The core's only unit of time is the sample: one int16 value at 16 kHz."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

RATE_HZ: Final = 16_000
HOP: Final = 1_280
"""Samples in one engine step (80 ms)."""

Samples = npt.NDArray[np.int16]
Scores = npt.NDArray[np.float32]


def samples(duration_s: float) -> int:
    """How many samples last `duration_s` seconds, rounded to the nearest."""
    return round(duration_s * RATE_HZ)


def seconds(count: int) -> float:
    """How long `count` samples last."""
    return count / RATE_HZ


def dbfs(block: Samples) -> float:
    """RMS level of `block` in dB below a full-scale square wave; digital silence is -120."""
    if not block.size:
        return -120.0
    wide = block.astype(np.float32)
    rms = float(np.sqrt(np.dot(wide, wide) / wide.size)) / 32768.0
    return max(-120.0, 20.0 * float(np.log10(rms))) if rms > 0.0 else -120.0
