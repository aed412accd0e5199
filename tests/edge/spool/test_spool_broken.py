"""Foreign and broken things in the outbox: never followed, never sent, never in the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from earlid.edge.disk import RealDisk
from earlid.edge.spool.spool import Spool
from earlid.errors import DiskTrouble, KeptInDoubt
from fakes.segments import permitted


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with closing(Spool(tmp_path / "spool")) as made:
        yield made


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_foreign_things_in_the_outbox_are_left_alone_and_told_once(
    spool: Spool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "precious").mkdir()
    (spool.outbox / "notes.txt").write_bytes(b"mine")
    (spool.outbox / "holiday").mkdir()
    (spool.outbox / f"00000007-{'a' * 32}").symlink_to(tmp_path / "precious")
    id_ = spool.put(*permitted())
    spool.claim_outbox()
    for _ in range(3):
        assert [kept.id for kept in spool.pending()] == [id_]
    assert len(names(spool.outbox)) == 4
    assert len(caplog.records) == 3


def break_(folder: Path, how: str) -> None:
    wav, facts = folder / "segment.wav", folder / "segment.json"
    if how == "no sound":
        wav.unlink()
    elif how == "no facts":
        facts.unlink()
    elif how == "empty facts":
        facts.write_bytes(b"")
    elif how == "foreign facts":
        facts.write_bytes(b'["hello"]')
    elif how == "number as text":
        facts.write_bytes(facts.read_bytes().replace(b"1000", b'"1000"'))
    elif how == "another id":
        facts.write_bytes(facts.read_bytes().replace(folder.name[9:].encode(), b"b" * 32))
    elif how == "half the sound":
        wav.write_bytes(wav.read_bytes()[:900])
    elif how == "no recording":
        wav.write_bytes(bytes(2_044))
    elif how == "sound is a link":
        wav.unlink()
        wav.symlink_to("/etc/hostname")
    elif how == "sound is a folder":
        wav.unlink()
        wav.mkdir()


BREAKS = (
    "no sound",
    "no facts",
    "empty facts",
    "foreign facts",
    "number as text",
    "another id",
    "half the sound",
    "no recording",
    "sound is a link",
    "sound is a folder",
)


@pytest.mark.parametrize("how", BREAKS)
def test_a_broken_folder_is_set_aside_and_holds_up_nobody(spool: Spool, how: str) -> None:
    spool.put(*permitted(1_000))
    (folder,) = spool.outbox.iterdir()
    break_(folder, how)
    whole = spool.put(*permitted(1_000))
    assert [kept.id for kept in spool.pending()] == [whole]
    assert folder.name in names(spool.outbox), "looking alone must not move anything"
    spool.claim_outbox()
    assert [kept.id for kept in spool.pending()] == [whole]
    assert names(spool.quarantined) == [folder.name]
    assert (spool.quarantined / folder.name / "why.txt").read_text()


class OutboxThatWillNotSync(RealDisk):
    """What gets a place in the outbox may lose it; with `is_stuck` nothing gets out of there either."""

    is_stuck = False

    def sync_dir(self, path: Path) -> None:
        if path.name == "outbox":
            raise DiskTrouble("cannot sync outbox: check the disk")
        super().sync_dir(path)

    def rename(self, old: Path, new: Path) -> None:
        if self.is_stuck and old.parent.name == "outbox":
            raise DiskTrouble("cannot rename: check the disk")
        super().rename(old, new)


def test_what_is_told_as_not_kept_is_not_in_the_outbox(tmp_path: Path) -> None:
    with closing(Spool(tmp_path / "spool", OutboxThatWillNotSync())) as spool:
        with pytest.raises(DiskTrouble, match="cannot sync") as told:
            spool.put(*permitted())
        assert not isinstance(told.value, KeptInDoubt)
        assert names(spool.outbox) == names(spool.draft) == []


def test_what_stays_in_the_outbox_without_being_safe_is_told_as_that(tmp_path: Path) -> None:
    disk = OutboxThatWillNotSync()
    disk.is_stuck = True
    with closing(Spool(tmp_path / "spool", disk)) as spool:
        with pytest.raises(KeptInDoubt, match="cannot sync"):
            spool.put(*permitted())
        assert len(names(spool.outbox)) == 1 and names(spool.draft) == []


def test_what_the_uploader_took_before_it_was_unwanted_was_kept(spool: Spool) -> None:
    def is_wanted() -> bool:
        taken = [each.rename(spool.trash / each.name) for each in spool.outbox.iterdir()]
        return not taken

    assert spool.write(spool.prepare(*permitted()), is_wanted) is True
    assert names(spool.outbox) == names(spool.draft) == []
