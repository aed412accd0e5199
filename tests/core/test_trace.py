"""Decisions on kept scores are those of the listener that would have heard the sound."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.detector import Detector, Word
from earlid.core.room import SETTLED_HOPS, Room
from earlid.core.segment import Wake
from earlid.core.sparing import Sparing
from earlid.core.trace import Trace, rested, wakes
from earlid.core.units import HOP, Samples, Scores

NAN = float("nan")
SECOND = 16_000


def trace(*rows: float | tuple[float, ...], lead_in: int = 0) -> Trace:
    """A trace of these scores, and no sound."""
    scores = np.array([row if isinstance(row, tuple) else (row,) for row in rows], np.float32)
    return Trace(scores, np.zeros(0), lead_in)


def hops(found: list[Wake]) -> list[int]:
    return [wake.at // HOP - 1 for wake in found]


@pytest.mark.parametrize(
    ("scores", "patience", "refractory_s", "expected"),
    [
        ([0.1, 0.6, 0.7, 0.1], 1, 2.0, [1]),  # a score that stays high is one wake
        ([0.6, 0.1, 0.6, 0.1], 1, 2.0, [0]),  # two peaks within the refractory period are one
        ([0.6, 0.1, 0.6, 0.1], 1, 0.0, [0, 2]),  # without one they are two
        ([0.6] + [0.0] * 24 + [0.6], 1, 2.0, [0, 25]),  # exactly 2 s later it is over
        ([0.6] + [0.0] * 23 + [0.6], 1, 2.0, [0]),  # one hop earlier it is not
        ([0.6, 0.1, 0.6, 0.6], 2, 0.0, [3]),  # patience counts hops in a row
        ([0.6, NAN, 0.6, 0.6], 2, 0.0, [3]),  # a score that does not exist breaks the row
        ([0.5, 0.4999], 1, 0.0, [0]),  # at the threshold is enough
        ([NAN, NAN], 1, 0.0, []),
        ([0.6] * 30, 1, 2.0, [0]),  # still high when the refractory period is over: still the same wake
    ],
)
def test_a_stream_of_scores_made_by_hand_is_grouped_as_a_person_would(
    scores: list[float], patience: int, refractory_s: float, expected: list[int]
) -> None:
    found = wakes(trace(*scores), [Word("w", 0.5, patience)], round(refractory_s * SECOND), gate=False)
    assert hops(found) == expected


def test_words_that_rise_together_are_one_wake_and_the_higher_wins() -> None:
    found = wakes(trace((0.6, 0.7), (0.6, 0.8)), [Word("a", 0.5), Word("b", 0.5)], 0, gate=False)
    assert [(wake.model, wake.at) for wake in found] == [("b", HOP)]


def test_a_wake_in_the_lead_in_is_nobodys_and_times_count_from_the_recording() -> None:
    found = wakes(trace(0.9, 0.1, 0.1, 0.9, 0.1, lead_in=2), [Word("w", 0.5)], HOP, gate=False)
    assert [wake.at for wake in found] == [2 * HOP]


def test_the_peak_is_the_recordings_own() -> None:
    assert trace(0.9, NAN, 0.25, 0.75, 0.1, lead_in=1).peak() == (0.75, 2)
    assert trace(0.9, NAN, lead_in=1).peak() == (0.0, 0)
    assert trace((0.1, 0.25), (0.3, 0.1)).of([1]).peak() == (0.25, 0)


SCORES = st.one_of(st.just(NAN), st.sampled_from([0.0, 0.3, 0.5, 0.7]))


@given(
    st.lists(st.tuples(SCORES, SCORES), min_size=1, max_size=60), st.integers(1, 3), st.integers(0, 6 * HOP)
)
def test_hops_that_are_left_out_change_no_wake(
    rows: list[tuple[float, float]], patience: int, refractory: int
) -> None:
    words = [Word("a", 0.5, patience), Word("b", 0.3)]
    kept = trace(*rows)
    detector = Detector(words, refractory)
    every = [detector.judge(scores, (hop + 1) * HOP) for hop, scores in enumerate(kept.scores)]
    assert wakes(kept, words, refractory, gate=False) == [wake for wake in every if wake]


class Table:
    """An engine that gives the scores it was told, whatever it hears; it reaches back one hop."""

    reach = 1
    overlap = 1

    def __init__(self, scores: Scores) -> None:
        self._scores = scores
        self.at = 0

    def step(self, hop: Samples) -> Scores:
        scores: Scores = self._scores[min(int(hop[0]), len(self._scores) - 1)]
        return scores

    def restart(self, before: Samples) -> None:
        """It has no memory."""

    def wipe(self) -> None:
        """It has no memory."""


LEVELS = st.lists(st.tuples(st.sampled_from([0, 20, 26, 2000]), st.integers(1, 30)), min_size=1, max_size=6)


@given(LEVELS, st.sampled_from([0.001, 0.1, 0.9]), st.integers(0, 24))
def test_it_would_have_rested_in_exactly_the_hops_in_which_it_rests(
    levels: list[tuple[int, int]], loud_score: float, cold: int
) -> None:
    """The gate on kept powers, hop for hop as the gate in front of a real engine."""
    random = np.random.default_rng(1)
    sound = np.concatenate([random.normal(0, level, (count, HOP)) for level, count in levels]).round()
    sound = sound.astype(np.int16)
    sound[:, 0] = np.arange(len(sound))  # so that the table knows which hop it is
    scores = np.where(random.random((len(sound), 1)) < 0.05, loud_score, 0.001).astype(np.float32)
    scores[:cold] = np.nan
    sparing, room = Sparing(Table(scores), [0.5]), Room()
    given_ = np.array([sparing.step(hop) for hop in sound])
    kept = Trace(scores, np.array([room.power(hop) for hop in sound]), 0)
    skipped = np.isnan(given_[:, 0]) & ~np.isnan(scores[:, 0])
    assert (rested(kept, [0.5]) == skipped).all()


def test_the_gate_is_seen_to_rest() -> None:
    quiet = np.full(3 * SETTLED_HOPS, 400.0)
    kept = Trace(np.full((len(quiet), 1), 0.001, np.float32), quiet, 0)
    assert rested(kept, [0.5]).sum() == 2 * SETTLED_HOPS
    kept.scores[-1] = 0.9
    assert wakes(kept, [Word("w", 0.5)], 0, gate=True) == []
    assert len(wakes(kept, [Word("w", 0.5)], 0, gate=False)) == 1


def test_a_trace_of_another_shape_is_refused() -> None:
    good = np.zeros((3, 1), np.float32)
    wide: Any = good.astype(np.float64)
    for scores, powers, lead_in in (
        (good[:, 0], np.zeros(3), 0),
        (wide, np.zeros(3), 0),
        (good, np.zeros(2), 0),
        (good, np.zeros(3), 4),
    ):
        with pytest.raises(ValueError):
            Trace(scores, powers, lead_in)
