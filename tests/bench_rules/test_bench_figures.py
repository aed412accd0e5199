"""The arithmetic of the bench says what the measurements say."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bench.figures import (
    biggest_difference,
    growth_per_hour,
    slope,
    spread,
    times_as_much,
    wakes,
)

costs = some.lists(some.floats(0.1, 1e4), min_size=1, max_size=9)


@given(costs)
def test_a_spread_holds_every_measurement(values: list[float]) -> None:
    said = spread(values)
    assert (said.low, said.high) == (min(values), max(values))
    assert sorted([*values, said.median])[len(values) // 2] == pytest.approx(said.median)


def test_one_slow_run_does_not_move_the_median() -> None:
    assert spread([3.0, 2.0, 90.0]).median == 3.0


def test_nothing_measured_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        spread([])


def test_rounds_are_compared_within_themselves() -> None:
    assert times_as_much([10.0, 40.0, 20.0], [1.0, 4.0, 2.0]) == 10.0
    assert times_as_much([10.0, 40.0, 20.0], [1.0, 8.0, 2.0]) == 10.0
    assert times_as_much([10.0, 40.0, 20.0], [1.0, 2.0, 2.0]) == 10.0


def test_unequal_rounds_are_never_compared() -> None:
    with pytest.raises(ValueError, match="3 rounds cannot be compared with 1"):
        times_as_much([1.0, 2.0, 3.0], [1.0])


def test_scores_are_compared_from_the_hop_asked_for_and_where_both_exist() -> None:
    ours = [0.9, None, 0.5, 0.25, None]
    theirs = [0.0, 0.5, 0.5, 0.5, 0.5]
    assert biggest_difference(ours, theirs, 0) == pytest.approx(0.9)
    assert biggest_difference(ours, theirs, 1) == pytest.approx(0.25)
    assert biggest_difference(ours, theirs, 4) is None


def test_lists_of_unequal_length_are_not_of_the_same_sound() -> None:
    with pytest.raises(ValueError, match="shorter"):
        biggest_difference([0.0, 0.1], [0.0], 0)


def test_a_wake_is_a_score_at_the_threshold_two_seconds_after_the_last() -> None:
    scores: list[float | None] = [None, 0.49, *[0.5] * 26, 0.2]
    assert wakes(scores, 0.5) == [2, 27]
    assert wakes(scores, 0.51) == []


@given(some.lists(some.none() | some.floats(0, 1), max_size=200), some.floats(0, 1))
def test_wakes_keep_their_distance(scores: list[float | None], threshold: float) -> None:
    accepted = wakes(scores, threshold)
    assert all(later - sooner >= 25 for sooner, later in pairwise(accepted))


def test_flat_memory_does_not_grow_whatever_the_start_took() -> None:
    assert growth_per_hour([10.0, 60.0, *[70.0] * 8], 1.0) == pytest.approx(0.0)


def test_growth_is_told_per_hour() -> None:
    assert growth_per_hour([float(place) for place in range(40)], 2.0) == pytest.approx(20.0)


def test_a_slope_leaves_the_start_out() -> None:
    assert slope([(100.0, 1.4), (0.0, 0.4)]) == pytest.approx(0.01)
    with pytest.raises(ValueError, match="equally long"):
        slope([(2.0, 1.0), (2.0, 3.0)])
