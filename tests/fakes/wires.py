"""A workbench: mock pins, wires between them, a strip that reads its wires, things to be cut or lost."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPWMPin

from earlid.core.lamp import Rgb
from earlid.edge.panel.pins import Pins


class BenchPin(MockPWMPin):  # type: ignore[misc] # gpiozero has no types
    """A pin that other things hang on, and that can be lost like a chip that was unplugged."""

    def close(self) -> None:
        self.factory.bench.feel(self._number)
        super().close()

    def _get_state(self) -> Any:
        self.factory.bench.feel(self._number)
        return super()._get_state()

    def _set_state(self, value: Any) -> None:
        self.factory.bench.feel(self._number)
        super()._set_state(value)

    def _change_state(self, value: Any) -> bool:
        changed: bool = super()._change_state(value)
        if changed:
            self.factory.bench.moved(self._number, float(value))
        return changed


class Bench:
    """What lies on the table around one mock factory, given to `Panel` as `pins=bench.pins`."""

    def __init__(self) -> None:
        self.factory = MockFactory(pin_class=BenchPin)
        self.factory.bench = self
        self._lamp_pins: set[int] = set()
        self._sense: int | None = None
        self._late_s = 0.0
        self._clock: Callable[[], float] = lambda: 0.0
        self._light = (False, 0.0)
        self._is_shorted = False
        self._cut: set[int] = set()
        self._lost: set[int] = set()
        self._hooks: list[Callable[[int, float], None]] = []

    def pins(self) -> Pins:
        return Pins(self.factory)

    def pin(self, number: int) -> Any:
        return self.factory.pin(number)

    def level(self, number: int) -> float:
        return float(self.pin(number)._state)

    def sense(
        self, sense: int, *lamp: int, late_s: float = 0.0, clock: Callable[[], float] = lambda: 0.0
    ) -> None:
        """Wire `sense` so that it is high while light comes from a LED on `lamp`, or `late_s` later."""
        self._sense, self._lamp_pins = sense, set(lamp)
        self._late_s, self._clock = late_s, clock
        self._light = (False, clock())

    def short(self) -> None:
        """The sense wire touches the 3.3 V."""
        self._is_shorted = True
        self._shine()

    def cut(self, *numbers: int) -> None:
        """The LED at these pins gives no light any more."""
        self._cut |= set(numbers)
        self._shine()

    def mend(self) -> None:
        self._cut.clear()
        self._lost.clear()
        self._is_shorted = False
        self._shine()

    def lose(self, *numbers: int) -> None:
        """Reading or driving these pins fails from now on."""
        self._lost |= set(numbers)

    def feel(self, number: int) -> None:
        if number == self._sense and self._late_s:
            self._shine()
        if number in self._lost:
            raise OSError(errno.ENODEV, "No such device")

    def hang(self, hook: Callable[[int, float], None]) -> None:
        self._hooks.append(hook)

    def moved(self, number: int, level: float) -> None:
        for hook in self._hooks:
            hook(number, level)
        if number in self._lamp_pins:
            self._shine()

    def _shine(self) -> None:
        if self._sense is not None:
            light = any(self.level(pin) > 0 for pin in self._lamp_pins - self._cut) or self._is_shorted
            if light is not self._light[0]:
                self._light = (light, self._clock())
            sense = self.pin(self._sense)
            if self._clock() - self._light[1] >= self._late_s:
                (sense.drive_high if light else sense.drive_low)()


class Strip:
    """APA102 chips on two pins: they take data at the rising clock and shine as the datasheet says."""

    def __init__(self, bench: Bench, data: int, clock: int, count: int) -> None:
        self._bench, self._data, self._clock = bench, data, clock
        self._count = count
        self._zeros = 0
        self._bits: list[int] = []
        self._filled = count
        self.leds: list[tuple[int, Rgb]] = [(0, (0, 0, 0))] * count
        bench.hang(self._moved)

    @property
    def colours(self) -> set[Rgb]:
        """The colours of its LEDs; one without brightness is dark."""
        return {rgb if bright else (0, 0, 0) for bright, rgb in self.leds}

    def _moved(self, number: int, level: float) -> None:
        if number == self._clock and level:
            self._take(int(self._bench.level(self._data)))

    def _take(self, bit: int) -> None:
        if not self._bits and not bit:
            self._zeros += 1
            if self._zeros == 32:
                self._filled = 0
            return
        self._zeros = 0
        self._bits.append(bit)
        if len(self._bits) < 32:
            return
        word = int("".join(map(str, self._bits)), 2)
        self._bits = []
        if self._filled < self._count:
            assert word >> 29 == 0b111, "an LED's frame begins with three ones"
            blue, green, red = word >> 16 & 255, word >> 8 & 255, word & 255
            self.leds[self._filled] = (word >> 24 & 31, (red, green, blue))
            self._filled += 1


class Hands:
    """A clock and a pulse that stand still until a test moves them."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self._beat: Callable[[], float] = lambda: 1.0
        self.is_beating = False

    def clock(self) -> float:
        return self.now_s

    def rest(self, seconds: float) -> None:
        """Wait without anything else happening."""
        self.now_s += seconds

    def pulse(self, beat: Callable[[], float]) -> Hands:
        self._beat = beat
        return self

    def pass_s(self, seconds: float) -> None:
        """Let time pass, with a beat whenever the panel wants one."""
        end = self.now_s + seconds
        while self.is_beating:
            wait_s = max(self._beat(), 0.001)
            if self.now_s + wait_s > end:
                break
            self.now_s += wait_s
        self.now_s = end

    def start(self) -> None:
        self.is_beating = True

    def nudge(self) -> None:
        pass

    def stop(self) -> None:
        self.is_beating = False

    def check(self) -> None:
        pass
