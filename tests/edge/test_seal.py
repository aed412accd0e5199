"""Sealed segments: the device cannot open what it kept, the owner can, with the tool that everybody has."""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from contextlib import closing
from pathlib import Path

import pytest

from earlid.edge.age import fault_in_recipient, new_key
from earlid.edge.disk import RealDisk
from earlid.edge.seal import SEAL_LIMIT_BYTES, is_sealed, sealer_for
from earlid.edge.sound.wav import wav_bytes
from earlid.edge.spool.kept import Kept
from earlid.edge.spool.spool import Spool
from earlid.errors import ConfigError, Violation
from fakes.segments import permitted

OWNER, SECRET = new_key()


class WatchfulDisk(RealDisk):
    """The real disk, remembering every byte that was ever written to it."""

    def __init__(self) -> None:
        self.written = b""

    def create(self, path: Path, body: bytes | bytearray) -> None:
        self.written += body
        super().create(path, body)


def sealed_segment(folder: Path, disk: WatchfulDisk | None = None) -> Kept:
    with closing(Spool(folder / "spool", disk, sealer_for([OWNER]))) as spool:
        spool.put(*permitted(16_000))
        return next(spool.pending())


def test_no_sound_touches_the_disk_unsealed(tmp_path: Path) -> None:
    disk = WatchfulDisk()
    kept = sealed_segment(tmp_path, disk)
    sound = permitted(16_000)[0].samples.tobytes()
    assert kept.sealed and is_sealed(kept.wav)
    assert b"RIFF" not in disk.written
    assert sound[:64] not in disk.written and sound[-64:] not in disk.written
    assert [each.name for each in sorted(kept.folder.iterdir())] == ["segment.json", "segment.wav.age"]


@pytest.mark.skipif(shutil.which("age") is None, reason="no age here: apt install age")
def test_the_owner_opens_it_with_the_tool_that_everybody_has(tmp_path: Path) -> None:
    kept = sealed_segment(tmp_path)
    key = tmp_path / "key.txt"
    key.write_text(SECRET + "\n")
    sealed = kept.folder / "segment.wav.age"
    opened = subprocess.run(["age", "-d", "-i", str(key), str(sealed)], capture_output=True, check=True)
    assert opened.stdout == wav_bytes(permitted(16_000)[0].samples)
    with wave.open(io.BytesIO(opened.stdout)) as file:
        assert file.getnframes() == 16_000


@pytest.mark.skipif(shutil.which("age") is None, reason="no age here: apt install age")
def test_any_of_several_owners_can_open_it_and_nobody_else(tmp_path: Path) -> None:
    other, other_secret = new_key()
    _, stranger = new_key()
    seal = sealer_for([OWNER, other])
    assert seal is not None
    body = tmp_path / "body"
    body.write_bytes(seal(b"hello"))
    key = tmp_path / "key.txt"
    outcomes = []
    for secret in (SECRET, other_secret, stranger):
        key.write_text(secret + "\n")
        outcomes.append(
            subprocess.run(["age", "-d", "-i", str(key), str(body)], check=False, capture_output=True).stdout
        )
    assert outcomes == [b"hello", b"hello", b""]


def test_a_seal_costs_no_more_than_is_allowed_for() -> None:
    seal = sealer_for([OWNER] * 16)
    assert seal is not None
    assert len(seal(bytes(1_000_000))) - 1_000_000 < SEAL_LIMIT_BYTES


def test_without_recipients_nothing_is_sealed() -> None:
    assert sealer_for(()) is None


@pytest.mark.parametrize(
    "wrong", ["", "age1", OWNER[:-1], OWNER + "q", "age1yubikey1xyz", "ssh-ed25519 AAAA"]
)
def test_what_is_no_public_key_is_told_and_never_used(wrong: str) -> None:
    assert fault_in_recipient(OWNER) is None
    assert "no public key" in (fault_in_recipient(wrong) or "")
    with pytest.raises(ConfigError, match=r"upload\.recipients"):
        sealer_for([OWNER, wrong])


def test_the_key_that_opens_is_refused_and_not_repeated() -> None:
    fault = fault_in_recipient(SECRET) or ""
    assert "the key that opens" in fault
    assert SECRET[20:] not in fault


def test_what_could_not_be_sealed_is_not_kept(tmp_path: Path) -> None:
    def broken(_: bytes) -> bytes:
        raise Violation("no")

    with closing(Spool(tmp_path / "spool", sealer=broken)) as spool:
        with pytest.raises(Violation):
            spool.put(*permitted(100))
        assert list(spool.pending()) == []


def test_a_sealed_file_that_is_not_sealed_is_broken_and_set_aside(tmp_path: Path) -> None:
    kept = sealed_segment(tmp_path)
    (kept.folder / "segment.wav.age").write_bytes(wav_bytes(permitted(17_000)[0].samples))
    with closing(Spool(tmp_path / "spool")) as spool:
        spool.claim_outbox()
        assert list(spool.pending()) == []
        assert (spool.quarantined / kept.folder.name / "why.txt").exists()
