"""`earlid replay`, as its owner calls it: what it says of good recordings, and of every bad one."""

from __future__ import annotations

import csv
import json
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile  # ships no types

from earlid.core.timeline import Timeline
from earlid.core.units import HOP, RATE_HZ, Samples
from earlid.edge.processes import earlid
from earlid.edge.sound.timeline_file import demo_clip, read_timeline
from replay.reference_scores import CLIPS

Replay = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def replay(tmp_path: Path, models: Path) -> Replay:
    """Call `earlid replay` with the real models."""
    config = tmp_path / "earlid.toml"
    paths = {"models": str(models), "state": str(tmp_path / "state")}
    config.write_text("[paths]\n" + "".join(f"{key} = {json.dumps(at)}\n" for key, at in paths.items()))

    def call(*words: str | Path) -> subprocess.CompletedProcess[str]:
        command = [*earlid("replay", "--config", str(config)), *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return call


@pytest.fixture(scope="module")
def call_and_question() -> Samples:
    """The part of the demo's clip from a second before the call to three seconds after the question."""
    sound: Samples = soundfile.read(demo_clip(), dtype="int16")[0]
    (call,) = read_timeline(demo_clip()).calls()
    return sound[call.start - RATE_HZ : call.stop + 5 * RATE_HZ]


def told(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_clip_wakes_once_and_the_question_is_kept(replay: Replay) -> None:
    story: Timeline = read_timeline(demo_clip())
    (call,) = story.calls()
    question = story.said[story.said.index(call) + 1]
    (heard,) = told(replay("--json", demo_clip()))
    assert list(heard) == ["file", "seconds", "wakes", "segments", "vetoed"]
    assert (heard["file"], heard["seconds"]) == (str(demo_clip()), story.samples / RATE_HZ)
    (wake,), (segment,) = heard["wakes"], heard["segments"]
    assert wake["model"] == segment["model"] == "hey_jarvis"
    assert 0.5 <= wake["score"] <= 1.0
    assert call.start / RATE_HZ < wake["time_s"] < question.start / RATE_HZ + 0.2
    assert segment["start_s"] >= wake["time_s"]
    assert segment["end_s"] > question.stop / RATE_HZ
    assert segment["endpoint"] == "speech ended"


def test_segments_are_the_recordings_own_samples(replay: Replay, tmp_path: Path) -> None:
    (heard,) = told(replay("--json", "--segments", tmp_path / "kept", demo_clip()))
    (segment,) = heard["segments"]
    sound = soundfile.read(demo_clip(), dtype="int16")[0]
    start, stop = (round(segment[at] * RATE_HZ) for at in ("start_s", "end_s"))
    (file,) = (tmp_path / "kept").iterdir()
    assert soundfile.info(file).samplerate == RATE_HZ
    np.testing.assert_array_equal(soundfile.read(file, dtype="int16")[0], sound[start:stop])


def test_scores_are_one_row_for_each_scored_hop_and_word(replay: Replay, tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    asked = ("--model", "timer", "--model", "alexa", "--lead-in", "0", "--scores", out)
    (heard,) = told(replay("--json", *asked, CLIPS[1]))
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["file", "hop", "model", "score"]
    hops = {
        word: [int(row["hop"]) for row in rows if row["model"] == word] for word in ("alexa", "timer:1_hour")
    }
    last = round(heard["seconds"] * RATE_HZ) // HOP
    assert hops == {"alexa": list(range(24, last)), "timer:1_hour": list(range(42, last))}
    assert all(0.0 <= float(row["score"]) <= 1.0 for row in rows)


def test_each_file_begins_cold_whatever_was_heard_before_it(replay: Replay) -> None:
    first, second = CLIPS
    forth, back = (told(replay("--json", *files)) for files in ((first, second, first), (second, first)))
    assert forth[0] == forth[2] == back[1]
    assert forth[1] == back[0]


def test_after_a_lead_in_the_first_hop_of_the_recording_is_scored_and_nothing_before_it(
    replay: Replay, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "short.wav", np.zeros(5 * HOP, np.int16), RATE_HZ)
    out = tmp_path / "scores.csv"
    told(replay("--json", "--model", "timer", "--lead-in", "4", "--scores", out, tmp_path / "short.wav"))
    with out.open(newline="", encoding="utf-8") as file:
        assert sorted({int(row["hop"]) for row in csv.DictReader(file)}) == list(range(5))


def test_a_recording_that_ends_in_mid_question_keeps_what_there_was_of_it(
    replay: Replay, tmp_path: Path, call_and_question: Samples
) -> None:
    (call,) = read_timeline(demo_clip()).calls()
    cut = call_and_question[: call.stop - call.start + 2 * RATE_HZ]
    soundfile.write(tmp_path / "cut.wav", cut, RATE_HZ)
    heard, next_one = told(replay("--json", tmp_path / "cut.wav", demo_clip()))
    (segment,) = heard["segments"]
    assert segment["endpoint"] == "source ended"
    assert segment["end_s"] == len(cut) // HOP * HOP / RATE_HZ
    assert [one["endpoint"] for one in next_one["segments"]] == ["speech ended"]


def test_a_person_is_told_the_same_in_words(replay: Replay) -> None:
    done = replay(demo_clip())
    assert done.returncode == 0
    first, wake, kept = done.stdout.splitlines()
    assert first == f"{demo_clip()}: 31.6 s, 1 wake"
    assert "hey_jarvis  score 0." in wake
    assert kept.endswith("speech ended")


def test_the_threshold_is_the_one_that_was_asked_for(replay: Replay) -> None:
    (heard,) = told(replay("--json", "--threshold", "1", demo_clip()))
    assert heard["wakes"] == heard["segments"] == []


SHAPES: dict[str, tuple[str, int, int]] = {
    "8-bit": ("PCM_U8", RATE_HZ, 1),
    "24-bit": ("PCM_24", RATE_HZ, 1),
    "float": ("FLOAT", RATE_HZ, 1),
    "stereo": ("PCM_16", RATE_HZ, 2),
    "44.1 kHz": ("PCM_16", 44_100, 1),
    "8 kHz, 24-bit, stereo": ("PCM_24", 8_000, 2),
}


def test_any_shape_of_recording_wakes_as_the_plain_one_does(
    replay: Replay, tmp_path: Path, call_and_question: Samples
) -> None:
    shapes = {"plain": ("PCM_16", RATE_HZ, 1)} | SHAPES
    files = [_written(tmp_path / f"{name}.wav", call_and_question, *shape) for name, shape in shapes.items()]
    done = replay("--json", *files)
    plain, *others = told(done)
    assert len(plain["wakes"]) == 1
    for name, heard in zip(SHAPES, others, strict=True):
        assert f"{name}.wav: " in done.stderr, "the conversion was not told"
        assert len(heard["wakes"]) == 1, name
        assert heard["wakes"][0]["time_s"] == pytest.approx(plain["wakes"][0]["time_s"], abs=0.17)


def _written(file: Path, sound: Samples, subtype: str, rate_hz: int, channels: int) -> Path:
    import soxr

    wide = soxr.resample(sound.astype(np.float64) / 32768, RATE_HZ, rate_hz)
    soundfile.write(file, np.stack([wide] * channels, axis=1), rate_hz, subtype=subtype)
    return file


def _truncated(file: Path) -> None:
    soundfile.write(file, np.zeros(RATE_HZ, np.int16), RATE_HZ, subtype="PCM_16")
    file.write_bytes(file.read_bytes()[:-1000])


def _header_only(file: Path) -> None:
    soundfile.write(file, np.zeros(0, np.int16), RATE_HZ, subtype="PCM_16")


def _cut_flac(file: Path) -> None:
    soundfile.write(
        file, np.random.default_rng(1).integers(-999, 999, 60_000, np.int16), RATE_HZ, format="FLAC"
    )
    file.write_bytes(file.read_bytes()[:20_000])


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda file: None, "bad.wav"),
    "empty": (lambda file: file.touch(), "bad.wav is empty"),
    "header only": (_header_only, "bad.wav has a header and no sound"),
    "truncated": (_truncated, "bad.wav is cut short"),
    "truncated flac": (_cut_flac, "bad.wav"),
    "text": (lambda file: file.write_text("not sound\n" * 50), "bad.wav holds no sound that can be read"),
    "another format": (lambda file: file.write_bytes(b"\x89PNG" + bytes(4000)), "bad.wav holds no sound"),
    "a broken header": (lambda file: file.write_bytes(struct.pack("<4sI4s", b"RIFF", 4, b"WAVE")), "bad.wav"),
    "a directory": (lambda file: file.mkdir(), "bad.wav is a directory"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_one_line_and_64_and_the_good_one_after_it_is_heard(
    kind: str, replay: Replay, tmp_path: Path
) -> None:
    make, said = BAD[kind]
    make(tmp_path / "bad.wav")
    soundfile.write(tmp_path / "good.wav", np.zeros(RATE_HZ, np.int16), RATE_HZ)
    done = replay("--json", tmp_path / "bad.wav", tmp_path / "good.wav")
    assert done.returncode == 64
    (line,) = done.stderr.splitlines()
    assert line.startswith("earlid: ")
    assert said in line
    assert [Path(json.loads(one)["file"]).name for one in done.stdout.splitlines()] == ["good.wav"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--model", "hey_earlid"], 64, "hey_earlid"),
        (["--scores", "/no/such/folder/scores.csv"], 64, "scores.csv: cannot be written"),
        (["--segments", "/dev/null/kept"], 64, "cannot be written"),
        (["--threshold", "1.5"], 64, "1.5"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(
    words: list[str], code: int, said: str, replay: Replay
) -> None:
    done = replay(*words, demo_clip())
    assert done.returncode == code
    (line,) = done.stderr.splitlines()
    assert said in line
    assert "Traceback" not in line
