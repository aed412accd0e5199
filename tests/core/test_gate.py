"""The gate's table, row by row, and the permit that nothing else can make."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.gate import LONGEST, TABLE, Do, Event, Gate, Permit, State
from earlid.core.segment import Wake
from earlid.errors import Violation

WAKE = Wake("a", 32_000, 0.9)
EVERY_PAIR = list(product(State, Event))
KEEPING = {Do.OPEN, Do.KEEP}
DESTROYING = {Do.DISCARD, Do.WIPE}


def gate_in(state: State, lookback: int = 0) -> Gate:
    gate = Gate(lookback)
    gate.state = state
    return gate


@pytest.mark.parametrize(("state", "event"), EVERY_PAIR)
def test_every_pair_of_state_and_event_is_in_the_table_or_stops_the_process(
    state: State, event: Event
) -> None:
    gate = gate_in(state)
    if (state, event) in TABLE:
        assert gate.take(event) == TABLE[state, event][1]
        assert gate.state is TABLE[state, event][0]
    else:
        with pytest.raises(Violation, match=f"no row for {event.value} while {state.value}"):
            gate.take(event)
        assert gate.state is state


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", [Event.MUTE, Event.LOST, Event.DARK, Event.STOP])
def test_what_may_come_at_any_time_has_a_row_in_every_state(state: State, event: Event) -> None:
    assert (state, event) in TABLE


def test_a_mute_leads_to_muted_from_everywhere_and_only_an_unmute_leads_out() -> None:
    assert {TABLE[state, Event.MUTE][0] for state in State} == {State.MUTED}
    out = {event for (state, event), (to, _) in TABLE.items() if state is State.MUTED and to is not state}
    assert out == {Event.UNMUTE}


def test_muted_keeps_and_opens_nothing_whatever_happens() -> None:
    for (state, _), (_, work) in TABLE.items():
        if state is State.MUTED:
            assert not KEEPING & set(work)


@pytest.mark.parametrize("state", set(State) - {State.MUTED})
def test_a_mute_destroys_first_and_says_so_last(state: State) -> None:
    work = TABLE[state, Event.MUTE][1]
    assert work.index(Do.SHOW) == len(work) - 1
    assert Do.WIPE in work[:-1]
    assert (Do.DISCARD in work) == (state is State.CAPTURING)
    assert not KEEPING & set(work)


@pytest.mark.parametrize("state", set(State) - {State.MUTED})
def test_a_mute_closes_the_microphone_after_memory_is_zeroed_and_before_the_lamp_says_so(
    state: State,
) -> None:
    assert TABLE[state, Event.MUTE][1][-3:] == (Do.WIPE, Do.CLOSE, Do.SHOW)


def test_a_wake_that_the_budget_does_not_allow_is_shown_and_opens_nothing() -> None:
    assert {pair: row for pair, row in TABLE.items() if pair[1] is Event.SPENT} == {
        (State.LISTENING, Event.SPENT): (State.LISTENING, (Do.SHOW,))
    }


def test_sound_is_opened_only_by_a_wake_heard_while_listening_and_after_the_lamp() -> None:
    opening = {pair: work for pair, (_, work) in TABLE.items() if Do.OPEN in work}
    assert opening == {(State.LISTENING, Event.WAKE): (Do.SHOW, Do.OPEN)}


def test_sound_is_kept_only_while_the_lamp_still_says_capturing() -> None:
    for (state, _), (_, work) in TABLE.items():
        if Do.KEEP in work:
            assert state is State.CAPTURING
            assert Do.SHOW not in work[: work.index(Do.KEEP)]


def test_a_dark_lamp_destroys_an_open_segment_and_never_tries_the_lamp_again_at_once() -> None:
    assert TABLE[State.CAPTURING, Event.DARK] == (State.FAULT, (Do.DISCARD, Do.WIPE))
    assert all(Do.SHOW not in TABLE[state, Event.DARK][1] for state in State)


def test_every_way_to_another_state_is_shown_or_is_because_nothing_can_be_shown() -> None:
    for (state, event), (to, work) in TABLE.items():
        if to is not state and event not in {Event.DARK, Event.STOP}:
            assert Do.SHOW in work, (state, event)


def test_a_stop_wipes_in_every_state_and_leaves_nothing_open() -> None:
    for state in State:
        to, work = TABLE[state, Event.STOP]
        assert work[-1] is Do.WIPE
        assert to is not State.CAPTURING


def test_every_way_out_of_capturing_keeps_or_destroys_what_is_open() -> None:
    for (state, _), (to, work) in TABLE.items():
        if state is State.CAPTURING and to is not state:
            assert work[0] in {Do.KEEP, Do.DISCARD}


@given(st.lists(st.sampled_from(list(Event)), max_size=30), st.integers(0, 6_400))
def test_whatever_happens_a_permit_exists_only_while_capturing(events: list[Event], lookback: int) -> None:
    gate = Gate(lookback)
    for event in events:
        if (gate.state, event) in TABLE:
            gate.take(event)
        if gate.state is State.CAPTURING:
            assert gate.permit(WAKE, epoch=1).start == WAKE.at - lookback
        else:
            with pytest.raises(Violation, match="permit was asked for while"):
                gate.permit(WAKE, epoch=1)


def test_a_permit_names_its_wake_its_start_and_its_epoch() -> None:
    permit = gate_in(State.CAPTURING, 1_600).permit(WAKE, epoch=4)
    assert (permit.wake, permit.start, permit.epoch) == (WAKE, 30_400, 4)


def test_a_permit_never_reaches_behind_what_may_be_heard_nor_behind_the_beginning() -> None:
    gate = gate_in(State.CAPTURING, 6_400)
    assert gate.permit(WAKE, 0, earliest=31_000).start == 31_000
    assert gate.permit(Wake("a", 1_280, 0.9), 0).start == 0


def test_a_permit_is_for_no_more_than_was_left_and_never_for_more_than_the_longest() -> None:
    gate = gate_in(State.CAPTURING)
    assert gate.permit(WAKE, 0, most=16_000).most == 16_000
    assert gate.permit(WAKE, 0).most == gate.permit(WAKE, 0, most=9**9).most == LONGEST
    with pytest.raises(Violation, match="a permit is for 1 to"):
        gate.permit(WAKE, 0, most=0)


@pytest.mark.parametrize("issuer", [None, object(), True, Gate(), "gate"])
def test_nothing_but_the_gate_makes_a_permit(issuer: object) -> None:
    with pytest.raises(Violation, match="other than the gate"):
        Permit(WAKE, 0, 0, issuer)


def test_a_permit_cannot_be_changed_nor_made_from_another() -> None:
    permit = gate_in(State.CAPTURING).permit(WAKE, 0)
    with pytest.raises(FrozenInstanceError):
        permit.start = 0  # type: ignore[misc]
    with pytest.raises((TypeError, ValueError), match="issuer"):
        replace(permit, start=0)  # type: ignore[call-arg]
    with pytest.raises(Violation, match="other than the gate"):
        replace(permit, start=0, issuer=permit)


@pytest.mark.parametrize("lookback", [-1, 6_401, 16_000])
def test_no_configuration_looks_back_further_than_the_ceiling(lookback: int) -> None:
    with pytest.raises(Violation, match="0 to 400 ms"):
        Gate(lookback)


def test_the_ceiling_itself_is_allowed() -> None:
    assert gate_in(State.CAPTURING, 6_400).permit(WAKE, 0).start == WAKE.at - 6_400
