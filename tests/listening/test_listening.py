"""The loop around a listener: what a hand, a lamp, a microphone and a bug in the table do to a whole run."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from earlid.config_file import parse
from earlid.core import gate
from earlid.core.epoch import Epoch
from earlid.core.frame import Frame
from earlid.core.gate import Event, State
from earlid.core.mute import Remembered
from earlid.core.units import HOP
from earlid.edge.budget_file import BudgetFile, Uptime
from earlid.edge.disk import RealDisk
from earlid.edge.notify import Service
from earlid.edge.spool.spool import Spool
from earlid.errors import ConfigError, DeviceLost, NotConnected, PinsLost, Violation
from earlid.field.fieldwork import NoFieldwork
from earlid.listening.lantern import Lantern
from earlid.listening.loop import Listening
from earlid.listening.muting import Muting
from fakes.wall import Wall


class Air:
    """A source that gives a hop whenever it is asked, and does what `then` says of that hop first."""

    name = "air"

    def __init__(self, epoch: Epoch, then: Callable[[int], None]) -> None:
        self.epoch = epoch
        self.then = then
        self.hop = self.opened = 0
        self.is_open = False
        self.sound = 7
        self.refuses: Exception | None = None
        self.while_opening: Callable[[], object] = lambda: None
        self.given: list[Frame] = []
        self.lost = {"overflow": 0, "backlog": 0, "device": 0}

    def open(self) -> None:
        self.while_opening()
        if self.refuses:
            raise self.refuses
        self.opened += 1
        self.is_open = True

    def read(self, timeout_s: float) -> Frame | None:
        assert self.is_open
        self.then(self.hop)
        frame = Frame(self.hop * HOP, self.epoch.value, np.full(HOP, self.sound, np.int16))
        self.hop += 1
        self.given.append(frame)
        return frame

    def nudge(self) -> None:
        """Nobody waits here."""

    def close(self) -> None:
        self.is_open = False


class Evening(NoFieldwork):
    """A field recording that only counts how often all its sound was to be overwritten."""

    wipes = 0

    def wipe(self) -> None:
        self.wipes += 1


class Systemd:
    """Hears what a service says of itself."""

    def __init__(self, folder: Path) -> None:
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.bind(str(folder / "notify"))
        self._line.setblocking(False)
        self.service = Service({"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "4"})

    def told(self) -> list[str]:
        """What was said since it was last asked."""
        said = []
        with suppress(BlockingIOError):
            while True:
                said.append(self._line.recv(1_000).decode())
        return said


class Run:
    """One run over `Air`, told into `lines`."""

    def __init__(self, folder: Path, models: Path, privacy: str = "", service: Service | None = None) -> None:
        text = f'[paths]\nmodels = "{models}"\n[privacy]\n{privacy}'
        own = {"STATE_DIRECTORY": str(folder / "state"), "RUNTIME_DIRECTORY": str(folder / "run")}
        config = parse(text, None, secrets=False, environ=own)
        self.lines: list[dict[str, Any]] = []
        self.turns = 0
        self.script: dict[int, Callable[[], object]] = {}
        self.order: list[str] = []
        self.panel = Wall(self.order)
        self.field = Evening()
        self.air = Air(epoch := Epoch(), self._reach)
        disk, self.spool = RealDisk(), Spool(folder / "state/spool")
        self.muting = Muting(
            state=config.paths.state,
            runtime=config.paths.runtime,
            privacy=config.privacy,
            disk=disk,
            epoch=epoch,
            nudge=self.air.nudge,
            panel_of=lambda _says: self.panel,
        )
        budget = BudgetFile(config.paths.state, disk, 180.0, Uptime(), first_start=True)
        lantern = Lantern(self.panel, budget, None, self.lines.append)
        self.listening = Listening(
            config,
            self.air,
            self.spool,
            epoch,
            self.lines.append,
            self.muting,
            budget,
            lantern,
            comes_back=True,
            fieldwork=self.field,
            service=service,
        )

    def _reach(self, hop: int) -> None:
        self.script.pop(hop, lambda: None)()

    def play(self, turns: int, meanwhile: Callable[[int], None] = lambda _turn: None) -> int:
        """Run for so many turns of the loop; `meanwhile` is called before each."""

        def stopped() -> bool:
            self.turns += 1
            meanwhile(self.turns)
            return self.turns > turns

        try:
            return self.listening.run(stopped)
        finally:
            self.spool.close()

    @property
    def lamps(self) -> list[str]:
        return [line["state"] for line in self.lines if line["event"] == "lamp"]


@pytest.fixture
def run(tmp_path: Path, models: Path) -> Run:
    return Run(tmp_path, models)


def test_what_was_heard_is_overwritten_once_it_was_heard(run: Run) -> None:
    assert run.play(5) == 0
    assert len(run.air.given) == 5
    assert not any(frame.samples.any() for frame in run.air.given)


@pytest.mark.parametrize(("is_muted", "wipes"), [(True, True), (False, False)])
def test_what_was_recorded_last_is_still_sealed_at_the_end_unless_it_ends_muted(
    run: Run, is_muted: bool, wipes: bool
) -> None:
    run.script = {3: run.muting.lid.mute if is_muted else lambda: None}
    assert run.play(5) == 0
    assert (run.field.wipes > 0) is wipes


def test_a_mute_closes_the_microphone_and_an_unmute_opens_it_again(run: Run) -> None:
    run.script = {3: run.muting.lid.mute}

    def meanwhile(turn: int) -> None:
        if run.lamps[-1:] == ["muted"]:
            assert not run.air.is_open
            assert run.air.hop == 4
            if turn > 6:
                run.muting.lid.unmute()

    run.play(12, meanwhile)
    assert run.lamps == ["listening", "muted", "listening"]
    assert run.air.opened == 2
    powers = [each for each in run.order if each in {"power", "no power", "muted", "listening"}]
    assert powers == ["power", "listening", "no power", "muted", "power", "listening", "no power"]


def test_a_microphone_that_vanishes_while_muted_is_looked_at_again_on_unmute(run: Run) -> None:
    run.script = {2: run.muting.lid.mute}

    def meanwhile(turn: int) -> None:
        if turn == 5:
            run.air.refuses = DeviceLost("the microphone is gone: plug it in again")
            run.muting.lid.unmute()
        if "fault" in run.lamps:
            run.air.refuses = None

    run.play(200, meanwhile)
    assert run.lamps == ["listening", "muted", "listening", "fault", "listening"]
    assert run.air.opened == 2


def test_a_lost_microphone_does_not_delay_a_mute(run: Run) -> None:
    def lose() -> None:
        run.air.refuses = DeviceLost("gone")
        raise DeviceLost("gone")

    run.script = {2: lose}

    def meanwhile(turn: int) -> None:
        if turn == 6:
            run.muting.lid.mute()

    run.play(8, meanwhile)
    assert run.lamps == ["listening", "fault", "muted"]


def press_while_it_opens(run: Run) -> None:
    """Have somebody press just when the microphone is opened the next time."""

    def press() -> None:
        run.air.while_opening = lambda: None
        run.muting.lid.mute()

    run.air.while_opening = press


def left_muted(run: Run) -> bool:
    return not run.air.is_open and run.muting._memory._file.read() is Remembered.MUTED


def test_a_press_while_the_microphone_opens_at_the_start_wins(run: Run) -> None:
    press_while_it_opens(run)
    run.play(4)
    assert (run.lamps, run.air.opened, run.air.hop) == (["muted"], 1, 0)
    assert left_muted(run)


def test_a_press_while_it_opens_after_an_unmute_wins_and_the_lamp_never_said_otherwise(run: Run) -> None:
    run.script = {3: run.muting.lid.mute}

    def meanwhile(_turn: int) -> None:
        if run.lamps[-1:] == ["muted"] and run.air.opened == 1:
            press_while_it_opens(run)
            run.muting.lid.unmute()

    run.play(12, meanwhile)
    assert (run.lamps, run.air.opened, run.air.hop) == (["listening", "muted"], 2, 4)
    assert left_muted(run)


def test_a_press_while_a_lost_microphone_opens_again_wins(run: Run) -> None:
    def lose() -> None:
        press_while_it_opens(run)
        raise DeviceLost("gone")

    def meanwhile(_turn: int) -> None:
        if run.lamps[-1:] == ["muted"]:
            run.turns = 10_000

    run.script = {3: lose}
    run.play(1_000, meanwhile)
    assert (run.lamps, run.air.opened, run.air.hop) == (["listening", "fault", "muted"], 2, 3)
    assert left_muted(run)


def test_a_device_that_was_never_there_stops_it_when_it_is_first_wanted(tmp_path: Path, models: Path) -> None:
    run = Run(tmp_path, models, "muted_at_boot = true")
    run.air.refuses = ConfigError("no microphone is called thunder")

    def meanwhile(turn: int) -> None:
        if turn == 3:
            assert run.air.opened == 0
            run.muting.lid.unmute()

    with pytest.raises(ConfigError, match="thunder"):
        run.play(10, meanwhile)
    assert run.lamps == ["muted"]
    assert run.order[-1] == "fault"


NOTHING: Final = DeviceLost("no microphone is connected: plug one in, then run 'earlid devices'")
ANOTHER: Final = NotConnected("no microphone matches 'thunder': set microphone.device to one of 0 'rain'")


@pytest.fixture
def systemd(tmp_path: Path) -> Systemd:
    return Systemd(tmp_path)


@pytest.mark.parametrize("missing", [NOTHING, ANOTHER], ids=["none", "another"])
def test_a_service_begins_without_a_microphone_at_fault_and_a_press_is_felt_and_remembered(
    tmp_path: Path, models: Path, systemd: Systemd, missing: Exception
) -> None:
    run = Run(tmp_path, models, service=systemd.service)
    run.air.refuses = missing
    said: list[str] = []

    def meanwhile(turn: int) -> None:
        if turn == 3:
            said.extend(systemd.told())
            run.muting.lid.mute()
        if turn == 5:
            run.air.refuses = None  # it is plugged in
        assert run.air.opened == 0

    run.play(8, meanwhile)
    assert said[0] == "READY=1"
    assert f"STATUS=fault: {missing}; 0.0 h heard, 0 segments waiting" in said
    assert "WATCHDOG=1" in said
    assert (run.lamps, run.order[-2:]) == (["fault", "muted"], ["no power", "closed"])
    assert "listening" not in run.order
    assert left_muted(run)


def test_an_unmute_of_a_service_that_never_had_a_microphone_waits_for_one(
    tmp_path: Path, models: Path, systemd: Systemd
) -> None:
    run = Run(tmp_path, models, "muted_at_boot = true", service=systemd.service)
    run.air.refuses = NOTHING

    def meanwhile(turn: int) -> None:
        if turn == 3:
            run.muting.lid.unmute()

    run.play(8, meanwhile)
    assert run.lamps == ["muted", "listening", "fault"]
    assert run.air.opened == 0


def test_a_microphone_that_is_plugged_in_later_is_heard_soon_and_what_was_missing_is_told_anew(
    tmp_path: Path, models: Path, systemd: Systemd, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(tmp_path, models, service=systemd.service)
    run.air.refuses = NOTHING
    began, heard = time.monotonic(), 0
    monkeypatch.setattr("earlid.listening.loop.time.monotonic", lambda: began + run.turns * 0.1)
    monkeypatch.setattr("earlid.listening.loop.cards", lambda: run.turns >= 260)
    monkeypatch.setattr(run.muting.lid, "wait", lambda _timeout_s: None)

    def meanwhile(turn: int) -> None:
        nonlocal heard
        if turn == 100:
            run.air.refuses = ANOTHER
        if turn == 260:
            assert run.listening._listener.cause == str(ANOTHER)
            run.air.refuses = None
        heard = heard or (run.air.opened and turn)

    run.play(300, meanwhile)
    assert run.lamps == ["fault", "listening"]
    assert 260 + 5 <= heard <= 260 + 7
    assert any(line.startswith(f"STATUS=fault: {NOTHING}") for line in systemd.told())


@pytest.mark.parametrize("wrong", [ConfigError("'rain' has 2 channels"), NOTHING, ANOTHER])
def test_without_a_service_or_with_a_wrong_setting_nothing_is_waited_for(
    tmp_path: Path, models: Path, systemd: Systemd, wrong: Exception
) -> None:
    run = Run(tmp_path, models, service=None if wrong in {NOTHING, ANOTHER} else systemd.service)
    run.air.refuses = wrong
    with pytest.raises(type(wrong)):
        run.play(10)
    assert run.lamps == []


def test_a_wrong_setting_that_shows_once_a_microphone_is_there_ends_a_service_that_waited(
    tmp_path: Path, models: Path, systemd: Systemd, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(tmp_path, models, service=systemd.service)
    run.air.refuses = NOTHING
    began = time.monotonic()
    monkeypatch.setattr("earlid.listening.loop.time.monotonic", lambda: began + run.turns)

    def meanwhile(turn: int) -> None:
        if turn == 3:
            run.air.refuses = ConfigError("'rain' has 2 channels: set microphone.channel to at most that")

    with pytest.raises(ConfigError, match="has 2 channels"):
        run.play(10, meanwhile)
    assert run.lamps == ["fault"]


def test_a_mute_and_an_unmute_end_the_fault_of_a_microphone_that_was_deaf(run: Run) -> None:
    deaf_hops = 126  # ten seconds

    def meanwhile(turn: int) -> None:
        run.air.sound = 0 if turn <= deaf_hops else 7
        if run.lamps[-1:] == ["fault"]:
            run.muting.lid.mute()
        elif run.lamps[-1:] == ["muted"]:
            run.muting.lid.unmute()

    run.play(deaf_hops + 20, meanwhile)
    assert run.lamps == ["listening", "fault", "muted", "listening"]


def test_a_lamp_that_goes_dark_is_a_fault_until_it_shines_again(run: Run) -> None:
    def darken() -> None:
        run.panel.dark = True

    run.script = {2: darken}
    run.play(6)
    assert run.lamps == ["listening", "fault"]
    assert run.listening._listener.cause == "the lamp stays dark"
    assert {"event": "trouble", "cause": "the lamp stays dark"} in run.lines


@pytest.mark.parametrize("event", [Event.MUTE, Event.STOP])
def test_a_transition_that_is_not_in_the_table_stops_it_with_the_lamp_at_fault_and_the_microphone_closed(
    run: Run, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(gate.TABLE, (State.LISTENING, event))
    run.script = {3: run.muting.lid.mute} if event is Event.MUTE else {}
    with pytest.raises(Violation, match="no row for") as broken:
        run.play(6)
    assert broken.value.exit_code == 70
    assert not run.air.is_open
    assert "no power" in run.order
    assert run.order[-1] == "fault"


def test_whatever_ends_it_the_socket_and_the_status_are_gone(run: Run, tmp_path: Path) -> None:
    run.play(2)
    assert list((tmp_path / "run").iterdir()) == []
    assert run.lines[-1]["event"] == "ended"


def test_pins_that_are_lost_end_the_run_muted_and_remembered_so(run: Run) -> None:
    def meanwhile(turn: int) -> None:
        run.panel.is_gone = turn > 5

    with pytest.raises(PinsLost, match="pin 17 is gone"):
        run.play(20, meanwhile)
    assert run.turns < 10
    assert not run.air.is_open
    assert run.muting._memory._file.read() is Remembered.MUTED


def test_pins_that_are_lost_as_the_lamp_is_to_be_lit_end_the_run_too(run: Run) -> None:
    """A dark lamp while it listens is driven again only when there is something to say."""
    run.script = {3: run.muting.lid.mute}
    run.panel.is_checked = False

    def meanwhile(turn: int) -> None:
        run.panel.is_gone = turn > 3

    with pytest.raises(PinsLost, match="pin 17 is gone"):
        run.play(20, meanwhile)
    assert run.turns < 10
    assert run.muting._memory._file.read() is Remembered.MUTED


def test_a_lamp_that_was_dark_is_tried_again_every_five_seconds(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sound is heard as fast as it comes meanwhile; the clock is the loop's own."""
    began = time.monotonic()
    monkeypatch.setattr("earlid.listening.loop.time.monotonic", lambda: began + run.turns * 0.08)

    def meanwhile(turn: int) -> None:
        run.panel.dark = 10 < turn < 40
        if turn == 60:
            assert run.lamps == ["listening", "fault"]

    run.play(150, meanwhile)
    assert run.lamps == ["listening", "fault", "listening"]
