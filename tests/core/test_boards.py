"""A panel's pins are the board's or the owner's, and no pin has two jobs."""

import re
from typing import Any

import pytest

from earlid.core.boards import (
    BOARDS,
    BoardName,
    Bus,
    LampKind,
    Level,
    MuteKind,
    Pull,
    Wiring,
    wiring,
)
from earlid.core.lamp import Listening
from earlid.core.miswired import faults_in

CUSTOM = BoardName.CUSTOM


@pytest.mark.parametrize("name", BoardName)
def test_every_board_is_known_names_its_source_and_has_no_clash_of_its_own(name: BoardName) -> None:
    assert BOARDS[name].source
    assert list(faults_in(wiring(board=name))) == []


@pytest.mark.parametrize(
    ("name", "mute", "lamp"),
    [
        (BoardName.RESPEAKER_2MIC, 17, LampKind.DOTSTAR),
        (BoardName.RESPEAKER_4MIC, None, LampKind.DOTSTAR),
        (BoardName.AIY_VOICE, 23, LampKind.LED),
        (BoardName.VOICE_BONNET, 17, LampKind.DOTSTAR),
        (BoardName.CODEC_ZERO, 27, LampKind.RGB),
        (BoardName.CUSTOM, None, LampKind.NONE),
        (BoardName.NONE, None, LampKind.NONE),
    ],
)
def test_a_board_brings_its_switch_and_its_lamp(name: BoardName, mute: int | None, lamp: LampKind) -> None:
    wired = wiring(board=name)
    assert (wired.mute_pin, wired.light) == (mute, lamp)


def test_what_the_owner_chose_replaces_the_board_s_own() -> None:
    wired = wiring(board=BoardName.RESPEAKER_2MIC, mute_pin=13, dotstar_count=5)
    assert (wired.mute_pin, wired.dotstar_count, wired.dotstar_bus) == (13, 5, Bus.CE0)


def test_another_kind_of_lamp_takes_none_of_the_board_s_lamp_pins() -> None:
    wired = wiring(board=BoardName.RESPEAKER_2MIC, lamp=LampKind.LED, led_pin=12)
    assert (wired.mute_pin, wired.led_pin, wired.dotstar_bus) == (17, 12, None)
    assert list(faults_in(wired)) == []


@pytest.mark.parametrize(
    ("wired", "faults"),
    [
        (
            wiring(board=CUSTOM, mute_pin=17, lamp=LampKind.LED, led_pin=17),
            {"panel.led_pin": "pin 17 is already panel.mute_pin: choose another"},
        ),
        (
            wiring(board=BoardName.RESPEAKER_2MIC, mute_pin=18),
            {"panel.mute_pin": "pin 18 is the I2S bit clock of respeaker-2mic: choose another"},
        ),
        (
            wiring(board=BoardName.CODEC_ZERO, mic_power_pin=2),
            {"panel.mic_power_pin": "pin 2 is the codec's I2C data of codec-zero: choose another"},
        ),
        (
            wiring(board=BoardName.AIY_VOICE, lamp_sense_pin=16),
            {"panel.lamp_sense_pin": "pin 16 is the amplifier's switch of aiy-voice: choose another"},
        ),
        (
            wiring(board=BoardName.RESPEAKER_2MIC, mute_pin=10),
            {"panel.mute_pin": "pin 10 is already spi0-ce0's data: choose another"},
        ),
        (wiring(board=CUSTOM, lamp=LampKind.LED), {"panel.led_pin": 'panel.lamp = "led" needs it'}),
        (
            wiring(board=CUSTOM, lamp=LampKind.RGB, red_pin=5),
            {"panel.red_pin": 'panel.lamp = "rgb" needs at least two of red_pin, green_pin and blue_pin'},
        ),
        (
            wiring(board=CUSTOM, lamp=LampKind.DOTSTAR, dotstar_bus=Bus.PINS, dotstar_data_pin=5),
            {
                "panel.dotstar_count": 'panel.lamp = "dotstar" needs it',
                "panel.dotstar_clock_pin": 'panel.dotstar_bus = "pins" needs it',
            },
        ),
        (
            wiring(board=CUSTOM, mute_kind=MuteKind.LATCHING),
            {"panel.mute_pin": "a latching switch needs a pin: name it"},
        ),
        (
            wiring(board=CUSTOM, lamp=LampKind.LED, led_pin=5, red_pin=6),
            {"panel.red_pin": 'is for panel.lamp = "rgb", not "led"'},
        ),
        (
            wiring(board=CUSTOM, lamp_sense_pin=5),
            {"panel.lamp_sense_pin": "there is no lamp: name one in panel.lamp"},
        ),
        (
            wiring(mute_pin=17),
            {"panel.mute_pin": 'there is no board: set panel.board = "custom", or the name of yours'},
        ),
    ],
)
def test_a_mistake_names_the_setting_and_what_it_collides_with(wired: Wiring, faults: dict[str, str]) -> None:
    assert dict(faults_in(wired)) == faults


NO_LAMP = "there is no lamp: name one in panel.lamp"
NO_SWITCH = "there is no switch: name its pin in panel.mute_pin"
LED = {"lamp": LampKind.LED, "led_pin": 5}


