"""Wakes and near misses in streams of scores made by hand."""

from __future__ import annotations

from itertools import pairwise
from math import isnan

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.detector import Detector, Word
from earlid.core.field import AFTER, FIRST_HOP, LAST_HOP, Kind
from earlid.core.peaks import Found, PeakFinder
from earlid.core.units import HOP

ALEXA, JARVIS = Word("alexa", 0.5), Word("hey_jarvis", 0.8)
NAN = float("nan")


def find(
    *columns: list[float], words: tuple[Word, ...] = (ALEXA,), refractory: int = 2 * AFTER
) -> list[Found]:
    """What is found in these scores, one list a word, the detector's own wakes included."""
    finder, detector, found = PeakFinder(words), Detector(words, refractory), []
    for number, row in enumerate(zip(*columns, strict=True)):
        found += finder.ripe()
        scores, at = np.array(row, np.float32), (number + 1) * HOP
        finder.hear(scores, at, power=float(number))
        if wake := detector.judge(scores, at):
            finder.woke(wake)
    return found + finder.ripe() + finder.finish()


def quiet(hops: int) -> list[float]:
    return [0.0] * hops


def told(found: list[Found]) -> list[tuple[Kind, int, float]]:
    return [(one.kind, one.at // HOP - 1, round(one.score, 2)) for one in found]


def test_a_score_below_half_of_its_threshold_is_nothing() -> None:
    assert find([*quiet(50), 0.249, *quiet(50)]) == []


def test_a_score_of_half_its_threshold_is_a_near_miss_and_its_trace_lies_around_it() -> None:
    (one,) = find([*quiet(50), 0.1, 0.25, 0.2, *quiet(50)])
    assert (one.kind, one.word, one.at, one.threshold) == (Kind.NEAR_MISS, "alexa", 52 * HOP, 0.5)
    assert one.trace.shape == (LAST_HOP - FIRST_HOP + 1,)
    assert one.trace.dtype == np.float32
    own = -FIRST_HOP
    np.testing.assert_allclose(one.trace[own - 1 : own + 2], [0.1, 0.25, 0.2])
    assert not one.trace[: own - 1].any()
    assert one.is_whole
    assert one.power == np.mean(range(39, 52))


def test_a_wake_is_one_with_the_highest_score_around_it_and_what_rose_with_it_is_none_of_its_own() -> None:
    scores = [*quiet(40), 0.3, *quiet(5), 0.4, 0.6, 0.9, 0.7, *quiet(10), 0.45, *quiet(60)]
    assert told(find(scores)) == [(Kind.WAKE, 47, 0.9)]


def test_a_near_miss_more_than_two_seconds_from_a_wake_is_told() -> None:
    apart = AFTER // HOP
    near = [*quiet(40), 0.9, *quiet(apart), 0.3, *quiet(60)]
    assert [kind for kind, _, _ in told(find(near))] == [Kind.WAKE, Kind.NEAR_MISS]
    nearer = [*quiet(40), 0.9, *quiet(apart - 1), 0.3, *quiet(60)]
    assert [kind for kind, _, _ in told(find(nearer))] == [Kind.WAKE]


def test_of_near_misses_close_to_each_other_the_highest_is_told_and_of_equals_the_first() -> None:
    assert told(find([*quiet(40), 0.3, 0.0, 0.4, 0.0, 0.35, *quiet(60)])) == [(Kind.NEAR_MISS, 42, 0.4)]
    assert told(find([*quiet(40), 0.4, 0.0, 0.4, 0.4, *quiet(60)])) == [(Kind.NEAR_MISS, 40, 0.4)]


def test_a_score_that_patience_refuses_is_a_near_miss_above_its_threshold() -> None:
    patient = Word("alexa", 0.5, patience=3)
    assert told(find([*quiet(40), 0.9, 0.9, *quiet(60)], words=(patient,))) == [(Kind.NEAR_MISS, 40, 0.9)]


def test_two_words_have_near_misses_of_their_own_each_by_its_own_threshold() -> None:
    found = find([*quiet(40), 0.3, *quiet(60)], [*quiet(40), 0.45, *quiet(60)], words=(ALEXA, JARVIS))
    assert [(one.word, one.threshold) for one in found] == [("alexa", 0.5), ("hey_jarvis", 0.8)]
    assert len(find([*quiet(99)], [*quiet(40), 0.3, *quiet(58)], words=(ALEXA, JARVIS))) == 0


def test_hops_without_a_score_are_nothing_and_stay_so_in_the_trace() -> None:
    (one,) = find([*[NAN] * 45, 0.3, *[NAN] * 40])
    assert one.score == np.float32(0.3)
    assert int(np.isfinite(one.trace).sum()) == 1


def test_what_the_end_cuts_short_is_told_and_said_to_be_so() -> None:
    (one,) = find([*quiet(50), 0.9, 0.4])
    assert (one.kind, one.is_whole) == (Kind.WAKE, False)
    own = -FIRST_HOP
    assert np.isnan(one.trace[own + 2 :]).all()
    np.testing.assert_allclose(one.trace[own : own + 2], [0.9, 0.4])


def test_a_vetoed_wake_is_told_as_one() -> None:
    finder, detector = PeakFinder((ALEXA,)), Detector((ALEXA,), 0)
    found = []
    for number, score in enumerate([*quiet(40), 0.9, *quiet(60)]):
        found += finder.ripe()
        scores = np.array([score], np.float32)
        finder.hear(scores, (number + 1) * HOP, 0.0)
        if wake := detector.judge(scores, (number + 1) * HOP):
            finder.woke(wake, Kind.VETOED)
    assert [one.kind for one in found] == [Kind.VETOED]


def test_only_strong_near_misses_want_their_sound_kept() -> None:
    (weak,) = find([*quiet(40), 0.37, *quiet(60)])
    (strong,) = find([*quiet(40), 0.38, *quiet(60)])
    (wake,) = find([*quiet(40), 0.5, *quiet(60)])
    assert (weak.wants_sound, strong.wants_sound, wake.wants_sound) == (False, True, True)


@given(
    st.lists(st.one_of(st.just(0.0), st.just(NAN), st.floats(0, 1, width=16)), max_size=200),
    st.integers(0, 60),
)
def test_every_wake_is_told_once_and_near_misses_keep_their_distance(
    scores: list[float], refractory: int
) -> None:
    found = find(scores, refractory=refractory * HOP)
    detector = Detector((ALEXA,), refractory * HOP)
    wakes = [
        number
        for number, score in enumerate(scores)
        if detector.judge(np.array([score], np.float32), (number + 1) * HOP)
    ]
    assert [at for kind, at, _ in told(found) if kind is Kind.WAKE] == wakes
    near = sorted(one.at for one in found if one.kind is Kind.NEAR_MISS)
    assert all(later - earlier > AFTER for earlier, later in pairwise(near))
    assert all(abs(at - (wake + 1) * HOP) > AFTER for at in near for wake in wakes)
    best = max((score for score in scores if not isnan(score)), default=0.0)
    if not wakes and np.float32(best) >= np.float32(0.25):
        assert max(one.score for one in found) == np.float32(best)
