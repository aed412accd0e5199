"""The lamp never says less than the gate, and only a listening one says what became of a segment."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.gate import State
from earlid.core.lamp import Listening, Look, brightness
from earlid.core.showing import Leaving, look_of

EVERYTHING = list(product([False, True], [False, True], Leaving))


@pytest.mark.parametrize(
    ("state", "look"),
    [(State.MUTED, Look.MUTED), (State.FAULT, Look.FAULT), (State.CAPTURING, Look.CAPTURING)],
)
def test_muted_fault_and_capturing_beat_everything(state: State, look: Look) -> None:
    looks = {
        look_of(state, is_recorded=recorded, is_spent=spent, leaving=leaving)
        for recorded, spent, leaving in EVERYTHING
    }
    assert looks == {look}


@given(
    st.booleans(), st.booleans(), st.sampled_from(Leaving), st.sampled_from(Listening), st.floats(0, 60_000)
)
def test_while_words_are_kept_it_is_blue_and_never_dark_whatever_else_is_so(
    recorded: bool, spent: bool, leaving: Leaving, listening: Listening, t_ms: float
) -> None:
    look = look_of(State.CAPTURING, is_recorded=recorded, is_spent=spent, leaving=leaving)
    assert brightness(look, t_ms, listening) == (0, 0, 255)


def test_a_listening_lamp_says_first_that_a_field_recording_is_made() -> None:
    looks = {
        look_of(State.LISTENING, is_recorded=True, is_spent=spent, leaving=leaving)
        for _, spent, leaving in EVERYTHING
    }
    assert looks == {Look.RECORDING}


def test_a_listening_lamp_says_what_became_of_the_last_segment_unless_the_hour_is_used_up() -> None:
    assert [look_of(State.LISTENING, leaving=leaving) for leaving in Leaving] == [
        Look.LISTENING,
        Look.SENDING,
        Look.SENT,
    ]
    assert {look_of(State.LISTENING, is_spent=True, leaving=leaving) for leaving in Leaving} == {Look.SPENT}
