"""Cuts one segment out of the stream: from its permit to the first rule that ends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from earlid.core.frame import Frame
from earlid.core.gate import LONGEST, Permit
from earlid.core.ring import Ring
from earlid.core.segment import Endpoint, Segment
from earlid.core.units import HOP, Samples, samples, seconds
from earlid.errors import Violation

CHUNK: Final = 512
"""Samples that the voice detector judges at a time."""
_SPOKEN: Final = samples(0.16)
"""Less speech than this is the wake word's own echo in the room, not a person going on."""


class Voice(Protocol):
    """Tells speech from other sound, chunk after chunk."""

    def probability(self, chunk: Samples) -> float:
        """How likely int16 `chunk` of shape (512,) is speech, 0 to 1, given the chunks before it."""

    def reset(self) -> None:
        """Forget the chunks before."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason to end a segment: all that it names must hold. Lengths are samples."""

    endpoint: Endpoint
    spoken: bool | None = None
    min_silence: int = 0
    min_length: int = 0

    def holds(self, length: int, silence: int, spoken: bool) -> bool:
        """Whether a segment this long, with this much silence at its end, is over."""
        return (
            (self.spoken is None or self.spoken is spoken)
            and silence >= self.min_silence
            and length >= self.min_length
        )


def rules(nobody_spoke: int, hangover: int, longest: int) -> tuple[Rule, ...]:
    """The rules in the order in which they are asked, from the three lengths a person can set."""
    if not 0 < longest <= LONGEST:
        raise Violation(f"a segment lasts at most {seconds(LONGEST)} s, not {longest} samples")
    return (
        Rule(Endpoint.NOBODY_SPOKE, spoken=False, min_silence=nobody_spoke),
        Rule(Endpoint.SPEECH_ENDED, spoken=True, min_silence=hangover),
        Rule(Endpoint.TOO_LONG, min_length=longest),
    )


class Segmenter:
    """Holds at most one open segment, in one array of fixed size that is zeroed whenever it is given up."""

    def __init__(self, rules: tuple[Rule, ...], voice: Voice, speech_probability: float = 0.5) -> None:
        self._rules = rules
        self._voice = voice
        self._speech_probability = speech_probability
        self._longest = max(rule.min_length for rule in rules)
        # one hop of room: what is past the limit is heard with its hop, and cut off
        self._memory: Final = np.zeros(self._longest + HOP, np.int16)
        self._permit: Permit | None = None
        self._forget()

    def _forget(self) -> None:
        self._permit = None
        self._most = self._longest
        self._length = self._judged = self._spoken = self._last_speech = self._called = 0

    @property
    def is_open(self) -> bool:
        """Whether a segment is being kept."""
        return self._permit is not None

    @property
    def permit(self) -> Permit | None:
        """The permit of the open segment."""
        return self._permit

    @property
    def length(self) -> int:
        """Samples that the open segment would have if it ended now."""
        return min(self._length, self._most)

    def open(self, permit: Permit, ring: Ring) -> None:
        """Begin with what `ring` holds from the permit's start on; never with anything before it."""
        if self._permit is not None:
            raise Violation("a segment was opened while one was open")
        self._forget()
        self._voice.reset()
        self._permit = permit
        self._most = min(permit.most, self._longest)
        self._start = max(permit.start, ring.start)
        self._append(ring.read(self._start, ring.stop))
        # the wake word is not an answer to itself: silence and speech count from here
        self._called = self._judged = min(self._length, self._most)

    def hear(self, frame: Frame) -> Endpoint | None:
        """Take in the next frame; the rule that now ends the segment, if one does."""
        if self._permit is None:
            raise Violation("sound was kept without an open segment")
        if frame.epoch != self._permit.epoch:
            raise Violation("sound of another epoch than the permit's was kept")
        lost = frame.start - (self._start + self._length)
        if lost < 0:
            raise Violation("sound from before the permit's start was kept")
        self._append(np.zeros(min(lost, len(self._memory)), np.int16))
        self._append(frame.samples)
        return self._judge()

    def _append(self, sound: Samples) -> None:
        fits = sound[: len(self._memory) - self._length]
        self._memory[self._length : self._length + len(fits)] = fits
        self._length += len(fits)

    def _judge(self) -> Endpoint | None:
        while self._judged + CHUNK <= self._length:
            chunk = self._memory[self._judged : self._judged + CHUNK]
            self._judged += CHUNK
            if self._voice.probability(chunk) >= self._speech_probability:
                self._spoken += CHUNK
                self._last_speech = self._judged
            spoken = self._spoken >= _SPOKEN
            silence = self._judged - (self._last_speech if spoken else self._called)
            for rule in self._rules:
                if rule.holds(self._judged, silence, spoken):
                    self._length = self._judged
                    return rule.endpoint
            if self._judged >= self._most:
                return Endpoint.BUDGET
        return None

    def close(self, endpoint: Endpoint) -> Segment | None:
        """Give up the open segment, a copy of its sound in hand; None if it holds no sound yet."""
        permit = self._permit
        if permit is None:
            raise Violation("a segment was closed that was not open")
        sound = self._memory[: min(self._length, self._most)].copy()
        start = self._start
        self.discard()
        return Segment(permit.wake, start, sound, endpoint) if len(sound) else None

    def discard(self) -> None:
        """Overwrite whatever is held with zeros and forget it. Harmless when nothing is open."""
        self._memory.fill(0)
        self._voice.reset()
        self._forget()
