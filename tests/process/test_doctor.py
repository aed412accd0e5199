"""The doctor looks at everything, breaks nothing, and says what to do."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from earlid import doctor
from earlid.config import Config
from earlid.config_file import parse
from earlid.core.boards import BoardName, PinFactory, Wiring, wiring
from earlid.core.entry import Entry, What
from earlid.core.frame import Frame
from earlid.core.units import HOP, Samples
from earlid.core.verifier import SHAPE, Verifier
from earlid.doctor import Verdict
from earlid.edge import computer
from earlid.edge.collector import Collector
from earlid.edge.ledger import Ledger
from earlid.edge.model.verifier_file import VerifierFiles
from earlid.errors import ConfigError, DeviceLost


class Room:
    """A source in which `sound` is heard, hop by hop, and that fails if told to."""

    def __init__(self, sound: Samples, fault: Exception | None = None) -> None:
        self.name, self.lost = "room", dict[str, int]()
        self._hops = [sound[at : at + HOP] for at in range(0, len(sound) - HOP + 1, HOP)]
        self._fault = fault
        self.is_closed = False

    def open(self) -> None:
        if self._fault:
            raise self._fault

    def read(self, timeout_s: float) -> Frame | None:
        return Frame(0, 0, self._hops.pop(0)) if self._hops else None

    def nudge(self) -> None:
        """Nobody waits here."""

    def close(self) -> None:
        self.is_closed = True


def tone(peak: float) -> Samples:
    wave = np.sin(np.arange(HOP * 3) * 0.3) * peak
    return np.asarray(wave.clip(-32768, 32767), dtype=np.int16)


def config(folder: Path, text: str = "") -> Config:
    return parse(
        text, None, secrets=True, environ={"STATE_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": str(folder)}
    )


@pytest.mark.parametrize(
    ("sound", "verdict", "words"),
    [
        (tone(3000), Verdict.OK, "dbfs"),
        (tone(0), Verdict.FAIL, "deaf"),
        (tone(5), Verdict.WARN, "all but silent"),
        (tone(90000), Verdict.WARN, "clipped"),
    ],
)
def test_a_microphone_is_judged_by_its_sound(sound: Samples, verdict: Verdict, words: str) -> None:
    room = Room(sound)
    found = doctor.hearing(room, listen_s=0.24)
    assert (found.verdict, words in found.found) == (verdict, True)
    assert found.exit_code == (69 if verdict is Verdict.FAIL else 0)
    assert bool(found.todo) == (verdict is not Verdict.OK)
    assert room.is_closed


@pytest.mark.parametrize(
    ("fault", "code"), [(DeviceLost("gone: plug it in"), 69), (ConfigError("two: choose"), 78)]
)
def test_a_microphone_that_does_not_open_is_told_and_closed(fault: Exception, code: int) -> None:
    room = Room(tone(0), fault)
    found = doctor.hearing(room)
    assert (found.found, found.todo, found.exit_code) == (*str(fault).split(": "), code)
    assert room.is_closed


def test_a_model_that_is_absent_is_told_with_the_command_that_gets_it(tmp_path: Path) -> None:
    (found,) = doctor.models(config(tmp_path))
    assert (found.verdict, found.todo, found.exit_code) == (Verdict.FAIL, "earlid models get hey_jarvis", 78)


def test_a_model_that_was_altered_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models/melspectrogram.onnx").write_bytes(b"x")
    (found,) = doctor.models(config(tmp_path))
    assert "melspectrogram.onnx truncated or altered" in found.found


def test_a_verifier_that_was_never_taught_is_told_with_what_to_do(tmp_path: Path) -> None:
    assert not list(doctor.verifiers(config(tmp_path)))
    text = '[wake]\nverifiers = ["hey_jarvis"]\n'
    (found,) = doctor.verifiers(config(tmp_path, text))
    assert (found.verdict, found.name, found.exit_code) == (Verdict.FAIL, "verifier hey_jarvis", 78)
    assert found.todo == "run earlid field teach, or take hey_jarvis out of wake.verifiers"
    files = VerifierFiles(config(tmp_path).paths.field)
    files.keep(Verifier("hey_jarvis", np.zeros(SHAPE, np.float32), 0.0), 20, 20)
    (found,) = doctor.verifiers(config(tmp_path, text))
    assert (found.verdict, found.found) == (Verdict.OK, "taught")
    files.path("hey_jarvis").write_text("{}")
    (found,) = doctor.verifiers(config(tmp_path, text))
    assert (found.verdict, found.exit_code) == (Verdict.FAIL, 78)
    assert "is no verifier" in found.found


def test_a_state_directory_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    assert doctor.state(config(tmp_path / "state")).exit_code == 78


def test_a_state_directory_that_can_be_written_is_fine_and_left_empty(tmp_path: Path) -> None:
    assert doctor.state(config(tmp_path)).verdict is Verdict.OK
    assert not [each for each in (tmp_path / "spool").rglob("*") if each.is_file()]


@pytest.mark.parametrize(
    ("year", "synchronised", "verdict"),
    [
        (1970, None, Verdict.FAIL),
        (2026, False, Verdict.WARN),
        (2026, None, Verdict.OK),
        (2027, True, Verdict.OK),
    ],
)
def test_a_clock_is_judged_by_its_year_and_by_what_keeps_it(
    monkeypatch: pytest.MonkeyPatch, year: int, synchronised: bool | None, verdict: Verdict
) -> None:
    monkeypatch.setattr(computer, "year", lambda: year)
    monkeypatch.setattr(computer, "is_clock_synchronised", lambda: synchronised)
    assert doctor.clock().verdict is verdict


def test_a_machine_without_timedatectl_is_no_trouble(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(os.environ, "PATH", str(tmp_path))
    assert computer.is_clock_synchronised() is None


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with lgpio, and pins."""
    monkeypatch.setattr("earlid.edge.panel.reachable.find_spec", lambda _name: object())
    folder = tmp_path / "dev"
    folder.mkdir()
    (folder / "gpiochip0").touch()
    return folder


