"""A light that plays the looks, and the wire that says whether it shines: neither is believed alone.

A LED may be cut, and then the sense wire reads dark where there should be light. The wire itself may touch
the 3.3 V, and would then call a dead LED lit for ever: so it also has to read dark whenever the lamp is dark,
and is doubted until it has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from earlid.core.lamp import DARK, Listening, Look, Rgb, brightness, until_change_ms
from earlid.edge.panel.lights import Light, NoLight
from earlid.edge.panel.pins import Input
from earlid.errors import DeviceLost

SETTLE_MS: Final = 25.0
"""How long the wire may take to follow: lgpio's PWM, at 100 Hz, ends what it has begun; sensors are slow."""
_PAUSE_S: Final = 0.0005
_TRIES: Final = round(SETTLE_MS / 1000 / _PAUSE_S)


class Beacon:
    """A dark light at first. Not for two threads at once."""

    def __init__(
        self,
        light: Light | None = None,
        sense: Input | None = None,
        listening: Listening = Listening.DIM,
        *,
        clock: Callable[[], float],
        rest: Callable[[float], None],
    ) -> None:
        """`light` is dark now; `sense` is high while it shines, and `listening` what is shown then."""
        self._light = light or NoLight()
        self._sense = sense
        self._listening = listening
        self._clock, self._rest = clock, rest
        self._shown: tuple[Look, Rgb] | None = None
        self._since_ms = 0.0
        self._dark_since_ms: float | None = self._now_ms()
        self._is_bright = False
        self._is_doubted = sense is not None

    def begin(self, look: Look, t_ms: float | None = None) -> None:
        """Show `look` from its beginning, which is light, and see that light came. DeviceLost if it did not.

        A wire that is in doubt is asked in the dark first.
        """
        self._shown = None
        if self._is_doubted and self._dark_since_ms is None:
            self._put(DARK)
        self.play(look, t_ms)

    def play(self, look: Look, t_ms: float | None = None) -> None:
        """Bring the light to where `look` is now, or is at its `t_ms`. DeviceLost if it does not shine so."""
        now_ms = self._now_ms()
        if self._shown is None or self._shown[0] is not look:
            self._since_ms = now_ms
        rgb = brightness(look, now_ms - self._since_ms if t_ms is None else t_ms, self._listening)
        try:
            if self._shown != (look, rgb):
                self._change(rgb)
            self._see()
        except DeviceLost:
            self._shown = None
            raise
        self._shown = (look, rgb)

    def leave(self, rgb: Rgb) -> None:
        """Shine so, unseen: nobody plays it any more. Raises DeviceLost."""
        self._light.show(rgb)

    def until_change_s(self) -> float | None:
        """Seconds until the light changes by itself; None where nothing is shown."""
        if self._shown is None:
            return None
        return until_change_ms(self._shown[0], self._now_ms() - self._since_ms) / 1000

    def _change(self, rgb: Rgb) -> None:
        """Light comes on whatever the wire says, since red has to be seen; then that is told."""
        was_dark = self._dark_since_ms is not None
        if rgb != DARK and was_dark and not self._is_dark():
            self._put(rgb)
            raise _doubt()
        self._put(rgb)

    def _put(self, rgb: Rgb) -> None:
        self._is_bright = self._light.show(rgb)
        if rgb != DARK:
            self._dark_since_ms = None
        elif self._dark_since_ms is None:
            self._dark_since_ms = self._now_ms()

    def _see(self) -> None:
        """Nothing while the wire says what is so."""
        if self._is_bright and not self._reads(light=True):
            raise DeviceLost("the lamp stays dark: check its LED and wire; nothing is kept without it")
        if self._dark_since_ms is None or self._now_ms() - self._dark_since_ms < SETTLE_MS:
            return
        if not self._is_dark():
            raise _doubt()

    def _is_dark(self) -> bool:
        """Whether the wire says so of a lamp that is."""
        self._is_doubted = not self._reads(light=False)
        return not self._is_doubted

    def _reads(self, *, light: bool) -> bool:
        """Whether the wire comes to say `light`; with no wire it does."""
        for _ in range(_TRIES):
            if self._sense is None or self._sense.is_active is light:
                return True
            self._rest(_PAUSE_S)
        return False

    def _now_ms(self) -> float:
        return self._clock() * 1000


def _doubt() -> DeviceLost:
    return DeviceLost(
        "panel.lamp_sense_pin reads light though the lamp is dark: check its wire; nothing is kept without it"
    )
