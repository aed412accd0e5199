"""Speaks the project's two clips: `python tests/clips/speak.py` writes the same bytes every time.

Needs espeak-ng (1.51 spoke the committed clips; another version speaks a little differently, and the
timeline is then measured anew). Nobody's voice was recorded. What is said is made up.

device/earlid/demo/clip.flac    about 30 s at home: private talk, "hey jarvis", a question, more private talk
tests/clips/six_words.flac      each of the six words we carry a manifest for, once, with quiet in between
Beside each lies a .toml with the timeline, in samples: who said what, from where to where.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import wave
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile  # ships no types
import soxr  # ships no types

from earlid.core.units import HOP, RATE_HZ, samples

ROOT = Path(__file__).resolve().parents[2]
SEED = 20_260_101
ROOM_DBFS = -64.0
"""RMS of the room's own noise: a quiet room, and never digital silence."""
TRIM_DB = -45.0
"""Sound this far below an utterance's peak, at its two ends, counts as not part of it."""

Sound = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Voice:
    """An espeak-ng voice with its variant; `peak` is its loudest sample, 1.0 being full scale."""

    name: str
    espeak: str
    words_per_minute: int
    pitch: int
    peak: float


@dataclass(frozen=True)
class Line:
    """`text` said after `pause_s` of quiet. `model` names the wake word that it is, if it is one."""

    voice: Voice
    text: str
    pause_s: float
    model: str = ""


@dataclass(frozen=True)
class Said:
    """Where `line` is in a clip: samples [start, stop)."""

    line: Line
    start: int
    stop: int


RUTH = Voice("Ruth", "en-gb-x-rp+Annie", 150, 50, 0.34)
TOM = Voice("Tom", "en-us+Denis", 155, 42, 0.30)
ADA = Voice("Ada", "en-gb-x-rp+f2", 145, 50, 0.32)
MAX = Voice("Max", "en-gb-x-rp+m3", 145, 50, 0.32)

AT_HOME = (
    Line(RUTH, "The clinic rang. My results are fine.", 1.0),
    Line(TOM, "What a relief. Have you told your mother?", 0.45),
    Line(RUTH, "Not before Sunday. It stays between us two.", 0.5),
    Line(TOM, "Good. Shall we walk to the lake tomorrow?", 0.45),
    Line(RUTH, "Only if it stays dry. I will ask.", 0.4),
    Line(RUTH, "hey jarvis", 0.8, model="hey_jarvis"),
    Line(RUTH, "What is the weather like tomorrow?", 0.45),
    Line(TOM, "Is the spare key still under the blue pot?", 1.9),
    Line(RUTH, "Yes. Only the two of us know, so speak low.", 0.5),
    Line(TOM, "Why? Who would be listening?", 0.5),
)
SIX_WORDS = (
    Line(MAX, "alexa", 2.0, model="alexa"),
    Line(RUTH, "hey jarvis", 1.2, model="hey_jarvis"),
    Line(TOM, "hey mycroft", 1.2, model="hey_mycroft"),
    Line(ADA, "hey rhasspy", 1.2, model="hey_rhasspy"),
    Line(TOM, "set a timer for ten minutes", 1.2, model="timer"),
    Line(MAX, "what's the weather today", 1.2, model="weather"),
)
SPELLED = {"hey mycroft": "hey my-croft"}
"""What espeak-ng is given where it would read the word wrongly."""


def speak(line: Line) -> Sound:
    """The sound of one line at 16 kHz, without the quiet around it, as loud as its voice says."""
    voice = line.voice
    said = SPELLED.get(line.text, line.text)
    command = ["espeak-ng", "-v", voice.espeak, "-s", str(voice.words_per_minute), "-p", str(voice.pitch)]
    stream = subprocess.run([*command, "--stdout", said], capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(stream)) as spoken:
        rate_hz = spoken.getframerate()
        raw = spoken.readframes(len(stream) // 2)  # espeak-ng's header promises more than it streams
    full = soxr.resample(np.frombuffer(raw, "<i2").astype(np.float64) / 32768.0, rate_hz, RATE_HZ)
    loud = np.flatnonzero(np.abs(full) > np.abs(full).max() * 10.0 ** (TRIM_DB / 20.0))
    kept: Sound = np.asarray(full[loud[0] : loud[-1] + 1], dtype=np.float64)
    return kept * (voice.peak / float(np.abs(kept).max()))


def room(length: int) -> Sound:
    """`length` samples of a quiet room: seeded noise, darker towards high frequencies."""
    white = np.random.default_rng(SEED).normal(size=length + 7)
    dark = np.convolve(white, np.hanning(8) / np.hanning(8).sum(), mode="valid")
    return np.asarray(dark * (10.0 ** (ROOM_DBFS / 20.0) / float(dark.std())), dtype=np.float64)


def play(lines: Iterable[Line], tail_s: float) -> tuple[npt.NDArray[np.int16], list[Said]]:
    """All lines one after the other in one room, whole hops long, and where each of them is."""
    parts: list[tuple[Said, Sound]] = []
    now = 0
    for line in lines:
        sound = speak(line)
        start = now + samples(line.pause_s)
        now = start + len(sound)
        parts.append((Said(line, start, now), sound))
    mixed = room(-(-(now + samples(tail_s)) // HOP) * HOP)
    for said, sound in parts:
        mixed[said.start : said.stop] += sound
    return np.round(mixed * 32767.0).astype(np.int16), [said for said, _ in parts]


def timeline(clip: npt.NDArray[np.int16], told: list[Said]) -> str:
    """The TOML that goes beside a clip."""
    digest = hashlib.sha256(clip.astype("<i2").tobytes()).hexdigest()
    rows = [
        "# written by tests/clips/speak.py; all times are sample indices, stop is just past the last one",
        f"rate_hz = {RATE_HZ}",
        f"samples = {len(clip)}",
        f'sha256_of_pcm = "{digest}"',
    ]
    for said in told:
        line = said.line
        rows += ["", "[[said]]", f"who = {json.dumps(line.voice.name)}", f"text = {json.dumps(line.text)}"]
        rows += [f"voice = {json.dumps(line.voice.espeak)}", f"start = {said.start}", f"stop = {said.stop}"]
        if line.model:
            rows.append(f"wakes = {json.dumps(line.model)}")
    return "\n".join(rows) + "\n"


def write(flac: Path, lines: Iterable[Line], tail_s: float) -> None:
    """Put the clip at `flac` and its timeline beside it."""
    clip, told = play(lines, tail_s)
    soundfile.write(flac, clip, RATE_HZ, format="FLAC", subtype="PCM_16")
    flac.with_suffix(".toml").write_text(timeline(clip, told), encoding="utf-8")
    print(f"{flac.relative_to(ROOT)}: {len(clip) / RATE_HZ:.1f} s, {flac.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    write(ROOT / "device/earlid/demo/clip.flac", AT_HOME, tail_s=1.2)
    write(ROOT / "tests/clips/six_words.flac", SIX_WORDS, tail_s=1.5)
