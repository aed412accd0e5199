"""The demo, end to end: real processes, the real model, a real delivery, and a verdict on what arrived."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from earlid.edge.processes import earlid
from fakes.models import models_folder
from fakes.waiting import SECONDS, within

PACE = "6"
"""Three times as fast as for people, so that the suite stays quick."""
SUMMARY = re.compile(
    r"heard (?P<heard>[0-9.]+) s, kept (?P<kept>[0-9.]+) s, sent (?P<kilobytes>[0-9]+) kB in 1 segment, "
    r"sent from before the wake word: (?P<before>[0-9]+) samples"
)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An environment in which the models are here and every temporary file lands in `tmp_path`."""
    file = tmp_path / "config.toml"
    file.write_text(
        f'[paths]\nmodels = "{models_folder()}"\nstate = "{tmp_path / "never"}"\n', encoding="utf-8"
    )
    (tmp_path / "tmp").mkdir()
    mine = {"EARLID_CONFIG": str(file), "TMPDIR": str(tmp_path / "tmp"), "NO_COLOR": "1"}
    return {name: value for name, value in os.environ.items() if name != "EARLID_PARENT"} | mine


@pytest.fixture
def running(env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A demo that has begun to listen."""
    command = earlid("demo", "--plain", "--pace", "1")
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout is not None
        assert "listening" in demo.stdout.readline()
        yield demo
        demo.kill()


def test_exactly_the_question_leaves(env: dict[str, str], tmp_path: Path) -> None:
    with within(20.0):
        done = subprocess.run(
            earlid("demo", "--plain", "--pace", PACE), env=env, capture_output=True, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (0, "")
    *lines, last = done.stdout.splitlines()
    told = SUMMARY.fullmatch(last)
    assert told, last
    assert float(told["heard"]) == pytest.approx(31.6)
    assert 2.0 < float(told["kept"]) < 4.0
    assert float(told["kilobytes"]) == pytest.approx(32.0 * float(told["kept"]), abs=3.0)
    assert told["before"] == "0"
    happened = [line.split("  ")[-1] for line in lines if not re.search(r"  (Ruth|Tom): ", line)]
    assert [re.sub(r"[0-9.]+", "N", line) for line in happened if "listening" not in line] == [
        'wake: "hey jarvis", score N',
        "lamp: keeping what you say",
        "kept N s (speech ended)",
        "sent N kB",
    ]
    assert "\x1b" not in done.stdout
    assert not list((tmp_path / "tmp").iterdir())
    assert not (tmp_path / "never").exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_within_a_second_and_leaves_no_child_and_no_file(
    number: signal.Signals, code: int, running: subprocess.Popen[str], tmp_path: Path
) -> None:
    children = _children_of(running.pid)
    assert len(children) == 2
    with within(1.5):
        running.send_signal(number)
        assert running.wait(SECONDS) == code
    assert not any(Path(f"/proc/{child}").exists() for child in children)
    assert not list((tmp_path / "tmp").iterdir())


@pytest.mark.parametrize("victim", ["listen", "upload"])
def test_a_child_that_is_killed_fails_the_demo_and_is_named(
    victim: str, running: subprocess.Popen[str]
) -> None:
    for child in _children_of(running.pid):
        if victim in Path(f"/proc/{child}/cmdline").read_text().split("\0"):
            os.kill(child, signal.SIGKILL)
    _, err = running.communicate(timeout=SECONDS)
    assert running.returncode == 137
    assert f"earlid: {victim} ended before its time: exit code 137" in err


def _children_of(parent: int) -> list[int]:
    """The living children of `parent`, from the kernel."""
    listed = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(child) for task in listed for child in task.read_text().split()]
