"""Sounds that are hard for arithmetic: the loudest, the faintest, the emptiest and the most sudden."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from earlid.core.units import HOP, RATE_HZ, Samples

HOPS = 60
"""Enough for the model with the longest memory to score a dozen and more."""


def _time_s(hops: int = HOPS) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.arange(hops * HOP) / RATE_HZ


def noise(loudest: int) -> Samples:
    """White noise of at most `loudest`."""
    return np.random.default_rng(loudest).integers(-loudest - 1, loudest + 1, HOPS * HOP).astype(np.int16)


def constant(value: int) -> Samples:
    """Nothing but an offset."""
    return np.full(HOPS * HOP, value, np.int16)


def square(frequency_hz: float) -> Samples:
    """A tone so loud that nothing but full scale is left of it."""
    return np.where(np.sin(2 * np.pi * frequency_hz * _time_s()) >= 0, 32767, -32768).astype(np.int16)


def impulses() -> Samples:
    """Silence, with single samples of full scale at odd places."""
    sound = constant(0)
    sound[np.random.default_rng(3).integers(0, len(sound), 40)] = np.tile([32767, -32768], 20)
    return sound


def steps() -> Samples:
    """Full scale one way, then the other, then silence: a change at every third hop."""
    return np.repeat(np.tile([32767, -32768, 0, 1], HOPS // 12), 3 * HOP).astype(np.int16)


def sweep() -> Samples:
    """A tone that climbs from 20 Hz to 8 kHz, as a microphone hears it: over the noise of a room."""
    sound: Samples = pure_sweep() + noise(300)
    return sound


def pure_sweep() -> Samples:
    """A tone that climbs from 20 Hz to 8 kHz and nothing else, which only arithmetic can make."""
    time_s = _time_s()
    phase = 2 * np.pi * (20 * time_s + (7980 / (2 * time_s[-1])) * time_s**2)
    tone: Samples = np.round(30000 * np.sin(phase)).astype(np.int16)
    return tone


def babble(hops: int, seed: int = 0) -> Samples:
    """Noise that comes and goes in bursts as syllables do, from a whisper to a shout; the same for a seed."""
    dice = np.random.default_rng(seed)
    loudness = np.repeat(10 ** dice.uniform(0.5, 4.3, hops * 2), HOP // 2)
    return np.clip(loudness * dice.standard_normal(hops * HOP), -32768, 32767).astype(np.int16)


HARD_SOUNDS: dict[str, Callable[[], Samples]] = {
    "loud noise": lambda: noise(32767),
    "quiet noise": lambda: noise(3),
    "the faintest noise": lambda: noise(0),
    "digital silence": lambda: constant(0),
    "the smallest offset": lambda: constant(-1),
    "a large offset": lambda: constant(12345),
    "the lowest sample for ever": lambda: constant(-32768),
    "a clipped hum": lambda: square(50),
    "a clipped tone": lambda: square(997),
    "the highest tone there is": lambda: square(8000),
    "single impulses": impulses,
    "steps": steps,
    "a sweep": sweep,
    "babble": lambda: babble(HOPS),
}
