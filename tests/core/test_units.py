"""One unit of time, and a level that never fails."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.units import HOP, RATE_HZ, dbfs, samples, seconds


def test_a_hop_is_eighty_milliseconds() -> None:
    assert seconds(HOP) == 0.08
    assert samples(0.08) == HOP


@given(st.integers(0, 10**12))
def test_samples_survive_the_way_to_seconds_and_back(count: int) -> None:
    assert samples(seconds(count)) == count


def test_a_part_of_a_sample_is_rounded_to_the_nearest() -> None:
    assert [samples(part / RATE_HZ) for part in (0.4, 0.6, 99.9)] == [0, 1, 100]


def test_silence_and_nothing_are_at_the_floor() -> None:
    assert dbfs(np.zeros(HOP, np.int16)) == -120.0
    assert dbfs(np.zeros(0, np.int16)) == -120.0


def test_the_loudest_sound_is_at_zero_and_does_not_overflow() -> None:
    assert dbfs(np.full(HOP, -32_768, np.int16)) == pytest.approx(0.0, abs=1e-4)


def test_half_the_amplitude_is_six_decibels_less() -> None:
    loud, soft = np.full(HOP, 20_000, np.int16), np.full(HOP, 10_000, np.int16)
    assert dbfs(loud) - dbfs(soft) == pytest.approx(6.0206, abs=1e-3)