@pytest.mark.parametrize(
    ("chosen", "setting", "says"),
    [
        (
            {"board": BoardName.RESPEAKER_2MIC, "dotstar_data_pin": 5},
            "dotstar_data_pin",
            'is for panel.dotstar_bus = "pins", not "spi0-ce0"',
        ),
        ({"lamp_power_pin": 5}, "lamp_power_pin", NO_LAMP),
        ({"listening": Listening.DARK}, "listening", NO_LAMP),
        (
            {"board": BoardName.RESPEAKER_4MIC, "lamp": LampKind.NONE, "lamp_power_pin": 5},
            "lamp_power_pin",
            NO_LAMP,
        ),
        ({**LED, "dotstar_brightness": 9}, "dotstar_brightness", 'is for panel.lamp = "dotstar", not "led"'),
        (
            {"board": BoardName.RESPEAKER_2MIC, "lamp_active": Level.LOW},
            "lamp_active",
            'is for panel.lamp = "led" or "rgb", not "dotstar"',
        ),
        (
            {"mute_pin": 4, "mute_kind": MuteKind.LATCHING, "hold_s": 4.0},
            "hold_s",
            'is for panel.mute_kind = "momentary", not "latching"',
        ),
        ({**LED, "hold_s": 4.0}, "hold_s", NO_SWITCH),
        ({**LED, "debounce_ms": 5}, "debounce_ms", NO_SWITCH),
        ({"board": BoardName.RESPEAKER_4MIC, "mute_pull": Pull.UP}, "mute_pull", NO_SWITCH),
        (
            {"board": BoardName.NONE, "hold_s": 4.0},
            "hold_s",
            'there is no board: set panel.board = "custom", or the name of yours',
        ),
    ],
)
def test_a_setting_that_would_be_ignored_is_a_mistake(
    chosen: dict[str, Any], setting: str, says: str
) -> None:
    assert list(faults_in(wiring(**{"board": CUSTOM, **chosen}))) == [(f"panel.{setting}", says)]


def test_a_strip_on_another_bus_leaves_the_board_s_own_pins_free() -> None:
    wired = wiring(board=BoardName.VOICE_BONNET, dotstar_bus=Bus.CE0, lamp_sense_pin=5)
    assert list(faults_in(wired)) == []


@pytest.mark.parametrize("pin", [18, 19, 20, 21])
def test_a_microphone_whose_power_a_pin_gives_needs_its_four_wires(pin: int) -> None:
    says = f"pin {pin} is the I2S .* of the microphone that panel.mic_power_pin gives its power"
    ((setting, said),) = faults_in(wiring(board=CUSTOM, mute_pin=pin, mic_power_pin=26))
    assert setting == "panel.mute_pin"
    assert re.match(says, said)
    ((setting, said),) = faults_in(wiring(board=CUSTOM, mic_power_pin=pin))
    assert setting == "panel.mic_power_pin"
    assert list(faults_in(wiring(board=CUSTOM, mute_pin=pin))) == []


@pytest.mark.parametrize(("name", "pin"), [(BoardName.RESPEAKER_2MIC, 7), (BoardName.RESPEAKER_4MIC, 8)])
def test_spi_takes_the_select_of_its_other_half_as_well(name: BoardName, pin: int) -> None:
    ((setting, said),) = faults_in(wiring(board=name, lamp_sense_pin=pin))
    assert setting == "panel.lamp_sense_pin"
    assert said == f"pin {pin} is the select of SPI0's other half, which dtparam=spi=on takes: choose another"


@pytest.mark.parametrize("pin", [0, 1])
@pytest.mark.parametrize("name", set(BoardName) - {CUSTOM, BoardName.NONE})
def test_a_board_s_eeprom_keeps_its_pins(name: BoardName, pin: int) -> None:
    ((setting, said),) = faults_in(wiring(board=name, lamp_sense_pin=pin))
    assert setting == "panel.lamp_sense_pin"
    assert re.match(f"pin {pin} is the EEPROM's .* of {name.value}: choose another", said)


def test_three_roles_on_one_pin_are_two_mistakes() -> None:
    wired = wiring(board=CUSTOM, mute_pin=4, lamp=LampKind.LED, led_pin=4, mic_power_pin=4)
    assert [setting for setting, _ in faults_in(wired)] == ["panel.led_pin", "panel.mic_power_pin"]


@pytest.mark.parametrize(
    ("kind", "active", "pull"),
    [
        (MuteKind.MOMENTARY, None, Pull.UP),
        (MuteKind.MOMENTARY, Level.HIGH, Pull.DOWN),
        (MuteKind.LATCHING, None, Pull.UP),
        (MuteKind.LATCHING, Level.LOW, Pull.DOWN),
    ],
)
def test_a_cut_wire_mutes_a_latch_and_presses_no_button(
    kind: MuteKind, active: Level | None, pull: Pull
) -> None:
    wired = wiring(board=CUSTOM, mute_kind=kind, mute_pin=4, mute_active=active)
    assert wired.pull is pull
    reads_active = (pull is Pull.UP) == (wired.active is Level.HIGH)
    assert reads_active is (kind is MuteKind.LATCHING)


def test_the_resistor_can_be_chosen() -> None:
    assert wiring(board=CUSTOM, mute_pin=4, mute_pull=Pull.NONE).pull is Pull.NONE
