"""The same recordings give the same report, byte for byte: interrupted, in many processes, on a cluster."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import pytest

from earlid.edge.processes import earlid
from fakes.benched import bench, environment
from fakes.clusters import cluster
from fakes.waiting import until


def asked(heard: Path, work: Path, *words: str) -> tuple[str, ...]:
    """Three conditions, and a report beside the work."""
    noise = ("--noise", str(heard / "negative"), "--snr", "10,0", "--model", "alexa,hey_jarvis")
    return (str(heard), *noise, "--work", str(work), "--json", f"{work}.json", *words)


@pytest.fixture(scope="module")
def straight(heard: Path, models: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The report of a run in one process that nobody disturbed."""
    folder = tmp_path_factory.mktemp("straight")
    done = bench(environment(folder, models), *asked(heard, folder / "work", "--jobs", "1"))
    assert done.returncode == 0, done.stderr
    return (folder / "work.json").read_bytes()


def traces(work: Path) -> dict[Path, int]:
    """Each trace that is kept, and when it was written."""
    return {path: path.stat().st_mtime_ns for path in work.glob("traces/*/[!.]*.npz")}


def in_group(group: int) -> list[int]:
    """The processes of a process group that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_was_interrupted_goes_on_where_it_was_and_finds_the_same(
    heard: Path, straight: bytes, models: Path, tmp_path: Path, how: signal.Signals
) -> None:
    env, work = environment(tmp_path, models), tmp_path / "work"
    words = asked(heard, work, "--jobs", "2")
    with subprocess.Popen(
        earlid("bench", *words), env=env, start_new_session=True, stderr=subprocess.PIPE, text=True
    ) as first:
        assert first.stderr
        until("nothing was scored", lambda: len(traces(work)) > 1)
        first.send_signal(how)
        complained = first.stderr.read()
    assert "Traceback" not in complained
    assert first.returncode != 0
    assert not Path(f"{work}.json").exists()
    until("processes stayed behind", lambda: not in_group(first.pid))
    damaged, before = min(traces(work)), traces(work)
    before.pop(damaged)
    damaged.write_bytes(damaged.read_bytes()[:-30])
    done = bench(env, *words)
    assert done.returncode == 0, done.stderr
    after = traces(work)
    assert 0 < len(before) < len(after) - 1
    assert before.items() <= after.items(), "what was scored before is not scored again"
    assert Path(f"{work}.json").read_bytes() == straight


def test_on_a_terminal_a_bar_tells_how_much_time_is_left(heard: Path, models: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        earlid("bench", *asked(heard, tmp_path / "work")),
        env=environment(tmp_path, models) | {"TERM": "xterm", "COLUMNS": "80"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while read := os.read(ours, 65_536):
                shown += read
        except OSError:  # how a terminal says that nobody writes to it any more
            os.close(ours)
    assert process.returncode == 0
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    assert re.search(r"scoring \w+ [━╸╺]+ \d:\d\d:\d\d", text), text


def test_a_cluster_finds_the_same(heard: Path, straight: bytes, models: Path, tmp_path: Path) -> None:
    env, work = environment(tmp_path, models), tmp_path / "work"
    with cluster(tmp_path, workers=2) as machines:
        done = bench(env, *asked(heard, work, "--dask", machines.address))
    assert done.returncode == 0, done.stderr
    assert Path(f"{work}.json").read_bytes() == straight
