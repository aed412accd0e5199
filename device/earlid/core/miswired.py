"""What is wrong with a panel: pins that are missing or have two jobs, and settings that would be ignored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Final

from earlid.core.boards import (
    BOARDS,
    COLOUR_PINS,
    DOTSTAR_PINS,
    I2S,
    LAMP_PINS,
    BoardName,
    Bus,
    LampKind,
    MuteKind,
    Wiring,
)

_PLAIN: Final = {each.name: each.default for each in fields(Wiring)}
_FREE_OF_PINS: Final = {"board", "factory"}
_OTHER_SELECT: Final[Mapping[Bus | None, int]] = {Bus.CE0: 7, Bus.CE1: 8}
_OF_A_LAMP: Final = ("listening", "lamp_power_pin", "lamp_sense_pin")
_OF_A_SWITCH: Final = ("mute_active", "mute_pull", "hold_s", "debounce_ms")


def faults_in(wired: Wiring) -> Iterator[tuple[str, str]]:
    """Every mistake in a panel, as the setting it is in and what to do about it."""
    if wired.board is BoardName.NONE:
        for name in _PLAIN:
            if name not in _FREE_OF_PINS and _is_chosen(wired, name):
                yield f"panel.{name}", 'there is no board: set panel.board = "custom", or the name of yours'
        return
    yield from _missing(wired)
    yield from _idle(wired)
    yield from _clashes(wired)


def _missing(wired: Wiring) -> Iterator[tuple[str, str]]:
    if wired.mute_kind is MuteKind.LATCHING and wired.mute_pin is None:
        yield "panel.mute_pin", "a latching switch needs a pin: name it"
    if wired.light is LampKind.LED and wired.led_pin is None:
        yield "panel.led_pin", 'panel.lamp = "led" needs it'
    if wired.light is LampKind.RGB and sum(getattr(wired, pin) is not None for pin in COLOUR_PINS) < 2:
        yield "panel.red_pin", 'panel.lamp = "rgb" needs at least two of red_pin, green_pin and blue_pin'
    if wired.light is LampKind.DOTSTAR:
        for name in ("dotstar_bus", "dotstar_count"):
            if getattr(wired, name) is None:
                yield f"panel.{name}", 'panel.lamp = "dotstar" needs it'
        if wired.dotstar_bus is Bus.PINS:
            for name in DOTSTAR_PINS:
                if getattr(wired, name) is None:
                    yield f"panel.{name}", 'panel.dotstar_bus = "pins" needs it'


def _idle(wired: Wiring) -> Iterator[tuple[str, str]]:
    """Settings that would be ignored are mistakes too; one that says what holds anyway is none."""
    strip = ("dotstar_bus", "dotstar_count", "dotstar_brightness", *DOTSTAR_PINS)
    for kind, names in {**LAMP_PINS, LampKind.DOTSTAR: strip}.items():
        if kind is not wired.light:
            says = f'is for panel.lamp = "{kind.value}", not "{wired.light.value}"'
            yield from _chosen(wired, names, says)
    if wired.light is LampKind.NONE:
        yield from _chosen(wired, (*_OF_A_LAMP, "lamp_active"), "there is no lamp: name one in panel.lamp")
    if wired.light is LampKind.DOTSTAR:
        yield from _chosen(wired, ("lamp_active",), 'is for panel.lamp = "led" or "rgb", not "dotstar"')
        if wired.dotstar_bus in {Bus.CE0, Bus.CE1}:
            says = f'is for panel.dotstar_bus = "pins", not "{wired.dotstar_bus.value}"'
            yield from _chosen(wired, DOTSTAR_PINS, says)
    if wired.mute_pin is None:
        yield from _chosen(wired, _OF_A_SWITCH, "there is no switch: name its pin in panel.mute_pin")
    elif wired.mute_kind is MuteKind.LATCHING:
        yield from _chosen(wired, ("hold_s",), 'is for panel.mute_kind = "momentary", not "latching"')


def _chosen(wired: Wiring, names: tuple[str, ...], says: str) -> Iterator[tuple[str, str]]:
    return ((f"panel.{name}", says) for name in names if _is_chosen(wired, name))


def _is_chosen(wired: Wiring, name: str) -> bool:
    return bool(getattr(wired, name) != _PLAIN[name])


def _clashes(wired: Wiring) -> Iterator[tuple[str, str]]:
    needs = _needs(wired)
    taken: dict[int, str] = {}
    for role, pin in wired.roles():
        setting = role if role.startswith("panel.") else "panel.dotstar_bus"
        if pin in taken:
            one, other = (setting, taken[pin]) if role.startswith("panel.") else (taken[pin], role)
            yield one, f"pin {pin} is already {other}: choose another"
        elif pin in needs:
            yield setting, f"pin {pin} is the {needs[pin]}: choose another"
        taken.setdefault(pin, role)


def _needs(wired: Wiring) -> Mapping[int, str]:
    """The pins that others need; a microphone of one's own whose power a pin gives is an I2S one."""
    needs = {pin: f"{job} of {wired.board.value}" for pin, job in BOARDS[wired.board].needs.items()}
    if wired.mic_power_pin is not None:
        own = "of the microphone that panel.mic_power_pin gives its power"
        needs = {**{pin: f"{job} {own}" for pin, job in I2S.items()}, **needs}
    if wired.dotstar_bus in _OTHER_SELECT:
        needs[_OTHER_SELECT[wired.dotstar_bus]] = "select of SPI0's other half, which dtparam=spi=on takes"
    return needs
