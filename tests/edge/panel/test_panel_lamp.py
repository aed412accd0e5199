"""The lamp shows what is so, in every colour, rhythm and wiring it may have."""

from __future__ import annotations

from pathlib import Path

import pytest

from earlid.core.boards import BoardName, Bus, LampKind, Level, wiring
from earlid.core.lamp import Listening, Look
from earlid.edge.panel.panel import Panel
from fakes.panel_rig import rig
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
