"""One contract for the disk of this machine and for the one that forgets."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from earlid.edge.disk import Disk, Entry, Kind, NotThere, RealDisk
from earlid.errors import ConfigError, DiskTrouble
from fakes.disk import ForgetfulDisk


@pytest.fixture(params=[RealDisk, ForgetfulDisk])
def disk(request: pytest.FixtureRequest) -> Disk:
    made: Disk = request.param()
    return made


@pytest.fixture
def room(disk: Disk, tmp_path: Path) -> Path:
    disk.make_folder(tmp_path / "a" / "room")
    return tmp_path / "a" / "room"


def test_what_was_created_can_be_synced_listed_and_read(disk: Disk, room: Path) -> None:
    disk.create(room / "x", b"sound")
    disk.sync(room / "x")
    disk.sync_dir(room)
    assert disk.list(room) == [Entry("x", Kind.FILE, 5)]
    assert disk.read(room / "x", 5) == b"sound"


def test_a_file_longer_than_the_limit_is_trouble(disk: Disk, room: Path) -> None:
    disk.create(room / "x", b"sound")
    with pytest.raises(DiskTrouble, match="longer than 4 bytes"):
        disk.read(room / "x", 4)


def test_a_name_that_is_taken_is_never_overwritten(disk: Disk, room: Path) -> None:
    disk.create(room / "x", b"first")
    with pytest.raises(DiskTrouble):
        disk.create(room / "x", b"second")
    assert disk.read(room / "x", 10) == b"first"


def test_a_file_grows_at_its_end_is_written_over_at_its_beginning_and_cut_short(
    disk: Disk, room: Path
) -> None:
    disk.create(room / "x", b"one ")
    disk.append(room / "x", b"two")
    assert disk.read(room / "x", 10) == b"one two"
    disk.overwrite(room / "x", b"six")
    assert disk.read(room / "x", 10) == b"six two"
    disk.cut(room / "x", 3)
    disk.sync(room / "x")
    assert disk.read(room / "x", 10) == b"six"


@pytest.mark.parametrize("verb", ["append", "overwrite", "cut"])
def test_a_file_that_is_not_there_is_neither_grown_nor_made(disk: Disk, room: Path, verb: str) -> None:
    with pytest.raises(DiskTrouble):
        getattr(disk, verb)(room / "x", 0 if verb == "cut" else b"y")
    assert disk.list(room) == []


@pytest.mark.parametrize("below", ["x", "x/y"])
def test_a_folder_that_is_not_there_is_told_from_one_that_cannot_be_listed(
    disk: Disk, room: Path, below: str
) -> None:
    with pytest.raises(NotThere):
        disk.list(room / below)


def test_a_folder_that_exists_is_left_as_it_is(disk: Disk, room: Path) -> None:
    disk.create(room / "x", b"sound")
    disk.make_folder(room)
    assert [entry.name for entry in disk.list(room)] == ["x"]


def test_a_folder_is_renamed_with_all_it_holds(disk: Disk, room: Path) -> None:
    disk.make_folder(room / "old")
    disk.create(room / "old" / "x", b"sound")
    disk.rename(room / "old", room / "new")
    assert [(entry.name, entry.kind) for entry in disk.list(room)] == [("new", Kind.FOLDER)]
    assert disk.read(room / "new" / "x", 10) == b"sound"


def test_renaming_what_is_not_there_is_trouble(disk: Disk, room: Path) -> None:
    with pytest.raises(DiskTrouble):
        disk.rename(room / "old", room / "new")


def test_a_wiped_file_keeps_its_length_and_nothing_else(disk: Disk, room: Path) -> None:
    disk.create(room / "x", b"sound" * 30_000)
    disk.wipe(room / "x")
    assert disk.read(room / "x", 150_000) == bytes(150_000)


def test_files_and_empty_folders_can_be_removed_and_full_folders_cannot(disk: Disk, room: Path) -> None:
    disk.make_folder(room / "inner")
    disk.create(room / "inner" / "x", b"sound")
    with pytest.raises(DiskTrouble):
        disk.remove(room / "inner")
    disk.remove(room / "inner" / "x")
    disk.remove(room / "inner")
    assert disk.list(room) == []


def test_a_lock_is_had_once_until_it_is_released(disk: Disk, room: Path) -> None:
    lock = disk.lock(room)
    assert lock is not None
    assert disk.lock(room) is None
    lock.release()
    lock.release()
    again = disk.lock(room)
    assert again is not None
    again.release()


def test_only_the_owner_can_open_what_is_made(tmp_path: Path) -> None:
    RealDisk().make_folder(tmp_path / "room")
    RealDisk().create(tmp_path / "room" / "x", b"sound")
    assert stat.S_IMODE((tmp_path / "room").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "room" / "x").stat().st_mode) == 0o600


@pytest.mark.parametrize("verb", ["sync", "wipe", "read"])
def test_a_link_is_never_followed(tmp_path: Path, verb: str) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / "x").symlink_to(tmp_path / "precious")
    further = (100,) if verb == "read" else ()
    with pytest.raises(ConfigError, match="symbolic link"):
        getattr(RealDisk(), verb)(tmp_path / "x", *further)
    assert (tmp_path / "precious").read_bytes() == b"precious"


def test_a_link_is_listed_as_neither_file_nor_folder(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to("/")
    assert [(entry.name, entry.kind) for entry in RealDisk().list(tmp_path)] == [("x", Kind.OTHER)]


def test_a_file_in_the_place_of_a_folder_is_a_setting_to_correct(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"")
    for path in (tmp_path / "state", tmp_path / "state" / "spool"):
        with pytest.raises(ConfigError, match=r"set paths\.state"):
            RealDisk().make_folder(path)