STRIP = wiring(board=BoardName.RESPEAKER_2MIC)
BUTTON = wiring(board=BoardName.CUSTOM, mute_pin=17)


def test_a_board_whose_pins_are_all_there_is_fine(dev: Path) -> None:
    (dev / "spidev0.0").touch()
    for wired in (STRIP, BUTTON):
        found = doctor.pins(wired, dev)
        assert (found.verdict, found.name) == (Verdict.OK, f"panel {wired.board.value}")


def test_a_board_on_a_machine_without_pins_fails_and_says_what_to_do(tmp_path: Path) -> None:
    found = doctor.pins(STRIP, tmp_path)
    assert (found.verdict, found.exit_code) == (Verdict.FAIL, 69)
    assert found.found == f"this machine has no pins, no {tmp_path}/gpiochip0"
    assert found.todo == 'run on a Raspberry Pi, or set panel.board = "none"'
    assert (
        doctor.pins(wiring(board=BoardName.RESPEAKER_2MIC, factory=PinFactory.MOCK), tmp_path).exit_code == 0
    )
    assert doctor.pins(wiring(), tmp_path).verdict is not Verdict.FAIL, "nothing needs them"


def test_a_strip_without_its_bus_fails_and_says_which_line_is_missing(dev: Path) -> None:
    (dev / "spidev0.1").touch()
    found = doctor.pins(STRIP, dev)
    assert (found.verdict, found.exit_code) == (Verdict.FAIL, 69)
    assert found.found == f"the strip's bus is off, no {dev}/spidev0.0"
    assert found.todo == "set dtparam=spi=on in /boot/firmware/config.txt and reboot"


@pytest.mark.parametrize(("node", "group"), [("gpiochip0", "gpio"), ("spidev0.0", "spi")])
def test_pins_that_this_user_may_not_open_fail_and_say_what_gives_the_leave(
    dev: Path, monkeypatch: pytest.MonkeyPatch, node: str, group: str
) -> None:
    (dev / "spidev0.0").touch()
    (dev / node).chmod(0o600)
    monkeypatch.setattr("earlid.edge.panel.reachable.os.access", lambda path, _how: path.name != node)
    found = doctor.pins(STRIP, dev)
    assert (found.verdict, found.exit_code) == (Verdict.FAIL, 69)
    assert found.found == f"{dev}/{node} may not be opened"
    assert found.todo.startswith(f"it is root's alone; sudo systemd/install gives it to the group {group}")


