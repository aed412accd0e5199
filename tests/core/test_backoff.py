"""Delays double up to a limit, shrink a little by jitter, and start over after success."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.backoff import MOST_S, Backoff


def test_delays_double_up_to_half_a_minute() -> None:
    wait = Backoff()
    assert [wait.delay_s() for _ in range(9)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_after_success_the_shortest_comes_first() -> None:
    wait = Backoff()
    for _ in range(5):
        wait.delay_s()
    wait.reset()
    assert wait.delay_s() == 0.5


@given(st.lists(st.floats(0.0, 1.0), max_size=20))
def test_jitter_takes_at_most_a_quarter_and_adds_nothing(jitters: list[float]) -> None:
    wait, plain = Backoff(), Backoff()
    for jitter in jitters:
        whole_s = plain.delay_s()
        assert 0.75 * whole_s <= wait.delay_s(jitter) <= whole_s <= MOST_S


def test_senseless_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        Backoff(0.0)
    with pytest.raises(ValueError, match="at or below"):
        Backoff(5.0, 4.0)
    with pytest.raises(ValueError, match="0 to 1"):
        Backoff().delay_s(1.5)
