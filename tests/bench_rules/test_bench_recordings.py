"""The bench listens to the same hundred seconds every time, whatever recordings there are."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from bench.recordings import LENGTH, Recording, people, quiet_room, silence

CLIP = Path(__file__).parents[2] / "device" / "earlid" / "demo" / "clip.flac"


def heard(recording: Recording) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    with wave.open(str(recording.file), "rb") as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16_000, 1, 2)
        return np.frombuffer(sound.readframes(sound.getnframes()), dtype=np.int16)


def test_a_quiet_room_is_quiet_but_for_its_clicks(tmp_path: Path) -> None:
    room = heard(quiet_room(tmp_path))
    assert len(room) == LENGTH
    seconds = room.reshape(100, 16_000).astype(np.float64)
    levels = 20 * np.log10(np.sqrt((seconds**2).mean(axis=1)) / 32_768)
    clicks = [second for second in range(100) if np.abs(seconds[second]).max() > 1_000]
    assert clicks == list(range(13, 100, 13))
    assert np.all(np.abs(np.delete(levels, clicks) + 60) < 1)


def test_recordings_are_the_same_every_time(tmp_path: Path) -> None:
    first, again = quiet_room(tmp_path / "a"), quiet_room(tmp_path / "b")
    assert first.file.read_bytes() == again.file.read_bytes()


def test_without_recordings_the_clip_is_repeated_and_that_is_said(tmp_path: Path) -> None:
    speech = people(tmp_path / "nowhere", CLIP, tmp_path)
    assert len(heard(speech)) == LENGTH
    assert "clip.flac repeated" in speech.about


def test_silence_lasts_as_many_hops_as_asked(tmp_path: Path) -> None:
    assert silence(3, tmp_path).seconds == 0.24
