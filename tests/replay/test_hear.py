"""`earlid.hear` inside another program hears what `earlid replay` hears, however the sound is cut up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile  # ships no types
from hypothesis import given, settings
from hypothesis import strategies as st

from earlid import Segment, Wake, hear
from earlid.core.units import HOP, RATE_HZ, Samples
from earlid.edge.sound.timeline_file import demo_clip, read_timeline
from earlid.errors import ConfigError, UsageError
from fakes.models import models_folder
from replay.reference_scores import MODELS, replay

Heard = list[tuple[str, int, int, str, bytes]]


@cache
def sound() -> Samples:
    """From four seconds before the call, hop by hop, to the end of the question."""
    whole: Samples = soundfile.read(demo_clip(), dtype="int16")[0]
    (call,) = read_timeline(demo_clip()).calls()
    return whole[(call.start // HOP - 50) * HOP : call.stop + 4 * RATE_HZ]


def heard(pieces: Iterator[Samples]) -> Heard:
    """Everything `hear` yields of `pieces`, in a form that can be compared."""
    found: Heard = []
    for one in hear(pieces, models=models_folder()):
        if isinstance(one, Wake):
            found.append((one.model, one.at, round(one.score * 1e6), "wake", b""))
        else:
            found.append((one.wake.model, one.start, one.stop, one.endpoint.value, one.samples.tobytes()))
    return found


@cache
def whole() -> Heard:
    """What it hears of the sound in one piece."""
    return heard(iter([sound()]))


def chopped(sizes: list[int]) -> Iterator[Samples]:
    """The sound in pieces of `sizes`, again and again, each overwritten once it was taken."""
    at = place = 0
    while at < len(sound()):
        piece = sound()[at : at + sizes[place % len(sizes)]].copy()
        at, place = at + sizes[place % len(sizes)], place + 1
        yield piece
        piece.fill(12_345)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 3 * HOP) | st.sampled_from([0, HOP]), min_size=1, max_size=5).filter(any))
def test_any_way_of_cutting_the_sound_gives_the_same_wakes_and_segments(sizes: list[int]) -> None:
    assert [one[3] for one in whole()] == ["wake", "speech ended"]
    assert heard(chopped([*sizes, 97])) == whole()


def test_it_hears_what_replay_hears(tmp_path: Path) -> None:
    models = models_folder(*MODELS)
    _, (told,) = replay([demo_clip()], models, tmp_path, "--lead-in", "0")
    played: Samples = soundfile.read(demo_clip(), dtype="int16")[0]
    found = list(hear([played], MODELS, models=models))
    wakes = [one for one in found if isinstance(one, Wake)]
    segments = [one for one in found if isinstance(one, Segment)]
    assert [(one.model, round(one.at / RATE_HZ, 4)) for one in wakes] == [
        (one["model"], one["time_s"]) for one in told["wakes"]
    ]
    assert [(one.start, one.stop, one.endpoint.value) for one in segments] == [
        (round(one["start_s"] * RATE_HZ), round(one["end_s"] * RATE_HZ), one["endpoint"])
        for one in told["segments"]
    ]
    for one in segments:
        np.testing.assert_array_equal(one.samples, played[one.start : one.stop])


def test_a_wake_is_yielded_before_more_sound_is_taken_than_its_own_hop() -> None:
    taken = 0

    def live() -> Iterator[Samples]:
        nonlocal taken
        for piece in chopped([HOP]):
            taken += len(piece)
            yield piece

    wake = next(one for one in hear(live(), models=models_folder()) if isinstance(one, Wake))
    assert taken == wake.at


def test_sound_that_ends_in_mid_question_still_gives_its_segment() -> None:
    wake_at = whole()[0][1]
    found = heard(iter([sound()[: wake_at + 5 * HOP]]))
    assert [one[3] for one in found] == ["wake", "source ended"]
    assert found[1][1:3] == (wake_at, wake_at + 5 * HOP)


def test_sound_of_another_type_and_unknown_words_are_refused() -> None:
    with pytest.raises(UsageError, match="int16 arrays of one dimension"):
        list(hear([np.zeros(HOP, np.float32)], models=models_folder()))
    with pytest.raises(UsageError, match="int16 arrays of one dimension"):
        list(hear([np.zeros((1, HOP), np.int16)], models=models_folder()))
    with pytest.raises(ConfigError, match="hey_earlid"):
        list(hear([], ["hey_earlid"], models=models_folder()))
    with pytest.raises(ConfigError, match="lookback_ms"):
        list(hear([], lookback_ms=401, models=models_folder()))
