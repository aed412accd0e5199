"""Mute on the real process: a hand on a switch, the socket, power cuts, and whoever shouts at the socket."""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from earlid.cli import answer
from earlid.edge.control import ask
from fakes.hand import hand_at

EARLID = [sys.executable, "-m", "earlid"]


def silence(duration_s: float = 20.0) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.random.default_rng(3).integers(-50, 50, round(16_000 * duration_s), dtype=np.int16)


class TestWithASwitch:
    """A latching switch on a mock pin, and a microphone made of PortAudio and ALSA."""

    @pytest.fixture(autouse=True)
    def portaudio(self) -> None:
        pytest.importorskip("pyaudio", reason="PyAudio is not installed: pip install '.[pi]'")

    def test_its_level_is_the_truth_from_the_first_moment_and_software_never_unmutes_against_it(
        self, tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with hand_at(tmp_path, models, silence()) as hand:
            hand.until("ready")
            assert hand.until("lamp")["state"] == "muted"  # the switch is closed: nothing was opened
            config = ["--config", str(tmp_path / "config.toml")]
            assert answer(["unmute", *config]) == 64
            assert capsys.readouterr().err == (
                "earlid: still muted: the switch says muted: move the switch\n"
            )
            hand.do("release")
            assert ask(tmp_path / "run", "status")["status"]["state"] == "listening"
            assert hand.do("mute")["done"]
            told = hand.do("unmute")  # on a busy machine it may answer before it is done
            assert told["done"], told
            assert told["answer"].items() >= {"muted": False, "cause": "", "refused": ""}.items()
            pressed = hand.do("press")
            assert pressed["done"]
            assert pressed["late"] == 0
            assert hand.do("unmute")["answer"]["refused"] == "the switch says muted: move the switch"
            hand.do("release")
            hand.do("mute")
            hand.do("press")
            hand.do("release")  # the hand also lifts what software had said
            assert ask(tmp_path / "run", "status")["status"]["muted"] is False
            assert hand.stop() == 0
        assert hand.lamps() == ["muted", *["listening", "muted"] * 3, "listening"]

    def test_muted_stays_muted_through_a_power_cut(self, tmp_path: Path, models: Path) -> None:
        with hand_at(tmp_path, models, silence()) as hand:
            hand.until("ready")
            hand.do("release")
            hand.do("mute")
            hand.process.send_signal(signal.SIGKILL)
        assert (tmp_path / "state/listen/muted").read_text() == "muted\n"


@pytest.fixture
def settled(tmp_path: Path, models: Path) -> Path:
    """A configuration without a panel."""
    file = tmp_path / "config.toml"
    file.write_text(f'[paths]\nstate = "{tmp_path}/state"\nruntime = "{tmp_path}/run"\nmodels = "{models}"\n')
    return file


class Listener:
    """`earlid listen` on stdin, which is fed with sound by whoever holds it."""

    def __init__(self, config: Path) -> None:
        command = [*EARLID, "listen", "--json", "--meter", "--source", "-", "--config", str(config)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.hops: list[int] = []

    def feed(self, hops: int) -> None:
        assert self.process.stdin
        self.process.stdin.write(silence(hops * 0.08).tobytes())
        self.process.stdin.flush()

    def until(self, event: str, **facts: object) -> dict[str, object]:
        assert self.process.stdout
        for line in self.process.stdout:
            told: dict[str, object] = json.loads(line)
            if told["event"] == "hop":
                self.hops.append(int(str(told["sample"])))
            if told["event"] == event and facts.items() <= told.items():
                return told
        raise AssertionError(f"it ended without {event}")


@contextlib.contextmanager
def listening(config: Path) -> Iterator[Listener]:
    one = Listener(config)
    try:
        yield one
    finally:
        assert one.process.stdin and one.process.stdout
        with contextlib.suppress(BrokenPipeError):
            one.process.stdin.close()
        one.process.kill()
        one.process.wait()
        one.process.stdout.close()


def test_mute_and_unmute_say_what_they_did_and_a_restart_remembers(
    settled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ["--config", str(settled)]
    assert answer(["mute", *config]) == 69
    assert "nothing listens" in capsys.readouterr().err
    with listening(settled) as one:
        one.feed(1)
        one.until("lamp", state="listening")
        assert answer(["mute", *config]) == 0
        assert answer(["mute", *config]) == 0
        assert capsys.readouterr().out == "muted: until unmuted\n" * 2
        one.until("lamp", state="muted", look="muted")
    with listening(settled) as one:
        assert one.until("lamp")["state"] == "muted"
        assert answer(["status", *config]) == 0
        assert "muted: until unmuted" in capsys.readouterr().out
        assert answer(["unmute", *config]) == 0
        assert capsys.readouterr().out == "listening\n"
        one.until("lamp", state="listening")
    (tmp_path / "state/listen/muted").write_text("opne\n")
    with listening(settled) as one:
        assert one.until("lamp")["state"] == "muted"
    (tmp_path / "state/listen/muted").unlink()
    with listening(settled) as one:
        assert one.until("lamp")["state"] == "muted"


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ("muted_at_boot = true", "until unmuted"),
        ('quiet_hours = ["00:00-12:00", "12:00-00:00"]', "quiet hours until further notice"),
    ],
)
def test_it_begins_muted_where_the_configuration_says_so(settled: Path, settings: str, cause: str) -> None:
    settled.write_text(settled.read_text() + f"[privacy]\n{settings}\n")
    with listening(settled) as one:
        lamp = one.until("lamp")
        assert (lamp["state"], lamp["cause"]) == ("muted", cause)
        answered = ask(settled.parent / "run", "unmute")
        assert answered["ok"] is (settings == "muted_at_boot = true")
        assert bool(answered["refused"]) is not answered["ok"]


def test_a_disk_that_will_not_remember_the_unmute_leaves_it_muted(settled: Path, tmp_path: Path) -> None:
    with listening(settled) as one:
        one.feed(1)
        one.until("lamp", state="listening")
        assert ask(tmp_path / "run", "mute")["ok"]
        one.until("lamp", state="muted")
        (tmp_path / "state/listen/.muted.new").mkdir()  # in the way of the file that would replace it
        (tmp_path / "state/listen/.muted.new/x").touch()
        (tmp_path / "state/listen/muted").unlink()  # and nothing there to put the word over
        assert not ask(tmp_path / "run", "unmute")["ok"]
        assert "stays muted" in str(one.until("trouble")["cause"])
        assert ask(tmp_path / "run", "status")["status"]["muted"]


def test_whoever_shouts_at_the_socket_costs_the_listener_no_hop(settled: Path, tmp_path: Path) -> None:
    count = 150
    with listening(settled) as one:
        one.feed(1)
        one.until("lamp", state="listening")
        feeder = threading.Thread(target=one.feed, args=(count - 1,))
        feeder.start()
        dice = random.Random(1)
        for number in range(1_000):
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.connect(str(tmp_path / "run/control"))
                line.sendall([b"{", dice.randbytes(200) + b"\n", b"x" * 5_000, b""][number % 4])
        feeder.join()
        assert one.process.stdin
        one.process.stdin.close()
        ended = one.until("ended")
    assert one.hops == [1_280 * hop for hop in range(1, count + 1)]
    assert ended["lost"] == {"overflow": 0, "backlog": 0, "device": 0}


def test_where_no_byte_can_be_written_any_more_a_mute_outlasts_a_power_cut(
    settled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with listening(settled) as one:
        one.feed(1)
        one.until("lamp", state="listening")
        resource.prlimit(one.process.pid, resource.RLIMIT_FSIZE, (0, 0))
        assert answer(["mute", "--config", str(settled)]) == 0
        one.process.kill()
    shutil.rmtree(tmp_path / "run")
    with listening(settled) as one:
        assert one.until("lamp")["state"] == "muted"


def test_the_key_m_mutes_and_unmutes_a_run_in_a_terminal(settled: Path, clip: Path) -> None:
    program = (
        "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
        "from earlid.cli import answer; sys.exit(answer(sys.argv[1:]))"
    )
    command = ["run", "--plain", "--source", str(clip), "--realtime", "--config", str(settled)]
    outer, inner = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", program, *command], stdin=inner, stdout=subprocess.PIPE, text=True
    ) as one:
        os.close(inner)
        assert one.stdout
        told = (line.split("  ")[-1].strip() for line in one.stdout)
        assert next(line for line in told if line.startswith("lamp")) == "lamp: listening, nothing is kept"
        os.write(outer, b"m")
        assert next(line for line in told if line.startswith("lamp")) == "lamp: muted (until unmuted)"
        os.write(outer, b"m")
        assert next(line for line in told if line.startswith("lamp")) == "lamp: listening, nothing is kept"
        one.send_signal(signal.SIGTERM)
        one.stdout.read()
    os.close(outer)


def test_a_wake_is_told_and_not_captured_once_the_hour_is_spent(
    settled: Path, clip: Path, tmp_path: Path
) -> None:
    settled.write_text(settled.read_text() + "[privacy]\nmax_seconds_per_hour = 4.0\n")
    command = [*EARLID, "listen", "--json", "--source", str(clip), "--config", str(settled)]
    runs = []
    for _ in range(3):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        runs.append([json.loads(line) for line in done.stdout.splitlines()])
    kept = [[line for line in run if line["event"] == "kept"] for run in runs]
    assert [len(each) for each in kept] == [1, 1, 0]
    assert kept[0][0]["endpoint"] == "speech ended"
    assert kept[1][0]["endpoint"] == "budget spent"
    assert sum(one["stop"] - one["start"] for each in kept for one in each) == 4 * 16_000
    assert [line["event"] for line in runs[2] if line["event"] in {"wake", "kept"}] == ["wake"]
    spent = [line for line in runs[2] if line["event"] == "lamp" and line["look"] == "spent"]
    assert all("budget is spent until" in line["cause"] for line in spent)
    assert len(spent) == 2  # at the start, and at the wake
    sounds = sorted((tmp_path / "state/spool/outbox").glob("*/segment.wav"))
    assert sum(soundfile.info(one).frames for one in sounds) == 4 * 16_000
