"""The mute switch and the lamp: what the owner's hand does and eye sees, whatever software believes.

    def pressed(muted: bool) -> None:        # in the thread that saw the pin move: be brief, never raise
        epoch.bump() if muted else wanted.set()

    panel = Panel(config.panel.wired, config.paths.runtime, on_mute=pressed, on_erase=erase.set)
    panel.open()                             # reads the switch before anything else
    panel.tell(muted=stored)                 # a button has no memory of its own; a latch ignores it
    panel.show(Look.LISTENING)               # raises DeviceLost if no light came

Two threads and the caller meet here. The hand's lock orders presses, what they call and the microphone's
power; the lamp's lock orders what is shown. The hand's may be held while the lamp's is taken, never the
other way round.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from earlid.core.boards import Level, MuteKind, Pull, Wiring
from earlid.core.hand import Button, Gesture, Hand, Latch
from earlid.core.lamp import COUNTDOWN_MS, DARK, Look, brightness, foremost
from earlid.edge.panel.beacon import Beacon
from earlid.edge.panel.lights import light_on
from earlid.edge.panel.pins import Input, Output, Pins, pins_of
from earlid.edge.pulse import Beats, Pulse
from earlid.errors import ConfigError, DeviceLost

RESTLESS_S: Final = 0.005
"""How often the pin is read while something about it is not certain."""
CALM_S: Final = 0.04
"""How often it is read otherwise, and the lamp looked at: a missed edge delays a mute by less than 50 ms."""


class Panel:
    """A switch, a lamp, and the microphone's power, each as it really is."""

    def __init__(
        self,
        wired: Wiring,
        runtime: Path,
        on_mute: Callable[[bool], None],
        on_erase: Callable[[], None] = lambda: None,
        on_hold: Callable[[float | None], None] = lambda _left_s: None,
        *,
        pins: Callable[[], Pins] | None = None,
        clock: Callable[[], float] = time.monotonic,
        rest: Callable[[float], None] = time.sleep,
        pulse: Callable[[Callable[[], float]], Beats] = Pulse,
    ) -> None:
        """`on_hold` hears the seconds left before a hold erases, then None if it was let go in time."""
        self._wired = wired
        self._on = (on_mute, on_erase, on_hold)
        self._make_pins = pins or (lambda: pins_of(wired.factory, runtime))
        self._clock, self._rest = clock, rest
        self._make_pulse = pulse
        self._hand_lock = threading.RLock()
        self._lamp_lock = threading.RLock()
        self._forget()

    def _forget(self) -> None:
        self._pins: Pins | None = None
        self._pulse: Beats | None = None
        self._switch: Input | None = None
        self._mic_power: Output | None = None
        self._beacon = Beacon(clock=self._clock, rest=self._rest)
        self._hand: Hand = self._button(active=False)
        self._base = Look.FAULT
        self._is_begun = False
        self._told_left: float | None = None
        self._trouble: DeviceLost | None = None

    def open(self) -> None:
        """Claim every pin, the switch first; the microphone has no power yet. Raises what `Pins` raises."""
        self.close()
        if not self._wired.has_pins:
            return
        try:
            self._pins = self._make_pins()
            self._open_switch(self._pins)
            if self._wired.mic_power_pin is not None:
                self._mic_power = self._pins.output(self._wired.mic_power_pin, "panel.mic_power_pin")
            with self._lamp_lock:
                self._beacon = self._lamp(self._pins)
            self._pulse = self._make_pulse(self.beat)
            self._pulse.start()
        except (DeviceLost, ConfigError):
            self.close()
            raise

    def close(self, *, at_fault: bool = False) -> None:
        """Lamp dark, microphone without power, pins free; harmless twice.

        With `at_fault` a strip, which keeps its last colour, stays red; a LED goes dark with its pin.
        """
        if self._pulse:
            self._pulse.stop()
        if self._pins:
            with self._hand_lock, self._lamp_lock:
                try:
                    if self._mic_power:
                        self._mic_power.put(0)
                    self._beacon.leave(brightness(Look.FAULT, 0) if at_fault else DARK)
                except DeviceLost:
                    pass  # it is lost already: what is left is to let go
            self._pins.close()
        self._forget()

    @property
    def muted(self) -> bool:
        """A latch: its level now, muted if that cannot be read. A button: what it did or was told last."""
        if self._hand.muted or not isinstance(self._hand, Latch) or self._switch is None:
            return self._hand.muted
        try:
            return self._switch.is_active
        except DeviceLost:
            return True

    @property
    def moved_s(self) -> float:
        """Since when a latch has been where it is, on this panel's clock; a button never stays anywhere."""
        return self._hand.moved_ms / 1000 if isinstance(self._hand, Latch) else self._clock()

    @property
    def hand_wins(self) -> bool:
        """Whether software may not unmute now: a latching switch stands at muted."""
        return isinstance(self._hand, Latch) and self.muted

    def tell(self, muted: bool) -> None:
        """Software has muted or unmuted: which way the next short press goes. A latch does not listen.

        Told that it is muted, it is red and without power at once; what fails then is told by `check`.
        """
        with self._hand_lock:
            self._hand.tell(muted)
            if self._hand.muted:
                self._close_down()

    def power_mic(self, on: bool) -> bool:
        """Give the microphone its power or cut it; what it has then. Never given while `muted`."""
        with self._hand_lock:
            if self._mic_power:
                self._mic_power.put(float(on and not self.muted))
        return bool(self.mic_powered)

    @property
    def mic_powered(self) -> bool | None:
        """Whether the microphone has power, read back from the pin; None where no such pin is wired."""
        return None if self._mic_power is None else self._mic_power.level > 0

    def show(self, look: Look) -> None:
        """Bring the lamp to the beginning of `look`, which is light; DeviceLost if none came by then.

        While the hand says muted, muted is what is shown. A light that comes again clears an earlier trouble.
        """
        if self._pulse:
            self._pulse.check()
        with self._lamp_lock:
            self._base, self._is_begun = look, True
            self._paint(anew=True)
            self._trouble = None
        if self._pulse:
            self._pulse.nudge()

    def check(self) -> None:
        """Nothing while all is well; DeviceLost if the lamp went dark, a pin was lost or the thread died."""
        if self._pulse:
            self._pulse.check()
        if self._trouble:
            raise type(self._trouble)(*self._trouble.args)

    def beat(self) -> float:
        """Look at the switch, play the lamp; seconds until it should be done again. The pulse calls this."""
        try:
            with self._hand_lock:
                self._look_at_switch()
                self._tell_hold()
            with self._lamp_lock:
                if self._is_begun:
                    self._paint()
        except DeviceLost as error:
            self._trouble = error
            return CALM_S
        if self._hand.is_restless:
            return RESTLESS_S
        left_s = self._beacon.until_change_s()
        return CALM_S if left_s is None else min(CALM_S, left_s)

    def _open_switch(self, pins: Pins) -> None:
        wired = self._wired
        if wired.mute_pin is None:
            return
        self._switch = pins.input(wired.mute_pin, "panel.mute_pin", active=wired.active, pull=wired.pull)
        active = self._switch.is_active
        if wired.mute_kind is MuteKind.LATCHING:
            self._hand = Latch(active, self._now_ms(), still_ms=wired.debounce_ms)
        else:
            self._hand = self._button(active=active)
        self._switch.watch(self._moved)

    def _lamp(self, pins: Pins) -> Beacon:
        sense = None
        if self._wired.lamp_sense_pin is not None:
            sense = pins.input(
                self._wired.lamp_sense_pin, "panel.lamp_sense_pin", active=Level.HIGH, pull=Pull.DOWN
            )
        light = light_on(pins, self._wired)
        return Beacon(light, sense, self._wired.listening, clock=self._clock, rest=self._rest)

    def _button(self, *, active: bool) -> Button:
        """A button that is muted until somebody tells it otherwise."""
        hold_ms = self._wired.hold_s * 1000
        return Button(active, self._now_ms(), still_ms=self._wired.debounce_ms, hold_ms=hold_ms, muted=None)

    def _moved(self, active: bool) -> None:
        """The pin moved. This is the pin library's thread, and an exception would end it."""
        try:
            with self._hand_lock:
                self._act(self._hand.feel(active, self._now_ms()))
        except Exception as error:  # noqa: BLE001 - told by check(); the library's thread must live
            said = f"a press was not fully carried out: {type(error).__name__}: {error}"
            self._trouble = DeviceLost(said)
        if self._pulse:
            self._pulse.nudge()

    def _look_at_switch(self) -> None:
        try:
            if self._switch is not None:
                self._act(self._hand.feel(self._switch.is_active, self._now_ms()))
        except DeviceLost:
            self._act(self._hand.lose())  # a hand that can no longer mute has muted
            raise
        self._act(self._hand.rest(self._now_ms()))

    def _act(self, gesture: Gesture | None) -> None:
        on_mute, on_erase, _ = self._on
        if gesture is Gesture.MUTE:
            on_mute(True)  # before all else
            self._close_down()
        elif gesture is Gesture.UNMUTE:
            on_mute(False)
        elif gesture is Gesture.ERASE:
            on_erase()

    def _tell_hold(self) -> None:
        held_ms = self._hand.held_ms(self._now_ms())
        left_s = None if held_ms is None else round(max(0.0, self._wired.hold_s - held_ms / 1000), 1)
        if left_s != self._told_left:
            self._told_left = left_s
            self._on[2](left_s)

    def _close_down(self) -> None:
        """Muted: no power for the microphone, and red."""
        try:
            if self._mic_power:
                self._mic_power.put(0)
            with self._lamp_lock:
                self._paint()
        except DeviceLost as error:
            self._trouble = error

    def _paint(self, *, anew: bool = False) -> None:
        """Bring the light to what it should be now, and see that it is. Holds the lamp's lock."""
        held_ms = self._hand.held_ms(self._now_ms())
        said = [Look.MUTED] if self._switch and self._hand.muted else [self._base]
        look = foremost([*said, *([] if held_ms is None else [Look.ERASING])])
        t_ms = None if held_ms is None else held_ms * COUNTDOWN_MS / (self._wired.hold_s * 1000)
        try:
            (self._beacon.begin if anew else self._beacon.play)(look, t_ms)
        except DeviceLost:
            self._base = Look.FAULT  # what comes, if light comes again
            raise

    def _now_ms(self) -> float:
        return self._clock() * 1000
