"""The pins, through a factory that is named and built here: gpiozero is never asked to find one by itself.

gpiozero's own choice falls through four libraries with only a warning, and only lgpio works on every Pi.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from gpiozero import DigitalInputDevice, DigitalOutputDevice, PWMOutputDevice
from gpiozero.exc import GPIOPinInUse, GPIOZeroError, PinFixedPull, PinUnknownPi
from gpiozero.pins.mock import MockFactory, MockPWMPin

from earlid.core.boards import SPI_PINS, Bus, Level, PinFactory, Pull
from earlid.edge.panel.dotstar import clock_out
from earlid.edge.panel.reachable import DEV, SPI_ON, check_chip, no_lgpio
from earlid.errors import ConfigError, DeviceLost, PinsLost

_PULLS: Final = {Pull.UP: True, Pull.DOWN: False, Pull.NONE: None}
_SPI_HZ: Final = 1_000_000
_GONE: Final = {errno.ENODEV, errno.ENXIO, errno.EBADF, errno.ESHUTDOWN}
_GONE_FOR_LGPIO: Final = "unknown handle"


class Input:
    """A pin that is read; `role` names it in messages."""

    def __init__(self, device: Any, role: str, *, flipped: bool) -> None:
        self._device = device
        self._role = role
        self._flipped = flipped

    @property
    def is_active(self) -> bool:
        """Whether it has the level that counts now. Raises PinsLost."""
        with _held(self._role):
            return bool(self._device.value) is not self._flipped

    def watch(self, changed: Callable[[bool], None]) -> None:
        """Have `changed` called at every edge, in the factory's own thread; it must not raise."""
        self._device.when_activated = lambda: changed(not self._flipped)
        self._device.when_deactivated = lambda: changed(self._flipped)

    def close(self) -> None:
        """Let go of the pin, and have no edge told any more: gpiozero leaves that to whoever watched."""
        with _told(self._role), _for_good(self._device):
            self._device.pin.when_changed = None
            self._device.close()


class Output:
    """A pin that is driven, from 0 to 1."""

    def __init__(self, device: Any, role: str) -> None:
        self._device = device
        self._role = role

    @property
    def level(self) -> float:
        """What the pin gives, read back. Raises PinsLost."""
        with _held(self._role):
            return float(self._device.value)

    def put(self, level: float) -> None:
        """Drive the pin. Raises PinsLost."""
        with _held(self._role):
            self._device.value = level

    def close(self) -> None:
        """Let go of the pin, which then floats."""
        with _told(self._role), _for_good(self._device):
            self._device.close()


class Pins:
    """Makes inputs and outputs on one `factory`, and closes all that it made."""

    def __init__(self, factory: Any, *, is_ours: bool = False) -> None:
        self.factory = factory
        self._is_ours = is_ours
        self._open: list[Any] = []

    def input(self, pin: int, role: str, *, active: Level, pull: Pull) -> Input:
        """Claim `pin` to read it. Raises DeviceLost, or ConfigError where the board has another resistor."""
        with _told(f"pin {pin} ({role})"):
            device = DigitalInputDevice(
                pin,
                pull_up=_PULLS[pull],
                active_state=active is Level.HIGH if pull is Pull.NONE else None,
                pin_factory=self.factory,
            )
        # gpiozero takes the resistor's level for the idle one; a latch is pulled towards the one that counts
        flipped = pull is not Pull.NONE and (pull is Pull.UP) == (active is Level.HIGH)
        one = Input(device, f"pin {pin} ({role})", flipped=flipped)
        self._open.append(one)
        return one

    def output(self, pin: int, role: str, *, active: Level = Level.HIGH, shades: bool = False) -> Output:
        """Claim `pin` and drive it to 0; with `shades` it can also be driven to anything between."""
        kind = PWMOutputDevice if shades else DigitalOutputDevice
        with _told(f"pin {pin} ({role})"):
            device = kind(pin, active_high=active is Level.HIGH, initial_value=0, pin_factory=self.factory)
        one = Output(device, f"pin {pin} ({role})")
        self._open.append(one)
        return one

    def spi(self, bus: Bus) -> Callable[[bytes], None]:
        """A way to send bytes over the Pi's SPI0; never its slow imitation on plain pins."""
        wires = dict(SPI_PINS[bus])
        if isinstance(self.factory, MockFactory):  # whose own imitation asks for the global factory
            data, clock = (self.output(wires[wire], f"{bus.value}'s {wire}") for wire in ("data", "clock"))
            return lambda sent: clock_out(sent, data.put, clock.put)
        role = f"{bus.value} (the strip's; if it is off, {SPI_ON})"
        with _told(role):
            # factory.spi() would fall back to plain pins, with only a warning
            kind = self.factory._get_spi_class(shared=False, hardware=True)
            device = kind(
                clock_pin=f"GPIO{wires['clock']}",
                mosi_pin=f"GPIO{wires['data']}",
                miso_pin=f"GPIO{wires['input']}",
                select_pin=f"GPIO{wires['select']}",
                pin_factory=self.factory,
            )
            self._open.append(device)
            device.rate = _SPI_HZ

        def send(sent: bytes) -> None:
            with _sent(bus.value):
                device.write(list(sent))

        return send

    def close(self) -> None:
        """Let go of every pin. Never raises."""
        for device in reversed(self._open):
            _let_go(device)
        self._open.clear()
        if self._is_ours:
            _let_go(self.factory)


