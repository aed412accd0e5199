"""Sound as something to look at: a spectrogram and an outline, small enough to send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from earlid.core.units import RATE_HZ, Samples

Bytes = npt.NDArray[np.uint8]

BANDS: Final = 72
"""Rows of a spectrogram, spaced as the ear hears, from LOW_HZ to HIGH_HZ."""
LOW_HZ: Final = 60.0
HIGH_HZ: Final = 7_800.0
STEP: Final = 160
"""Samples from one column of a spectrogram to the next: a hundred columns a second."""
RANGE_DB: Final = 65.0
_WINDOW: Final = 512
_COLUMN: Final = 80


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What `samples` of sound look like.

    `spectrogram` uint8 of shape (columns, BANDS), low bands first, 255 the loudest and 0 RANGE_DB below;
    `low` and `high` int8 outlines, two a column, 127 the loudest sample of all.
    """

    samples: int
    spectrogram: Bytes
    low: npt.NDArray[np.int8]
    high: npt.NDArray[np.int8]


def picture(sound: Samples) -> Picture:
    """The picture of int16 `sound` of any length, drawn relative to its own loudest moment."""
    return Picture(len(sound), _spectrogram(sound), *_outline(sound))


def height_of(hz: float) -> float:
    """At which share of a spectrogram's height a sound of `hz` lies, counted from below."""
    return (_mel(hz) - _mel(LOW_HZ)) / (_mel(HIGH_HZ) - _mel(LOW_HZ))


def _mel(hz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hz / 700.0))


def _spectrogram(sound: Samples) -> Bytes:
    columns = -(-len(sound) // STEP)
    if not columns:
        return np.zeros((0, BANDS), np.uint8)
    padded = np.zeros((columns - 1) * STEP + _WINDOW, np.float32)
    padded[_WINDOW // 2 - STEP // 2 :][: len(sound)] = sound[: len(padded) - (_WINDOW // 2 - STEP // 2)]
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::STEP]
    power = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW).astype(np.float32))) ** 2
    level = 10.0 * np.log10(power @ _bands().T + 1.0)
    seen = (level - (max(float(level.max()), RANGE_DB) - RANGE_DB)) / RANGE_DB
    return np.round(np.clip(seen, 0.0, 1.0) * 255.0).astype(np.uint8)


def _bands() -> npt.NDArray[np.float64]:
    """How much of each frequency belongs to each band: triangles, (BANDS, frequencies)."""
    low, high = _mel(LOW_HZ), _mel(HIGH_HZ)
    edges = 700.0 * (10.0 ** (np.linspace(low, high, BANDS + 2) / 2595.0) - 1.0)
    edges = np.maximum.accumulate(edges)
    hz = np.arange(_WINDOW // 2 + 1) * RATE_HZ / _WINDOW
    width = RATE_HZ / _WINDOW  # a band is never narrower than what the window can tell apart
    middle = edges[1:-1, None]
    left, right = np.minimum(edges[:-2, None], middle - width), np.maximum(edges[2:, None], middle + width)
    weight = np.clip(np.minimum((hz - left) / (middle - left), (right - hz) / (right - middle)), 0.0, None)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _outline(sound: Samples) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    columns = -(-len(sound) // _COLUMN)
    if not columns:
        return np.zeros(0, np.int8), np.zeros(0, np.int8)
    padded = np.zeros(columns * _COLUMN, np.float32)
    padded[: len(sound)] = sound
    blocks = padded.reshape(columns, _COLUMN) * (127.0 / max(1.0, float(np.abs(padded).max())))
    return np.round(blocks.min(axis=1)).astype(np.int8), np.round(blocks.max(axis=1)).astype(np.int8)
