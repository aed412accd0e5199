"""Counts are of what was called and what woke, and claim no more than was heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from earlid.bench.corpus import Role, Take
from earlid.bench.counts import Alike, Calls, Other, hourly, percent
from earlid.bench.curve import THRESHOLDS
from earlid.bench.latency import latency
from earlid.bench.store import Kept
from earlid.bench.tally import Point, Tally
from earlid.core.detector import Word
from earlid.core.trace import Trace
from earlid.core.units import HOP, RATE_HZ
from earlid.edge.model.manifest import manifest

ALEXA, TIMER = manifest("alexa"), manifest("timer")


def kept(*scores: float, lead_in: int = 0) -> Kept:
    rows = np.array(scores, np.float32)[:, None]
    samples = (len(scores) - lead_in) * HOP
    return Kept(Trace(rows, np.zeros(0), lead_in), np.zeros(len(scores), np.float32), samples)


def take(role: Role, label: str = "alexa", start_s: float | None = None, end_s: float | None = None) -> Take:
    return Take(Path("x"), f"{role.value}/x.wav", label, role, start_s, end_s)


def tally(speed: float = 1.0, threshold: float = 0.5) -> Tally:
    return Tally(ALEXA, [0], Point((Word("alexa", threshold),), 2 * RATE_HZ, gate=False), speed)


def test_a_call_is_found_once_however_often_it_woke() -> None:
    one = tally()
    one.add(take(Role.CALL), kept(0.1, 0.9, *[0.0] * 30, 0.9))
    one.add(take(Role.CALL), kept(0.1, 0.4, 0.2))
    assert one.calls == Calls(of=2, missed=1)
    assert [(miss.peak, miss.at_s) for miss in one.misses] == [(0.4, 0.16)]
    assert one.histogram.calls[10] == one.histogram.calls[22] == 1


def test_where_nobody_called_every_wake_counts_and_sound_alikes_count_once() -> None:
    one, twice = tally(), kept(0.9, *[0.0] * 30, 0.9)
    one.add(take(Role.OTHER), twice)
    one.add(take(Role.NEAR), twice)
    one.add(take(Role.CALL, "timer"), twice)  # another word is called: it counts for neither
    assert (one.other.events, one.alike.woke, one.calls.of) == (2, 1, 0)
    assert one.other.seconds == pytest.approx(32 * 0.08)
    assert [wrong.at_s for wrong in one.false_accepts if wrong.role is Role.OTHER] == [0.08, 2.56]


def test_a_wake_before_the_word_or_long_after_it_does_not_find_it() -> None:
    scores = [0.0] * 100
    early, right, late = 5, 30, 70  # 0.48 s, 2.48 s and 5.68 s, each hop at its end
    for place in (early, right, late):
        scores[place] = 0.9
    one = tally()
    one.add(take(Role.CALL, start_s=1.5, end_s=2.2), kept(*scores))
    assert one.calls == Calls(of=1, missed=0, elsewhere=2)
    two = tally()
    two.add(take(Role.CALL, start_s=1.5, end_s=2.2), kept(*scores[:30]))
    assert two.calls.missed == 1


def test_a_wake_that_finds_another_call_of_the_same_recording_is_not_elsewhere() -> None:
    scores = [0.0] * 200
    for place in (30, 100, 170):  # 2.48 s and 8.08 s are called, nobody calls at 13.68 s
        scores[place] = 0.9
    one = tally()
    for start_s, end_s in ((1.5, 2.2), (7.0, 7.8)):
        one.add(take(Role.CALL, start_s=start_s, end_s=end_s), kept(*scores))
    assert one.calls == Calls(of=2, missed=0, elsewhere=1)


def test_latency_counts_from_the_words_end_also_where_the_tape_ran_faster() -> None:
    scores = [0.0] * 30
    scores[24] = 0.9  # its hop ends at 2.0 s
    for speed, after_ms in ((1.0, 200.0), (1.25, 560.0)):
        one = tally(speed)
        one.add(take(Role.CALL, start_s=1.0, end_s=1.8), kept(*scores))
        (after_s,) = one.after_s
        assert after_s * 1000 == pytest.approx(after_ms)
    assert latency([]) is None
    told = latency([0.1, 0.2, 0.3, 0.4])
    assert told is not None
    assert (told.of, told.median_ms, told.worst_ms) == (4, 250.0, 400.0)


def test_a_curve_has_at_each_threshold_what_a_listener_at_it_would_have_counted() -> None:
    random = np.random.default_rng(4)
    recordings = [
        (take(role), kept(*np.round(random.beta(0.5, 0.5, 60), 3)))
        for role in (Role.CALL, Role.NEAR, Role.OTHER)
        for _ in range(5)
    ]
    one = tally()
    for each in recordings:
        one.add(*each)
    for threshold in (0.01, 0.3, 0.77, 0.99):
        there = tally(threshold=threshold)
        for each in recordings:
            there.add(*each)
        place = THRESHOLDS.index(threshold)
        assert one.curve.found[place] == there.calls.of - there.calls.missed
        assert one.curve.alike[place] == there.alike.woke
        assert one.curve.events[place] == there.other.events


def test_other_sound_is_counted_by_pieces_of_two_seconds() -> None:
    one = tally()
    one.add(take(Role.OTHER), kept(*[0.9] * 10, *[0.0] * 50, lead_in=10))
    assert sum(one.histogram.other) == one.histogram.other[0] == 2


def test_nothing_is_never_told_as_zero() -> None:
    other = Other(of=3, seconds=3600.0, events=0)
    assert hourly(other.per_hour, other.seconds) == "under 3.0"
    assert hourly(Other(3, 7200.0, 1).per_hour, 7200.0) == "0.5 (0.013-2.8)"
    assert hourly(Other().per_hour, 0.0) == "-"
    assert percent(Calls(10, 0).miss_rate, 10) == "0.0 % (0.0-30.8)"
    assert percent(Calls().miss_rate, 0) == "-"
    assert Alike(10, 1.0, 10).wake_rate.low == pytest.approx(0.6915, abs=1e-4)
