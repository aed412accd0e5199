"""The lamps people have: one LED, a coloured one, or a strip of DotStars, all shown a colour the same way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from earlid.core.boards import Bus, LampKind, Level, Wiring
from earlid.core.lamp import FULL, Rgb
from earlid.edge.panel.dotstar import clock_out, frames
from earlid.edge.panel.pins import Output, Pins
from earlid.errors import DeviceLost


class Light(Protocol):
    """Something that shines."""

    def show(self, rgb: Rgb) -> bool:
        """Shine so; True if it is now so bright that anyone could see it. Raises DeviceLost."""


class NoLight:
    """Where no lamp is wired, nothing is ever seen."""

    def show(self, rgb: Rgb) -> bool:
        """Nothing to be seen."""
        return False


class PlainLight:
    """One LED: on for every colour, and its pin is read back."""

    def __init__(self, pin: Output) -> None:
        self._pin = pin

    def show(self, rgb: Rgb) -> bool:
        """Shine, and see that the pin followed."""
        lit = any(rgb)
        self._pin.put(float(lit))
        if bool(self._pin.level) is not lit:
            raise DeviceLost("the lamp's pin does not do what it is told: check its wiring")
        return lit


class ColourLight:
    """A LED with two or three of red, green and blue; a colour it has nothing of is shown by all it has."""

    def __init__(self, red: Output | None, green: Output | None, blue: Output | None) -> None:
        self._pins = (red, green, blue)

    def show(self, rgb: Rgb) -> bool:
        """Shine in the colour, or in the nearest that it has."""
        lacks = any(rgb) and not any(level for level, pin in zip(rgb, self._pins, strict=True) if pin)
        for level, pin in zip((max(rgb),) * 3 if lacks else rgb, self._pins, strict=True):
            if pin:
                pin.put(level / FULL)
        return FULL in rgb


class StripLight:
    """A strip of `count` DotStars, all in one colour."""

    def __init__(self, send: Callable[[bytes], None], count: int, brightness: int) -> None:
        self._send = send
        self._count = count
        self._brightness = brightness

    def show(self, rgb: Rgb) -> bool:
        """Shine; a strip cannot be read back."""
        self._send(frames([rgb] * self._count, self._brightness))
        return FULL in rgb


def light_on(pins: Pins, wired: Wiring) -> Light:
    """The lamp that `wired` describes, given its power and dark."""
    if wired.light is LampKind.NONE:
        return NoLight()
    if wired.lamp_power_pin is not None:
        pins.output(wired.lamp_power_pin, "panel.lamp_power_pin").put(1)
    light = _light(pins, wired)
    light.show((0, 0, 0))
    return light


def _light(pins: Pins, wired: Wiring) -> Light:
    if wired.light is LampKind.LED and wired.led_pin is not None:
        return PlainLight(pins.output(wired.led_pin, "panel.led_pin", active=wired.lamp_active))
    if wired.light is LampKind.RGB:
        red, green, blue = (
            None
            if pin is None
            else pins.output(pin, f"panel.{name}_pin", active=wired.lamp_active, shades=True)
            for name, pin in (("red", wired.red_pin), ("green", wired.green_pin), ("blue", wired.blue_pin))
        )
        return ColourLight(red, green, blue)
    return StripLight(_way_to(pins, wired), wired.dotstar_count or 1, wired.dotstar_brightness)


def _way_to(pins: Pins, wired: Wiring) -> Callable[[bytes], None]:
    if wired.dotstar_bus is not Bus.PINS:
        return pins.spi(wired.dotstar_bus or Bus.CE0)
    data = pins.output(wired.dotstar_data_pin or 0, "panel.dotstar_data_pin", active=Level.HIGH)
    clock = pins.output(wired.dotstar_clock_pin or 0, "panel.dotstar_clock_pin", active=Level.HIGH)
    return lambda sent: clock_out(sent, data.put, clock.put)
