"""Muted stays muted: through power cuts, garbage, and a file that somebody took away."""

from __future__ import annotations

from pathlib import Path

import pytest

from earlid.core.mute import Remembered
from earlid.edge.disk import RealDisk
from earlid.edge.panel.mute_file import MuteFile
from earlid.errors import DiskTrouble


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
