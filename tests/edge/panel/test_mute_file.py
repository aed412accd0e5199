"""Muted stays muted: through power cuts, garbage, and a file that somebody took away."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from earlid.core.mute import Remembered
from earlid.edge.disk import RealDisk
from earlid.edge.panel.mute_file import MuteFile
from earlid.errors import DiskTrouble
from fakes.disk import ForgetfulDisk, PowerCut


def opened(folder: Path) -> MuteFile:
    return MuteFile(folder, RealDisk())


def test_a_first_start_remembers_nothing(tmp_path: Path) -> None:
    assert opened(tmp_path / "state").read() is Remembered.FIRST_START


@pytest.mark.parametrize(("muted", "remembered"), [(True, Remembered.MUTED), (False, Remembered.OPEN)])
def test_what_was_said_is_read_back(tmp_path: Path, muted: bool, remembered: Remembered) -> None:
    for before in (not muted, muted):
        opened(tmp_path).write(before)
    assert opened(tmp_path).read() is remembered
    assert sorted(path.name for path in tmp_path.iterdir()) == [".muted-was-written", "muted"]


@pytest.mark.parametrize(
    "body",
    [b"", b"open", b"open\n\n", b"OPEN\n", b"\x00" * 8, b"open\n" * 100_000, b"muted", bytes(range(64))],
)
def test_garbage_means_muted(tmp_path: Path, body: bytes) -> None:
    opened(tmp_path).write(False)
    (tmp_path / "muted").write_bytes(body)
    assert opened(tmp_path).read() is Remembered.LOST


def test_a_file_that_was_taken_away_means_muted(tmp_path: Path) -> None:
    opened(tmp_path).write(False)
    (tmp_path / "muted").unlink()
    assert opened(tmp_path).read() is Remembered.LOST


def test_a_link_or_a_folder_in_its_place_means_muted(tmp_path: Path) -> None:
    opened(tmp_path).write(False)
    (tmp_path / "muted").rename(tmp_path / "elsewhere")
    (tmp_path / "muted").symlink_to(tmp_path / "elsewhere")
    assert opened(tmp_path).read() is Remembered.LOST
    (tmp_path / "muted").unlink()
    (tmp_path / "muted").mkdir()
    assert opened(tmp_path).read() is Remembered.LOST


def test_a_draft_that_a_crash_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / ".muted.new").write_bytes(b"ope")
    opened(tmp_path).write(True)
    assert opened(tmp_path).read() is Remembered.MUTED


class Cut(Exception):
    """The power is gone."""


class DyingDisk(RealDisk):
    """A disk whose power goes before its so-many-th change."""

    def __init__(self, left: int) -> None:
        self.left = left

    def _count(self) -> None:
        if self.left == 0:
            raise Cut
        self.left -= 1

    def create(self, path: Path, body: bytes | bytearray) -> None:
        self._count()
        super().create(path, body)

    def rename(self, old: Path, new: Path) -> None:
        self._count()
        super().rename(old, new)


@pytest.mark.parametrize("before", [None, True, False])
@pytest.mark.parametrize("after", [True, False])
def test_wherever_the_power_goes_it_is_the_old_word_or_the_new_one(
    tmp_path: Path, before: bool | None, after: bool
) -> None:
    for cut in range(5):
        state = tmp_path / str(cut)
        if before is not None:
            opened(state).write(before)
        words = {opened(state).read(), Remembered.MUTED if after else Remembered.OPEN}
        try:
            MuteFile(state, DyingDisk(cut)).write(after)
        except Cut:
            assert opened(state).read() in words
        else:
            assert opened(state).read() is (Remembered.MUTED if after else Remembered.OPEN)


class BrokenDisk(RealDisk):
    """A disk that cannot be read."""

    def read(self, path: Path, limit_bytes: int) -> bytes:
        raise DiskTrouble(f"cannot read {path}: input/output error, check the disk")


def test_a_disk_that_cannot_be_read_means_muted(tmp_path: Path) -> None:
    opened(tmp_path).write(False)
    assert MuteFile(tmp_path, BrokenDisk()).read() is Remembered.LOST


STATE = Path("/state")
MARK = STATE / ".muted-was-written"


def no_room(*verbs: str) -> Callable[[str, Path], None]:
    """What `before_verb` does on a disk that takes none of `verbs`."""

    def refuse(verb: str, path: Path) -> None:
        if verb in verbs:
            raise DiskTrouble(f"disk full: cannot {verb} {path}, make room")

    return refuse


def full_disk(said: bool, *verbs: str) -> ForgetfulDisk:
    """A disk on which that was `said`, before it had no room for `verbs`."""
    disk = ForgetfulDisk()
    MuteFile(STATE, disk).write(said)
    disk.before_verb = no_room("create", *verbs)
    return disk


@pytest.mark.parametrize("muted", [True, False])
def test_a_full_disk_takes_either_word_and_torn_in_between_it_means_muted(muted: bool) -> None:
    """Wherever the power goes, and whatever is left of what was not synced."""
    finished = 0
    for dice in map(random.Random, range(60)):
        disk = full_disk(not muted)
        disk.plan_cut(dice.randrange(6))
        try:
            MuteFile(STATE, disk).write(muted)
            finished += 1
            allowed = {Remembered.MUTED if muted else Remembered.OPEN}
        except PowerCut:
            allowed = set(Remembered) - {Remembered.FIRST_START}
        found = MuteFile(STATE, disk.after_power_cut(dice)).read()
        assert found in allowed
    assert finished


def test_a_disk_on_which_nothing_can_be_written_over_loses_the_word_and_that_means_muted() -> None:
    for dice in map(random.Random, range(20)):
        disk = full_disk(False, "overwrite")
        MuteFile(STATE, disk).write(True)
        MuteFile(STATE, disk).write(True)  # and again, where there is nothing left to take away
        assert MuteFile(STATE, disk.after_power_cut(dice)).read() is Remembered.LOST
        with pytest.raises(DiskTrouble, match="disk full"):
            MuteFile(STATE, disk).write(False)


def test_without_its_mark_no_word_is_taken_away_for_nothing_would_mean_open() -> None:
    disk = full_disk(False, "overwrite")
    disk.before_verb = no_room()
    disk.remove(MARK)
    disk.before_verb = no_room("create", "overwrite")
    with pytest.raises(DiskTrouble, match="disk full"):
        MuteFile(STATE, disk).write(True)
    assert MuteFile(STATE, disk).read() is Remembered.OPEN


def test_a_disk_that_takes_nothing_at_all_says_so() -> None:
    disk = full_disk(False, "overwrite", "remove")
    with pytest.raises(DiskTrouble, match="disk full: cannot create"):
        MuteFile(STATE, disk).write(True)
    assert MuteFile(STATE, disk).read() is Remembered.OPEN
