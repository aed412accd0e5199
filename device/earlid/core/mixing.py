"""What a room, a distance and other people's noise do to a recording, in numbers that can be named.

Sound is int16 at 16 kHz; whatever is computed is rounded once, at the end. Nothing is clipped: what would
be too loud is made softer as a whole.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from earlid.core.units import RATE_HZ, Samples

Wide = npt.NDArray[np.float64]

FRAME: Final = RATE_HZ // 50
"""Samples over which a level is taken: 20 ms."""
SPOKEN_DB: Final = 25.0
"""Frames this far below the loudest, or more, are pauses: they do not count as level."""
LOUDEST: Final = 32_767


def active_level(sound: npt.NDArray[np.generic]) -> float:
    """RMS of `sound` where something is heard, on the scale of int16, pauses left out; 0 for silence.

    Loudest is the 95th percentile of frames of 20 ms, so that one click does not make speech a pause.
    """
    wide = sound.astype(np.float64)
    if len(wide) < FRAME:
        return float(np.sqrt(np.mean(wide**2))) if len(wide) else 0.0
    power = (wide[: len(wide) // FRAME * FRAME].reshape(-1, FRAME) ** 2).mean(axis=1)
    loud = power[power >= np.percentile(power, 95) * 10 ** (-SPOKEN_DB / 10)]
    return float(np.sqrt(loud.mean()))


def amplified(sound: Samples, gain_db: float) -> Samples:
    """`sound` louder or, below 0 dB, softer. What falls under one step of a sample is lost."""
    return rounded(sound.astype(np.float64) * 10 ** (gain_db / 20))


def with_noise(stream: Samples, level: float, noise: Samples, snr_db: float) -> Samples:
    """`stream` and as much of `noise` that speech of `level` is `snr_db` above it.

    The noise, of the same length, is measured over its whole length: it has no pauses that could help.
    """
    if len(noise) != len(stream):
        raise ValueError(f"{len(noise)} samples of noise do not cover {len(stream)} of sound")
    loud = float(np.sqrt(np.mean(noise.astype(np.float64) ** 2))) if len(noise) else 0.0
    if not level or not loud:
        return stream
    share = level / loud * 10 ** (-snr_db / 20)
    return rounded(stream.astype(np.float64) + share * noise.astype(np.float64))


def as_loud_as(wide: Wide, level: float) -> Samples:
    """`wide` brought to `level`, as `active_level` measures it."""
    heard = active_level(wide)
    return rounded(wide * (level / heard) if heard else wide)


def looped(noise: Samples, start: int, length: int) -> Samples:
    """`length` samples of `noise` from `start` on, over and over if it is shorter."""
    if not len(noise):
        return np.zeros(length, np.int16)
    piece: Samples = np.take(noise, np.arange(start, start + length), mode="wrap")
    return piece


def rounded(wide: Wide) -> Samples:
    """The nearest int16 to each number; the whole softer where the loudest would not fit."""
    peak = float(np.abs(wide).max(initial=0.0))
    fits = wide * (LOUDEST / peak) if peak > LOUDEST else wide
    whole: Samples = np.rint(fits).astype(np.int16)
    return whole
