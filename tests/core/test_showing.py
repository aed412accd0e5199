"""The lamp never says less than the gate, and only a listening one says what became of a segment."""

from __future__ import annotations

from itertools import product

import pytest

from earlid.core.gate import State
from earlid.core.lamp import Look
from earlid.core.showing import Leaving, look_of

EVERYTHING = list(product([False, True], Leaving))


@pytest.mark.parametrize(
    ("state", "look"),
    [(State.MUTED, Look.MUTED), (State.FAULT, Look.FAULT), (State.CAPTURING, Look.CAPTURING)],
)
def test_muted_fault_and_capturing_beat_everything(state: State, look: Look) -> None:
    assert {look_of(state, is_spent=spent, leaving=leaving) for spent, leaving in EVERYTHING} == {look}


def test_a_listening_lamp_says_what_became_of_the_last_segment_unless_the_hour_is_used_up() -> None:
    assert [look_of(State.LISTENING, leaving=leaving) for leaving in Leaving] == [
        Look.LISTENING,
        Look.SENDING,
        Look.SENT,
    ]
    assert {look_of(State.LISTENING, is_spent=True, leaving=leaving) for leaving in Leaving} == {Look.SPENT}
