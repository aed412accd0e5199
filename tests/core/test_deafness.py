"""Ten seconds of exact zeros, and not one sample fewer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.deafness import LIMIT, Deafness
from earlid.core.units import HOP


def test_ten_seconds_of_digital_silence_are_deaf_and_one_hop_less_is_not() -> None:
    ears = Deafness()
    hops = [ears.hear(np.zeros(HOP, np.int16)) for _ in range(LIMIT // HOP)]
    assert LIMIT == 160_000
    assert hops == [False] * (len(hops) - 1) + [True]


def test_the_first_sample_that_is_not_zero_ends_it() -> None:
    ears = Deafness(limit=10)
    assert ears.hear(np.zeros(20, np.int16))
    assert not ears.hear(np.array([0, -1, 0], np.int16))
    assert ears.silent == 1


def test_forgetting_begins_the_count_anew() -> None:
    ears = Deafness(limit=10)
    ears.hear(np.zeros(20, np.int16))
    ears.forget()
    assert not ears.deaf
    assert not ears.hear(np.zeros(9, np.int16))
    assert ears.hear(np.zeros(1, np.int16))


@given(st.lists(st.lists(st.sampled_from([0, 0, 0, 1]), max_size=9), max_size=9))
def test_it_counts_the_zeros_at_the_end_however_they_are_cut(blocks: list[list[int]]) -> None:
    ears = Deafness(limit=6)
    for block in blocks:
        ears.hear(np.array(block, np.int16))
    said = "".join(str(one) for block in blocks for one in block)
    assert ears.silent == len(said) - len(said.rstrip("0"))
    assert ears.deaf == (ears.silent >= 6)


def test_a_limit_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Deafness(0)
