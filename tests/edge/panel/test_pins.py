"""Pins are reached the way the configuration names, or not at all, and it is said what to do."""

from __future__ import annotations

import errno
import grp
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory, MockPWMPin

from earlid.core.boards import Bus, Level, PinFactory, Pull
from earlid.edge.panel.pins import Pins, pins_of
from earlid.errors import ConfigError, DeviceLost, PinsLost

GONE = (errno.ENODEV, errno.ENXIO, errno.EBADF, errno.ESHUTDOWN)


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    folder = tmp_path / "dev"
    folder.mkdir()
    (folder / "gpiochip0").touch()
    return folder


def test_mock_pins_are_made_only_where_the_configuration_names_them(tmp_path: Path) -> None:
    pins = pins_of(PinFactory.MOCK, tmp_path, tmp_path)
    assert isinstance(pins.factory, MockFactory)
    with pytest.raises(DeviceLost, match="no pins"):
        pins_of(PinFactory.LGPIO, tmp_path, tmp_path / "empty")
    assert Device.pin_factory is None
    pins.close()


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, for a moment, where this process has them."""
    if os.geteuid() != 0:
        yield
        return
    groups, group = os.getgroups(), os.getgid()
    os.setgroups([])
    os.setresgid(65_533, 65_533, group)
    os.setresuid(65_534, 65_534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)
        os.setresgid(group, group, group)
        os.setgroups(groups)


@contextmanager
def closed_chip(mode: int, group: int) -> Iterator[Path]:
    """A folder with a chip that nobody but root, and `group` if `mode` says so, may open."""
    with TemporaryDirectory() as folder:
        dev = Path(folder)
        dev.chmod(0o755)
        chip = dev / "gpiochip0"
        chip.touch()
        if os.geteuid() == 0:
            os.chown(chip, 0, group)
        chip.chmod(mode)
        yield dev


@pytest.mark.parametrize(
    ("group", "its_name"),
    [(1, grp.getgrgid(1).gr_name), (59_999, "59999"), (65_534, r"that ls -l \S+/gpiochip0 names")],
)
def test_no_leave_to_open_the_chip_says_which_group_has_it(group: int, its_name: str) -> None:
    its_name = its_name if os.geteuid() == 0 else grp.getgrgid(os.getegid()).gr_name
    wanted = f"gpiochip0 may not be opened: add this user to the group {its_name} and log in again$"
    with closed_chip(0o060, group) as dev, as_nobody(), pytest.raises(DeviceLost, match=wanted):
        pins_of(PinFactory.LGPIO, dev / "run", dev)


@pytest.mark.parametrize(("mode", "group"), [(0o060, 0), (0o000, 1), (0o040, 1)])
def test_a_chip_that_no_group_may_open_says_what_gives_it_to_one(mode: int, group: int) -> None:
    if os.geteuid() and mode == 0o060:
        pytest.skip("only root can give a file to the group root")
    wanted = (
        "gpiochip0 may not be opened: it is root's alone; sudo systemd/install gives it to the group gpio"
    )
    with closed_chip(mode, group) as dev, as_nobody(), pytest.raises(DeviceLost, match=wanted):
        pins_of(PinFactory.LGPIO, dev / "run", dev)


def test_without_lgpio_nothing_else_is_tried_and_we_stay_where_we_are(
    tmp_path: Path, dev: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gpiozero.pins.lgpio", None)
    here = Path.cwd()
    with pytest.raises(ConfigError, match=r"pip install '\.\[pi\]' in the checkout"):
        pins_of(PinFactory.LGPIO, tmp_path / "run", dev)
    assert Path.cwd() == here
    assert Device.pin_factory is None


class Moving(ModuleType):
    """What lgpio does to a process: on loading it goes where LG_WD says."""

    def __init__(self, fails: Exception | None) -> None:
        super().__init__("gpiozero.pins.lgpio")
        self._fails = fails

    def __getattr__(self, name: str) -> Any:
        if name != "LGPIOFactory":
            raise AttributeError(name)
        os.chdir(os.environ["LG_WD"])

        def make() -> MockFactory:
            if self._fails:
                raise self._fails
            return MockFactory(pin_class=MockPWMPin)

        return make


def test_the_library_s_pipes_lie_in_the_runtime_directory_and_the_process_does_not_move(
    tmp_path: Path, dev: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gpiozero.pins.lgpio", Moving(None))
    monkeypatch.setenv("LG_WD", "elsewhere")
    here = Path.cwd()
    pins_of(PinFactory.LGPIO, tmp_path / "run", dev).close()
    assert os.environ["LG_WD"] == str(tmp_path / "run")
    assert (tmp_path / "run").is_dir()
    assert Path.cwd() == here


def test_a_chip_that_will_not_open_is_told(
    tmp_path: Path, dev: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        sys.modules, "gpiozero.pins.lgpio", Moving(OSError(errno.EACCES, "Permission denied"))
    )
    with pytest.raises(DeviceLost, match="the pins of this machine cannot be used: permission denied"):
        pins_of(PinFactory.LGPIO, tmp_path, dev)


def test_a_pin_that_another_program_holds_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    lgpio = ModuleType("lgpio")
    lgpio.error = type("error", (Exception,), {})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lgpio", lgpio)

    def busy(*_: Any) -> None:
        raise lgpio.error("GPIO busy")

    factory = MockFactory(pin_class=type("Busy", (MockPWMPin,), {"__init__": busy}))
    with pytest.raises(DeviceLost, match=r"pin 4 \(panel.led_pin\) is in use by another program"):
        Pins(factory).output(4, "panel.led_pin")


def test_without_spi_it_is_said_how_to_turn_it_on_and_no_plain_pins_are_used() -> None:
    class NoSpi:
        def _get_spi_class(self, *, shared: bool, hardware: bool) -> Any:
            assert hardware and not shared

            def absent(**_: Any) -> None:
                raise OSError(errno.ENOENT, "No such file or directory")

            return absent

    with pytest.raises(DeviceLost, match=r"set dtparam=spi=on in /boot/firmware/config\.txt and reboot"):
        Pins(NoSpi()).spi(Bus.CE0)


class StripOnSpi:
    """A factory whose SPI sends, until it fails of `fails`."""

    rate = 0

    def __init__(self) -> None:
        self.fails: Exception | None = None
        self.sent: list[int] = []

    def _get_spi_class(self, **_: bool) -> Any:
        return lambda **_: self

    def write(self, sent: list[int]) -> None:
        if self.fails:
            raise self.fails
        self.sent.extend(sent)


def test_a_transfer_to_a_strip_that_fails_once_is_a_dark_lamp_and_no_lost_pin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lgpio = ModuleType("lgpio")
    lgpio.error = type("error", (Exception,), {})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lgpio", lgpio)
    strip = StripOnSpi()
    send = Pins(strip).spi(Bus.CE0)
    for fails in (OSError(errno.EIO, "Input/output error"), lgpio.error("SPI xfer/read/write failed")):
        strip.fails = fails
        with pytest.raises(DeviceLost, match="cannot be used") as told:
            send(b"x")
        assert not isinstance(told.value, PinsLost)
    strip.fails = None
    send(b"x")
    assert strip.sent == [ord("x")]
    for fails in (*(OSError(each, "gone") for each in GONE), lgpio.error("unknown handle")):
        strip.fails = fails
        with pytest.raises(PinsLost, match="start again once it is back"):
            send(b"x")


class BusThatIsGone:
    """A strip's bus, and one that gives no bus: both fail to close, however often that is tried."""

    rate, _handle, tries = 0, 3, 0

    def _get_spi_class(self, **_: bool) -> Any:
        return lambda **_: self

    def close(self) -> None:
        if self._handle is not None:
            self.tries += 1
            raise OSError(errno.ENODEV, "No such device")


