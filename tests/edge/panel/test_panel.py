"""The panel does what the hand does, whatever software and the lamp are at meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from earlid.core.boards import BoardName, MuteKind, PinFactory, Wiring, wiring
from earlid.core.lamp import Look
from earlid.edge.panel.panel import Panel
from earlid.errors import DeviceLost
from fakes.panel_rig import BLUE, GREEN, MUTE, POWER, RED, RGB, SENSE, Rig, latching, rig
from fakes.waiting import SECONDS
from fakes.wires import Bench, Hands


def test_a_press_is_told_in_the_thread_that_saw_it_before_it_returns(
    bench: Bench, hands: Hands, tmp_path: Path
) -> None:
    one = rig(bench, hands, tmp_path).open()
    one.panel.show(Look.LISTENING)
    one.down()
    assert one.mutes == [True]
    assert one.colour == (1, 0, 0), "muted is red at once"


def test_a_press_and_another_mute_and_unmute(bench: Bench, hands: Hands, tmp_path: Path) -> None:
    one = rig(bench, hands, tmp_path).open()
    one.press()
    one.press()
    assert one.mutes == [True, False]
    assert not one.panel.muted


def test_until_it_is_told_a_button_is_muted(bench: Bench, hands: Hands, tmp_path: Path) -> None:
    one = rig(bench, hands, tmp_path)
    one.panel.open()
    assert one.panel.muted
    one.panel.show(Look.LISTENING)
    assert one.colour == (1, 0, 0)


def test_a_button_bouncing_at_1_khz_mutes_once(bench: Bench, hands: Hands, tmp_path: Path) -> None:
    one = rig(bench, hands, tmp_path).open()
    for _ in range(1000):
        one.down()
        hands.pass_s(0.0005)
        one.up()
        hands.pass_s(0.0005)
    hands.pass_s(1)
    assert one.mutes == [True]
    assert one.panel.muted


@pytest.mark.parametrize("muted", [True, False])
def test_a_button_held_at_boot_is_not_a_press(
    bench: Bench, hands: Hands, tmp_path: Path, muted: bool
) -> None:
    pin = bench.pin(MUTE)
    bench.hang(lambda number, level: pin.drive_low() if number == MUTE and level else None)
    one = rig(bench, hands, tmp_path).open(muted)
    hands.pass_s(10)
    assert (one.mutes, one.erased, one.panel.muted) == ([], 0, muted)


def test_a_latch_is_read_before_anything_else_is_claimed(bench: Bench, hands: Hands, tmp_path: Path) -> None:
    claimed: list[int] = []
    make = bench.factory.reserve_pins

    def reserve(who: Any, *names: Any) -> None:
        claimed.extend(
            info._number if hasattr(info, "_number") else int(str(info).strip("GPIO")) for info in names
        )
        make(who, *names)

    bench.factory.reserve_pins = reserve
    latching(bench, hands, tmp_path, mic_power_pin=POWER, lamp_sense_pin=SENSE).open()
    assert claimed[0] == MUTE
    assert set(claimed) == {MUTE, RED, GREEN, BLUE, POWER, SENSE}


def test_a_latch_left_at_muted_is_muted_at_boot_and_no_software_unmutes_it(
    bench: Bench, hands: Hands, tmp_path: Path
) -> None:
    one = latching(bench, hands, tmp_path).open(muted=False)  # pulled up: an open switch, or a cut wire
    assert one.panel.muted and one.panel.hand_wins
    one.panel.show(Look.LISTENING)
    assert one.colour == (1, 0, 0)
    assert one.mutes == []


def test_a_latch_unmutes_when_it_kept_still_and_mutes_at_once(
    bench: Bench, hands: Hands, tmp_path: Path
) -> None:
    one = latching(bench, hands, tmp_path).open()
    one.down()
    assert one.mutes == [] and one.panel.muted
    hands.pass_s(0.1)
    assert one.mutes == [False]
    assert not one.panel.muted and not one.panel.hand_wins
    one.up()
    assert one.mutes == [False, True] and one.panel.muted


def test_a_hold_of_five_seconds_counts_down_and_erases_once(
    bench: Bench, hands: Hands, tmp_path: Path
) -> None:
    one = rig(bench, hands, tmp_path).open()
    one.panel.show(Look.LISTENING)
    one.down()
    lit = []
    for _ in range(1000):
        hands.pass_s(0.007)
        lit.append(one.colour == (1, 0, 0))
    one.up()
    hands.pass_s(0.2)
    assert one.erased == 1
    assert one.mutes == [True]
    left = [each for each in one.holds if each is not None]
    assert left == sorted(left, reverse=True) and left[0] <= 4.0 and one.holds[-1] is None
    seconds = [sum(lit[int(s / 0.007) : int((s + 1) / 0.007)]) for s in range(1, 5)]
    assert seconds == sorted(seconds, reverse=True) and len(set(seconds)) == 4


def test_letting_go_before_the_end_erases_nothing(bench: Bench, hands: Hands, tmp_path: Path) -> None:
    one = rig(bench, hands, tmp_path).open(muted=True)
    one.press(4.8)
    assert (one.erased, one.mutes, one.holds[-1]) == (0, [], None)
    assert one.panel.muted


def test_the_microphone_has_power_only_while_nothing_is_muted(
    bench: Bench, hands: Hands, tmp_path: Path
) -> None:
    one = rig(bench, hands, tmp_path, mic_power_pin=POWER)
    one.panel.open()
    assert one.panel.mic_powered is False
    assert one.panel.power_mic(True) is False, "muted until told"
    one.panel.tell(False)
    assert one.panel.power_mic(True) is True and bench.level(POWER) == 1
    one.down()
    assert bench.level(POWER) == 0 and one.panel.mic_powered is False
    one.panel.tell(False)
    one.panel.power_mic(True)
    one.panel.tell(True)
    assert bench.level(POWER) == 0
    one.panel.close()
    assert rig(Bench(), hands, tmp_path).panel.mic_powered is None


def test_the_press_is_told_before_the_microphone_loses_its_power(
    bench: Bench, hands: Hands, tmp_path: Path
) -> None:
    one = rig(bench, hands, tmp_path, mic_power_pin=POWER).open()
    one.panel.power_mic(True)
    order: list[str] = []
    bench.hang(lambda number, level: order.append("power") if number == POWER and not level else None)
    one.panel._on = (lambda _muted: order.append("told"), *one.panel._on[1:])
    one.down()
    assert order == ["told", "power"]


def test_a_panel_closes_dark_without_power_and_opens_again(
    bench: Bench, hands: Hands, tmp_path: Path
) -> None:
    one = rig(bench, hands, tmp_path, mic_power_pin=POWER).open()
    one.panel.show(Look.CAPTURING)
    one.panel.power_mic(True)
    one.panel.close()
    one.panel.close()
    assert (one.colour, bench.level(POWER), hands.is_beating) == ((0, 0, 0), 0, False)
    assert one.panel.muted
    one.open()
    one.press()
    assert one.mutes == [True]


def test_with_no_board_nothing_is_opened_and_everything_can_be_called(tmp_path: Path) -> None:
    panel = Panel(Wiring(), tmp_path, print)
    panel.open()
    panel.tell(False)
    panel.show(Look.CAPTURING)
    panel.check()
    assert (panel.muted, panel.mic_powered, panel.hand_wins) == (False, None, False)
    panel.close()


def test_the_global_factory_is_never_asked_for(tmp_path: Path) -> None:
    wired = wiring(board=BoardName.CUSTOM, factory=PinFactory.MOCK, mute_pin=MUTE, **RGB)
    panel = Panel(wired, tmp_path, print)
    panel.open()
    assert panel._pins is not None and isinstance(panel._pins.factory, MockFactory)
    assert Device.pin_factory is None
    panel.close()


def test_a_real_pulse_plays_and_a_press_from_another_thread_is_told_in_it(tmp_path: Path) -> None:
    bench = Bench()
    told: list[str] = []
    dark = threading.Event()
    bench.hang(lambda number, level: dark.set() if number == RED and not level else None)
    wired = wiring(board=BoardName.CUSTOM, mute_pin=MUTE, **RGB)
    panel = Panel(
        wired, tmp_path, lambda _muted: told.append(threading.current_thread().name), pins=bench.pins
    )
    panel.open()
    panel.tell(False)
    panel.show(Look.FAULT)
    dark.clear()
    assert dark.wait(SECONDS), "nobody played the rhythm"
    hand = threading.Thread(target=bench.pin(MUTE).drive_low, name="hand")
    hand.start()
    hand.join()
    assert told == ["hand"]
    panel.close()


def none(_given: bool) -> None:
    """What a step returns."""


STEPS: dict[str, Callable[[Rig], None]] = {
    "touch": Rig.down,
    "let go": Rig.up,
    "moment": lambda one: one.hands.pass_s(0.01),
    "while": lambda one: one.hands.pass_s(0.7),
    "long": lambda one: one.hands.pass_s(6),
    "software mutes": lambda one: one.panel.tell(True),
    "software unmutes": lambda one: one.panel.tell(False),
    "power": lambda one: none(one.panel.power_mic(True)),
    "capturing": lambda one: one.panel.show(Look.CAPTURING),
    "listening": lambda one: one.panel.show(Look.LISTENING),
    "cut": lambda one: one.bench.cut(RED, GREEN, BLUE),
    "mend": lambda one: one.bench.mend(),
}


@settings(max_examples=60)
@given(st.sampled_from(MuteKind), st.lists(st.sampled_from(sorted(STEPS)), max_size=30))
def test_whatever_happens_while_the_hand_says_muted_there_is_red_or_nothing_and_no_power(
    tmp_path_factory: pytest.TempPathFactory, kind: MuteKind, steps: list[str]
) -> None:
    bench = Bench()
    bench.sense(SENSE, RED, GREEN, BLUE)
    one = Rig(
        bench,
        Hands(),
        tmp_path_factory.getbasetemp(),
        mute_kind=kind,
        lamp_sense_pin=SENSE,
        mic_power_pin=POWER,
    ).open()
    for step in steps:
        try:
            STEPS[step](one)
        except DeviceLost:
            assert bench._cut, step
        if one.panel.muted:
            assert not one.panel.mic_powered, step
        if one.panel.muted and one.panel._beacon._shown:
            assert one.colour in {(1, 0, 0), (0, 0, 0)}, step
        if kind is MuteKind.LATCHING and bench.level(MUTE):
            assert one.panel.muted, step
    one.panel.close()
    assert (one.colour, bench.level(POWER)) == ((0, 0, 0), 0)


def test_a_hand_a_program_and_the_pulse_at_once_neither_block_nor_lie(tmp_path: Path) -> None:
    bench = Bench()
    told: list[bool] = []
    wired = wiring(board=BoardName.CUSTOM, mute_pin=MUTE, mic_power_pin=POWER, debounce_ms=1, **RGB)
    panel = Panel(wired, tmp_path, told.append, pins=bench.pins)
    panel.open()
    panel.tell(False)

    def hand() -> None:
        for _ in range(400):
            bench.pin(MUTE).drive_low()
            bench.pin(MUTE).drive_high()

    pressing = threading.Thread(target=hand, daemon=True)
    pressing.start()
    while pressing.is_alive():
        panel.show(Look.CAPTURING)
        panel.tell(False)
        panel.power_mic(True)
    pressing.join()
    panel.check()
    bench.pin(MUTE).drive_low()
    assert panel.muted and told[-1] and not panel.mic_powered
    assert bench.level(RED) == 1 and bench.level(BLUE) == 0
    panel.close()
