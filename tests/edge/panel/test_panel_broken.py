"""Wires are cut, pins are lost or taken, edges never come: each is noticed, and none unmutes."""

from __future__ import annotations

import gc
import sys
import threading
from pathlib import Path

import pytest
from gpiozero import DigitalOutputDevice

from earlid.core.boards import MuteKind
from earlid.core.hand import SHORT_MS
from earlid.core.lamp import Look
from earlid.edge.panel.panel import Panel
from earlid.errors import DeviceLost, PinsLost
from fakes.panel_rig import BLUE, GREEN, MUTE, POWER, RED, SENSE, Rig, latching, rig
from fakes.waiting import SECONDS
from fakes.wires import Bench, Hands


def test_an_edge_that_never_came_is_noticed_all_the_same(bench: Bench, hands: Hands, tmp_path: Path) -> None:
    one = latching(bench, hands, tmp_path).open()
    one.down()
    hands.pass_s(0.1)
    bench.pin(MUTE).when_changed = None
    one.up()
    assert one.mutes == [False] and one.panel.muted, "its level counts, edge or not"
    hands.pass_s(0.05)
    assert one.mutes == [False, True]


def test_a_led_that_was_cut_is_noticed_by_show(bench: Bench, hands: Hands, tmp_path: Path) -> None:
    bench.sense(SENSE, RED, GREEN, BLUE)
    one = rig(bench, hands, tmp_path, lamp_sense_pin=SENSE).open()
    one.panel.show(Look.CAPTURING)
    bench.cut(BLUE)
    with pytest.raises(DeviceLost, match="stays dark"):
        one.panel.show(Look.CAPTURING)
    bench.mend()
    one.panel.show(Look.CAPTURING)
    one.panel.check()


def test_a_led_that_is_cut_while_it_shines_is_noticed_within_a_fifth_of_a_second(
    bench: Bench, hands: Hands, tmp_path: Path
) -> None:
    bench.sense(SENSE, RED, GREEN, BLUE)
    one = rig(bench, hands, tmp_path, lamp_sense_pin=SENSE).open()
    one.panel.show(Look.CAPTURING)
    hands.pass_s(5)
    one.panel.check()
    bench.cut(BLUE)
    hands.pass_s(0.2)
    with pytest.raises(DeviceLost, match="stays dark"):
        one.panel.check()
    bench.mend()
    hands.pass_s(0.5)
    assert one.colour[2] == 0, "it does not say capturing by itself again"
    one.panel.show(Look.LISTENING)
    one.panel.check()


def sensed(bench: Bench, hands: Hands, tmp_path: Path) -> Rig:
    bench.sense(SENSE, RED, GREEN, BLUE)
    return rig(bench, hands, tmp_path, lamp_sense_pin=SENSE).open()


@pytest.mark.parametrize("look", set(Look) - {Look.LISTENING, Look.ERASING})
def test_a_led_that_was_cut_in_the_dark_of_a_rhythm_is_noticed_when_it_is_shown_again(
    bench: Bench, hands: Hands, tmp_path: Path, look: Look
) -> None:
    one = sensed(bench, hands, tmp_path)
    for ms in range(0, 2000, 70):
        bench.mend()
        one.panel.show(look)
        hands.pass_s(ms / 1000)
        bench.cut(RED, GREEN, BLUE)
        with pytest.raises(DeviceLost, match="stays dark"):
            one.panel.show(look)


@pytest.mark.parametrize("look", set(Look) - {Look.ERASING})
def test_a_sense_wire_that_reads_light_before_any_was_made_is_not_believed(
    bench: Bench, hands: Hands, tmp_path: Path, look: Look
) -> None:
    one = sensed(bench, hands, tmp_path)
    bench.short()
    for _ in range(3):
        with pytest.raises(DeviceLost, match="lamp_sense_pin reads light though the lamp is dark"):
            one.panel.show(look)
        hands.pass_s(1.7)
        with pytest.raises(DeviceLost, match="lamp_sense_pin"):
            one.panel.check()
    bench.mend()
    one.panel.show(look)
    hands.pass_s(5)
    one.panel.check()


@pytest.mark.parametrize("look", set(Look) - {Look.ERASING, Look.CAPTURING})
def test_a_sense_wire_that_hangs_on_to_light_is_noticed_in_the_next_dark(
    bench: Bench, hands: Hands, tmp_path: Path, look: Look
) -> None:
    one = sensed(bench, hands, tmp_path)
    one.panel.show(look)
    hands.pass_s(5)
    one.panel.check()
    bench.short()
    hands.pass_s(2)
    with pytest.raises(DeviceLost, match="lamp_sense_pin"):
        one.panel.check()
    with pytest.raises(DeviceLost, match="lamp_sense_pin"):
        one.panel.show(Look.CAPTURING)


