"""A panel's pins are the board's or the owner's, and no pin has two jobs."""

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
    faults_in,
    wiring,
)

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
            {"panel.lamp_sense_pin": "there is no lamp to watch: name one in panel.lamp"},
        ),
        (
            wiring(mute_pin=17),
            {"panel.mute_pin": 'there is no board: set panel.board = "custom", or the name of yours'},
        ),
    ],
)
def test_a_mistake_names_the_setting_and_what_it_collides_with(wired: Wiring, faults: dict[str, str]) -> None:
    assert dict(faults_in(wired)) == faults


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
