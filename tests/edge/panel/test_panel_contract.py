"""What a panel promises on mock pins, it promises on the lines of a real chip.

The real ones are gpio-sim's, the kernel's own simulated chip: its lines are pulled and read through sysfs,
and lgpio and gpiozero reach them through /dev/gpiochip0 like any others.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from earlid.core.boards import BoardName, LampKind, MuteKind, PinFactory, Pull, Wiring, wiring
from earlid.core.lamp import Look
from earlid.edge.panel.panel import Panel
from earlid.edge.panel.pins import Pins, pins_of
from earlid.errors import DeviceLost
from fakes.wires import Bench

MUTE, LED, POWER = 17, 5, 26
PATIENCE_S = 5.0


class Lines(Protocol):
    """The world's side of the pins."""

    def pins(self) -> Pins:
        """The program's side."""

    def pull(self, pin: int, *, high: bool) -> None:
        """Bring an input to a level."""

    def level(self, pin: int) -> bool:
        """What an output gives."""


class MockLines:
    def __init__(self) -> None:
        self._bench = Bench()

    def pins(self) -> Pins:
        return self._bench.pins()

    def pull(self, pin: int, *, high: bool) -> None:
        one = self._bench.pin(pin)
        (one.drive_high if high else one.drive_low)()

    def level(self, pin: int) -> bool:
        return self._bench.level(pin) > 0


class ChipLines:
    """gpio-sim's lines, if there are any."""

    def __init__(self, runtime: Path) -> None:
        if not Path("/dev/gpiochip0").exists():
            pytest.skip("no /dev/gpiochip0 on this machine")
        pytest.importorskip("lgpio")
        found = sorted(Path("/sys/devices/platform").glob("gpio-sim*/gpiochip*/sim_gpio0"))
        if not found:
            pytest.skip(
                "the lines of /dev/gpiochip0 are not simulated, and nobody is here to press the button"
            )
        self._sim = found[0].parent
        self._runtime = runtime

    def pins(self) -> Pins:
        return pins_of(PinFactory.LGPIO, self._runtime)

    def pull(self, pin: int, *, high: bool) -> None:
        (self._sim / f"sim_gpio{pin}/pull").write_text("pull-up" if high else "pull-down")

    def level(self, pin: int) -> bool:
        return (self._sim / f"sim_gpio{pin}/value").read_text().strip() == "1"


@pytest.fixture(params=["mock", "gpiochip"])
def lines(request: pytest.FixtureRequest, tmp_path: Path) -> Lines:
    made: Lines = MockLines() if request.param == "mock" else ChipLines(tmp_path)
    made.pull(MUTE, high=True)
    return made


Told = queue.SimpleQueue[bool]


@pytest.fixture
def told() -> Told:
    return queue.SimpleQueue()


@pytest.fixture
def make(lines: Lines, told: Told, tmp_path: Path) -> Iterator[Callable[..., Panel]]:
    made: list[Panel] = []

    def panel(**chosen: Any) -> Panel:
        wired: Wiring = wiring(
            board=BoardName.CUSTOM,
            **{"mute_pin": MUTE, "lamp": LampKind.LED, "led_pin": LED, "mic_power_pin": POWER, **chosen},
        )
        made.append(Panel(wired, tmp_path, told.put, pins=lines.pins))
        made[-1].open()
        return made[-1]

    yield panel
    for each in made:
        each.close()


def eventually(happens: Callable[[], bool]) -> bool:
    """Whether it does, soon; real lines take their time."""
    end = time.monotonic() + PATIENCE_S
    while not happens():
        if time.monotonic() > end:
            return False
    return True


def test_a_touch_is_told_and_the_next_press_unmutes(
    lines: Lines, make: Callable[..., Panel], told: Told
) -> None:
    panel = make()
    panel.tell(False)
    for muted in (True, False):
        lines.pull(MUTE, high=False)
        if muted:
            assert told.get(timeout=PATIENCE_S) is True
        assert eventually(lambda: panel._hand.is_restless and panel._hand._certain)  # type: ignore[attr-defined]
        lines.pull(MUTE, high=True)
        if not muted:
            assert told.get(timeout=PATIENCE_S) is False
        assert eventually(lambda: not panel._hand.is_restless)
    assert told.empty()


def test_a_latch_is_its_level(lines: Lines, make: Callable[..., Panel], told: Told) -> None:
    panel = make(mute_kind=MuteKind.LATCHING)
    assert panel.muted and panel.hand_wins
    lines.pull(MUTE, high=False)
    assert told.get(timeout=PATIENCE_S) is False
    assert not panel.muted
    lines.pull(MUTE, high=True)
    assert told.get(timeout=PATIENCE_S) is True
    assert panel.muted


def test_what_is_held_at_the_start_is_no_press(lines: Lines, make: Callable[..., Panel], told: Told) -> None:
    lines.pull(MUTE, high=False)
    panel = make(mute_pull=Pull.NONE)
    panel.tell(False)
    lines.pull(MUTE, high=True)
    assert eventually(lambda: not panel._hand.is_restless)
    assert told.empty() and not panel.muted


def test_the_light_is_there_when_show_returns_and_goes_with_the_panel(
    lines: Lines, make: Callable[..., Panel]
) -> None:
    panel = make()
    panel.tell(False)
    assert not lines.level(LED)
    panel.show(Look.CAPTURING)
    assert lines.level(LED)
    panel.check()
    panel.close()
    assert not lines.level(LED)


def test_the_microphone_s_power_is_cut_by_the_touch(
    lines: Lines, make: Callable[..., Panel], told: Told
) -> None:
    panel = make()
    panel.tell(False)
    assert panel.power_mic(True) and lines.level(POWER)
    lines.pull(MUTE, high=False)
    assert told.get(timeout=PATIENCE_S) is True
    assert eventually(lambda: not lines.level(POWER))
    assert panel.mic_powered is False


def test_a_pin_that_is_taken_is_told_and_the_rest_is_given_back(
    lines: Lines, make: Callable[..., Panel], tmp_path: Path
) -> None:
    panel = make()
    other = Panel(panel._wired, tmp_path, print, pins=lines.pins)
    with pytest.raises(DeviceLost, match=f"pin {MUTE} "):
        other.open()
    panel.close()
    other.open()
    other.close()
