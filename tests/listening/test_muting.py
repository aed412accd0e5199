"""Hand, software, clock and memory put together: in the right order, and never unmuted by surprise."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from earlid.config_file import parse
from earlid.core.boards import MuteKind
from earlid.core.epoch import Epoch
from earlid.edge.control import ask
from earlid.edge.disk import Entry, RealDisk
from earlid.edge.panel.mute_note import MuteNote
from earlid.edge.panel.panel import Panel
from earlid.errors import DiskTrouble
from earlid.listening.muting import Muting
from earlid.mute import mute
from earlid.privacy import PrivacySettings
from fakes.panel_rig import Rig
from fakes.waiting import within
from fakes.wall import Wall
from fakes.wires import Bench, Hands


class NotingDisk(RealDisk):
    """Notes each word that it made durable. Its folder `state` has no room while `full`, and is not to be
    written at all while `fixed`, as on a card that turned read-only.
    """

    def __init__(self, order: list[str]) -> None:
        self.order = order
        self.full = self.fixed = False

    def create(self, path: Path, body: bytes | bytearray) -> None:
        if (self.full or self.fixed) and path.parent.name == "state":
            raise DiskTrouble("disk full: make room")
        super().create(path, body)

    def overwrite(self, path: Path, body: bytes) -> None:
        if self.fixed:
            raise DiskTrouble("disk read-only: see to it")
        super().overwrite(path, body)

    def remove(self, path: Path) -> None:
        if self.fixed and path.parent.name == "state":
            raise DiskTrouble("disk read-only: see to it")
        super().remove(path)

    def sync_dir(self, path: Path) -> None:
        super().sync_dir(path)
        file = path / "muted"
        if file.exists():
            self.order.append(file.read_text().strip())


class Table:
    """Everything that can mute, on one folder, and what happened in order."""

    def __init__(self, folder: Path, kind: MuteKind | None, privacy: PrivacySettings) -> None:
        self.order: list[str] = []
        self.epoch = Epoch()
        self.panel = Wall(self.order)
        self.disk = NotingDisk(self.order)
        self.now_s = 0.0
        self.muting = Muting(
            state=folder / "state",
            runtime=folder / "run",
            privacy=privacy,
            disk=self.disk,
            epoch=self.epoch,
            nudge=lambda: None,
            panel_of=self._hang,
            mute_kind=kind,
            clock=lambda: self.now_s,
        )

    def _hang(self, says: Callable[[bool], None]) -> Wall:
        self.panel.says = says
        return self.panel


@contextmanager
def table(
    folder: Path, kind: MuteKind | None = None, *, closed: bool = False, **privacy: object
) -> Iterator[Table]:
    one = Table(folder, kind, PrivacySettings(**privacy))  # type: ignore[arg-type]
    one.panel.muted = closed
    one.muting.open(dict)
    yield one
    one.muting.close(at_fault=False)


ALL_DAY = ("00:00-12:00", "12:00-00:00")
QUIET = "quiet hours until further notice"


@contextmanager
def listening(one: Table) -> Iterator[None]:
    """Somebody who does at once what is said, as long as it is muted all the while."""
    over = threading.Event()

    def turn() -> None:
        while not over.is_set():
            one.muting.lid.done(one.muting.muted, one.muting.lid.turn)
            one.muting.lid.wait(0.05)

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_the_hand_is_read_first_and_a_closed_switch_is_muted_from_the_start(tmp_path: Path) -> None:
    with table(tmp_path, MuteKind.LATCHING, closed=True) as one:
        assert one.order[0] == "panel"
        assert (one.muting.muted, one.muting.cause) == (True, "by the switch")


def test_a_switch_that_moved_unheard_is_noticed_at_the_next_look(tmp_path: Path) -> None:
    with table(tmp_path, MuteKind.LATCHING) as one:
        assert not one.muting.muted
        one.panel.muted = True  # an edge was missed
        one.muting.look()
        assert one.muting.muted
        assert one.epoch.value == 1


def test_the_hand_mutes_in_its_own_thread_at_once(tmp_path: Path) -> None:
    with table(tmp_path, MuteKind.MOMENTARY) as one:
        one.panel.says(True)
        assert (one.epoch.value, one.muting.muted) == (1, True)
        one.panel.says(False)
        assert not one.muting.muted


def test_a_button_pressed_in_a_quiet_hour_stays_muted_and_is_told_so(tmp_path: Path) -> None:
    with table(tmp_path, MuteKind.MOMENTARY, quiet_hours=ALL_DAY) as one:
        one.panel.says(False)
        assert one.muting.muted
        assert one.order[-1] == "told muted"


def test_a_mute_that_is_said_in_a_quiet_hour_is_told_and_survives_a_power_cut(tmp_path: Path) -> None:
    with table(tmp_path, quiet_hours=ALL_DAY) as one, listening(one):
        answer = ask(tmp_path / "run", "mute")
        assert (answer["ok"], answer["cause"]) == (True, f"{QUIET}, and after that until unmuted")
        assert (tmp_path / "state/muted").read_text() == "muted\n"


def test_an_unmute_that_is_refused_in_a_quiet_hour_lets_it_listen_again_afterwards(tmp_path: Path) -> None:
    with table(tmp_path, quiet_hours=ALL_DAY) as one, listening(one):
        ask(tmp_path / "run", "mute")
        answer = ask(tmp_path / "run", "unmute")
        assert (answer["ok"], answer["muted"]) == (False, True)
        assert answer["refused"] == f"{QUIET}; then it listens again"
        assert one.epoch.value == 1
        assert (tmp_path / "state/muted").read_text() == "open\n"
    with table(tmp_path) as one:
        assert not one.muting.muted


def test_a_button_in_a_quiet_hour_takes_back_nothing_for_it_can_be_told_nothing(tmp_path: Path) -> None:
    with table(tmp_path, MuteKind.MOMENTARY, quiet_hours=ALL_DAY) as one:
        one.muting.lid.mute()
        one.panel.says(False)
        assert one.muting.lid.state.kept


def test_the_quiet_hours_are_those_of_this_clock(tmp_path: Path) -> None:
    now = time.localtime()
    if now.tm_min == 59 and now.tm_sec > 50:
        pytest.skip("the hour is about to change")
    this, other = f"{now.tm_hour:02d}:00", f"{(now.tm_hour + 1) % 24:02d}:00"
    with table(tmp_path, quiet_hours=(f"{this}-{other}",)) as one:
        assert one.muting.cause == f"quiet hours until {other}"
    with table(tmp_path, quiet_hours=(f"{other}-{this}",)) as one:
        assert not one.muting.muted


def test_the_quiet_hours_follow_a_time_zone_that_is_changed_while_it_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = time.gmtime().tm_hour
    if time.gmtime().tm_min == 59:
        pytest.skip("the hour is about to change")
    monkeypatch.setenv("TZ", "UTC")
    quiet = (f"{(hour + 6) % 24:02d}:00-{(hour + 7) % 24:02d}:00",)
    try:
        with table(tmp_path, quiet_hours=quiet) as one:
            assert not one.muting.muted
            monkeypatch.setenv("TZ", "Etc/GMT-6")  # which is six hours ahead
            one.muting.look()
            assert one.muting.muted
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_clock_that_is_plainly_not_set_is_in_a_quiet_hour_where_there_are_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    year = [1970]
    monkeypatch.setattr("earlid.edge.computer.year", lambda: year[0])
    with table(tmp_path) as one:
        assert not one.muting.muted
    now = time.localtime()
    with table(tmp_path, quiet_hours=(f"{(now.tm_hour + 2) % 24}:00-{(now.tm_hour + 3) % 24}:00",)) as one:
        assert one.muting.cause == "quiet hours until the clock is set"
        year[0] = 2026
        one.muting.look()
        assert not one.muting.muted


def test_that_it_listens_is_durable_before_the_microphone_gets_its_power(tmp_path: Path) -> None:
    with table(tmp_path) as one:
        one.muting.lid.mute()
        one.muting.has_muted()
        one.muting.lid.unmute()
        one.order.clear()
        one.muting.may_unmute()
        assert one.order == ["open", "told open", "power"]


def test_a_disk_that_cannot_remember_it_gives_no_power(tmp_path: Path) -> None:
    with table(tmp_path) as one:
        one.muting.lid.mute()
        one.muting.has_muted()
        one.muting.lid.unmute()
        one.disk.fixed = True
        one.order.clear()
        with pytest.raises(DiskTrouble):
            one.muting.may_unmute()
        assert one.order == []


def test_a_disk_that_cannot_remember_a_mute_or_a_panel_that_is_lost_prevents_none(tmp_path: Path) -> None:
    with table(tmp_path) as one:
        one.disk.fixed = one.panel.lost = True
        one.muting.lid.mute()
        one.muting.has_muted()
        one.muting.cut_power()
        assert one.muting.muted
        one.disk.fixed = one.panel.lost = False


def test_a_mute_on_a_full_disk_is_a_mute_after_a_power_cut_and_an_unmute_is_none(tmp_path: Path) -> None:
    with table(tmp_path) as one, listening(one):
        one.disk.full = True
        answer = ask(tmp_path / "run", "mute")
        assert (answer["ok"], answer["not_remembered"]) == (True, "")
    assert not (tmp_path / "run/muted").exists()
    with table(tmp_path) as one:
        assert (one.muting.muted, one.muting.cause) == (True, "until unmuted")
        one.disk.full = True
        one.muting.lid.unmute()
        one.muting.may_unmute()
    with table(tmp_path) as one:
        assert not one.muting.muted


def test_who_asks_for_a_mute_that_no_disk_takes_is_told_and_leaves_with_69(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = {"STATE_DIRECTORY": str(tmp_path / "state"), "RUNTIME_DIRECTORY": str(tmp_path / "run")}
    config = parse("", None, secrets=False, environ=own)
    with table(tmp_path) as one, listening(one):
        assert mute(config) == 0
        one.muting.lid.unmute()
        one.muting.may_unmute()
        one.disk.fixed = True
        told = "it is muted, but a power cut would undo that: disk full: make room"
        with pytest.raises(DiskTrouble, match=told) as error:
            mute(config)
        assert error.value.exit_code == 69
    assert capsys.readouterr().out == "muted: until unmuted\n" * 2


def cut_power(folder: Path) -> None:
    """What is in memory is gone."""
    shutil.rmtree(folder / "run")


def test_a_mute_that_no_disk_takes_says_so_and_outlives_the_service_but_not_the_power(tmp_path: Path) -> None:
    with table(tmp_path) as one, listening(one):
        one.disk.fixed = True
        answer = ask(tmp_path / "run", "mute")
        assert (answer["ok"], answer["not_remembered"]) == (True, "disk full: make room")
    again = Table(tmp_path, None, PrivacySettings())
    again.disk.fixed = True
    again.muting.open(dict)
    assert (again.muting.muted, again.muting.not_remembered) == (True, "disk full: make room")
    again.muting.close(at_fault=False)
    cut_power(tmp_path)
    with table(tmp_path) as one:
        assert not one.muting.muted  # as it was told


def test_a_mute_that_no_disk_took_is_tried_again_until_one_does(tmp_path: Path) -> None:
    with table(tmp_path) as one:
        one.disk.fixed = True
        one.muting.lid.mute()
        one.muting.has_muted()
        one.disk.fixed = False
        one.muting.look()
        assert one.muting.not_remembered
        one.now_s += 5.0
        one.muting.look()
        assert not one.muting.not_remembered
    cut_power(tmp_path)
    with table(tmp_path) as one:
        assert one.muting.muted


def test_an_unmute_ends_a_mute_that_no_disk_took(tmp_path: Path) -> None:
    with table(tmp_path) as one:
        one.disk.fixed = True
        one.muting.lid.mute()
        one.muting.has_muted()
        one.muting.lid.unmute()
        one.muting.may_unmute()  # for the disk it never was muted
        assert not one.muting.not_remembered
    with table(tmp_path) as one:
        assert not one.muting.muted


def test_what_cannot_be_looked_for_in_the_runtime_directory_means_muted(tmp_path: Path) -> None:
    with table(tmp_path):
        pass

    class DarkDisk(RealDisk):
        def list(self, path: Path) -> list[Entry]:
            if path.name == "run":
                raise DiskTrouble(f"cannot list {path}: input/output error, check the disk")
            return super().list(path)

    assert MuteNote(tmp_path / "run", DarkDisk()).is_there
    assert not MuteNote(tmp_path / "nowhere", DarkDisk()).is_there


def test_software_that_mutes_while_a_button_is_let_go_has_the_last_word(tmp_path: Path) -> None:
    with table(tmp_path, MuteKind.MOMENTARY) as one:
        one.muting.lid.mute()
        tell = one.panel.tell

        def let_go_first(muted: bool) -> None:
            one.panel.says(False)
            tell(muted)

        setattr(one.panel, "tell", let_go_first)  # noqa: B010 - mypy knows what a method is
        one.muting._mute_by_software()
        assert one.muting.muted


@pytest.mark.parametrize(("level", "told"), [(None, ""), (True, "on"), (False, "off")])
def test_the_microphone_s_power_is_told_as_the_pin_says(
    tmp_path: Path, level: bool | None, told: str
) -> None:
    with table(tmp_path) as one:
        one.panel.mic_powered = level
        assert one.muting.mic_power == told


def test_a_word_it_does_not_know_changes_nothing(tmp_path: Path) -> None:
    with table(tmp_path) as one:
        assert ask(tmp_path / "run", "unmut")["refused"] == "say mute, unmute or status"
        assert one.epoch.value == 0


def test_after_it_was_closed_nobody_on_the_socket_waits_for_it(tmp_path: Path) -> None:
    with table(tmp_path) as one:
        one.muting.lid.give_up()
        with within(1.0):
            assert ask(tmp_path / "run", "mute")["ok"] is False
        assert one.muting.muted


def test_garbage_where_the_word_was_means_muted_until_somebody_unmutes(tmp_path: Path) -> None:
    with table(tmp_path):
        pass
    (tmp_path / "state/muted").write_text("garbage")
    with table(tmp_path) as one:
        assert one.muting.muted
        assert "lost" in one.muting.cause
        one.muting.lid.unmute()
        assert not one.muting.muted


@pytest.mark.parametrize("is_let_go", [True, False])
def test_a_press_while_it_starts_mutes_for_good(tmp_path: Path, is_let_go: bool) -> None:
    one = Rig(Bench(), Hands(), tmp_path)

    class PressedDisk(RealDisk):
        def rename(self, old: Path, new: Path) -> None:
            super().rename(old, new)
            if new.name == "muted":
                (one.press if is_let_go else one.down)()

    def hang(says: Callable[[bool], None]) -> Panel:
        one.panel._on = (says, *one.panel._on[1:])
        return one.panel

    muting = Muting(
        state=tmp_path / "state",
        runtime=tmp_path / "run",
        privacy=PrivacySettings(),
        disk=PressedDisk(),
        epoch=Epoch(),
        nudge=lambda: None,
        panel_of=hang,
        mute_kind=MuteKind.MOMENTARY,
    )
    assert not muting.muted
    muting.open(dict)
    assert muting.muted and one.panel.muted
    if not is_let_go:
        one.hands.pass_s(0.2)
        one.up()
    one.hands.pass_s(5)
    assert muting.muted and one.panel.muted
    one.press()
    assert not muting.muted and not one.panel.muted
    muting.close(at_fault=False)