def test_while_its_wire_is_doubted_the_lamp_says_so_in_red(
    bench: Bench, hands: Hands, tmp_path: Path
) -> None:
    one = sensed(bench, hands, tmp_path)
    bench.short()
    with pytest.raises(DeviceLost, match="lamp_sense_pin"):
        one.panel.show(Look.LISTENING)
    seen = set()
    for _ in range(60):
        hands.pass_s(0.05)
        seen.add(one.colour)
    assert seen == {(0, 0, 0), (1, 0, 0)}
    one.panel.tell(True)
    assert one.colour == (1, 0, 0)


def test_a_wire_may_follow_its_lamp_as_late_as_a_pulse_of_its_pwm_lasts(
    bench: Bench, hands: Hands, tmp_path: Path
) -> None:
    bench.sense(SENSE, RED, GREEN, BLUE, late_s=0.012, clock=hands.clock)
    one = rig(bench, hands, tmp_path, lamp_sense_pin=SENSE).open()
    for look in set(Look) - {Look.ERASING}:
        one.panel.show(look)
        hands.pass_s(3)
        one.panel.show(Look.CAPTURING)
        one.panel.check()


@pytest.mark.parametrize("pin", [RED, BLUE])
def test_a_lamp_pin_that_is_lost_is_noticed(bench: Bench, hands: Hands, tmp_path: Path, pin: int) -> None:
    one = rig(bench, hands, tmp_path).open()
    bench.lose(pin)
    with pytest.raises(PinsLost, match=f"pin {pin} .*no such device; start again once it is back"):
        one.panel.show(Look.RECORDING)


@pytest.mark.parametrize("kind", MuteKind)
def test_a_switch_that_is_lost_mutes(bench: Bench, hands: Hands, tmp_path: Path, kind: MuteKind) -> None:
    one = rig(bench, hands, tmp_path, mute_kind=kind).open()
    if kind is MuteKind.LATCHING:
        one.down()
        hands.pass_s(0.1)
    assert not one.panel.muted
    one.mutes.clear()
    bench.lose(MUTE)
    hands.pass_s(20)
    assert (one.mutes, one.erased, one.panel.muted) == ([True], 0, True)
    with pytest.raises(PinsLost, match="mute_pin"):
        one.panel.check()


def test_a_pin_that_has_another_job_is_named_and_nothing_stays_claimed(
    bench: Bench, hands: Hands, tmp_path: Path
) -> None:
    other = DigitalOutputDevice(GREEN, pin_factory=bench.factory)
    one = rig(bench, hands, tmp_path)
    with pytest.raises(DeviceLost, match=r"pin 6 \(panel.green_pin\) has another job"):
        one.panel.open()
    for pin in (MUTE, RED):
        DigitalOutputDevice(pin, pin_factory=bench.factory).close()
    other.close()
    one.open()
    one.panel.close()


def test_a_panel_closes_even_when_its_pins_are_gone(bench: Bench, hands: Hands, tmp_path: Path) -> None:
    one = rig(bench, hands, tmp_path).open()
    one.panel.show(Look.CAPTURING)
    bench.lose(RED, GREEN, BLUE, MUTE)
    one.panel.close()


def test_what_was_lost_is_let_go_once_and_nothing_of_that_is_printed(
    bench: Bench, hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", printed.append)
    one = rig(bench, hands, tmp_path, mic_power_pin=POWER).open()
    bench.lose(RED, GREEN, BLUE, MUTE, POWER)
    one.panel.close()
    del one
    gc.collect()
    assert printed == []


def test_a_callback_that_raises_is_told_and_does_not_end_the_pin_s_thread(
    bench: Bench, hands: Hands, tmp_path: Path
) -> None:
    one = rig(bench, hands, tmp_path).open()

    def fail(_muted: bool) -> None:
        raise RuntimeError("no")

    one.panel._on = (fail, *one.panel._on[1:])
    one.down()
    with pytest.raises(DeviceLost, match="RuntimeError: no"):
        one.panel.check()


def test_a_thread_that_died_is_told_as_lost_pins_for_nobody_feels_the_hand_any_more(
    bench: Bench, hands: Hands, tmp_path: Path
) -> None:
    one = rig(bench, hands, tmp_path)
    died = threading.Event()

    def fail(_left_s: float | None) -> None:
        died.set()
        raise RuntimeError("can't start new thread")

    panel = Panel(
        one.wired,
        tmp_path,
        one.mutes.append,
        on_hold=fail,
        pins=bench.pins,
        clock=hands.clock,
        rest=hands.rest,
    )
    panel.open()
    panel.tell(False)
    one.down()
    hands.rest(SHORT_MS / 1000 + 1)
    assert died.wait(SECONDS)
    for look in (panel.check, lambda: panel.show(Look.LISTENING)):
        with pytest.raises(PinsLost, match="can't start new thread"):
            while True:
                look()
    panel.close()
