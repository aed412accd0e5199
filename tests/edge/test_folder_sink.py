"""A folder gets each segment whole or not at all, and only where it really is."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from pathlib import Path

import pytest

from earlid.edge.sinks.folder_sink import FolderSink
from earlid.edge.spool.kept import Kept
from earlid.errors import NotAllowed, Refused, TryLater
from fakes.kept_segments import kept_in


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return kept_in(tmp_path)


def sink(folder: Path, **named: object) -> FolderSink:
    return FolderSink(folder, now=lambda: 1_800_000_059.0, **named)  # type: ignore[arg-type]


def test_a_segment_arrives_whole_beside_its_facts_and_twice_is_once(tmp_path: Path, kept: Kept) -> None:
    there = tmp_path / "there"
    there.mkdir()
    for _ in range(2):
        assert sink(there, alias=lambda: "0" * 16).send(kept).status == 200
    assert (there / f"{kept.id}.wav").read_bytes() == kept.wav
    assert json.loads((there / f"{kept.id}.json").read_text()) == {
        "id": kept.id,
        "wake_word": "hey_jarvis",
        "duration_ms": 1_000,
        "lookback_ms": 200,
        "device": "0" * 16,
    }
    assert len(list(there.iterdir())) == 2
    assert (there / f"{kept.id}.wav").stat().st_mode & 0o777 == 0o600


def test_what_is_sealed_is_named_so(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    kept = kept_in(tmp_path, sealed=True)
    sink(there).send(kept)
    assert (there / f"{kept.id}.wav.age").read_bytes() == kept.wav


def test_what_was_put_there_can_be_removed_again(tmp_path: Path, kept: Kept) -> None:
    there = tmp_path / "there"
    there.mkdir()
    sink(there).send(kept)
    assert sink(there).forget(kept.id) is True
    assert sink(there).forget(kept.id) is True
    assert list(there.iterdir()) == []


def test_a_folder_that_is_missing_is_not_made(tmp_path: Path, kept: Kept) -> None:
    for what in (
        lambda: sink(tmp_path / "absent").send(kept),
        lambda: sink(tmp_path / "absent").forget(kept.id),
    ):
        with pytest.raises(TryLater, match="make or mount it"):
            what()
    assert not (tmp_path / "absent").exists()


def test_an_empty_mount_point_is_waited_at(tmp_path: Path, kept: Kept) -> None:
    with pytest.raises(TryLater, match="nothing is mounted"):
        sink(tmp_path, only_mounted=True).send(kept)
    shared = Path("/dev/shm")
    if shared.is_mount():
        there = sink(shared, only_mounted=True)
        there.send(kept)
        assert there.forget(kept.id) is True


@pytest.mark.skipif(not Path("/dev/shm").is_mount(), reason="needs a mount that every Linux has: /dev/shm")
def test_a_mount_of_the_system_above_it_is_not_taken_for_its_own(kept: Kept) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as place:
        below = sink(Path(place), only_mounted=True)
        for what in (lambda: below.send(kept), lambda: below.forget(kept.id)):
            with pytest.raises(TryLater, match="nothing is mounted"):
                what()
        assert list(Path(place).iterdir()) == []


def test_a_crash_in_the_middle_leaves_nothing_that_looks_whole(tmp_path: Path, kept: Kept) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / f".{kept.id}.wav.part").write_bytes(b"half")
    sink(there).send(kept)
    assert (there / f"{kept.id}.wav").read_bytes() == kept.wav
    assert sorted(each.name for each in there.iterdir()) == [f"{kept.id}.json", f"{kept.id}.wav"]


def test_what_could_not_be_made_durable_is_not_left_there(
    tmp_path: Path, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "there"
    there.mkdir()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TryLater, match="no space left"):
        sink(there).send(kept)
    assert list(there.iterdir()) == []


@pytest.mark.parametrize("ending", ["wav", "wav.age", "json"])
def test_forgetting_removes_what_a_crash_left_unfinished(tmp_path: Path, kept: Kept, ending: str) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / f".{kept.id}.{ending}.part").write_bytes(kept.wav)
    (there / ".another.wav.part").write_bytes(b"theirs")
    assert sink(there).forget(kept.id) is True
    assert [each.name for each in there.iterdir()] == [".another.wav.part"]


def test_a_link_in_the_way_is_not_followed(tmp_path: Path, kept: Kept) -> None:
    there, precious = tmp_path / "there", tmp_path / "precious"
    there.mkdir()
    precious.write_text("mine")
    (there / f".{kept.id}.wav.part").symlink_to(precious)
    with pytest.raises(NotAllowed):
        sink(there).send(kept)
    assert precious.read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere: run as somebody else")
def test_a_folder_that_may_not_be_written_keeps_every_segment(tmp_path: Path, kept: Kept) -> None:
    there = tmp_path / "there"
    there.mkdir(0o500)
    with pytest.raises(NotAllowed):
        sink(there).send(kept)


def test_a_segment_larger_than_it_may_be_is_refused(tmp_path: Path, kept: Kept) -> None:
    with pytest.raises(Refused, match="no more than 1000"):
        sink(tmp_path, limit_bytes=1_000).send(kept)
    assert list(tmp_path.glob(f"{kept.id}*")) == []
