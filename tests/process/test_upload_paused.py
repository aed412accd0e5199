"""`earlid upload` as a service that cannot send as it is configured: it stays, says so, and forgets."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from earlid.asking.forgetting import Wish
from earlid.core.entry import What
from earlid.edge.ledger import entries
from earlid.edge.spool.slips import Slips
from earlid.edge.spool.spool import Spool
from earlid.edge.status_file import StatusFile
from fakes.mortals import environ
from fakes.segments import permitted
from fakes.waiting import SECONDS, until, within

QUICKLY = "from earlid.uploading import pause; pause.PAUSE_S = {}; from earlid.cli import main; main()"
MISLAID = 'token_file = "mislaid"'


class Service:
    """What systemd would see of the process."""

    def __init__(self, told: socket.socket, process: subprocess.Popen[str]) -> None:
        self._told, self.process = told, process

    def says(self, beginning: str) -> str:
        """The first line it tells that begins so."""
        while True:
            lines = self._told.recv(4096).decode().splitlines()
            for line in lines:
                if line.startswith(beginning):
                    return line


@contextmanager
def started(tmp_path: Path, settings: str, pause_s: float = 600.0) -> Iterator[Service]:
    file, door = tmp_path / "config.toml", tmp_path / "notify"
    paths = f'state = "{tmp_path / "state"}"\nruntime = "{tmp_path / "run"}"\n'
    file.write_text(f'[paths]\n{paths}[upload]\nurl = "https://there.example/"\n{settings}\n')
    words = ["upload", "--until-idle", "0", "--config", str(file)]
    command = [sys.executable, "-c", QUICKLY.format(pause_s), *words]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(door))
        told.settimeout(SECONDS)
        env = environ() | {"NOTIFY_SOCKET": str(door)}
        with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
            try:
                yield Service(told, process)
            finally:
                process.kill()


def test_a_token_that_is_missing_is_told_and_what_is_to_be_forgotten_is_forgotten(tmp_path: Path) -> None:
    with closing(Spool(tmp_path / "state/spool")) as spool:
        id_ = spool.put(*permitted(4_000))
    requests = Slips(tmp_path / "state/forget/requests")
    with started(tmp_path, MISLAID) as service:
        paused = service.says("STATUS=")
        assert paused.startswith("STATUS=paused: ")
        assert "mislaid" in paused
        service.says("READY=1")
        said = StatusFile(tmp_path / "run/upload/upload.json").read()
        assert said is not None
        assert f"STATUS={said.state}: {said.cause}"[:200] == paused[:200]
        requests.put(Wish().facts())
        until("it is forgotten", lambda: not requests.names())
        assert spool.waiting() == 0
        with within(1.0):
            service.process.send_signal(signal.SIGTERM)
            assert service.process.wait(SECONDS) == 0
        assert service.process.stderr is not None
        assert [line for line in service.process.stderr.read().splitlines() if "mislaid" in line] == [
            f"earlid: {said.cause}"
        ]
    (entry,) = entries(tmp_path / "state/ledger")
    assert (entry.what, entry.id) == (What.ERASED, id_)


@pytest.mark.parametrize("settings", [MISLAID, "this is no toml"])
def test_after_the_pause_it_leaves_with_78_so_that_it_is_started_anew(tmp_path: Path, settings: str) -> None:
    with started(tmp_path, settings, pause_s=1.0) as service:
        assert service.says("STATUS=").startswith("STATUS=paused: ")
        began_s = time.monotonic()
        assert service.process.wait(SECONDS) == 78
        assert time.monotonic() - began_s > 0.5


def test_a_ledger_that_was_changed_is_told_where_status_reads(tmp_path: Path) -> None:
    ledger = tmp_path / "state/ledger"
    ledger.mkdir(parents=True)
    (ledger / "000000000001.jsonl").write_text(json.dumps({"what": "sent"}) + "\n" * 2)
    with started(tmp_path, "") as service:
        assert "is broken: entry 1 is unreadable" in service.says("STATUS=paused: ")
        said = StatusFile(tmp_path / "run/upload/upload.json").read()
        assert said is not None
        assert said.state == "paused"
