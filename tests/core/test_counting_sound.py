"""The sound that the other tests believe must itself be believed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.counting_sound import counted, indices


@given(st.integers(0, 2_000_000), st.integers(2, 3_000))
def test_any_piece_tells_where_it_is_from(start: int, length: int) -> None:
    assert (indices(counted(start, start + length)) == np.arange(start, start + length)).all()


@pytest.mark.parametrize("start", [0, 1, 65_533, 65_534, 65_535, 131_067, 131_068])
def test_two_neighbours_are_enough(start: int) -> None:
    assert indices(counted(start, start + 2)).tolist() == [start, start + 1]


def test_no_sample_is_zero_and_lost_sound_claims_nothing() -> None:
    sound = counted(0, 300_000)
    assert sound.all()
    sound[100:200] = 0
    assert (indices(sound)[100:200] == -1).all()
    assert (indices(sound)[:100] == np.arange(100)).all()
    assert (indices(sound)[200:] == np.arange(200, 300_000)).all()


def test_a_piece_from_elsewhere_is_seen() -> None:
    sound = np.concatenate((counted(0, 1_000), counted(5_000, 6_000)))
    assert (np.diff(indices(sound)) != 1).any()
