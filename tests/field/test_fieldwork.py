"""What was recorded a moment before the end is sealed all the same, and a mute reaches it until it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from earlid.core.detector import Word
from earlid.core.epoch import Epoch
from earlid.core.frame import Frame
from earlid.core.gate import State
from earlid.core.segment import Wake
from earlid.core.units import HOP
from earlid.edge.age import new_key
from earlid.edge.field.order import Order, OrderFile
from earlid.edge.field.store import FieldStore
from earlid.field.desk import Desk
from earlid.field.fieldwork import Fieldwork
from earlid.field.recorder import Heard
from earlid.field.scribe import Scribe
from earlid.field.settings import FieldSettings
from fakes.waiting import SECONDS

HOPS = 75  # a wake, and long enough after it that its clip is whole


class Evening:
    """A recording with sound, and a scribe that seals nothing before it is `awake`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.awake = folder, threading.Event()
        public, _ = new_key()
        now_s = time.time()
        with closing(FieldStore(folder)) as store:
            session = store.begin(
                note="", started_s=now_s, ends_s=now_s + 1e6, keeps_audio=True, recipient=public
            )
        self.orders = OrderFile(folder)
        self.orders.give(Order(session.id, now_s, now_s + 1e6, True, public))
        self.work = Fieldwork(folder, [Word("a", 0.5)], {}, FieldSettings(), Epoch())
        self.work.open()

    def call(self) -> None:
        for hop in range(HOPS):
            frame = Frame(hop * HOP, 0, np.full(HOP, 7, np.int16))
            self.work.hear(frame, np.array([0.9 if hop == 0 else 0.0], np.float32))
            if hop == 0:
                self.work.woke(Wake("a", frame.stop, 0.9))

    @property
    def sounds(self) -> list[bool]:
        """Of each peak that was written down, whether its sound was."""
        with closing(FieldStore(self.folder)) as store:
            return [peak.clip is not None for peak in store.peaks()]


@pytest.fixture
def evening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Evening]:
    take, close = Desk.take, Scribe.close

    def take_late(desk: Desk, heard: Heard) -> None:
        assert one.awake.wait(SECONDS)
        take(desk, heard)

    def close_awake(scribe: Scribe) -> None:
        one.awake.set()
        close(scribe)

    monkeypatch.setattr(Desk, "take", take_late)
    monkeypatch.setattr(Scribe, "close", close_awake)
    monkeypatch.setattr("earlid.field.scribe._PATIENCE_S", SECONDS)
    (tmp_path / "field").mkdir()
    one = Evening(tmp_path / "field")
    yield one
    one.work.close()


def test_a_clip_that_waits_when_the_listening_ends_is_kept(evening: Evening) -> None:
    evening.call()
    evening.work.close()
    assert evening.sounds == [True]


def test_a_clip_that_waits_when_its_recording_ends_is_kept(evening: Evening) -> None:
    evening.call()
    evening.work._scribe.wanted = None  # withdrawn, and seen at a glance
    evening.work.look(State.LISTENING)
    evening.work.close()
    assert evening.sounds == [True]


def test_a_mute_after_its_recording_ended_destroys_what_still_waits(evening: Evening) -> None:
    evening.call()
    evening.work._scribe.wanted = None
    evening.work.look(State.LISTENING)
    evening.work.wipe()
    evening.work.close()
    assert evening.sounds == [False]
