"""What is done to a recording before it is heard: drawn by lot from a seed, the same for everyone.

A condition is named by its parts: `clean`, `snr10`, `rir+snr5`, `gain-30`, `speed1.1`. The same recording
meets the same piece of noise and the same room in every condition, so that conditions differ in nothing
but what their names say.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from earlid.bench.corpus import SOUND
from earlid.core.mixing import active_level, amplified, looped, with_noise
from earlid.core.units import HOP, Samples, samples
from earlid.edge.sound.recording import whole
from earlid.edge.sound.resample import at_speed
from earlid.errors import UsageError

_PART: Final = re.compile(r"(snr|gain|speed)([+-]?\d+(?:\.\d+)?)|rir")


@dataclass(frozen=True, slots=True)
class Condition:
    """Noise `snr_db` below the speech, a room, another speed, another level; or nothing of it: clean."""

    snr_db: float | None = None
    rir: bool = False
    speed: float = 1.0
    gain_db: float = 0.0

    def __post_init__(self) -> None:
        if not 0.5 <= self.speed <= 2.0:
            raise UsageError(f"a speed is from 0.5 to 2, not {self.speed:g}")
        if not -100 <= self.gain_db <= 60:
            raise UsageError(f"a gain is from -100 to 60 dB, not {self.gain_db:g}")
        if self.snr_db is not None and not -40 <= self.snr_db <= 60:
            raise UsageError(f"a signal-to-noise ratio is from -40 to 60 dB, not {self.snr_db:g}")

    @property
    def name(self) -> str:
        """What it is called on the command line and in reports."""
        parts = ["rir"] if self.rir else []
        parts += [] if self.snr_db is None else [f"snr{self.snr_db:g}"]
        parts += [] if self.speed == 1.0 else [f"speed{self.speed:g}"]
        parts += [] if self.gain_db == 0.0 else [f"gain{self.gain_db:g}"]
        return "+".join(parts) or "clean"

    @property
    def words(self) -> str:
        """The same for people."""
        parts = ["in a room"] if self.rir else []
        parts += [] if self.snr_db is None else [f"noise {self.snr_db:g} dB"]
        parts += [] if self.speed == 1.0 else [f"speed {self.speed:g}"]
        parts += [] if self.gain_db == 0.0 else [f"gain {self.gain_db:g} dB"]
        return ", ".join(parts) or "clean"


CLEAN: Final = Condition()


def condition(name: str) -> Condition:
    """The condition called `name`; UsageError says how one is named."""
    parts: dict[str, float] = {}
    for part in name.split("+") if name != "clean" else ():
        found = _PART.fullmatch(part)
        if not found or part in parts or (found[1] or "rir") in parts:
            raise UsageError(
                f"{name}: a condition is clean, or rir, snr10, speed0.9 and gain-30 joined by +, each once"
            )
        parts[found[1] or "rir"] = float(found[2] or 1)
    return Condition(parts.get("snr"), "rir" in parts, parts.get("speed", 1.0), parts.get("gain", 0.0))


def conditions(
    names: Sequence[str], snrs: Sequence[float], speeds: Sequence[float], gains: Sequence[float], *, rir: bool
) -> tuple[Condition, ...]:
    """Clean first, then each that was asked for, once."""
    asked = [
        CLEAN,
        *(Condition(snr_db=snr) for snr in snrs),
        *([Condition(rir=True)] if rir else []),
        *(Condition(speed=speed) for speed in speeds),
        *(Condition(gain_db=gain) for gain in gains),
        *(condition(name) for name in names),
    ]
    return tuple(dict.fromkeys(asked))


@dataclass(frozen=True, slots=True)
class Mixer:
    """Makes what is heard: `lead_in_s` of silence, the recording, `tail_s` more; noise is there throughout.

    `noises` and `rooms` are the files to draw from. Everything follows from `seed` and a recording's name.
    """

    noises: tuple[Path, ...]
    rooms: tuple[Path, ...]
    seed: int
    lead_in_s: float
    tail_s: float

    def check(self, wanted: Sequence[Condition]) -> None:
        """Raise UsageError if a condition asks for noise or rooms that were not given."""
        if any(one.snr_db is not None for one in wanted) and not self.noises:
            raise UsageError("noise has to come from somewhere: name a folder of it with --noise")
        if any(one.rir for one in wanted) and not self.rooms:
            raise UsageError("rooms have to come from somewhere: name a folder of responses with --rir")

    @property
    def lead_in(self) -> int:
        """Whole hops before the recording."""
        return -(-samples(self.lead_in_s) // HOP)

    def stream(self, sound: Samples, name: str, path: Path, how: Condition) -> Samples:
        """All that is heard of `sound`, the recording `name` at `path`, under the condition `how`."""
        if how.speed != 1.0:
            sound = at_speed(sound, how.speed)
        if how.rir:
            sound = _across(sound, self._drawn(self.rooms, name, "room", path)[0])
        before, after = (np.zeros(length, np.int16) for length in (self.lead_in * HOP, samples(self.tail_s)))
        stream = np.concatenate([before, sound, after])
        if how.snr_db is not None:
            noise, start = self._drawn(self.noises, name, "noise", path)
            stream = with_noise(stream, active_level(sound), looped(noise, start, len(stream)), how.snr_db)
        return amplified(stream, how.gain_db) if how.gain_db else stream

    def _drawn(self, files: tuple[Path, ...], name: str, what: str, path: Path) -> tuple[Samples, int]:
        """One of `files`, but not `path` itself, and where in it to begin: drawn by lot."""
        lot = hashlib.sha256(f"{self.seed}\n{what}\n{name}".encode()).digest()
        dice = np.random.default_rng(int.from_bytes(lot[:8], "big"))
        others = [file for file in files if file != path] or list(files)
        sound = _kept_sound(others[int(dice.integers(len(others)))])
        return sound, int(dice.integers(max(1, len(sound))))


def sounds_in(folder: Path | None) -> tuple[Path, ...]:
    """The recordings in `folder`, in order; UsageError if there are none."""
    if folder is None:
        return ()
    found = tuple(sorted(file for file in folder.rglob("*") if file.suffix.lower() in SOUND))
    if not found:
        raise UsageError(f"{folder}: no such folder, or no recordings in it")
    return found


@lru_cache(maxsize=8)
def _kept_sound(file: Path) -> Samples:
    return whole(file)


def _across(sound: Samples, answer: Samples) -> Samples:
    from earlid.edge.sound.echo import across  # noqa: PLC0415 - scipy is an extra, and only rooms need it

    return across(sound, answer)
