"""A mix has the level, the distance and the noise that its name says."""

from __future__ import annotations

import numpy as np
import pytest

from earlid.core.mixing import active_level, amplified, as_loud_as, looped, rounded, with_noise
from earlid.core.units import RATE_HZ, Samples

RANDOM = np.random.default_rng(3)


def hiss(level: float, seconds_: float = 1.0) -> Samples:
    return RANDOM.normal(0, level, round(seconds_ * RATE_HZ)).round().astype(np.int16)


def test_pauses_do_not_count_as_level() -> None:
    spoken = np.concatenate([np.zeros(RATE_HZ, np.int16), hiss(1000), np.zeros(2 * RATE_HZ, np.int16)])
    assert active_level(spoken) == pytest.approx(1000, rel=0.03)
    assert active_level(np.zeros(RATE_HZ, np.int16)) == 0.0
    assert active_level(np.zeros(0, np.int16)) == 0.0
    assert active_level(np.full(10, 7, np.int16)) == pytest.approx(7)


def test_a_click_makes_no_pause_of_speech() -> None:
    spoken = hiss(1000, 2.0)
    spoken[100] = 32_767
    assert active_level(spoken) == pytest.approx(1000, rel=0.05)


@pytest.mark.parametrize("snr_db", [20, 10, 0, -5])
def test_the_noise_in_a_mix_is_as_far_below_the_speech_as_asked(snr_db: float) -> None:
    speech, noise = hiss(1000), hiss(300)
    added = with_noise(speech, active_level(speech), noise, snr_db).astype(float) - speech
    found = 20 * np.log10(active_level(speech) / np.sqrt(np.mean(added**2)))
    assert found == pytest.approx(snr_db, abs=0.05)


def test_silence_on_either_side_makes_no_mix() -> None:
    speech, silence = hiss(1000), np.zeros(RATE_HZ, np.int16)
    assert (with_noise(speech, active_level(speech), silence, 0) == speech).all()
    assert (with_noise(silence, active_level(silence), speech, 0) == silence).all()
    with pytest.raises(ValueError):
        with_noise(speech, 1.0, silence[:5], 0)


def test_softer_is_softer_by_so_many_decibels() -> None:
    speech = hiss(8000)
    assert active_level(amplified(speech, -20)) == pytest.approx(active_level(speech) / 10, rel=1e-3)
    assert (amplified(speech, -120) == 0).all()
    assert (amplified(speech, 0) == speech).all()


def test_nothing_is_clipped() -> None:
    loud = amplified(hiss(8000), 30)
    assert np.abs(loud.astype(int)).max() == 32_767
    assert (np.abs(loud.astype(int)) == 32_767).sum() < 3
    assert rounded(np.array([0.4, 0.6, -1.5])).tolist() == [0, 1, -2]


def test_an_echo_is_brought_back_to_the_level_it_had() -> None:
    assert active_level(as_loud_as(hiss(50).astype(float), 900.0)) == pytest.approx(900, rel=1e-3)
    assert (as_loud_as(np.zeros(50), 900.0) == 0).all()


def test_short_noise_goes_on_from_its_beginning() -> None:
    assert looped(np.array([1, 2, 3], np.int16), 2, 5).tolist() == [3, 1, 2, 3, 1]
    assert looped(np.zeros(0, np.int16), 0, 2).tolist() == [0, 0]
