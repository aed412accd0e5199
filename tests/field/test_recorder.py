"""A field recording holds no sound that a mute cannot reach, however long the disk hangs."""

from __future__ import annotations

import numpy as np

from earlid.core.detector import Word
from earlid.core.field import Clip, Kind
from earlid.core.frame import Frame
from earlid.core.gate import State
from earlid.core.segment import Wake
from earlid.core.units import HOP, RATE_HZ
from earlid.edge.field.order import Order
from earlid.field.clock import FieldClock
from earlid.field.recorder import MOST_CLIPS, MOST_UNSEALED, Heard, Page, Recorder

SPACING = 75  # hops between two calls, six seconds: their clips do not overlap
HOUR_S = 3_600.0


class Evening:
    """A recorder with sound, and whoever should write down what it posts but may be stuck."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.posted: list[Heard | Page] = []
        clock = FieldClock(lambda: self.now_s, lambda: self.now_s)
        order = Order(1, 0.0, HOUR_S, True, "")
        self.recorder = Recorder(order, [Word("a", 0.5)], clock, self.posted.append)
        self.hop = 0

    def call(self, times: int = 1) -> None:
        for _ in range(times):
            for hop in range(SPACING):
                start = self.hop * HOP
                frame = Frame(start, 0, np.full(HOP, 7, np.int16))
                self.recorder.hear(frame, np.array([0.9 if hop == 0 else 0.0], np.float32))
                if hop == 0:
                    self.recorder.woke(Wake("a", frame.stop, 0.9))
                self.hop += 1
                self.now_s = self.hop * HOP / RATE_HZ
                self.recorder.pass_time(State.LISTENING)

    @property
    def clips(self) -> list[Clip]:
        return [item.clip for item in self.posted if isinstance(item, Heard) and item.clip]

    @property
    def found(self) -> int:
        return sum(isinstance(item, Heard) and item.found.kind is Kind.WAKE for item in self.posted)


def test_a_mute_reaches_every_clip_that_nobody_wrote_down_for_minutes() -> None:
    evening = Evening()
    evening.call(4 * MOST_CLIPS)
    assert len(evening.clips) > MOST_CLIPS
    evening.recorder.wipe()
    assert all(clip.is_wiped and not clip.samples.any() for clip in evening.clips)


def test_while_so_many_clips_wait_further_ones_are_numbers_only_and_then_sound_again() -> None:
    evening = Evening()
    evening.call(4 * MOST_CLIPS)
    assert evening.found >= 4 * MOST_CLIPS - 1
    assert len(evening.clips) == MOST_UNSEALED
    for clip in evening.clips[:2]:
        clip.wipe()  # as the desk does once it has sealed it
    evening.call(6)
    assert len(evening.clips) == MOST_UNSEALED + 2
