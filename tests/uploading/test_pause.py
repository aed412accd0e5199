"""How long a service stays that cannot send as it is configured, and what it leaves with."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from earlid.edge.disk import InUse
from earlid.edge.notify import Service
from earlid.edge.status_file import StatusFile
from earlid.errors import ConfigError
from earlid.uploading.pause import Pause

MOST_STARTS, WITHIN_S = 4, 60.0
"""What earlid-upload.service allows before systemd gives up on it."""


class Minutes:
    """A clock that somebody sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def paused(clock: Minutes, stop: threading.Event | None = None, error: ConfigError | None = None) -> Pause:
    pause = Pause(Service({}), stop or threading.Event(), clock)
    pause.begin(error or ConfigError("no token"))
    return pause


def test_it_stays_so_long_that_systemd_never_gives_up_on_it() -> None:
    clock = Minutes()
    pause = paused(clock)
    clock.now += 1.01 * WITHIN_S / MOST_STARTS
    assert not pause(0.0)
    clock.now += 60.0
    assert pause(0.0)
    assert pause.end() == 78


def test_whoever_stops_it_is_not_told_of_a_failure() -> None:
    stop = threading.Event()
    pause = paused(Minutes(), stop)
    stop.set()
    assert pause(60.0)
    assert pause.end() == 0


@pytest.mark.parametrize(
    ("error", "is_said"), [(ConfigError("no token\nno url"), True), (InUse("taken"), False)]
)
def test_what_is_wrong_is_said_where_status_reads_unless_another_says_how_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], error: ConfigError, *, is_said: bool
) -> None:
    pause = Pause(Service({}), threading.Event(), Minutes())
    pause.status = StatusFile(tmp_path / "upload.json")
    pause.begin(error)
    said = StatusFile(tmp_path / "upload.json").read()
    assert (said.cause if said else None) == ("no token" if is_said else None)
    assert capsys.readouterr().err == "".join(f"earlid: {line}\n" for line in str(error).splitlines())
    pause.end()
    assert not (tmp_path / "upload.json").exists()
