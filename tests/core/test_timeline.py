"""A kept piece is found where it came from, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlid.core.timeline import Said, Timeline, places

COUNTING = np.arange(20_000, dtype=np.int16)


@given(st.integers(0, 19_000), st.integers(1, 1_000))
def test_a_piece_is_found_at_the_sample_it_was_cut_from(start: int, length: int) -> None:
    assert places(COUNTING[start : start + length], COUNTING) == (start,)


def test_one_changed_sample_makes_a_piece_unfindable() -> None:
    piece = COUNTING[500:900].copy()
    piece[200] += 1
    assert places(piece, COUNTING) == ()


def test_a_piece_that_lies_in_several_places_says_all_of_them() -> None:
    whole = np.tile(np.array([1, 2, 3], dtype=np.int16), 3)
    assert places(np.array([2, 3], dtype=np.int16), whole) == (1, 4, 7)


def test_bytes_that_match_between_two_samples_are_no_match() -> None:
    whole = np.array([0x0100, 0x0302, 0x0504], dtype=np.int16)
    assert places(np.array([0x0201, 0x0403], dtype=np.int16), whole) == ()


def test_nothing_lies_nowhere() -> None:
    assert places(COUNTING[:0], COUNTING) == ()


def test_words_count_their_own_samples_within_a_span() -> None:
    words = Said("Ruth", "a lake", 100, 200)
    assert [words.within(0, 100), words.within(150, 900), words.within(0, 900)] == [0, 50, 100]


def test_words_that_overlap_or_run_past_the_end_are_refused() -> None:
    first, second = Said("Ruth", "a lake", 100, 200), Said("Tom", "dry", 150, 250)
    with pytest.raises(ValueError, match="dry"):
        Timeline(1_000, "", (first, second))
    with pytest.raises(ValueError, match="a lake"):
        Timeline(150, "", (first,))


def test_only_what_has_begun_was_said() -> None:
    first, second = Said("Ruth", "a lake", 100, 200), Said("Tom", "hey jarvis", 250, 300, "hey_jarvis")
    story = Timeline(1_000, "", (first, second))
    assert story.until(250) == (first,)
    assert story.until(251) == (first, second)
    assert story.calls() == (second,)
