"""What sound looks like: a tone lies in one place, silence is dark, nothing is out of range."""

from __future__ import annotations

import numpy as np
import pytest

from earlid.core.picture import BANDS, height_of, picture
from earlid.core.units import RATE_HZ


def tone(hz: float, length: int = RATE_HZ, peak: float = 8000.0) -> np.ndarray:
    return np.round(peak * np.sin(2 * np.pi * hz * np.arange(length) / RATE_HZ)).astype(np.int16)


def test_a_higher_tone_lies_higher_and_a_tone_lies_in_few_bands() -> None:
    places = []
    for hz in (120, 300, 700, 1500, 3000, 6000):
        middle = picture(tone(hz)).spectrogram[50]
        places.append(int(middle.argmax()))
        assert height_of(hz) * BANDS == pytest.approx(places[-1] + 0.5, abs=1.5), "the scale says otherwise"
        assert (middle > 200).sum() < BANDS // 4
    assert places == sorted(set(places))


def test_a_click_lies_where_it_is() -> None:
    sound = np.zeros(RATE_HZ, np.int16)
    sound[8_000] = 30_000
    seen = picture(sound)
    assert abs(int(seen.spectrogram.sum(axis=1).argmax()) - 50) <= 1
    assert seen.high[100] == 127
    assert np.count_nonzero(seen.high) == 1


def test_silence_is_dark_and_nothing_is_nothing() -> None:
    assert not picture(np.zeros(5000, np.int16)).spectrogram.any()
    assert picture(np.zeros(0, np.int16)).spectrogram.shape == (0, BANDS)


@pytest.mark.parametrize("length", [1, 79, 160, 161, 512, 5 * RATE_HZ])
def test_every_length_has_a_column_for_each_hundredth_of_a_second(length: int) -> None:
    seen = picture(np.full(length, -32768, np.int16))
    assert seen.samples == length
    assert len(seen.spectrogram) == -(-length // 160)
    assert len(seen.low) == len(seen.high) == -(-length // 80)
    assert seen.low.min() == -127
