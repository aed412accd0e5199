"""The WAV that leaves: a plain header and the samples."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from earlid.edge.sound.wav import wav_bytes


def test_a_wav_is_a_header_of_44_bytes_and_the_samples() -> None:
    sound = np.array([0, 1, -1, 32767, -32768], np.int16)
    body = wav_bytes(sound)
    assert len(body) == 44 + 10
    assert body[36:40] == b"data"
    assert body[44:] == sound.astype("<i2").tobytes()
    back, rate_hz = soundfile.read(io.BytesIO(body), dtype="int16")
    assert rate_hz == 16_000
    assert np.array_equal(back, sound)


def test_anything_but_one_row_of_int16_is_refused() -> None:
    with pytest.raises(ValueError, match="one row of int16"):
        wav_bytes(np.zeros((2, 2), np.int16))
    with pytest.raises(ValueError, match="float64"):
        wav_bytes(np.zeros(2))  # type: ignore[arg-type]  # the mistake under test
