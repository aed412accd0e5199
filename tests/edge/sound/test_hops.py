"""The queue between hearing and reading keeps order, bounds and no secrets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.units import HOP, Samples
from earlid.edge.sound.hops import Hops
from fakes.waiting import within


def ramp(count: int, start: int = 0) -> Samples:
    return np.arange(start, start + count).astype(np.int16)


@given(st.lists(st.integers(0, 3 * HOP), max_size=12))
def test_blocks_of_any_size_come_out_as_the_same_samples(sizes: list[int]) -> None:
    hops = Hops(first=3)
    at = 0
    for size in sizes:
        hops.take(ramp(size, at), 0)
        at += size
    got = list(iter(lambda: hops.next(0.0), None))
    assert len(got) == at // HOP
    for number, frame in enumerate(got):
        assert frame.start == 3 + number * HOP
        assert np.array_equal(frame.samples, ramp(HOP, number * HOP))


def test_a_hop_is_as_old_as_its_first_block() -> None:
    hops = Hops()
    hops.take(ramp(HOP + 1), 4)
    hops.take(ramp(HOP), 5)
    assert [frame.epoch for frame in (hops.next(0.0), hops.next(0.0)) if frame] == [4, 4]


def test_when_full_the_newest_is_dropped_counted_and_leaves_a_gap() -> None:
    hops = Hops(waiting=2)
    hops.take(ramp(5 * HOP), 0)
    assert hops.lost["backlog"] == 3
    first, second = hops.next(0.0), hops.next(0.0)
    hops.take(ramp(HOP, 7), 0)
    third = hops.next(0.0)
    assert first is not None
    assert second is not None
    assert third is not None
    assert [first.start, second.start, third.start] == [0, HOP, 5 * HOP]
    assert np.array_equal(second.samples, ramp(HOP, HOP))
    assert np.array_equal(third.samples, ramp(HOP, 7))


def test_a_frame_in_hand_is_not_written_over_by_what_comes_after() -> None:
    hops = Hops(waiting=1)
    hops.take(ramp(HOP), 0)
    frame = hops.next(0.0)
    for _ in range(10):
        hops.take(np.full(HOP, -1, np.int16), 0)
        hops.next(0.0)
    assert frame is not None
    assert np.array_equal(frame.samples, ramp(HOP))


def test_lost_hops_swallow_the_hop_that_was_begun() -> None:
    hops = Hops()
    hops.take(ramp(100), 0)
    hops.lose(2, "overflow")
    hops.take(ramp(HOP, 500), 0)
    frame = hops.next(0.0)
    assert frame is not None
    assert frame.start == 2 * HOP
    assert np.array_equal(frame.samples, ramp(HOP, 500))
    assert hops.lost == {"overflow": 2, "backlog": 0, "device": 0}


def test_reading_leaves_nothing_behind_and_wiping_even_less() -> None:
    hops = Hops()
    hops.take(ramp(HOP, 1), 0)
    assert not hops.blank
    hops.next(0.0)
    assert hops.blank
    hops.take(ramp(3 * HOP + 9, 1), 0)
    hops.wipe()
    assert hops.blank
    assert hops.next(0.0) is None
    hops.take(ramp(HOP, 1), 0)
    frame = hops.next(0.0)
    assert frame is not None
    assert np.array_equal(frame.samples, ramp(HOP, 1))


def test_a_queue_in_which_nothing_may_wait_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one hop"):
        Hops(waiting=0)


def test_a_nudge_ends_a_wait_at_once_and_costs_no_hop() -> None:
    hops = Hops(waiting=2)
    for _ in range(1000):
        hops.nudge()
    with within(5.0):
        assert hops.next(20.0) is None
    hops.take(ramp(2 * HOP), 0)
    hops.nudge()
    assert [frame.start for frame in iter(lambda: hops.next(0.0), None)] == [0, HOP]
    assert hops.lost["backlog"] == 0


def test_a_wipe_takes_the_nudge_with_it() -> None:
    hops = Hops()
    hops.nudge()
    hops.wipe()
    assert hops.blank
