"""Speaks to APA102 LEDs, which are sold as DotStar.

Source: APA102 datasheet (Shiji Lighting), "cascading n LEDs": a start frame of 32 zero bits; for each LED
three one bits, five of brightness, then blue, green and red; an end frame that clocks the data through the
chain. How long that must be, half a clock an LED, is measured in cpldcpu.github.io/2014/11/30/understanding-
the-apa102-superled. Its clone SK9822 shows a frame only after 32 more zero bits; zeros also light nothing
if the chain is longer than was said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from earlid.core.lamp import Rgb

START: Final = bytes(4)
BRIGHTEST: Final = 31


def frames(colours: Sequence[Rgb], brightness: int) -> bytes:
    """The bytes that bring a chain to `colours`, the LED nearest to the Pi first; `brightness` is 0 to 31."""
    if not 0 <= brightness <= BRIGHTEST:
        raise ValueError(f"brightness is 0 to {BRIGHTEST}, not {brightness}")
    lit = b"".join(bytes((0xE0 | brightness, blue, green, red)) for red, green, blue in colours)
    return START + lit + bytes(4 + -(-len(colours) // 16))


def clock_out(sent: bytes, set_data: Callable[[bool], None], set_clock: Callable[[bool], None]) -> None:
    """Send bytes over two plain pins: highest bit first, data valid while the clock rises, both left low."""
    level = False
    set_data(level)
    for byte in sent:
        for bit in range(7, -1, -1):
            if bool(byte >> bit & 1) is not level:
                level = not level
                set_data(level)
            set_clock(True)
            set_clock(False)
    if level:
        set_data(False)
