"""The real `earlid listen` process on recordings and on stdin: what it keeps, and how it ends."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
import soundfile  # ships no types

from earlid.core.units import HOP, RATE_HZ, Samples
from earlid.edge.processes import earlid
from earlid.edge.sound.timeline_file import demo_clip, read_timeline
from earlid.edge.spool.kept import Kept
from earlid.edge.spool.spool import Spool
from fakes.models import models_folder
from fakes.waiting import SECONDS, within

SOUND: Samples = soundfile.read(demo_clip(), dtype="int16")[0]
(CALL,) = read_timeline(demo_clip()).calls()
BEFORE = (CALL.start // HOP - 50) * HOP
"""Where the tests that pipe sound begin: four seconds before the call."""

Event = dict[str, Any]


@dataclass
class Place:
    """A state directory and a configuration that points there."""

    state: Path
    config: Path = field(init=False)

    def __post_init__(self) -> None:
        self.config = self.state.parent / "earlid.toml"
        paths = {"state": self.state, "runtime": self.state.parent / "run", "models": models_folder()}
        lines = [f"{name} = {json.dumps(str(path))}\n" for name, path in paths.items()]
        self.config.write_text("[paths]\n" + "".join(lines))

    def command(self, source: str | Path) -> list[str]:
        return earlid("listen", "--json", "--config", str(self.config), "--source", str(source))

    def listen(
        self, source: str | Path, **how: Any
    ) -> tuple[subprocess.CompletedProcess[bytes], list[Event]]:
        done = subprocess.run(self.command(source), capture_output=True, check=False, **how)
        assert b"Traceback" not in done.stderr
        return done, [json.loads(line) for line in done.stdout.splitlines()]

    def kept(self) -> list[Kept]:
        """Every segment that waits. There is nothing half written beside it, or the test fails."""
        assert list((self.state / "spool/draft").glob("[!.]*")) == []
        with closing(Spool(self.state / "spool")) as spool:
            assert len(list(spool.pending())) == spool.waiting()
            return list(spool.pending())


def libraries_of(pid: int) -> set[str]:
    """The files that a process has mapped, as the kernel knows them, by the first part of their names."""
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return {path.rpartition("/")[2].split(".")[0] for line in maps if (path := line[73:])}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "state")


@contextmanager
def piped(place: Place) -> Iterator[tuple[subprocess.Popen[bytes], Callable[[str], Event]]]:
    """A process that listens to its stdin, and a way to wait for the next event of a kind."""
    pipe = subprocess.PIPE
    with subprocess.Popen(place.command("-"), stdin=pipe, stdout=pipe, stderr=pipe) as process:
        told = process.stdout
        assert told is not None

        def wait_for(kind: str) -> Event:
            for line in told:
                event: Event = json.loads(line)
                if event["event"] == kind:
                    return event
            raise AssertionError(f"it ended without {kind}")

        try:
            yield process, wait_for
        finally:
            process.kill()


def stdin_of(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin is not None
    return process.stdin


def of_kind(kind: str, events: list[Event]) -> list[Event]:
    return [event for event in events if event["event"] == kind]


def samples_of(kept: Kept) -> Samples:
    whole: Samples = np.frombuffer(kept.wav[44:], "<i2")
    return whole


def test_a_recording_is_heard_to_its_end_and_only_the_question_is_kept(place: Place) -> None:
    done, events = place.listen(demo_clip())
    assert (done.returncode, done.stderr) == (0, b"")
    assert events[0] == {"event": "ready", "source": "clip.flac", "models": ["hey_jarvis"]}
    lamp = [event["state"] for event in of_kind("lamp", events)]
    assert lamp == ["listening", "capturing", "listening"]
    (wake,), (kept,) = of_kind("wake", events), of_kind("kept", events)
    order = [(one["event"], one.get("state")) for one in events]
    assert order.index(("lamp", "capturing")) < order.index(("kept", None))
    assert kept["start"] == wake["sample"]
    (waiting,) = place.kept()
    assert waiting.id == kept["id"]
    np.testing.assert_array_equal(samples_of(waiting), SOUND[kept["start"] : kept["stop"]])
    heard = {"heard": len(SOUND), "wakes": 1, "segments": 1, "kept": kept["stop"] - kept["start"]}
    assert events[-1] == {"event": "ended", **heard, "lost": {"overflow": 0, "backlog": 0, "device": 0}}


def test_the_same_sound_on_stdin_keeps_the_same_samples(place: Place) -> None:
    done, events = place.listen("-", input=SOUND.astype("<i2").tobytes())
    assert (done.returncode, done.stderr) == (0, b"")
    (kept,) = of_kind("kept", events)
    (waiting,) = place.kept()
    np.testing.assert_array_equal(samples_of(waiting), SOUND[kept["start"] : kept["stop"]])
    assert events[-1]["heard"] == len(SOUND)


def test_stdin_that_closes_in_mid_sample_is_told_and_what_was_being_said_is_kept(place: Place) -> None:
    question = SOUND[BEFORE : CALL.stop + RATE_HZ].astype("<i2").tobytes()
    whole = question[: len(question) // (2 * HOP) * 2 * HOP]
    done, events = place.listen("-", input=whole + b"\x01")
    assert done.returncode == 69
    (line,) = done.stderr.decode().splitlines()
    assert "stdin closed in the middle of a sample" in line
    (kept,) = of_kind("kept", events)
    (waiting,) = place.kept()
    assert kept["stop"] == len(whole) // 2
    np.testing.assert_array_equal(samples_of(waiting), SOUND[BEFORE + kept["start"] : BEFORE + kept["stop"]])


def test_stdin_without_any_sound_is_a_mistake(place: Place) -> None:
    done, _ = place.listen("-", input=b"")
    assert done.returncode == 64
    assert b"stdin gave no sound at all" in done.stderr


@pytest.mark.parametrize("hops", [0, 1, 4, 12], ids=lambda hops: f"{hops} hops into it")
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT], ids=lambda sign: sign.name)
def test_a_stop_in_mid_segment_is_done_within_a_second_and_leaves_it_whole_or_not(
    place: Place, hops: int, sign: signal.Signals
) -> None:
    sound = SOUND[BEFORE:].astype("<i2").reshape(-1, HOP)
    with piped(place) as (process, wait_for):
        wait_for("ready")
        wake_hop = _hop_of_the_wake()
        stdin_of(process).write(sound[: wake_hop + hops].tobytes())
        stdin_of(process).flush()
        assert wait_for("wake")["sample"] == wake_hop * HOP
        with within(1.0):
            process.send_signal(sign)
            ended = wait_for("ended")
            assert process.wait(SECONDS) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""
    kept = place.kept()
    assert ended["segments"] == len(kept) <= 1
    for one in kept:
        length = len(samples_of(one))
        assert length == ended["kept"] <= hops * HOP
        start = BEFORE + wake_hop * HOP
        np.testing.assert_array_equal(samples_of(one), SOUND[start : start + length])


def test_killed_in_mid_segment_nothing_of_it_is_found_and_the_next_one_is_kept(place: Place) -> None:
    with piped(place) as (process, wait_for):
        wait_for("ready")
        stdin_of(process).write(
            SOUND[BEFORE : BEFORE + (_hop_of_the_wake() + 5) * HOP].astype("<i2").tobytes()
        )
        stdin_of(process).flush()
        wait_for("wake")
        process.kill()
        process.wait()
    assert place.kept() == []
    place.listen(demo_clip())
    assert len(place.kept()) == 1


def test_a_full_disk_is_told_the_lamp_says_fault_and_nothing_half_written_stays(place: Place) -> None:
    done, events = place.listen(demo_clip(), preexec_fn=_little_room)
    assert of_kind("kept", events) == []
    fault = of_kind("lamp", events)[-1]
    assert fault["state"] == "fault"
    assert "full" in fault["cause"] or "room" in fault["cause"]
    assert (done.returncode, done.stderr) == (0, b"")  # the lamp told it, and will until there is room
    assert place.kept() == []


def test_a_state_directory_that_may_not_be_written_stops_it_with_one_line(place: Place) -> None:
    place.state.mkdir()
    place.state.chmod(0o555)
    done = subprocess.run(
        [*_without_power(), *place.command(demo_clip())], capture_output=True, text=True, check=False
    )
    place.state.chmod(0o755)
    assert done.returncode == 78
    (line,) = done.stderr.splitlines()
    assert str(place.state) in line
    assert "set paths.state" in line
    assert list(place.state.iterdir()) == []


@pytest.mark.parametrize(
    ("source", "said"), [("missing.wav", "missing.wav"), ("/", "is a directory"), (os.devnull, "null")]
)
def test_a_source_that_is_no_recording_is_one_line_and_64(place: Place, source: str, said: str) -> None:
    done, events = place.listen(source)
    assert done.returncode == 64
    (line,) = done.stderr.decode().splitlines()
    assert said in line
    assert not of_kind("ready", events)


def test_two_listeners_do_not_share_a_spool(place: Place) -> None:
    with piped(place) as (_, wait_for):
        wait_for("ready")
        done, _ = place.listen(demo_clip())
    assert done.returncode == 78
    assert b"another earlid listen is already using" in done.stderr


def _hop_of_the_wake() -> int:
    """How many hops after BEFORE the wake comes, as the product's own API hears it."""
    from earlid import Wake, hear

    heard = hear([SOUND[BEFORE : CALL.stop + RATE_HZ]], models=models_folder())
    return next(one.at for one in heard if isinstance(one, Wake)) // HOP


def _little_room() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))


def _without_power() -> list[str]:
    """What to put before a command so that permissions hold for root, too."""
    if os.geteuid():
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root may write everywhere, and there is no setpriv here to change that")
    return ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]


def test_what_only_some_need_costs_no_memory(place: Place) -> None:
    """Keys that seal, an evening's data base, every format's decoder: each is loaded where it is used."""
    with piped(place) as (process, wait_for):
        stdin_of(process).write(SOUND[BEFORE : CALL.stop + 2 * RATE_HZ].astype("<i2").tobytes())
        stdin_of(process).flush()
        wait_for("wake")
        loaded = libraries_of(process.pid)
    assert "onnxruntime_pybind11_state" in loaded
    assert not loaded & {"pyrage", "_sqlite3", "libsqlite3", "libsndfile_x86_64", "_cffi_backend", "_ssl"}
