"""Samples as a WAV file in memory: PCM16, mono, 16 kHz, and nothing else inside."""

from __future__ import annotations

import io
import wave

from earlid.core.units import RATE_HZ, Samples


def wav_bytes(samples: Samples) -> bytes:
    """The 44-byte header and the samples; no chunk that could tell who, when or where."""
    if samples.dtype.kind != "i" or samples.dtype.itemsize != 2 or samples.ndim != 1:
        raise ValueError(f"a wav is made of one row of int16, not {samples.dtype} {samples.shape}")
    body = io.BytesIO()
    with wave.open(body, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.astype("<i2").tobytes())
    return body.getvalue()
