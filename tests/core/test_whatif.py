"""Peaks replayed at other thresholds: counted by hand, and compared with the detector that listens."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.detector import Detector, Word
from earlid.core.field import Kind, Label, Peak
from earlid.core.units import HOP, RATE_HZ
from earlid.core.whatif import is_call, thresholds_known, waking, what_if, would_wake


def peak(
    id_: str,
    scores: list[float],
    at_s: float = 0.0,
    *,
    own: int = 1,
    kind: Kind = Kind.WAKE,
    label: Label | None = None,
    prompted: bool = False,
    score: float | None = None,
    sound_s: float | None = None,
) -> Peak:
    """A peak whose own hop is `own` of `scores`; in a sound that plays as the clock goes, unless told."""
    trace = np.array(scores, np.float32)
    height = max(scores) if score is None else score
    told = (kind, height, 0.5, -40.0, trace, -own)
    at = round((at_s if sound_s is None else sound_s) * RATE_HZ)
    return Peak(id_, 1, at_s, at, "w", *told, is_prompted=prompted, label=label)


def test_a_peak_wakes_where_the_run_around_its_own_hop_is_high_and_long_enough() -> None:
    rise = peak("a", [0.9, 0.1, 0.6, 0.7, 0.6, 0.1, 0.9, 0.9], own=3)
    assert would_wake(rise, 0.6, 3)
    assert not would_wake(rise, 0.6, 4)
    assert would_wake(rise, 0.7, 1)
    assert not would_wake(rise, 0.65, 2)
    assert not would_wake(rise, 0.95, 1)


def test_hops_without_a_score_end_a_run() -> None:
    assert not would_wake(peak("a", [np.nan, 0.9, np.nan], score=0.9), 0.5, 2)


def test_a_veto_stays_a_veto_at_every_threshold() -> None:
    assert not would_wake(peak("a", [0.1, 0.9, 0.1], kind=Kind.VETOED), 0.1)


def test_an_erased_peak_is_judged_by_its_score() -> None:
    assert would_wake(peak("a", [], score=0.8), 0.8, 3)
    assert not would_wake(peak("a", [], score=0.8), 0.81)


def test_wakes_are_a_refractory_period_apart() -> None:
    three = [peak(str(at_s), [0, 0.9, 0], at_s) for at_s in (0.0, 1.9, 2.0)]
    assert waking(three, 0.5, refractory_s=2.0) == {"0.0", "2.0"}


def test_in_a_recording_heard_faster_than_it_lasts_the_refractory_period_is_one_of_its_sound() -> None:
    apart = [peak(str(number), [0, 0.9, 0], 0.2 * number, sound_s=8.0 * number) for number in range(15)]
    assert len(waking(apart, 0.5, refractory_s=2.0)) == 15
    near = [peak(str(number), [0, 0.9, 0], 0.02 * number, sound_s=1.0 * number) for number in range(15)]
    assert len(waking(near, 0.5, refractory_s=2.0)) == 8


@pytest.mark.parametrize(("second_s", "later_s"), [(30.0, 0.5), (9.0, 0.5), (31.0, 60.0)])
def test_the_sound_of_another_run_begins_anew(second_s: float, later_s: float) -> None:
    two = [peak("a", [0, 0.9, 0], 0, sound_s=30.0), peak("b", [0, 0.9, 0], later_s, sound_s=second_s)]
    assert waking(two, 0.5, refractory_s=2.0) == {"a", "b"}


def test_a_threshold_raised_loses_calls_and_one_lowered_gains_some() -> None:
    peaks = [
        peak("true high", [0, 0.95, 0], 10, label=Label.TRUE),
        peak("true low", [0, 0.55, 0], 20, label=Label.TRUE),
        peak("near", [0, 0.4, 0], 30, kind=Kind.NEAR_MISS, label=Label.TRUE),
        peak("prompted", [0, 0.8, 0], 40, prompted=True),
        peak("false", [0, 0.7, 0], 50, label=Label.FALSE),
        peak("false near", [0, 0.35, 0], 60, kind=Kind.NEAR_MISS, label=Label.FALSE),
        peak("who knows", [0, 0.6, 0], 70),
        peak("unsure", [0, 0.9, 0], 80, label=Label.UNSURE),
    ]
    today = what_if(peaks, 0.5)
    assert (today.false, today.open, today.lost, today.gained, today.of) == (1, 2, 0, 0, 3)
    high = what_if(peaks, 0.75)
    assert (high.false, high.open, high.lost, high.gained, high.of) == (0, 1, 1, 0, 3)
    low = what_if(peaks, 0.3)
    assert (low.false, low.open, low.lost, low.gained, low.of) == (2, 2, 0, 1, 3)


def test_whoever_was_asked_to_say_the_word_said_it_unless_the_owner_says_otherwise() -> None:
    assert is_call(peak("a", [0, 1, 0], prompted=True))
    assert not is_call(peak("a", [0, 1, 0], prompted=True, label=Label.FALSE))
    assert not is_call(peak("a", [0, 1, 0]))


def test_nothing_is_told_of_thresholds_below_which_nothing_was_kept() -> None:
    assert thresholds_known([peak("a", [0, 0.6, 0])])[0] == 0.25
    assert thresholds_known([peak("a", [0, 0.6, 0])])[-1] == 0.99
    assert thresholds_known([]) == thresholds_known([])


@given(
    st.lists(st.sampled_from([0.0, 0.3, 0.45, 0.55, 0.7, 0.9]), min_size=3, max_size=40),
    st.sampled_from([0.3, 0.5, 0.6, 0.8]),
    st.integers(1, 4),
)
def test_it_agrees_with_the_detector_that_listens(
    scores: list[float], threshold: float, patience: int
) -> None:
    trace = np.array([0.0, *scores, 0.0], np.float32)
    own = int(np.argmax(trace))
    alone = trace.copy()  # the run around the peak and no other, as far as this threshold can tell
    low = np.flatnonzero(trace < np.float32(threshold))
    if trace[own] >= threshold:
        alone[: low[low < own].max()] = 0
        alone[low[low > own].min() :] = 0
    else:
        alone[:] = 0
    detector = Detector([Word("w", threshold, patience)], 0)
    heard = [detector.judge(np.array([score]), (hop + 1) * HOP) for hop, score in enumerate(alone)]
    assert would_wake(peak("a", trace.tolist(), own=own), threshold, patience) == any(heard)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7])
def test_at_its_own_threshold_a_wake_is_a_wake(threshold: float) -> None:
    assert would_wake(peak("a", [0.1, threshold, 0.1]), threshold)
