"""What one field recording does with each hop, on the thread that listens: adds up, and hands on. No disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from earlid.core.detector import Word
from earlid.core.field import AFTER, BEFORE, Clip, Kind
from earlid.core.frame import Frame
from earlid.core.gate import State
from earlid.core.peaks import Found, PeakFinder
from earlid.core.ring import Ring
from earlid.core.segment import Wake
from earlid.core.tally import Sum, Tally
from earlid.core.units import HOP, Scores, samples, seconds
from earlid.edge.field.order import Order
from earlid.field.clock import FieldClock

RING_HOPS: Final = -(-(BEFORE + AFTER) // HOP) + 1
"""What a field recording with sound remembers: a clip, and no more. One without remembers nothing."""
MOST_CLIPS: Final = 12
"""Clips a minute, at the most; further peaks are kept without their sound."""
MOST_UNSEALED: Final = 2 * MOST_CLIPS
"""Clips that may wait to be sealed, 4 MB; while a disk hangs, further peaks are kept without their sound."""
PAGE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Heard:
    """A peak, when it was, and its sound if that is to be kept."""

    found: Found
    at_s: float
    clip: Clip | None


@dataclass(frozen=True, slots=True)
class Page:
    """The sum of about a minute that began at `start_s`: time to write down what was heard."""

    start_s: float
    sum: Sum


class Recorder:
    """Records one session for as long as its order says, however long `passed` of it was recorded before.

    Not for two threads at once. `post` takes what is to be written down, and never waits.
    """

    def __init__(
        self,
        order: Order,
        words: Sequence[Word],
        clock: FieldClock,
        post: Callable[[Heard | Page], None],
        passed: int = 0,
    ) -> None:
        self.order: Final = order
        self._clock = clock
        self._post = post
        self._finder = PeakFinder(words)
        self._tally = Tally()
        self._ring = Ring(RING_HOPS * HOP) if order.keeps_audio else None
        self._given: list[Clip] = []
        """Every clip that holds sound: `wipe` has to reach them all."""
        self._heard_s: deque[tuple[int, float]] = deque(maxlen=RING_HOPS)
        """When each of the last hops was heard: a peak is found later, when the sound may have stopped."""
        self._left = samples(order.ends_s - order.started_s) - passed
        self._next = -1
        self._now = 0
        self._clips_left = MOST_CLIPS
        self._page_s = clock.now_s()
        self._still_s = clock.steady_s()
        self._was = State.LISTENING

    @property
    def is_over(self) -> bool:
        """Whether its time is up: by the clock, or by what it has recorded if the clock was set back."""
        return self._clock.now_s() >= self.order.ends_s or self._left <= 0

    def hear(self, frame: Frame, scores: Scores) -> None:
        """Take one hop and its scores. Its samples are not held on to, but for the ring."""
        if self.is_over:
            return
        if self._was is not State.LISTENING:
            self._go_on()
        if 0 <= self._next < frame.start:
            self._hand_on(self._finder.finish())
            self._tally.lose(frame.start - self._next)
        self._hand_on(self._finder.ripe())
        self._next = self._now = frame.stop
        self._heard_s.append((frame.stop, self._clock.now_s()))
        self._finder.hear(scores, frame.stop, self._tally.hear(frame.samples))
        if self._ring:
            self._ring.write(frame)
        self._epoch = frame.epoch

    def woke(self, wake: Wake, kind: Kind = Kind.WAKE) -> None:
        """The hop just heard completed a wake."""
        if self._now == wake.at:
            self._finder.woke(wake, kind)

    def pass_time(self, state: State) -> None:
        """Look at the clock: while nothing is heard, time is all there is to count."""
        steady_s = self._clock.steady_s()
        still = samples(steady_s - self._still_s)
        if self._was is State.MUTED:
            self._tally.mute(still)
            self._still_s += seconds(still)
        elif self._was is State.FAULT:
            self._tally.lose(still)
            self._still_s += seconds(still)
        else:
            self._still_s = steady_s
        self._was = State.LISTENING if state is State.CAPTURING else state
        if state is State.FAULT and self._next >= 0:
            self._hand_on(self._finder.finish())
            self._next = -1
        now_s = self._clock.now_s()
        if now_s // PAGE_S != self._page_s // PAGE_S:
            self._turn_the_page(now_s)

    def _go_on(self) -> None:
        """The first hop after a mute or a fault: what passed until it began was one."""
        steady_s = self._clock.steady_s()
        still = max(0, samples(steady_s - self._still_s) - HOP)
        (self._tally.mute if self._was is State.MUTED else self._tally.lose)(still)
        self._was, self._still_s = State.LISTENING, steady_s

    @property
    def holds_sound(self) -> bool:
        """Whether a clip that was handed on still waits to be sealed."""
        return not all(clip.is_wiped for clip in self._given)

    def wipe(self) -> None:
        """Overwrite all sound that is not sealed yet; what was found without it is handed on."""
        while self._given:
            self._given.pop().wipe()
        self._break_off()

    def finish(self) -> None:
        """It is over: hand on what is left. What waits to be sealed still is, unless `wipe` comes first."""
        self._break_off()
        self._turn_the_page(self._clock.now_s(), is_last=True)

    def _break_off(self) -> None:
        """Nothing follows what was heard last, and none of it is held any more."""
        if self._ring:
            self._ring.wipe()
        self._hand_on(self._finder.finish())
        self._next = -1

    def _turn_the_page(self, now_s: float, *, is_last: bool = False) -> None:
        added = self._tally.take(is_last=is_last)
        self._left -= added.passed
        self._clips_left = MOST_CLIPS
        if not added.is_nothing:
            self._post(Page(self._page_s, added))
        self._page_s = now_s

    def _hand_on(self, all_found: list[Found]) -> None:
        for found in all_found:
            self._tally.find(found.kind)
            heard_s = (at_s for stop, at_s in self._heard_s if stop >= found.at)
            at_s = next(heard_s, self._clock.now_s())
            clip = self._clip(found)
            if clip:
                self._given.append(clip)
            self._post(Heard(found, at_s, clip))

    def _clip(self, found: Found) -> Clip | None:
        """The sound around a peak; silence stands for what was heard before the ring began."""
        if self._ring is None or not (found.is_whole and found.wants_sound and self._clips_left):
            return None
        self._given = [clip for clip in self._given if not clip.is_wiped]
        if len(self._given) >= MOST_UNSEALED:
            return None
        sound = self._ring.read(found.at - BEFORE, found.at + AFTER)
        if self._ring.stop < found.at + AFTER or len(sound) < AFTER:
            return None
        self._clips_left -= 1
        whole = np.zeros(BEFORE + AFTER, np.int16)
        whole[len(whole) - len(sound) :] = sound
        sound.fill(0)
        return Clip(self._epoch, whole)
