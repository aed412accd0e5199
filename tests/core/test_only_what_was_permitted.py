"""The promise itself: every sample in the outbox lies after the permitted start, whatever happened."""

from __future__ import annotations

import json
import tempfile
import wave
from collections import Counter
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earlid.core.gate import State
from earlid.core.segment import Endpoint
from earlid.core.units import HOP, Samples
from fakes.afternoon import Act, Afternoon
from fakes.counting_sound import counted, indices

Script = list[tuple[Act, int]]
BREAK_AND_MEND = [
    (Act.HUSH, Act.TALK),
    (Act.TALK, Act.HUSH),
    (Act.CALL, Act.CALL),
    (Act.GAP, Act.GAP),
    (Act.PRESS, Act.RELEASE),
    (Act.PRESS, Act.RELEASE),
    (Act.PRESS_WITHIN, Act.RELEASE),
    (Act.PRESS_WITHIN, Act.RELEASE),
    (Act.PRESS_OVER_DISK, Act.RELEASE),
    (Act.PRESS_OVER_DISK, Act.RELEASE),
    (Act.UNPLUG, Act.PLUG),
    (Act.FILL, Act.CLEAR),
    (Act.DARKEN, Act.LIGHT),
    (Act.DIE, Act.LIGHT),
    (Act.REST, Act.HUSH),
    (Act.STOP, Act.HUSH),
]
FEW = st.integers(0, 6)


@st.composite
def scenes(draw: st.DrawFn) -> Script:
    """Someone calls, perhaps talks on, and sooner or later something happens that is mended, or is not."""
    breaks, mends = draw(st.sampled_from(BREAK_AND_MEND))
    script = [(Act.CALL, 0), (Act.PASS, 1 + draw(FEW)), (Act.PASS, draw(FEW)), (breaks, draw(FEW))]
    if draw(st.booleans()):
        script.insert(2, (Act.TALK, 0))
    if draw(st.booleans()):
        script.append((Act.CALL, 0))
    script.append((Act.PASS, 1 + draw(FEW)))
    if draw(FEW):
        script.append((mends, draw(FEW)))
    return [*script, (Act.HUSH, 0), (Act.PASS, draw(st.integers(0, 20)))]


SCRIPTS = st.lists(scenes(), min_size=3, max_size=6).map(lambda parts: list(chain(*parts)))
SETTINGS = st.fixed_dictionaries(
    {
        "lag": st.integers(0, 4),
        "lookback": st.integers(0, 6_400),
        "refractory": st.integers(0, 4 * HOP),
        "nobody_spoke": st.sampled_from([1, 5_000, 20_000, 60_000]),
        "hangover": st.sampled_from([1, 3_000, 9_000, 15_000]),
        "longest": st.sampled_from([700, 9_999, 40_000, 48_123, 80_000]),
        "budget_s": st.sampled_from([1.3, 2.0, 5.0, 60.0, 3_600.0]),
    }
)


def mended(script: Script) -> Script:
    """A scene after which somebody puts everything right, and is away for a while, if it was a long one."""
    if len(script) % 2:
        return script
    return [*script, *((act, 0) for act in (Act.LIGHT, Act.PLUG, Act.CLEAR, Act.RELEASE)), (Act.REST, 5)]


def outbox(root: Path) -> list[tuple[dict[str, object], Samples]]:
    """The facts and the sound of every folder in the outbox, read without any help of the spool's."""
    found = []
    for folder in sorted((root / "outbox").iterdir()):
        assert sorted(path.name for path in folder.iterdir()) == ["segment.json", "segment.wav"]
        with wave.open(str(folder / "segment.wav")) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16_000)
            sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)
        found.append((json.loads((folder / "segment.json").read_bytes()), sound))
    return found


def prove(day: Afternoon, root: Path, lookback: int, longest: int) -> None:
    """Nothing is in the outbox, nor anywhere else on disk, but what was permitted; and it is told truly."""
    found = outbox(root)
    assert [facts["id"] for facts, _ in found] == day.put
    assert not any(path.is_file() for path in root.rglob("*") if "outbox" not in path.parts)
    wakes = {wake.at: wake for wake in day.wakes}
    for facts, sound in found:
        at, offset, count = facts["wake_at"], facts["start"], facts["samples"]
        assert isinstance(at, int) and isinstance(offset, int) and isinstance(count, int)
        wake = wakes[at]
        assert (facts["model"], facts["score"]) == (wake.model, wake.score)
        assert Endpoint(facts["endpoint"])
        start = at + offset
        assert at - lookback <= start <= at
        assert 0 < len(sound) == count <= longest
        claims = indices(sound)
        told = claims >= 0
        assert (claims[told] == start + np.flatnonzero(told)).all()
        prove_each_hop(day, start, sound, at)


