"""The demo's verdict is measured on the sound that arrived, and anything amiss is a fault."""

from __future__ import annotations

import numpy as np
import pytest

from earlid.core.timeline import Said, Timeline
from earlid.core.units import Samples
from earlid.core.verdict import Verdict, judge

CLIP: Samples = np.arange(10_000, dtype=np.int16)
STORY = Timeline(
    10_000,
    "",
    (
        Said("Ruth", "a secret", 500, 1_500),
        Said("Ruth", "hey jarvis", 2_000, 3_000, "hey_jarvis"),
        Said("Ruth", "what is the weather like", 3_500, 5_000),
        Said("Tom", "another secret", 6_500, 8_000),
    ),
)


def verdict_on(*spans: tuple[int, int], heard: int = 10_000, kept: int | None = None) -> Verdict:
    pieces = [CLIP[start:stop] for start, stop in spans]
    claimed = sum(stop - start for start, stop in spans) if kept is None else kept
    return judge(STORY, CLIP, heard, claimed, pieces)


def test_the_question_and_nothing_else_is_what_was_promised() -> None:
    assert verdict_on((3_100, 6_000)) == Verdict(2_900, 0, ())


@pytest.mark.parametrize(("start", "before"), [(3_000, 0), (2_999, 1), (1_000, 2_000)])
def test_each_sample_from_before_the_wake_words_end_is_counted(start: int, before: int) -> None:
    verdict = verdict_on((start, 6_000))
    assert verdict.before == before
    assert bool(verdict.faults) is bool(before)


def test_a_segment_wholly_before_the_wake_word_counts_whole() -> None:
    assert verdict_on((100, 400)).before == 300


def test_nothing_delivered_is_a_fault() -> None:
    assert verdict_on() == Verdict(0, 0, ("nothing was delivered",))


def test_sound_that_is_not_from_the_clip_is_a_fault_and_before_is_not_known() -> None:
    stranger = CLIP[3_100:6_000][::-1].copy()
    verdict = judge(STORY, CLIP, 10_000, 2_900, [stranger])
    assert verdict.before is None
    assert "0 places" in verdict.faults[0]


def test_a_second_segment_is_a_fault() -> None:
    assert "2 segments" in verdict_on((3_100, 6_000), (6_500, 7_000)).faults[0]


def test_a_cut_question_is_a_fault() -> None:
    assert "not whole" in verdict_on((3_600, 6_000)).faults[0]


def test_keeping_more_than_arrived_and_hearing_less_than_was_said_are_faults() -> None:
    assert "2901 samples were kept but 2900 arrived" in verdict_on((3_100, 6_000), kept=2_901).faults[0]
    assert "9999 of the clip's 10000" in verdict_on((3_100, 6_000), heard=9_999).faults[0]