def pins_of(which: PinFactory, runtime: Path, dev: Path = DEV) -> Pins:
    """The pins of this machine, or mock ones where the configuration names them; nothing else is tried."""
    if which is PinFactory.MOCK:
        return Pins(MockFactory(pin_class=MockPWMPin), is_ours=True)
    check_chip(dev)
    return Pins(_lgpio(runtime), is_ours=True)


def _lgpio(runtime: Path) -> Any:
    """Load lgpio so that its pipes, .lgd-nfy*, lie in `runtime`, and stay where we are."""
    here = Path.cwd()
    try:
        runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ["LG_WD"] = str(runtime)  # lgpio goes there when it is loaded, and takes the process along
        from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415 - not everybody has lgpio
    except ImportError:
        raise no_lgpio() from None
    except OSError as error:
        raise DeviceLost(f"{runtime}: lgpio cannot put its pipes there: {_words(error)}") from None
    finally:
        os.chdir(here)
    with _told("the pins of this machine"):
        return LGPIOFactory()


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Say what is amiss with `what` in our own words."""
    try:
        yield
    except GPIOPinInUse:
        raise DeviceLost(f"{what} has another job in this program: choose another pin") from None
    except PinFixedPull:
        raise ConfigError(f"{what} has a resistor of its own: set panel.mute_pull to match it") from None
    except PinUnknownPi:
        raise DeviceLost(f'{what} belong to no known Raspberry Pi: set panel.board = "none"') from None
    except _foreign() as error:
        said = _words(error)
        if "busy" in said:
            raise DeviceLost(
                f"{what} is in use by another program: end that, or choose another pin"
            ) from None
        raise DeviceLost(f"{what} cannot be used: {said}") from None


@contextmanager
def _held(what: str) -> Iterator[None]:
    """The same for `what` was claimed before, and answered: the chip went, and took it along."""
    try:
        with _told(what):
            yield
    except DeviceLost as error:
        raise PinsLost(f"{error}; start again once it is back") from None


@contextmanager
def _sent(what: str) -> Iterator[None]:
    """The same for a bus: a transfer may fail for once, and only a bus that vanished is lost."""
    try:
        yield
    except _foreign() as error:
        is_gone = getattr(error, "errno", None) in _GONE or _GONE_FOR_LGPIO in _words(error)
        with _held(what) if is_gone else _told(what):
            raise


def _foreign() -> tuple[type[Exception], ...]:
    """What the libraries raise; lgpio's error has no base class, and is there only once lgpio is."""
    lgpio = sys.modules.get("lgpio")
    return (GPIOZeroError, OSError, *((lgpio.error,) if lgpio else ()))


def _words(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).lower() or type(error).__name__


@contextmanager
def _for_good(device: Any) -> Iterator[None]:
    """What could not be let go is not tried again: gpiozero's `__del__` would print how that fails, too."""
    try:
        yield
    finally:
        for name in ("_pin", "_handle"):
            if getattr(device, name, None) is not None:
                setattr(device, name, None)


def _let_go(device: Any) -> None:
    try:
        with _told("a pin"), _for_good(device):
            device.close()
    except DeviceLost:
        return  # it is gone already, which is what was wanted
