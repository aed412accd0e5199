"""The ring against a plain list: it holds the last seconds, and after a wipe it holds nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.ring import Ring
from earlid.core.units import HOP
from fakes.counting_sound import counted, counted_frame


def memory(ring: Ring) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """The very array in which the ring holds sound."""
    found: np.ndarray[tuple[int, ...], np.dtype[np.int16]] = ring._memory
    return found


GAPS = st.sampled_from([0, 0, 0, 0, 1, 511, HOP, 10 * HOP])


@given(
    hops=st.integers(1, 5),
    steps=st.lists(st.one_of(GAPS, st.just("wipe")), max_size=25),
    first=st.integers(0, 5_000),
    cuts=st.tuples(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2)),
)
def test_it_holds_what_a_list_of_the_last_samples_holds(
    hops: int, steps: list[int | str], first: int, cuts: tuple[float, float]
) -> None:
    ring, model, next_start = Ring(hops * HOP), list[int](), first
    for step in steps:
        if isinstance(step, str):
            ring.wipe()
            model = []
        else:
            model = [] if step else model
            next_start += step
            ring.write(counted_frame(next_start))
            model = [*model, *range(next_start, next_start + HOP)][-hops * HOP :]
            next_start += HOP
            assert ring.stop == next_start
        assert ring.stop - ring.start == len(model)
        start, stop = (ring.start + round(cut * (len(model) + 2)) for cut in cuts)
        expected = [index for index in model if start <= index < stop]
        held = ring.read(start, stop)
        assert held.dtype == np.int16
        assert (held == (counted(expected[0], expected[-1] + 1) if expected else [])).all()
        assert len(held) == len(expected)


def test_a_wipe_zeroes_the_very_array_and_not_a_new_one() -> None:
    ring = Ring(3 * HOP)
    before = memory(ring)
    for start in range(0, 5 * HOP, HOP):
        ring.write(counted_frame(start))
    assert before.all()
    ring.wipe()
    assert memory(ring) is before
    assert not before.any()
    assert not ring.read(0, 10 * HOP).size


def test_a_gap_leaves_nothing_from_before_it_in_the_array() -> None:
    ring = Ring(3 * HOP)
    for start in (0, HOP, 2 * HOP, 4 * HOP):
        ring.write(counted_frame(start))
    assert np.count_nonzero(memory(ring)) == HOP
    assert (ring.start, ring.stop) == (4 * HOP, 5 * HOP)


def test_it_never_grows() -> None:
    ring = Ring(2 * HOP)
    before = memory(ring)
    for start in range(0, 50 * HOP, HOP):
        ring.write(counted_frame(start))
    assert memory(ring) is before
    assert len(before) == ring.stop - ring.start == 2 * HOP


def test_what_was_read_is_a_copy() -> None:
    ring = Ring(2 * HOP)
    ring.write(counted_frame(0))
    ring.read(0, HOP).fill(7)
    assert (ring.read(0, HOP) == counted(0, HOP)).all()
    held = ring.read(0, HOP)
    ring.wipe()
    assert held.all()


def test_sound_that_runs_backwards_is_refused_even_after_a_wipe() -> None:
    ring = Ring(2 * HOP)
    ring.write(counted_frame(HOP))
    ring.wipe()
    with pytest.raises(ValueError, match="runs backwards"):
        ring.write(counted_frame(0))


@pytest.mark.parametrize("capacity", [0, -HOP, HOP - 1, HOP + 1])
def test_a_ring_of_anything_but_whole_hops_is_refused(capacity: int) -> None:
    with pytest.raises(ValueError, match="whole number of hops"):
        Ring(capacity)