def prove_each_hop(day: Afternoon, start: int, sound: Samples, at: int) -> None:
    """Each hop's part of `sound` was heard in the wake's own epoch, unmuted and, after it, under the lamp."""
    epoch = day.truth[at // HOP - 1].epoch
    for hop in range(start // HOP, (start + len(sound) - 1) // HOP + 1):
        first, last = max(start, hop * HOP), min(start + len(sound), (hop + 1) * HOP)
        part = sound[first - start : last - start]
        truth = day.truth.get(hop)
        if truth is None:
            assert not part.any(), "sound that nobody heard"
            continue
        assert (part == counted(first, last)).all()
        assert (truth.epoch, truth.muted) == (epoch, False)
        assert first < at or truth.lamp is State.CAPTURING


def test_every_sample_in_the_outbox_lies_after_the_permitted_start_whatever_happened(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=200)
    @given(SCRIPTS, SETTINGS)
    def any_afternoon(script: Script, chosen: dict[str, int]) -> None:
        with tempfile.TemporaryDirectory(dir=tmp_path) as name:
            root = Path(name) / "spool"
            day = Afternoon(root, **chosen)
            day.play(script)
            prove(day, root, chosen["lookback"], chosen["longest"])
            assert day.blank
            seen.update(day.tally, kept=len(day.put), stale=day.listener.stale, wakes=len(day.wakes))

    any_afternoon()
    # Hypothesis draws constants it finds in whatever is imported: alone and among all tests the plays differ
    enough = {
        "kept": 250,
        "wakes": 500,
        "stale": 300,
        "pressed": 100,
        "pressed over open sound": 20,
        "died": 10,
        "pressed over the disk": 10,
        "kept all the same": 1,
    }
    assert all(seen[what] >= count for what, count in enough.items()), seen
    assert all(seen[endpoint.value] >= 2 for endpoint in Endpoint), seen


@pytest.mark.parametrize("lookback", [0, 1, 1_280, 6_400])
def test_what_is_permitted_does_reach_the_outbox(tmp_path: Path, lookback: int) -> None:
    day = Afternoon(tmp_path, lookback=lookback)
    day.play([(Act.PASS, 10), (Act.CALL, 0), (Act.PASS, 1), (Act.TALK, 0), (Act.PASS, 5), (Act.HUSH, 0)] * 2)
    (facts, sound), (_, second) = outbox(tmp_path)
    assert (facts["wake_at"], facts["start"]) == (11 * HOP, -lookback)
    assert (sound == counted(11 * HOP - lookback, 11 * HOP - lookback + len(sound))).all()
    assert len(sound) > lookback + 5 * HOP
    assert second.any()


def test_the_proof_would_see_a_single_sample_from_before(tmp_path: Path) -> None:
    day = Afternoon(tmp_path, lookback=100)
    day.play([(Act.PASS, 10), (Act.CALL, 0), (Act.PASS, 4)])
    prove(day, tmp_path, lookback=100, longest=30_000)
    with pytest.raises(AssertionError):
        prove(day, tmp_path, lookback=99, longest=30_000)
    day.truth[11].muted = True
    with pytest.raises(AssertionError):
        prove(day, tmp_path, lookback=100, longest=30_000)


def test_over_a_long_day_of_everything_no_promise_is_broken_at_any_step(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    days = st.lists(scenes().map(mended), min_size=60, max_size=100).map(lambda parts: list(chain(*parts)))

    @settings(max_examples=12)
    @given(days, SETTINGS)
    def any_day(script: Script, chosen: dict[str, int]) -> None:
        with tempfile.TemporaryDirectory(dir=tmp_path) as name:
            root = Path(name) / "spool"
            day = Afternoon(root, **chosen)
            day.play(script)  # which checks after every hop and every act
            prove(day, root, chosen["lookback"], chosen["longest"])
            assert day.blank
            seen.update(day.tally, wakes=len(day.wakes))

    any_day()
    assert seen["wakes"] >= 200, seen
    assert seen["pressed over open sound"] >= 1, seen