def test_a_bus_that_is_gone_is_let_go_once() -> None:
    gone = BusThatIsGone()
    pins = Pins(gone)
    pins.spi(Bus.CE0)
    pins.close()
    gone.close()
    assert gone.tries == 1


def test_a_pin_with_a_resistor_of_its_own_is_told() -> None:
    pins = Pins(MockFactory(pin_class=MockPWMPin))
    with pytest.raises(ConfigError, match="mute_pull"):
        pins.input(2, "panel.mute_pin", active=Level.HIGH, pull=Pull.DOWN)
    pins.close()


@pytest.mark.parametrize("active", Level)
@pytest.mark.parametrize("pull", Pull)
def test_an_input_reads_and_tells_the_level_that_counts_whatever_the_resistor(
    active: Level, pull: Pull
) -> None:
    factory = MockFactory(pin_class=MockPWMPin)
    pins = Pins(factory)
    one = pins.input(4, "x", active=active, pull=pull)
    seen: list[bool] = []
    one.watch(seen.append)
    pin = factory.pin(4)
    assert one.is_active is ((active is Level.HIGH) == pin.state)
    for _ in range(2):
        for drive, is_high in ((pin.drive_high, True), (pin.drive_low, False)):
            drive()
            assert one.is_active is ((active is Level.HIGH) == is_high)
    assert seen[-1] is one.is_active
    assert all(one_ is not other for one_, other in pairwise(seen))
    pins.close()
