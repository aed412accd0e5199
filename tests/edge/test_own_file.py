"""A file that its owner wrote is replaced as a whole, and only if it is theirs and still what they wrote."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from earlid.edge.own_file import own_file
from earlid.errors import ConfigError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text("one = 1\r\n# ä\n", newline="")
    path.chmod(0o640)
    return path


def test_it_is_replaced_and_keeps_its_rights(file: Path) -> None:
    found = own_file(file)
    assert found.text == "one = 1\r\n# ä\n", "line ends are the owner's"
    found.replace("two = 2\r\n# ä\n")
    assert file.read_bytes() == "two = 2\r\n# ä\n".encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


def test_one_that_changed_meanwhile_is_left_alone(file: Path) -> None:
    found = own_file(file)
    file.write_text("mine = 3\n")
    with pytest.raises(ConfigError, match="changed meanwhile"):
        found.replace("two = 2\n")
    assert file.read_text() == "mine = 3\n"
    assert len(list(file.parent.iterdir())) == 1


def test_a_link_a_folder_and_a_pipe_are_refused(tmp_path: Path, file: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    with pytest.raises(ConfigError, match="is a link"):
        own_file(link)
    with pytest.raises(ConfigError):
        own_file(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="not a file"):
        own_file(tmp_path / "pipe")


def test_what_everybody_can_write_or_has_two_names_is_refused(tmp_path: Path, file: Path) -> None:
    file.chmod(0o646)
    with pytest.raises(ConfigError, match="chmod o-w"):
        own_file(file)
    file.chmod(0o640)
    os.link(file, tmp_path / "other")
    with pytest.raises(ConfigError, match="another name"):
        own_file(file)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away: run the tests as root")
def test_another_user_s_is_refused(file: Path) -> None:
    os.chown(file, 12_345, 12_345)
    with pytest.raises(ConfigError, match="another user's"):
        own_file(file)


def test_where_nothing_can_be_written_it_stays_as_it_is(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = own_file(file)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="no space left"):
        found.replace("two = 2\n")
    assert file.read_bytes() == "one = 1\r\n# ä\n".encode()
    assert len(list(file.parent.iterdir())) == 1, "and no draft is left behind"
