"""Scores become wakes: after patience, never too soon, and once for each time a word is said."""

from __future__ import annotations

from itertools import pairwise
from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.detector import Detector, Word
from earlid.core.segment import Wake
from earlid.core.units import HOP


def wakes(detector: Detector, *rows: list[float], first: int = 1) -> list[tuple[str, int]]:
    """The word and the hop of every wake in `rows` of scores, hops counted from `first`."""
    found = [
        detector.judge(np.array(row, np.float32), hop * HOP) for hop, row in enumerate(rows, start=first)
    ]
    return [(wake.model, wake.at // HOP) for wake in found if wake]


def one(threshold: float = 0.5, patience: int = 1, refractory: int = 0) -> Detector:
    return Detector([Word("a", threshold, patience)], refractory)


def two(refractory: int, patience: int = 1) -> Detector:
    return Detector([Word("a", 0.5, patience), Word("b", 0.5, patience)], refractory)


def test_a_score_at_the_threshold_wakes_and_one_below_does_not() -> None:
    assert wakes(one(0.5), [0.499], [0.5]) == [("a", 2)]


def test_the_wake_names_the_word_the_sample_and_the_score() -> None:
    wake = one().judge(np.array([0.75], np.float32), 9 * HOP)
    assert wake == Wake("a", 9 * HOP, 0.75)


def test_patience_is_hops_in_a_row() -> None:
    assert wakes(one(patience=3), *[[s] for s in (0.9, 0.9, 0.1, 0.9, 0.9, 0.9)]) == [("a", 6)]


def test_a_score_that_stays_high_is_one_wake_however_long() -> None:
    assert wakes(one(refractory=2 * HOP), *[[0.9]] * 50) == [("a", 1)]


def test_a_word_said_again_after_the_refractory_period_wakes_again() -> None:
    rows = [[0.9], [0.1], [0.9], [0.1], [0.9], [0.9]]
    assert wakes(one(refractory=4 * HOP), *rows) == [("a", 1), ("a", 5)]


def test_a_word_that_rose_too_soon_and_stayed_had_its_chance() -> None:
    rows = [[0.9], [0.1], *[[0.9]] * 20, [0.1], [0.9]]
    assert wakes(one(refractory=4 * HOP), *rows) == [("a", 1), ("a", 24)]


def test_the_refractory_period_is_over_at_its_last_sample_and_not_before() -> None:
    def second(at: int) -> Wake | None:
        detector = one(refractory=1_000)
        for score, when in ((0.9, 5_000), (0.0, 5_001)):
            detector.judge(np.array([score], np.float32), when)
        return detector.judge(np.array([0.9], np.float32), at)

    assert second(5_999) is None
    assert second(6_000) is not None


def test_another_word_is_held_back_by_the_same_refractory_period() -> None:
    rows = [[0.9, 0.0], [0.0, 0.9], [0.0, 0.0], [0.0, 0.0], [0.0, 0.9]]
    assert wakes(two(3 * HOP), *rows) == [("a", 1), ("b", 5)]


def test_of_two_words_at_once_the_higher_score_wins_and_the_other_is_spent() -> None:
    assert wakes(two(0), [0.6, 0.8], [0.6, 0.8], [0.6, 0.0], [0.0, 0.0], [0.6, 0.0]) == [("b", 1), ("a", 5)]


def test_a_word_still_waiting_for_patience_is_spent_with_the_one_that_woke() -> None:
    detector = Detector([Word("a", 0.5, 1), Word("b", 0.5, 3)], 0)
    assert wakes(detector, [0.9, 0.9], [0.0, 0.9], [0.0, 0.9], [0.0, 0.9]) == [("a", 1)]


def test_each_word_has_its_own_threshold() -> None:
    detector = Detector([Word("a", 0.9), Word("b", 0.2)], 0)
    assert wakes(detector, [0.8, 0.1], [0.8, 0.3]) == [("b", 2)]


def test_no_score_yet_is_below_every_threshold_and_breaks_a_run() -> None:
    assert wakes(one(patience=2), [nan], [0.9], [nan], [0.9], [0.9]) == [("a", 5)]
    assert wakes(two(0), [nan, 0.9], [nan, nan]) == [("b", 1)]


def test_forgetting_breaks_a_run_and_frees_a_spent_word_but_the_refractory_period_goes_on() -> None:
    detector = one(patience=2, refractory=10 * HOP)
    assert wakes(detector, [0.9]) == []
    detector.forget()
    assert wakes(detector, [0.9], [0.9], first=2) == [("a", 3)]
    detector.forget()
    assert wakes(detector, [0.9], [0.9], first=4) == []
    detector.forget()
    assert wakes(detector, [0.9], [0.9], first=12) == [("a", 13)]


@given(
    refractory=st.integers(0, 6 * HOP),
    patience=st.integers(1, 4),
    rows=st.lists(
        st.lists(st.sampled_from([0.0, 0.4, 0.5, 0.9, 1.0, nan]), min_size=3, max_size=3), max_size=80
    ),
    forgotten=st.sets(st.integers(0, 79), max_size=4),
)
def test_wakes_are_at_least_one_refractory_period_apart_whatever_the_scores(
    refractory: int, patience: int, rows: list[list[float]], forgotten: set[int]
) -> None:
    words = [Word("a", 0.5, patience), Word("b", 0.45), Word("c", 0.95, patience)]
    detector = Detector(words, refractory)
    thresholds = {word.name: (column, word.threshold) for column, word in enumerate(words)}
    found: list[Wake] = []
    for hop, row in enumerate(rows, start=1):
        if hop in forgotten:
            detector.forget()
        if wake := detector.judge(np.array(row, np.float32), hop * HOP):
            assert wake.at == hop * HOP
            column, threshold = thresholds[wake.model]
            assert wake.score == np.float32(row[column]) >= np.float32(threshold)
            found.append(wake)
    assert all(after.at - before.at >= refractory for before, after in pairwise(found))


@given(st.lists(st.sampled_from([0.0, 0.3, 0.6, 0.9, nan]), max_size=60), st.integers(1, 5))
def test_without_a_refractory_period_each_stretch_of_patience_high_scores_is_one_wake(
    scores: list[float], patience: int
) -> None:
    letters = "".join("h" if score >= 0.5 else "." for score in scores)
    stretches = [stretch for stretch in letters.split(".") if len(stretch) >= patience]
    assert len(wakes(one(patience=patience), *[[score] for score in scores])) == len(stretches)


@pytest.mark.parametrize("threshold", [0.0, -0.1, 1.01, nan])
def test_a_threshold_that_is_always_or_never_met_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        Word("a", threshold)


def test_no_patience_no_word_and_a_negative_pause_are_refused() -> None:
    with pytest.raises(ValueError, match="patience"):
        Word("a", 0.5, 0)
    with pytest.raises(ValueError, match="one word"):
        Detector([], 0)
    with pytest.raises(ValueError, match="refractory"):
        Detector([Word("a", 0.5)], -1)
