"""What lies in one folder of the outbox: a recording, and the few facts that travel with it."""

from __future__ import annotations

import io
import json
import math
import re
import wave
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from earlid.core.segment import Endpoint, Segment
from earlid.core.units import RATE_HZ, seconds
from earlid.edge.seal import is_sealed

SOUND: Final = "segment.wav"
SEALED_SOUND: Final = "segment.wav.age"
FACTS: Final = "segment.json"
SOUND_LIMIT_BYTES: Final = 2_000_000
"""Twice the longest segment any configuration allows."""
FACTS_LIMIT_BYTES: Final = 10_000

_LATER: Final = frozenset({"boot", "up_s"})
_NAME: Final = re.compile(r"([0-9]{8,12})-([0-9a-f]{32})")


class BrokenSegmentError(ValueError):
    """A folder in the outbox is not what the spool writes; the message says how."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a kept segment. `start` and `samples` may travel; `wake_at` stays here.

    `start` counts from the wake, in samples: 0 or later, or negative by the configured lookback.
    `wake_at` counts from the start of the listening process. Neither is a time of day. It was kept `up_s`
    seconds after this machine was switched on, in the run called `boot`: that tells its age, whatever
    happens to the clock. What an earlier version kept has no such mark.
    """

    id: str
    model: str
    score: float
    endpoint: Endpoint
    samples: int
    start: int
    wake_at: int
    boot: str = ""
    up_s: float = 0.0

    def __post_init__(self) -> None:
        whole = (self.samples, self.start, self.wake_at)
        if {type(each) for each in whole} != {int} or {type(self.score), type(self.up_s)} != {float}:
            raise BrokenSegmentError("its numbers are of the wrong kind")
        if {type(each) for each in (self.id, self.model, self.boot)} != {str}:
            raise BrokenSegmentError("its names are of the wrong kind")
        if not re.fullmatch(r"[0-9a-f]{32}", self.id):
            raise BrokenSegmentError("its id is not 32 hex digits")
        if not self.model or not self.model.isprintable() or not math.isfinite(self.score + self.up_s):
            raise BrokenSegmentError("its model or score is not one")
        if self.samples < 0 or self.wake_at < 0:
            raise BrokenSegmentError("its length or place is negative")

    @classmethod
    def of(cls, segment: Segment, id_: str, boot: str = "", up_s: float = 0.0) -> Facts:
        """The facts of `segment`, about to be kept under `id_`."""
        wake = segment.wake
        length, start = len(segment.samples), segment.start - wake.at
        return cls(id_, wake.model, float(wake.score), segment.endpoint, length, start, wake.at, boot, up_s)

    def told(self) -> bytes:
        """The facts as a line of JSON."""
        return json.dumps({**asdict(self), "endpoint": self.endpoint.value}).encode() + b"\n"

    @classmethod
    def heard(cls, body: bytes) -> Facts:
        """The facts that `told` wrote, or BrokenSegmentError. A later version may have added to them."""
        try:
            raw: Any = json.loads(body)
            known = {
                each.name: raw[each.name]
                for each in fields(cls)
                if each.name not in _LATER or each.name in raw
            }
            known["endpoint"] = Endpoint(known["endpoint"])
            return cls(**known)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            if isinstance(error, BrokenSegmentError):
                raise
            raise BrokenSegmentError(
                f"{FACTS} does not read as its facts ({type(error).__name__})"
            ) from error


@dataclass(frozen=True, slots=True)
class Kept:
    """A whole segment waiting to be sent: its place in the order, its folder, its facts and its WAV.

    Where it is sealed, `wav` is what only the owner can open, and nobody here can look inside.
    """

    sequence: int
    folder: Path
    facts: Facts
    wav: bytes
    sealed: bool = False

    @property
    def id(self) -> str:
        """The random name that makes a second delivery harmless."""
        return self.facts.id

    @property
    def duration_s(self) -> float:
        """How long its sound lasts."""
        return seconds(self.facts.samples)


def folder_name(sequence: int, id_: str) -> str:
    """What a segment's folder is called: order first, so that a listing is the order."""
    return f"{sequence:08d}-{id_}"


def place(name: str) -> tuple[int, str] | None:
    """The order and id in a folder's name, or None if the spool did not give that name."""
    match = _NAME.fullmatch(name)
    return (int(match[1]), match[2]) if match else None


def assemble(folder: Path, facts_body: bytes, wav: bytes, *, sealed: bool = False) -> Kept:
    """The segment that `folder` holds; BrokenSegmentError unless name, facts and sound agree.

    Of a sealed one only its looks and its length can be judged.
    """
    named = place(folder.name)
    facts = Facts.heard(facts_body)
    if named is None or named[1] != facts.id:
        raise BrokenSegmentError(f"its folder's name is not that of {FACTS}")
    if sealed:
        if not is_sealed(wav) or len(wav) < 2 * facts.samples:
            raise BrokenSegmentError(f"{SEALED_SOUND} is not the sealed recording its facts describe")
        return Kept(named[0], folder, facts, wav, sealed)
    try:
        with wave.open(io.BytesIO(wav)) as file:
            shape = (file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes())
            sound_bytes = len(file.readframes(facts.samples))
    except (wave.Error, EOFError, ValueError) as error:
        raise BrokenSegmentError(f"{SOUND} is not a recording") from error
    if shape != (1, 2, RATE_HZ, facts.samples) or sound_bytes != 2 * facts.samples:
        raise BrokenSegmentError(f"{SOUND} is not the recording its facts describe")
    return Kept(named[0], folder, facts, wav)
