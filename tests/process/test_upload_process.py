"""The real `earlid upload` process, killed without warning and asked to stop, against a real server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from earlid.core.entry import What
from earlid.edge.ledger import check, entries
from earlid.edge.spool.spool import Spool
from fakes import collector as conducts
from fakes import mortal_uploaders
from fakes.collector import LyingCollector
from fakes.mortals import command_of, environ
from fakes.segments import permitted
from fakes.waiting import SECONDS, within

KILLS = 300
LONGEST_LIFE_MS = 29


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def state_in_memory(state: Path) -> Iterator[Path]:
    """A state directory whose disk takes no time, where there is one: a kill is not a power cut."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield state
        return
    with TemporaryDirectory(dir=memory) as folder:
        yield Path(folder) / "state"


def configuration(state: Path, url: str) -> list[str]:
    state.mkdir(exist_ok=True)
    file = state / "config.toml"
    paths = {"state": state, "runtime": state / "run", "models": state / "models"}
    lines = [f"{name} = {json.dumps(str(path))}" for name, path in paths.items()]
    file.write_text(f"[upload]\nurl = {json.dumps(url)}\n[paths]\n" + "\n".join(lines) + "\n")
    return ["--config", str(file)]


@contextmanager
def uploading(state: Path, url: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "earlid", "upload", "--json", *configuration(state, url), *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def next_event(process: subprocess.Popen[str]) -> dict[str, object]:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.stderr.read() if process.stderr else ""
    event: dict[str, object] = json.loads(line)
    return event


def fill(state: Path, count: int) -> dict[str, bytes]:
    with closing(Spool(state / "spool")) as spool:
        for number in range(count):
            spool.put(*permitted(4_000, first_sample=number + 1))
        return {kept.id: kept.wav for kept in spool.pending()}


def test_what_waits_is_sent_and_a_stop_is_heard_within_a_second(state: Path) -> None:
    bodies = fill(state, 2)
    with LyingCollector() as collector, uploading(state, collector.url) as process:
        assert [next_event(process)["event"] for _ in range(3)] == ["sent", "sent", "drained"]
        with within(1.0):
            process.send_signal(signal.SIGTERM)
            assert process.wait(SECONDS) == 0
        assert collector.kept == bodies


def test_a_stop_is_heard_while_a_collector_stalls_and_while_waiting_for_a_dead_one(state: Path) -> None:
    fill(state, 1)
    with LyingCollector(conducts.answers(500), conducts.stalls) as collector:
        for expected in ("later", None):
            with uploading(state, collector.url) as process:
                if expected:
                    assert next_event(process)["event"] == expected
                else:
                    assert [collector.wait_for_one() for _ in range(2)] == [True, True]
                with within(1.0):
                    process.send_signal(signal.SIGTERM)
                    assert process.wait(SECONDS) == 0
    with closing(Spool(state / "spool")) as spool:
        assert spool.waiting() == 1


def test_without_an_address_there_is_one_line_and_exit_78(state: Path) -> None:
    with uploading(state, "") as process:
        said, complaint = process.communicate(timeout=SECONDS)
    assert (process.returncode, said) == (78, "")
    assert complaint.splitlines() == ["earlid: nowhere to send to: set upload.url, or add a [[sinks]] table"]


@pytest.mark.parametrize(("conduct", "code"), [(conducts.answers(500), 69), (conducts.answers(401), 78)])
def test_once_says_by_its_exit_code_what_stood_in_the_way(
    state: Path, conduct: conducts.Conduct, code: int
) -> None:
    fill(state, 1)
    with LyingCollector(conduct) as collector, uploading(state, collector.url, "--once") as process:
        _, complaint = process.communicate(timeout=SECONDS)
    assert process.returncode == code
    assert len(complaint.splitlines()) == 1


def test_killed_again_and_again_it_loses_nothing_delivers_nothing_twice_and_sends_nothing_untold(
    state_in_memory: Path,
) -> None:
    state = state_in_memory
    bodies: dict[str, bytes] = {}
    with LyingCollector() as collector:
        with dying_uploaders(state, collector.url) as live_for:
            for round_ in range(KILLS):
                bodies |= fill(state, 1 if round_ % 10 else 8)
                assert live_for(0.003 + 0.001 * (7 * round_ % LONGEST_LIFE_MS)) == "killed"
        with uploading(state, collector.url, "--once") as process:
            process.communicate(timeout=SECONDS)
        assert process.returncode == 0
        assert collector.kept == bodies
    rooms = {room: list((state / "spool" / room).iterdir()) for room in ("outbox", "trash", "quarantine")}
    assert rooms == {"outbox": [], "trash": [], "quarantine": []}
    assert check(state / "ledger").flaws == ()
    said = list(entries(state / "ledger"))
    for what in (What.INTENT, What.SENT):
        assert {entry.id for entry in said if entry.what is what} == set(bodies)
    assert {entry.sha256 for entry in said if entry.id} == {
        sha256(body).hexdigest() for body in bodies.values()
    }
    assert len(collector.requests) > KILLS, "no kill fell between a delivery and its receipt"


@contextmanager
def dying_uploaders(state: Path, url: str) -> Iterator[Callable[[float], str]]:
    """Gives a way to run one more uploader for so many seconds and hear how it ended."""
    command, pipe = command_of(mortal_uploaders, configuration(state, url)[1]), subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environ()) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, told = process.stdin, process.stdout

        def live_for(duration_s: float) -> str:
            asked.write(f"{duration_s}\n")
            asked.flush()
            return told.readline().strip()

        yield live_for