def test_pins_without_lgpio_fail(dev: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("earlid.edge.panel.reachable.find_spec", lambda _name: None)
    found = doctor.pins(BUTTON, dev)
    assert (found.verdict, found.found, found.exit_code) == (Verdict.FAIL, "lgpio is not installed", 78)


def test_the_doctor_looks_at_the_panel_of_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Wiring] = []
    monkeypatch.setattr(doctor, "check_reachable", lambda wired, _dev: seen.append(wired))
    wanted = config(tmp_path, '[panel]\nboard = "respeaker-2mic"\n')
    found = next(each for each in doctor.examine(lambda: wanted) if each.name == "panel respeaker-2mic")
    assert (seen, found.verdict) == ([wanted.panel.wired], Verdict.OK)


def test_a_ledger_that_was_changed_is_told_as_earlid_ledger_verify_tells_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, folder = config(tmp_path), config(tmp_path).paths.ledger
    assert (doctor.ledger(told).verdict, doctor.ledger(told).found) == (Verdict.OK, "nothing has left yet")
    assert not folder.exists(), "looking must create nothing"
    with closing(Ledger(folder)) as ledger:
        ledger.append(*(Entry(what=What.SENT, id=f"{number:032x}", bytes=10) for number in range(3)))
    assert (doctor.ledger(told).verdict, doctor.ledger(told).found) == (Verdict.OK, "whole, up to entry 3")
    (file,) = folder.glob("*.jsonl")
    file.write_bytes(file.read_bytes().replace(b'"bytes":10', b'"bytes":99', 1))
    found = doctor.ledger(told)
    assert (found.verdict, found.exit_code) == (Verdict.FAIL, 78)
    assert found.found == "line 1: entry 1 was changed after it was written"
    monkeypatch.setattr(doctor, "MOST_LEDGER_BYTES", 100)
    found = doctor.ledger(told)
    assert (found.verdict, found.todo) == (Verdict.OK, "earlid ledger verify")
    assert "too long" in found.found


def test_a_ledger_that_this_user_may_not_read_is_no_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(_path: Path) -> Iterator[Path]:
        raise PermissionError(13, "permission denied")

    monkeypatch.setattr(Path, "iterdir", forbidden)
    found = doctor.ledger(config(tmp_path))
    assert (found.verdict, found.found) == (Verdict.WARN, "not visible to this user")


def test_a_disk_that_is_nearly_full_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert computer.free_bytes(tmp_path / "not/yet/there") > 0
    monkeypatch.setattr(computer, "free_bytes", lambda _: 5_000_000)
    assert doctor.room(config(tmp_path)).verdict is Verdict.WARN


def test_without_an_address_nothing_is_reached_for(tmp_path: Path) -> None:
    assert doctor.collector(config(tmp_path)).verdict is Verdict.OK


def test_a_collector_that_is_down_is_told(tmp_path: Path) -> None:
    found = doctor.collector(config(tmp_path, '[upload]\nurl = "http://127.0.0.1:9/"\n'))
    assert (found.verdict, found.exit_code) == (Verdict.FAIL, 69)


def test_every_mistake_of_a_configuration_is_a_row_and_the_worst_row_decides(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken() -> Config:
        raise ConfigError("a:1: one\na:2: two")

    load: Callable[[], Config] = broken
    assert doctor.doctor(load, json=True) == 78
    rows = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert [row["found"] for row in rows if row["verdict"] == "fail"] == ["a:1: one", "a:2: two"]


def test_every_destination_is_looked_for_and_what_is_missing_is_told(tmp_path: Path) -> None:
    with Collector() as here:
        port = here.url.split(":")[2].split("/")[0]
        sinks = config(
            tmp_path,
            f'[[sinks]]\nkind = "put"\nurl = "{here.url}/{{id}}"\n'
            f'[[sinks]]\nkind = "wyoming"\nurl = "tcp://127.0.0.1:{port}"\nthen_command = ["cat"]\n'
            '[[sinks]]\nkind = "http"\nurl = "http://127.0.0.1:9/"\n'
            '[[sinks]]\nkind = "folder"\nfolder = "absent"\n',
        ).sinks
        found = [doctor.destination(each) for each in sinks]
    assert [each.verdict for each in found] == [Verdict.OK, Verdict.OK, Verdict.FAIL, Verdict.FAIL]
    assert [each.name for each in found] == ["sink put", "sink wyoming", "sink http", "sink folder"]
    assert found[3].todo == "make or mount it"
