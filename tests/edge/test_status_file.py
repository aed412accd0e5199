"""A status is whole or absent, and nobody believes that of a process that ended."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from earlid.edge.status_file import StatusFile
from earlid.errors import ConfigError


def test_what_a_living_process_says_is_read_back(tmp_path: Path) -> None:
    file = StatusFile(tmp_path / "run/listen.json")
    file.write({"state": "listening", "wakes": 3, "heard_s": 2, "lost_hops": {"overflow": 1}})
    said = file.read()
    assert said is not None
    assert (said.state, said.wakes, said.heard_s, said.lost_hops) == ("listening", 3, 2.0, {"overflow": 1})
    assert said.pid == os.getpid()


def test_a_process_that_ended_says_nothing(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from earlid.edge.status_file import StatusFile;"
        "StatusFile(Path(sys.argv[1])).write({'state': 'listening'})"
    )
    path = tmp_path / "listen.json"
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)
    assert json.loads(path.read_text())["state"] == "listening"
    assert StatusFile(path).read() is None


def test_another_process_that_got_the_same_number_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "listen.json"
    StatusFile(path).write({"state": "listening"})
    path.write_text(json.dumps(json.loads(path.read_text()) | {"birth": 1}))
    assert StatusFile(path).read() is None


def test_nothing_was_said_yet(tmp_path: Path) -> None:
    assert StatusFile(tmp_path / "none/listen.json").read() is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}', "\x00"])
def test_a_file_that_is_no_status_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "listen.json").write_text(content)
    with pytest.raises(ConfigError, match="not a status file"):
        StatusFile(tmp_path / "listen.json").read()


def test_it_is_replaced_as_a_whole_and_leaves_no_draft(tmp_path: Path) -> None:
    file = StatusFile(tmp_path / "listen.json")
    file.write({"state": "listening"})
    with (tmp_path / "listen.json").open() as reader:
        file.write({"state": "muted"})
        assert json.load(reader)["state"] == "listening"
    assert [each.name for each in tmp_path.iterdir()] == ["listen.json"]


def test_strangers_cannot_read_when_somebody_spoke(tmp_path: Path) -> None:
    StatusFile(tmp_path / "listen.json").write({"state": "listening"})
    assert (tmp_path / "listen.json").stat().st_mode & 0o007 == 0


def test_a_disk_that_takes_nothing_is_told_once_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    file = StatusFile(tmp_path / "file/listen.json")
    with caplog.at_level(logging.WARNING):
        file.write({"state": "listening"})
        file.write({"state": "muted"})
    assert len(caplog.records) == 1


def test_it_is_gone_when_removed_and_removing_twice_is_harmless(tmp_path: Path) -> None:
    file = StatusFile(tmp_path / "listen.json")
    file.write({"state": "listening"})
    file.remove()
    file.remove()
    assert file.read() is None
