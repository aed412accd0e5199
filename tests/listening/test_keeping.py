"""Keeping waits for the disk as long as nobody mutes, and not a moment longer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from earlid.core.epoch import Epoch
from earlid.core.gate import Permit, State
from earlid.core.mute import Mute
from earlid.core.segment import Segment
from earlid.edge.budget_file import BudgetFile, Uptime
from earlid.edge.disk import RealDisk
from earlid.edge.panel.lid import Lid
from earlid.edge.spool.spool import Spool
from earlid.errors import DiskTrouble, Violation
from earlid.listening.account import Account
from earlid.listening.keeping import Keeping
from earlid.listening.lantern import Lantern
from fakes.house import House
from fakes.segments import permitted
from fakes.wall import Wall

LIMIT_S = 20.0
ROOM_BYTES = 50_000


class JammedDisk(RealDisk):
    """A disk that says when it is about to do `verb`, and waits there until it may go on."""

    def __init__(self) -> None:
        self.verb = ""
        self.reached = threading.Event()
        self.may_go_on = threading.Event()
        self.wiped: list[bytes] = []
        self.fails: Exception | None = None

    def _about_to(self, verb: str, path: Path) -> None:
        if verb == self.verb and "spool" in path.parts and "notes" not in path.parts:
            self.reached.set()
            assert self.may_go_on.wait(LIMIT_S)
            if self.fails:
                raise self.fails

    def create(self, path: Path, body: bytes | bytearray) -> None:
        self._about_to("create", path)
        super().create(path, body)

    def sync(self, path: Path) -> None:
        self._about_to("sync", path)
        super().sync(path)

    def sync_dir(self, path: Path) -> None:
        self._about_to(f"sync {path.name}", path)
        super().sync_dir(path)

    def rename(self, old: Path, new: Path) -> None:
        self._about_to(f"rename into {new.parent.name}", new)
        super().rename(old, new)

    def wipe(self, path: Path) -> None:
        super().wipe(path)
        self.wiped.append(path.read_bytes())


class Desk:
    """A keeping with everything that is around it, and whoever may press."""

    def __init__(self, folder: Path) -> None:
        self.disk = JammedDisk()
        self.spool = Spool(folder / "spool", self.disk)
        self.epoch = Epoch()
        self.lid = Lid(self.epoch, Mute(), lambda: None)
        self.lines: list[dict[str, Any]] = []
        self.budget = BudgetFile(folder, self.disk, 60.0, Uptime(), first_start=True)
        self.house = House()
        lantern = Lantern(Wall([]), self.budget, None, self.lines.append)
        account = Account(folder / "listen.json", ["hey_jarvis"], self.lines.append)
        self.keeping = Keeping(self.spool, self.budget, self.epoch, self.lid, lantern, account, ROOM_BYTES)
        self.drafts: list[bytearray] = []
        prepare = self.spool.prepare

        def noted(segment: Segment, permit: Permit) -> Any:
            self.drafts.append((draft := prepare(segment, permit)).sound)
            return draft

        setattr(self.spool, "prepare", noted)  # noqa: B010 - mypy knows what a method is

    def keep_and(self, verb: str, then: Callable[[], None], segment: Segment, permit: Permit) -> None:
        """Keep, with `then` done by somebody else as soon as the disk is about to do `verb`."""
        self.disk.verb = verb

        def wait_and_do() -> None:
            assert self.disk.reached.wait(LIMIT_S)
            then()

        other = threading.Thread(target=wait_and_do)
        other.start()
        try:
            self.keeping.keep(segment, permit)
        finally:
            other.join()

    def end(self) -> None:
        self.disk.may_go_on.set()
        self.keeping.close(self.house.listener)
        self.spool.close()

    @property
    def events(self) -> list[str]:
        return [line["event"] for line in self.lines]

    def names(self, room: str) -> list[str]:
        return [each.name for each in (self.spool.root / room).rglob("*")] if room else []


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    one = Desk(tmp_path)
    yield one
    one.end()


def test_it_returns_once_the_segment_is_safe_and_has_told_so(desk: Desk) -> None:
    def unjam() -> None:
        assert not desk.names("outbox") and not desk.lines
        desk.disk.may_go_on.set()

    desk.keep_and("sync", unjam, *permitted(16_000))
    (kept,) = desk.spool.pending()
    assert desk.lines[0]["id"] == kept.id
    assert desk.events == ["kept"]
    assert not any(desk.drafts[0])


@pytest.mark.parametrize("verb", ["create", "sync", "rename into outbox"])
def test_a_mute_waits_for_no_disk_and_what_has_no_place_yet_is_destroyed(desk: Desk, verb: str) -> None:
    desk.keep_and(verb, desk.lid.mute, *permitted(16_000))
    assert not desk.disk.may_go_on.is_set(), "the disk is as it was"
    assert not any(desk.drafts[0]), "its memory is zeroed before keep returns"
    desk.end()
    assert desk.names("outbox") == desk.names("draft") == []
    assert desk.disk.wiped and not any(any(body) for body in desk.disk.wiped)
    assert desk.events == []
    assert len(desk.names("notes")) == 1, "the ledger is to know"


def test_what_had_its_place_before_the_mute_was_finished_before_it_and_stays(desk: Desk) -> None:
    desk.keep_and("sync outbox", desk.lid.mute, *permitted(16_000))
    assert desk.lines == []
    desk.end()
    (kept,) = desk.spool.pending()
    assert (desk.events, desk.lines[0]["id"]) == (["kept"], kept.id)
    assert desk.names("notes") == []


def test_what_has_its_place_and_may_not_be_safe_is_told_as_kept_and_the_disk_as_lost(desk: Desk) -> None:
    rename = desk.disk.rename

    def forth_only(old: Path, new: Path) -> None:
        if new.parent.name == "draft":
            raise DiskTrouble("cannot rename: check the disk")
        rename(old, new)

    setattr(desk.disk, "rename", forth_only)  # noqa: B010 - as above
    desk.disk.may_go_on.set()
    desk.disk.verb, desk.disk.fails = "sync outbox", DiskTrouble("cannot sync: check the disk")
    with pytest.raises(DiskTrouble, match="cannot sync"):
        desk.keeping.keep(*permitted(160))
    (kept,) = desk.spool.pending()
    assert (desk.events, desk.lines[0]["id"]) == (["kept"], kept.id)


def test_a_segment_that_still_waits_its_turn_when_a_mute_comes_never_touches_the_disk(desk: Desk) -> None:
    desk.disk.verb = "sync"
    first, second = permitted(160), permitted(160)
    desk.keeping.note_discarded(first[0].wake, 160)
    desk.keep_and("create", desk.lid.mute, *first)
    desk.lid.unmute()
    desk.keeping.keep(*second)  # a permit of the epoch before
    desk.end()
    assert desk.names("outbox") == []
    assert len(desk.disk.wiped) == 2, "one folder: sound and facts of the first"
    assert len(desk.names("notes")) == 3


def test_trouble_is_raised_where_somebody_waits_and_otherwise_told_later(desk: Desk) -> None:
    desk.disk.may_go_on.set()
    desk.disk.verb, desk.disk.fails = "sync", DiskTrouble("disk full: make room")
    with pytest.raises(DiskTrouble, match="make room"):
        desk.keeping.keep(*permitted(160))
    desk.disk.may_go_on.clear()
    desk.disk.reached.clear()
    desk.keep_and("sync", desk.lid.mute, *permitted(160))
    assert desk.house.state is State.LISTENING
    desk.end()
    assert desk.house.listener.cause == "disk full: make room"


def test_a_segment_without_its_permit_is_a_violation_and_an_error_nobody_expects_is_not_lost(
    desk: Desk,
) -> None:
    (segment, _), (_, other) = permitted(), permitted()
    with pytest.raises(Violation):
        desk.keeping.keep(segment, other)
    desk.disk.may_go_on.set()
    desk.disk.verb, desk.disk.fails = "sync", RuntimeError("no such thing")
    with pytest.raises(RuntimeError, match="no such thing"):
        desk.keeping.keep(*permitted())

    def fail(*_: object) -> None:
        raise RuntimeError("nor this")

    setattr(desk.spool, "note_discarded", fail)  # noqa: B010 - as above
    desk.keeping.note_discarded(segment.wake, 1)
    desk.keeping.close(desk.house.listener)
    with pytest.raises(RuntimeError, match="nor this"):
        desk.keeping.look_after(desk.house.listener, 0.0)


def test_the_hour_is_charged_before_anything_is_written(desk: Desk) -> None:
    before = desk.budget.left()
    left: list[int] = []
    desk.disk.may_go_on.set()
    desk.keep_and("create", lambda: left.append(desk.budget.left()), *permitted(16_000))
    assert before - left[0] >= 15_999


def test_a_lost_disk_is_found_only_once_a_whole_segment_fits(desk: Desk) -> None:
    listener, sizes = desk.house.listener, []
    create = desk.disk.create

    def small(path: Path, body: bytes | bytearray) -> None:
        sizes.append(len(body))
        if len(body) > 20_000:
            raise DiskTrouble("disk full: make room")
        create(path, body)

    setattr(desk.disk, "create", small)  # noqa: B010 - as above
    listener.lose("microphone", "unplugged")
    desk.keeping.look_after(listener, 0.0)
    desk.keeping.close(listener)
    assert sizes == [], "it is the microphone that is lost: no disk is worn for that"
    listener.lose("disk", "disk full: make room")
    for now_s in (0.0, 10.0):
        desk.keeping.look_after(listener, now_s)
        desk.keeping.close(listener)
        desk.keeping.look_after(listener, now_s)
    assert listener.lacks("disk") and sizes == [ROOM_BYTES, ROOM_BYTES]
    setattr(desk.disk, "create", create)  # noqa: B010 - as above
    desk.keeping.look_after(listener, 20.0)
    desk.keeping.close(listener)
    desk.keeping.look_after(listener, 20.0)
    assert not listener.lacks("disk")
    listener.find("microphone")
    assert desk.house.state is State.LISTENING
