"""The resampler: streaming equals whole, and a reset forgets."""

from __future__ import annotations

import numpy as np
import pytest

from earlid.core.units import RATE_HZ, Samples
from earlid.edge.sound.resample import Resampler, round_to_int16


def noise(count: int) -> Samples:
    return np.random.default_rng(6).integers(-20000, 20000, count, dtype=np.int16)


def flushed(one: Resampler, sound: Samples, block: int) -> Samples:
    pieces = [one.feed(sound[at : at + block]) for at in range(0, len(sound), block)]
    return np.concatenate([*pieces, one.feed_scaled(np.zeros(0, np.float32), last=True)])


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 48_000])
def test_blocks_give_what_the_whole_gives(rate_hz: int) -> None:
    sound = noise(rate_hz)
    whole = flushed(Resampler(rate_hz), sound, len(sound))
    assert np.array_equal(flushed(Resampler(rate_hz), sound, rate_hz // 50), whole)
    assert len(whole) == RATE_HZ


@pytest.mark.parametrize("ended", [True, False])
def test_a_reset_leaves_no_trace_of_what_was_fed(ended: bool) -> None:
    used = Resampler(48_000)
    used.feed(noise(9_000))
    if ended:
        used.feed_scaled(np.zeros(0, np.float32), last=True)
    used.reset()
    assert not flushed(used, np.zeros(48_000, np.int16), 960).any()
    used.reset()
    assert np.array_equal(flushed(used, noise(9_600), 960), flushed(Resampler(48_000), noise(9_600), 960))


def test_rounding_is_to_the_nearest_and_never_wraps() -> None:
    block = np.array([0.4, 0.6, -0.6, 1.5, 40000.0, -40000.0], np.float32)
    assert round_to_int16(block).tolist() == [0, 1, -1, 2, 32767, -32768]
