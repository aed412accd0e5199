"""The two committed clips are what their timelines say, and sound like a room with people in it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile  # ships no types

from earlid.core.timeline import Timeline
from earlid.core.units import HOP, RATE_HZ, Samples, dbfs, samples
from earlid.edge.sound.timeline_file import demo_clip, read_timeline
from earlid.errors import ConfigError

SIX_WORDS = Path(__file__).parents[1] / "clips" / "six_words.flac"
CLIPS = pytest.mark.parametrize("clip", [demo_clip(), SIX_WORDS], ids=["demo", "six words"])


def sound_of(clip: Path) -> Samples:
    """All samples of `clip`, which is 16 kHz mono PCM16 or the test fails."""
    about = soundfile.info(clip)
    assert (about.samplerate, about.channels, about.subtype) == (RATE_HZ, 1, "PCM_16")
    heard: Samples = soundfile.read(clip, dtype="int16")[0]
    return heard


def quiet_before_each(story: Timeline) -> list[tuple[int, int]]:
    """The spans in which nobody speaks, from the beginning to the last words."""
    ends = [0, *(words.stop for words in story.said)]
    return [(end, words.start) for end, words in zip(ends, story.said, strict=False)]


@CLIPS
def test_the_clip_and_its_timeline_agree_to_the_sample(clip: Path) -> None:
    heard, story = sound_of(clip), read_timeline(clip)
    assert len(heard) == story.samples
    assert hashlib.sha256(heard.astype("<i2").tobytes()).hexdigest() == story.sha256_of_pcm
    assert len(heard) % HOP == 0


@CLIPS
def test_words_are_loud_where_the_timeline_says_and_the_room_is_quiet_elsewhere(clip: Path) -> None:
    heard, story = sound_of(clip), read_timeline(clip)
    for words in story.said:
        assert -35.0 < dbfs(heard[words.start : words.stop]) < -12.0, words
    for start, stop in quiet_before_each(story):
        assert -70.0 < dbfs(heard[start:stop]) < -58.0


@CLIPS
def test_nothing_clips_and_nothing_is_digital_silence(clip: Path) -> None:
    heard = sound_of(clip)
    assert np.abs(heard.astype(np.int32)).max() < 16_000
    assert all(np.any(heard[at : at + HOP]) for at in range(0, len(heard), HOP))


def test_the_demo_calls_once_and_leaves_room_for_a_question() -> None:
    story = read_timeline(demo_clip())
    (call,) = story.calls()
    question, resumed = story.said[story.said.index(call) + 1 :][:2]
    assert call.wakes == "hey_jarvis"
    assert samples(0.3) < question.start - call.stop < samples(0.6)
    assert resumed.start - question.stop > samples(1.2)
    assert not any("jarvis" in words.text for words in story.said if words is not call)
    assert samples(28.0) < story.samples < samples(33.0)


def test_six_words_says_each_word_once() -> None:
    called = [words.wakes for words in read_timeline(SIX_WORDS).calls()]
    assert called == ["alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy", "timer", "weather"]


def test_a_timeline_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    for broken in ("", "rate_hz = 8000", "rate_hz = 16000\nsamples = 1", "said ="):
        (tmp_path / "clip.toml").write_text(broken, encoding="utf-8")
        with pytest.raises(ConfigError, match=r"clip\.toml: not a timeline"):
            read_timeline(tmp_path / "clip.flac")


def test_the_clip_is_small_enough_to_travel_in_a_package() -> None:
    assert demo_clip().stat().st_size < 700_000
