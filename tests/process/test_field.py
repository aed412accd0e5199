"""`earlid field` beside a real `earlid listen`: who starts and stops it, what is kept, what a mute does."""

from __future__ import annotations

import fcntl
import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
import soundfile

from earlid.core.field import Ended, Kind, Peak
from earlid.core.units import HOP, RATE_HZ, Samples
from earlid.edge.age import unsealed
from earlid.edge.control import ask
from earlid.edge.field.clips import FieldClips
from earlid.edge.field.key import secret_key
from earlid.edge.field.store import FieldStore, Wanted
from earlid.edge.processes import earlid
from earlid.edge.seal import SEAL_MARK
from earlid.edge.sound.timeline_file import demo_clip, read_timeline
from fakes.models import models_folder
from fakes.waiting import SECONDS, within

SOUND: Samples = soundfile.read(demo_clip(), dtype="int16")[0]
(CALL,) = read_timeline(demo_clip()).calls()
BEFORE = (CALL.start // HOP - 50) * HOP
ROOM: Samples = (np.arange(RATE_HZ) % 7 * 20).astype(np.int16)


class Home:
    """A state directory, a configuration, and the command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.file = folder / "earlid.toml"
        paths = {"state": self.state, "runtime": folder / "run", "models": models_folder()}
        self.file.write_text(
            "[paths]\n" + "".join(f"{name} = {json.dumps(str(path))}\n" for name, path in paths.items())
        )

    def command(self, *words: str) -> list[str]:
        return earlid(*words, "--config", str(self.file))

    def say(self, *words: str, code: int = 0, **how: Any) -> str:
        done = subprocess.run(self.command(*words), capture_output=True, text=True, check=False, **how)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return str(done.stdout) + str(done.stderr)

    def field(self, *words: str, code: int = 0) -> str:
        return self.say("field", *words, code=code)

    def peaks(self) -> list[Peak]:
        with closing(FieldStore(self.state / "field")) as store:
            return store.peaks()

    def looks(self, look: str) -> bool:
        """Whether the lamp of the process that listens comes to say `look`."""
        until_s = time.monotonic() + SECONDS
        while time.monotonic() < until_s:
            if ask(self.folder / "run", "status")["status"]["look"] == look:
                return True
        return False


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@contextmanager
def listening(
    home: Home,
) -> Iterator[tuple[IO[bytes], subprocess.Popen[bytes], Callable[[str], dict[str, Any]]]]:
    """`earlid listen` on its stdin, and a way to wait for an event."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        home.command("listen", "--json", "--source", "-"), stdin=pipe, stdout=pipe
    ) as process:
        assert process.stdin
        told = process.stdout
        assert told

        def wait_for(kind: str) -> dict[str, Any]:
            for line in told:
                event: dict[str, Any] = json.loads(line)
                if event["event"] == kind:
                    return event
            raise AssertionError(f"it ended without {kind}")

        try:
            wait_for("ready")
            yield process.stdin, process, wait_for
        finally:
            process.kill()


def give(stdin: IO[bytes], sound: Samples) -> None:
    stdin.write(sound.astype("<i2").tobytes())
    stdin.flush()


def test_a_listener_that_runs_takes_it_up_within_two_seconds_and_leaves_it_as_soon(home: Home) -> None:
    with listening(home) as (stdin, process, wait_for):
        assert ask(home.folder / "run", "status")["status"]["look"] == "listening"
        with within(6.0):  # the command itself takes most of it
            said = home.field("start", "--note", "kitchen", "--keep-audio")
            assert "recording until" in said
            assert "nothing listens" not in said
            assert home.looks("recording")
        give(stdin, SOUND[BEFORE : CALL.stop + 4 * RATE_HZ])
        wait_for("kept")
        assert "wakes        1" in home.field("stop")
        assert home.looks("listening")
        give(stdin, SOUND[BEFORE : CALL.stop + 4 * RATE_HZ])
        wait_for("kept")
        stdin.close()
        assert process.wait(SECONDS) == 0
    (peak,) = home.peaks()
    assert (peak.kind, peak.word) == (Kind.WAKE, "hey_jarvis")
    with closing(FieldStore(home.state / "field")) as store:
        (session,) = store.sessions()
        minutes = store.minutes()  # two, if one began meanwhile
    assert (session.note, session.why) == ("kitchen", Ended.STOPPED)
    assert sum(minute.wakes for minute in minutes) == 1


def test_the_sound_around_a_wake_is_kept_sealed_and_the_key_beside_the_configuration_opens_it(
    home: Home,
) -> None:
    home.field("start", "--keep-audio")
    home.say("listen", "--source", str(demo_clip()))
    (peak,) = home.peaks()
    assert peak.clip
    sealed = FieldClips(home.state / "field").read(peak.clip)
    assert sealed.startswith(SEAL_MARK)
    wav = unsealed(sealed, secret_key(home.folder / "field.key"))
    whole = np.frombuffer(wav[44:], "<i2")
    np.testing.assert_array_equal(whole, SOUND[peak.at - 3 * RATE_HZ : peak.at + 2 * RATE_HZ])
    loud = SOUND[peak.at - RATE_HZ : peak.at - RATE_HZ + 64].tobytes()
    for file in [each for each in home.state.rglob("*") if each.is_file() and "spool" not in each.parts]:
        assert loud not in file.read_bytes(), file


