"""What is listened to: a hundred seconds of people, and a hundred of a quiet room, the same every time."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

RATE_HZ = 16_000
HOP = 1_280
LENGTH = 1_250 * HOP  # 100 s
CALLS = 8
_QUIET_DBFS = -60.0
_CLICK_EVERY_S = 13.0

Sound = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Recording:
    """A WAV file to hear, and one line on what it is made of."""

    name: str
    file: Path
    about: str

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        with wave.open(str(self.file), "rb") as sound:
            return sound.getnframes() / sound.getframerate()


def people(audio: Path, clip: Path, into: Path) -> Recording:
    """People reading aloud, "alexa" called now and then; our own `clip` where `audio` is missing."""
    calls = _spaced(sorted((audio / "positive" / "alexa").glob("*.flac")), CALLS)
    readings = sorted((audio / "negative" / "read_speech").glob("*.flac"))
    if not calls or not readings:
        return _keep(
            "speech", into, _filled([_read(clip)], LENGTH), f"{clip.name} repeated: no recordings in {audio}"
        )
    slot = LENGTH // len(calls)
    parts: list[Sound] = []
    for place, file in enumerate(calls):
        call = _read(file)
        talk = [_read(one) for one in readings[place :: len(calls)]]
        parts += [_filled(talk, slot - len(call)), call]
    return _keep(
        "speech", into, _filled(parts, LENGTH), f'people reading aloud, "alexa" called {len(calls)} times'
    )


def quiet_room(into: Path) -> Recording:
    """A room where nobody is: noise at -60 dBFS, falling with frequency, and a click every 13 seconds."""
    dice = np.random.default_rng(7)
    tones = np.fft.rfft(dice.standard_normal(LENGTH))
    tones[1:] /= np.sqrt(np.arange(1, len(tones)))
    tones[: 50 * LENGTH // RATE_HZ] = 0  # a microphone hears nothing below 50 Hz
    noise = np.fft.irfft(tones, LENGTH)
    noise *= 32768 * 10 ** (_QUIET_DBFS / 20) / noise.std()
    click = 1500 * np.exp(-np.arange(160) / 32) * dice.standard_normal(160)
    every = round(_CLICK_EVERY_S * RATE_HZ)
    for start in range(every, LENGTH - len(click), every):
        noise[start : start + len(click)] += click
    return _keep("quiet", into, np.round(noise).astype(np.int16), "noise at -60 dBFS and a click every 13 s")


def silence(hops: int, into: Path) -> Recording:
    """So short that hearing it costs nothing but start and end."""
    return _keep(f"silence-{hops}", into, np.zeros(hops * HOP, np.int16), "digital silence")


def _spaced(files: Sequence[Path], count: int) -> list[Path]:
    return [files[place * len(files) // count] for place in range(min(count, len(files)))]


def _filled(parts: Sequence[Sound], length: int) -> Sound:
    whole = np.concatenate(parts)
    return np.resize(whole, length)


def _read(file: Path) -> Sound:
    sound, rate_hz = soundfile.read(file, dtype="int16")
    if rate_hz != RATE_HZ or sound.ndim != 1:
        raise SystemExit(f"{file} is not 16 kHz mono: give the bench recordings that are")
    whole: Sound = sound
    return whole


def _keep(name: str, into: Path, sound: Sound, about: str) -> Recording:
    into.mkdir(parents=True, exist_ok=True)
    file = into / f"{name}.wav"
    with wave.open(str(file), "wb") as kept:
        kept.setnchannels(1)
        kept.setsampwidth(2)
        kept.setframerate(RATE_HZ)
        kept.writeframes(sound.astype("<i2").tobytes())
    return Recording(name, file, about)
