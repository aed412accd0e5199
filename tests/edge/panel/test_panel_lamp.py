"""The lamp shows what is so, in every colour, rhythm and wiring it may have."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earlid.core.boards import BoardName, Bus, LampKind, Level, wiring
from earlid.core.gate import State
from earlid.core.lamp import Listening, Look
from earlid.core.showing import Leaving, look_of
from earlid.edge.panel.panel import Panel
from fakes.panel_rig import BLUE, GREEN, RED, RGB, SENSE, Rig, rig
from fakes.wires import Bench, Hands, Strip


def test_told_that_it_is_muted_it_is_red_at_once_and_stays_so(
    bench: Bench, hands: Hands, tmp_path: Path
) -> None:
    one = rig(bench, hands, tmp_path).open()
    one.panel.show(Look.CAPTURING)
    one.panel.tell(True)
    assert one.colour == (1, 0, 0)
    one.panel.show(Look.CAPTURING)
    assert one.colour == (1, 0, 0)


@pytest.mark.parametrize(
    ("look", "colour"),
    [
        (Look.CAPTURING, (0, 0, 1)),
        (Look.SENT, (0, 1, 0)),
        (Look.MUTED, (1, 0, 0)),
        (Look.RECORDING, (1, 0, 1)),
        (Look.SENDING, (1, 160 / 255, 0)),
        (Look.LISTENING, (16 / 255,) * 3),
    ],
)
def test_the_light_is_there_when_show_returns(
    bench: Bench, hands: Hands, tmp_path: Path, look: Look, colour: tuple[float, ...]
) -> None:
    one = rig(bench, hands, tmp_path).open()
    one.panel.show(look)
    assert one.colour == pytest.approx(colour)


def test_listening_is_dark_where_the_owner_chose_so(bench: Bench, hands: Hands, tmp_path: Path) -> None:
    one = rig(bench, hands, tmp_path, listening=Listening.DARK).open()
    one.panel.show(Look.LISTENING)
    assert one.colour == (0, 0, 0)


def test_a_rhythm_is_played(bench: Bench, hands: Hands, tmp_path: Path) -> None:
    one = rig(bench, hands, tmp_path).open()
    one.panel.show(Look.FAULT)
    hands.pass_s(0.1)
    seen = []
    for _ in range(8):
        seen.append(one.colour == (1, 0, 0))
        hands.pass_s(0.2)
    assert seen == [True, False] * 4


def test_a_led_without_colours_has_the_rhythms(bench: Bench, hands: Hands, tmp_path: Path) -> None:
    wired = wiring(board=BoardName.CUSTOM, lamp=LampKind.LED, led_pin=4, lamp_active=Level.LOW)
    panel = Panel(wired, tmp_path, print, pins=bench.pins, clock=hands.clock, pulse=hands.pulse)
    panel.open()
    assert bench.level(4) == 1, "dark, as low lights it"
    panel.show(Look.SENDING)
    assert bench.level(4) == 0
    hands.pass_s(0.6)
    assert bench.level(4) == 1
    panel.close()


def test_a_colour_that_a_lamp_lacks_is_shown_by_all_it_has(
    bench: Bench, hands: Hands, tmp_path: Path
) -> None:
    one = rig(bench, hands, tmp_path, blue_pin=None).open()
    one.panel.show(Look.CAPTURING)
    assert one.colour[:2] == (1, 1)


@pytest.mark.parametrize("bus", [Bus.PINS, Bus.CE0])
def test_a_strip_shows_each_look_on_every_led(bench: Bench, hands: Hands, tmp_path: Path, bus: Bus) -> None:
    data, clock = (23, 24) if bus is Bus.PINS else (10, 11)
    strip = Strip(bench, data, clock, 3)
    pins = {"dotstar_data_pin": 23, "dotstar_clock_pin": 24} if bus is Bus.PINS else {}
    wired = wiring(
        board=BoardName.CUSTOM,
        lamp=LampKind.DOTSTAR,
        dotstar_bus=bus,
        dotstar_count=3,
        lamp_power_pin=4,
        **pins,
    )
    panel = Panel(wired, tmp_path, print, pins=bench.pins, clock=hands.clock, pulse=hands.pulse)
    panel.open()
    assert bench.level(4) == 1
    assert strip.colours == {(0, 0, 0)}
    panel.show(Look.CAPTURING)
    assert strip.leds == [(8, (0, 0, 255))] * 3
    panel.show(Look.SENT)
    assert strip.colours == {(0, 255, 0)}
    hands.pass_s(0.15)
    assert strip.colours == {(0, 0, 0)}
    panel.close(at_fault=True)
    assert strip.colours == {(255, 0, 0)}


LAMPS: list[dict[str, Any]] = [
    RGB,
    {"lamp": LampKind.LED, "led_pin": BLUE},
    {"lamp": LampKind.RGB, "red_pin": RED, "green_pin": GREEN},
]
EVERYTHING = [
    look_of(state, is_recorded=recorded, is_spent=spent, leaving=leaving)
    for state, recorded, spent, leaving in product(State, [False, True], [False, True], Leaving)
]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lamp=st.sampled_from(LAMPS),
    listening=st.sampled_from(Listening),
    sensed=st.booleans(),
    before=st.lists(st.tuples(st.sampled_from(EVERYTHING), st.floats(0, 4)), max_size=3),
    kept=st.sampled_from(list(product([False, True], [False, True], Leaving))),
    lasts_s=st.floats(0, 30),
)
def test_from_before_a_segment_is_opened_until_it_is_closed_it_is_never_dark_whatever_was_shown_before(
    tmp_path: Path,
    lamp: dict[str, Any],
    listening: Listening,
    sensed: bool,
    before: list[tuple[Look, float]],
    kept: tuple[bool, bool, Leaving],
    lasts_s: float,
) -> None:
    bench, hands = Bench(), Hands()
    bench.sense(SENSE, RED, GREEN, BLUE)
    chosen = {**dict.fromkeys(RGB), **lamp, "lamp_sense_pin": SENSE if sensed else None}
    one = Rig(bench, hands, tmp_path, listening=listening, **chosen).open()
    for look, lasts in before:
        one.panel.show(look)
        hands.pass_s(lasts)
    recorded, spent, leaving = kept
    one.panel.show(look_of(State.CAPTURING, is_recorded=recorded, is_spent=spent, leaving=leaving))
    assert any(one.colour), "a segment is opened now"
    seen: list[bool] = []
    bench.hang(lambda _pin, _level: seen.append(any(one.colour)))
    hands.pass_s(lasts_s)
    assert all(seen) and any(one.colour)
    one.panel.check()


@pytest.mark.parametrize("look", set(Look) - {Look.ERASING})
def test_what_is_shown_again_begins_again_with_light(
    bench: Bench, hands: Hands, tmp_path: Path, look: Look
) -> None:
    one = rig(bench, hands, tmp_path).open()
    for ms in range(0, 5000, 90):
        one.panel.show(look)
        assert any(one.colour), ms
        hands.pass_s(ms / 1000)
