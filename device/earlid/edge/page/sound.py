"""The sound of one clip, opened in this process and nowhere else, and the part that a player asks for."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Callable
from typing import Final

import numpy as np

from earlid.core.units import RATE_HZ, Samples
from earlid.edge.page.asked import Answer
from earlid.errors import ConfigError

Open = Callable[[str], bytes]
"""Gives the WAV file sealed in the clip of that name. UsageError if it is gone, ConfigError without a key."""

_RANGE: Final = re.compile(r"bytes=([0-9]{0,12})-([0-9]{0,12})")


def samples_of(wav: bytes) -> Samples:
    """The samples of a clip; ConfigError if it is not one of ours."""
    try:
        with wave.open(io.BytesIO(wav)) as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE_HZ):
                raise ConfigError("this clip is no sound of ours: delete it")
            found: Samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)
            return found
    except (wave.Error, EOFError):
        raise ConfigError("this clip is damaged: delete it") from None


def answer_with(wav: bytes, wanted: str) -> Answer:
    """All of `wav`, or the one range of bytes in the header `wanted`; several are answered with all."""
    match = _RANGE.fullmatch(wanted.replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return Answer(wav, "audio/wav", headers={"accept-ranges": "bytes"})
    first, last = match.groups()
    if first:
        start, stop = int(first), min(int(last) + 1 if last else len(wav), len(wav))
    else:
        start, stop = max(0, len(wav) - int(last)), len(wav)
    if start >= stop:
        return Answer(b"", "audio/wav", 416, {"content-range": f"bytes */{len(wav)}"})
    told = {"accept-ranges": "bytes", "content-range": f"bytes {start}-{stop - 1}/{len(wav)}"}
    return Answer(wav[start:stop], "audio/wav", 206, told)