def test_without_keep_audio_there_are_numbers_and_no_sound(home: Home) -> None:
    assert "no sound" in home.field("start")
    home.say("listen", "--source", str(demo_clip()))
    (peak,) = home.peaks()
    assert peak.clip is None
    assert np.nanmax(peak.trace) == np.float32(peak.score)
    assert list((home.state / "field/clips").iterdir()) == []
    assert not (home.folder / "field.key").exists()


def test_nothing_is_recorded_that_nobody_asked_for(home: Home) -> None:
    home.say("listen", "--source", str(demo_clip()))
    assert not (home.state / "field").exists()


def test_a_mute_destroys_the_clip_that_was_open_and_keeps_its_numbers(home: Home) -> None:
    home.field("start", "--keep-audio")
    with listening(home) as (stdin, process, wait_for):
        give(stdin, SOUND[BEFORE : CALL.stop + RATE_HZ])  # less than two seconds after the wake
        wait_for("wake")
        home.say("mute")
        home.say("unmute")
        give(stdin, np.tile(ROOM, 6))
        stdin.close()
        assert process.wait(SECONDS) == 0
    (peak,) = home.peaks()
    assert peak.clip is None
    assert list((home.state / "field/clips").iterdir()) == []
    assert np.isnan(peak.trace[-1])


def test_time_muted_is_counted_as_that_and_what_was_said_meanwhile_is_nowhere(home: Home) -> None:
    home.field("start", "--keep-audio")
    with listening(home) as (stdin, process, _):
        fcntl.fcntl(stdin, fcntl.F_SETPIPE_SZ, 1 << 20)  # while muted nobody reads: all of it has to fit
        give(stdin, np.tile(ROOM, 3))
        home.say("mute")
        assert "paused: muted" in home.field("status")
        give(stdin, SOUND[BEFORE : CALL.stop + 4 * RATE_HZ])
        home.say("unmute")
        give(stdin, np.tile(ROOM, 3))
        stdin.close()
        assert process.wait(SECONDS) == 0
    assert home.peaks() == []
    with closing(FieldStore(home.state / "field")) as store:
        minutes = store.minutes()
    assert 0 < sum(one.muted for one in minutes) < 20 * RATE_HZ
    assert sum(one.listened for one in minutes) <= 6 * RATE_HZ


def test_it_goes_on_after_a_crash_and_the_first_start_ends_it_that_comes_too_late(home: Home) -> None:
    home.field("start", "--keep-audio")
    with listening(home) as (stdin, process, wait_for):
        give(stdin, SOUND[BEFORE : CALL.stop + 4 * RATE_HZ])
        wait_for("kept")
        process.send_signal(signal.SIGKILL)
    assert "waits: nothing listens" in home.field("status")
    home.say("listen", "--source", str(demo_clip()))
    assert len(home.peaks()) == 1, "what the crash lost is no longer than a minute"
    with closing(FieldStore(home.state / "field")) as store:
        assert len(store.runs()) == 2
    text = (home.state / "field/recording").read_text()
    order = json.loads(text)
    order["ends_s"] = time.time() - 1
    (home.state / "field/recording").write_text(json.dumps(order))
    home.say("listen", "--source", str(demo_clip()))
    assert len(home.peaks()) == 1
    assert not (home.state / "field/recording").exists()
    with closing(FieldStore(home.state / "field")) as store:
        assert [one.why for one in store.sessions()] == [Ended.TIME]


def test_prompts_count_what_was_heard_and_what_was_not(home: Home) -> None:
    home.field("start")
    call = SOUND[BEFORE : CALL.stop + RATE_HZ]
    with listening(home) as (stdin, process, _):
        assert home.looks("recording")
        command = home.command(
            "field", "prompt", "--count", "2", "--distance", "1", "--window", "3", "--pause", "0.1"
        )
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as asking:
            assert asking.stdin
            assert asking.stdout
            asking.stdin.write("\n")
            asking.stdin.flush()
            for line in asking.stdout:
                if line.startswith("1 of 2"):
                    give(stdin, call)
                if "missed" in line:
                    break
            rest = asking.stdout.read()
        assert "1 of 2" in rest
        assert "50.0 % (1.3 to 98.7)" in rest
        stdin.close()
        assert process.wait(SECONDS) == 0
    with closing(FieldStore(home.state / "field")) as store:
        assert [one.heard for one in store.trials()] == [True, False]
        assert [peak.is_prompted for peak in store.peaks(Wanted(kind=Kind.WAKE))] == [True]


def test_who_cannot_be_recorded_is_told_what_to_do(home: Home) -> None:
    assert "begin with earlid field start" in home.field("stop", code=64)
    assert "begin with earlid field start" in home.field("status", code=64)
    assert "begin with earlid field start" in home.field("report", code=64)
    assert "nothing listens at the moment" in home.field("start")
    assert "stop it with earlid field stop" in home.field("start", code=64)
    assert "nothing listens" in home.field("prompt", code=69)


def test_a_disk_that_takes_nothing_stops_no_hop(home: Home) -> None:
    home.field("start", "--keep-audio")
    (home.state / "field/clips").rmdir()
    (home.state / "field/clips").write_text("in the way")
    said = home.say("listen", "--json", "--source", str(demo_clip()))
    ended = next(json.loads(line) for line in said.splitlines() if '"ended"' in line)
    assert ended["heard"] == len(SOUND) // HOP * HOP
    assert ended["wakes"] == 1
    assert "field=trouble" in said
    assert "recording" not in {
        json.loads(line).get("look") for line in said.splitlines() if line.startswith("{")
    }
