"""`earlid run` over real processes that speak event lines: it ends when they end, and they when it does."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from earlid.config import Config
from earlid.config_file import parse
from earlid.run import run
from fakes.actor import command
from fakes.waiting import until, within


def settings(folder: Path, url: str = "") -> Config:
    text = f'[upload]\nurl = "{url}"\n[paths]\nstate = "{folder}"\nruntime = "{folder}"\n'
    return parse(text, None, secrets=False, environ=os.environ)


def with_address(folder: Path) -> Config:
    return settings(folder, "http://127.0.0.1:9/segments")


def test_a_recording_that_ends_ends_the_run_with_what_was_heard_and_kept(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(settings(tmp_path), "talk.wav", None, True, command("speaks")) == 0
    told = capfd.readouterr().out.splitlines()
    assert [line.split("  ")[-1] for line in told[:-2]] == [
        "lamp: listening, nothing is kept",
        "lamp: keeping what you say",
        'wake: "hey jarvis", score 0.90',
        "kept 1.6 s (speech ended)",
        "lamp: listening, nothing is kept",
    ]
    assert told[-2] == "heard 4.0 s, kept 1.6 s, sent 0 kB in 0 segments"
    assert told[-1] == f"1 segment kept in {tmp_path / 'spool'}: set upload.url to send them"


def test_a_run_with_an_address_waits_for_the_delivery(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(with_address(tmp_path), "talk.wav", None, True, command("speaks", "delivers")) == 0
    assert capfd.readouterr().out.splitlines()[-1] == "heard 4.0 s, kept 1.6 s, sent 51 kB in 1 segment"


@pytest.mark.parametrize("parts", [("dies", "waits"), ("waits", "dies")], ids=["listen", "upload"])
def test_when_one_child_dies_the_other_is_stopped_and_its_last_line_and_code_are_told(
    parts: tuple[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    name = "listen" if parts[0] == "dies" else "upload"
    with within(5.0):
        assert run(with_address(tmp_path), None, None, True, command(*parts)) == 69
    told = capfd.readouterr()
    why = "earlid: no microphone is called thunder\n"
    assert told.err == (why if name == "listen" else f"upload ended: {why}")
    sums = [line for line in told.out.splitlines() if line.startswith("heard ")]
    assert len(sums) == (0 if name == "listen" else 1), "what heard nothing has nothing to sum up"


@pytest.mark.parametrize("part", ["waits", "deaf_to_signals"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_both_children_within_a_second(
    part: str, number: signal.Signals, code: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def both_run() -> bool:
        ready = _children_of(os.getpid())
        return len(ready) == 2 and all(map(_minds_sigterm, ready))

    def when_both_run() -> None:
        until("the children never came up", both_run)
        since_the_signal.enter_context(within(1.2))
        os.kill(os.getpid(), number)

    with ExitStack() as since_the_signal:
        hand = threading.Thread(target=when_both_run)
        hand.start()
        assert run(with_address(tmp_path), None, None, True, command(part, part)) == code
        hand.join()
    assert not _children_of(os.getpid())
    assert capfd.readouterr().out.splitlines()[-1].startswith("heard ")


def _children_of(parent: int) -> list[int]:
    """The living children of `parent`, from the kernel."""
    listed = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(child) for task in listed for child in task.read_text().split()]


def _minds_sigterm(pid: int) -> bool:
    """Whether the process has come far enough to catch or to ignore SIGTERM, from the kernel."""
    rows = (row.split() for row in Path(f"/proc/{pid}/status").read_text().splitlines())
    masks = [int(row[1], 16) for row in rows if row[0] in ("SigIgn:", "SigCgt:")]
    return any(mask >> (signal.SIGTERM - 1) & 1 for mask in masks)
