"""A secret is read from a private file, and no message repeats it."""

import os
from pathlib import Path

import pytest

from earlid.edge.secret_file import fault_in_readable, fault_in_secret, read_secret
from earlid.errors import ConfigError


def secret(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    path = folder / "token"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_private_file_gives_its_secret_without_the_line_end(tmp_path: Path) -> None:
    assert read_secret(secret(tmp_path, b"hunter2\n")) == "hunter2"


def test_a_file_its_group_can_read_is_fine(tmp_path: Path) -> None:
    assert fault_in_secret(secret(tmp_path, b"hunter2", 0o640)) is None


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o601, 0o644])
def test_a_file_everybody_can_open_is_refused(tmp_path: Path, mode: int) -> None:
    assert "chmod o=" in (fault_in_secret(secret(tmp_path, b"hunter2", mode)) or "")


@pytest.mark.parametrize(
    "content", [b"", b"\n \n", b"a\nhunter2", b"\xffhunter2", b"hunter2" * 9999, b"a\x00b"]
)
def test_a_file_that_holds_no_token_is_refused_and_not_repeated(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ConfigError, match=r"upload\.token_file") as caught:
        read_secret(secret(tmp_path, content))
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "does not exist" in (fault_in_secret(tmp_path / "none") or "")
    assert "does not exist" in (fault_in_readable(tmp_path / "none") or "")


def test_a_folder_and_a_pipe_are_no_secret_and_do_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "is not a file" in (fault_in_secret(tmp_path / "pipe") or "")
    assert fault_in_secret(tmp_path)
    assert fault_in_readable(tmp_path)


def test_a_file_of_somebody_else_is_told(tmp_path: Path) -> None:
    path = secret(tmp_path, b"hunter2", 0o000)
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)  # root reads every file; nobody does not
    try:
        assert "cannot be read" in (fault_in_secret(path) or "")
    finally:
        os.seteuid(before)


def test_a_service_is_told_what_was_not_lent_to_it_and_not_to_change_an_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "lent"))
    kept_by_root = tmp_path / "tokens"
    kept_by_root.mkdir(mode=0o700)
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    else:
        kept_by_root.chmod(0)
    try:
        fault = fault_in_secret(kept_by_root / "mislaid")
    finally:
        os.seteuid(before)
    assert fault == f"{kept_by_root}/mislaid was not lent to this service: see whether it is there"
