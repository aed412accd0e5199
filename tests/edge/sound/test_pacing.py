"""A paced source keeps time by the clock it is given."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from earlid.core.frame import Frame
from earlid.core.units import HOP
from earlid.edge.sound.pacing import Paced
from earlid.edge.sound.source import Source
from fakes.waiting import within


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, duration_s: float) -> None:
        assert duration_s >= 0.0
        self.now += duration_s


class Tape:
    """Frames without end, each at once."""

    name = "tape"

    def __init__(self) -> None:
        self.given = 0
        self.lost = {"overflow": 0}
        self.is_open = False
        self.nudges = 0

    def open(self) -> None:
        self.is_open = True

    def read(self, timeout_s: float) -> Frame | None:
        self.given += 1
        return Frame((self.given - 1) * HOP, 0, np.ones(HOP, np.int16))

    def nudge(self) -> None:
        self.nudges += 1

    def close(self) -> None:
        self.is_open = False


def paced(pace: float) -> tuple[Paced, Clock, Tape]:
    clock, tape = Clock(), Tape()
    one = Paced(tape, pace, clock, clock.sleep)
    assert isinstance(one, object)
    _as_source: Source = one
    one.open()
    return one, clock, tape


@pytest.mark.parametrize("pace", [1.0, 2.0, 0.5])
def test_a_hop_is_given_when_its_end_would_have_been_heard(pace: float) -> None:
    one, clock, _ = paced(pace)
    times = []
    for _hop in range(5):
        assert one.read(1.0) is not None
        times.append(clock.now - 100.0)
    assert times == pytest.approx([0.08 * (hop + 1) / pace for hop in range(5)])


def test_what_is_due_later_than_one_waits_comes_next_time_and_not_twice() -> None:
    one, clock, tape = paced(1.0)
    assert one.read(0.05) is None
    assert clock.now == pytest.approx(100.05)
    frame = one.read(0.05)
    assert frame is not None
    assert (frame.start, tape.given) == (0, 1)


def test_a_slow_reader_is_given_what_is_overdue_at_once() -> None:
    one, clock, _ = paced(1.0)
    one.read(1.0)
    clock.now += 10.0
    before = clock.now
    one.read(1.0)
    assert clock.now == before


def test_after_a_pause_time_begins_anew() -> None:
    one, clock, tape = paced(1.0)
    one.read(1.0)
    one.close()
    assert not tape.is_open
    clock.now += 60.0
    one.open()
    before = clock.now
    one.read(1.0)
    assert clock.now - before == pytest.approx(0.08)


def test_closing_overwrites_the_frame_that_waited() -> None:
    one, _, tape = paced(1.0)
    kept: list[Frame] = []
    read = tape.read

    def remember(timeout_s: float) -> Frame | None:
        frame = read(timeout_s)
        if frame:
            kept.append(frame)
        return frame

    tape.read = remember  # type: ignore[method-assign]  # a tap on the tape
    assert one.read(0.01) is None
    one.close()
    assert not kept[0].samples.any()
    assert (one.name, one.lost) == ("tape", {"overflow": 0})


def test_time_does_not_stand_still() -> None:
    with pytest.raises(ValueError, match="above 0"):
        Paced(Tape(), 0.0)


def test_a_nudge_ends_the_wait_and_the_frame_that_waited_comes_next() -> None:
    tape = Tape()
    one = Paced(tape, 0.08 / 30.0)  # half a minute for a hop
    one.open()
    hand = threading.Timer(0.02, one.nudge)
    hand.start()
    with within(5.0):
        assert one.read(20.0) is None
    hand.join()
    assert (tape.nudges, tape.given) == (1, 1)
    one.close()


def test_a_nudge_before_the_wait_is_for_the_next_wait_only() -> None:
    tape = Tape()
    one = Paced(tape, 1.0)
    one.open()
    one.nudge()
    assert one.read(20.0) is None
    frame = one.read(20.0)
    assert frame is not None
    assert (frame.start, tape.given) == (0, 1)
