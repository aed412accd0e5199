"""Whose word counts: the hand's on the switch, then the clock's, then software's; and how a boot begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.mute import Answer, Mute, Remembered, at_boot

STATES = st.builds(
    Mute,
    switch=st.sampled_from([None, False, True]),
    kept=st.booleans(),
    lost=st.booleans(),
    quiet_until=st.sampled_from(["", "06:30"]),
)
ACTS = st.lists(st.sampled_from(["mute", "unmute", "close", "open", "quiet", "loud"]), max_size=40)


def act(state: Mute, what: str) -> Mute:
    match what:
        case "mute":
            return state.mute()
        case "unmute":
            return state.unmute()[0]
        case "close" | "open":
            return state.move(what == "close")
        case _:
            return state.tell_time("06:30" if what == "quiet" else "")


@given(STATES, ACTS)
def test_against_a_closed_switch_nothing_but_the_hand_unmutes(state: Mute, acts: list[str]) -> None:
    state = state.move(True)
    for what in acts:
        if what != "open":
            state = act(state, what)
            assert state.muted
            assert state.cause == "by the switch"


@given(STATES, ACTS)
def test_it_is_muted_as_long_as_anybody_says_so(state: Mute, acts: list[str]) -> None:
    closed, kept, quiet = state.switch is True, state.kept, bool(state.quiet_until)
    for what in acts:
        if what in {"quiet", "loud"}:
            quiet = what == "quiet"
        elif what == "mute":
            kept = True
        elif what == "unmute":
            kept &= closed or quiet
        elif what == "close":
            closed = True
        else:
            kept &= state.switch is False
            closed = False
        state = act(state, what)
        assert state.muted == (closed or kept or quiet)
        assert bool(state.cause) == state.muted


def test_a_mute_by_software_under_an_open_switch_is_lifted_by_software_or_by_the_switch() -> None:
    muted = Mute(switch=False).mute()
    assert muted.muted
    assert not muted.unmute()[0].muted
    assert not muted.move(True).move(False).muted


@pytest.mark.parametrize(("said_s", "stays"), [(4.9, False), (5.1, True)])
def test_opening_the_switch_lifts_what_was_said_before_it_moved_and_nothing_said_since(
    said_s: float, stays: bool
) -> None:
    state = Mute(switch=True).mute(said_s).move(False, moved_s=5.0)
    assert (state.muted, state.switch) == (stays, False)
    assert not state.move(True, 6.0).move(False, 7.0).muted, "a later movement is the later word"


def test_a_switch_that_did_not_move_lifts_nothing() -> None:
    assert Mute(switch=False).mute().move(False).muted


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        (Mute(switch=True), Answer.SWITCH),
        (Mute(switch=True, kept=True, quiet_until="06:30"), Answer.SWITCH),
        (Mute(quiet_until="06:30"), Answer.QUIET),
        (Mute(kept=True), Answer.GRANTED),
        (Mute(), Answer.GRANTED),
    ],
)
def test_an_unmute_is_granted_or_refused_by_name_and_a_refused_one_changes_nothing(
    state: Mute, answer: Answer
) -> None:
    after, said = state.unmute()
    assert said is answer
    assert answer is Answer.GRANTED or after == state


def test_an_unmute_in_words_within_a_quiet_hour_takes_back_softwares_mute_and_leaves_the_clocks() -> None:
    after, said = Mute(quiet_until="06:30").mute(1.0).unmute(in_words=True)
    assert (after, said) == (Mute(quiet_until="06:30"), Answer.QUIET)
    assert after.muted
    assert not after.tell_time("").muted
    lost = Mute(kept=True, lost=True, quiet_until="06:30").unmute(in_words=True)[0]
    assert not lost.tell_time("").muted


@given(STATES, ACTS)
def test_within_a_quiet_hour_or_against_a_closed_switch_no_word_unmutes(state: Mute, acts: list[str]) -> None:
    for what in acts:
        state = act(state, what)
        after, _ = state.unmute(in_words=True)
        assert after.muted == (state.switch is True or bool(state.quiet_until))
        assert (after.switch, after.quiet_until) == (state.switch, state.quiet_until)
        if state.switch:
            assert after == state


def test_the_cause_names_who_says_so() -> None:
    assert Mute(quiet_until="06:30").cause == "quiet hours until 06:30"
    assert (
        Mute(quiet_until="06:30", kept=True).cause == "quiet hours until 06:30, and after that until unmuted"
    )
    assert Mute(kept=True).cause == "until unmuted"
    assert "lost" in Mute(kept=True, lost=True).cause
    assert Mute(kept=True, lost=True).unmute()[0] == Mute()


@pytest.mark.parametrize("switch", [None, False, True])
@pytest.mark.parametrize("wanted", [False, True])
@pytest.mark.parametrize("remembered", Remembered)
def test_only_a_first_start_or_a_plain_open_begins_with_the_microphone_open(
    remembered: Remembered, switch: bool | None, wanted: bool
) -> None:
    begins = at_boot(remembered, switch, wanted)
    may_open = remembered in {Remembered.FIRST_START, Remembered.OPEN} and not wanted and not switch
    assert begins.muted is not may_open
