"""The later word holds, whoever else talks: mute by hand, by software and by the clock, in any order."""

from __future__ import annotations

import threading

import pytest
from hypothesis import settings

from earlid.core.boards import MuteKind
from fakes.porch import STILL_S, Porch

TestPorch = Porch.TestCase
TestPorch.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_a_mute_by_software_while_the_switch_settles_is_not_lifted() -> None:
    porch = Porch()
    porch.hang(MuteKind.LATCHING, at_boot=False, held=False)
    assert porch.muting.cause == "by the switch"
    porch.let_go()
    porch.wait(STILL_S - 0.01)
    porch.software_mutes()
    porch.wait(1.0)
    porch.turn(0, 0)
    assert porch.muting.cause == "until unmuted"
    porch.the_hand_can_always_unmute()
    porch.teardown()


def test_power_that_was_given_while_somebody_muted_is_taken_again() -> None:
    for kind in MuteKind:
        porch = Porch()
        porch.hang(kind, at_boot=False, held=False)
        porch.the_hand_can_always_unmute()
        porch.software_mutes()
        porch.turn(0, 0)
        porch.software_unmutes()
        porch.turn(1, 0)  # which looks
        assert porch.muting.muted and not porch.is_open
        porch.teardown()


def test_a_mute_by_software_during_the_press_that_would_unmute_is_not_undone() -> None:
    porch = Porch()
    porch.hang(MuteKind.MOMENTARY, at_boot=True, held=False)
    porch.touch()
    porch.wait(0.1)
    porch.software_mutes()
    porch.let_go()
    porch.wait(0.2)
    assert porch.muting.muted
    porch.press_shortly()
    assert not porch.muting.muted
    porch.teardown()


@pytest.mark.parametrize("kind", MuteKind)
def test_threads_that_all_talk_at_once_end_as_the_hand_says(kind: MuteKind) -> None:
    porch = Porch()
    porch.hang(kind, at_boot=False, held=False)
    stop = threading.Event()

    def talk() -> None:
        while not stop.is_set():
            porch.muting._mute_by_software()
            porch.muting.lid.unmute()

    def look() -> None:
        muting = porch.muting
        while not stop.is_set():
            muting.look()
            (muting.has_muted if muting.muted else muting.may_unmute)()

    others = [threading.Thread(target=each, daemon=True) for each in (talk, talk, look)]
    for one in others:
        one.start()
    for _ in range(150):
        porch.touch()
        porch.hands.pass_s(0.1)
        porch.let_go()
        porch.hands.pass_s(0.1)
    porch.touch()
    if kind is MuteKind.LATCHING:
        for _ in range(200):
            assert porch.muting.muted, "closed, whoever talks"
    stop.set()
    for one in others:
        one.join(20.0)
        assert not one.is_alive()
    porch.let_go()
    porch.hands.pass_s(1.0)
    porch.turn(0, 0)
    porch.the_hand_can_always_unmute()
    porch.teardown()
