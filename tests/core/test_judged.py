"""Labels added up: by hour of day, by tag, by prompt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from earlid.core.field import Kind, Label, Minute, Peak, Tag, Trial
from earlid.core.judged import Asked, Verdict, asked, judged
from earlid.core.units import RATE_HZ

HOUR = 3600.0
WAKE = Peak("a", 1, 7 * HOUR, 0, "w", Kind.WAKE, 0.9, 0.5, -40.0, np.zeros(3, np.float32), -1)


def hour_of(at_s: float) -> int:
    return int(at_s // HOUR) % 24


def test_what_was_heard_is_counted_in_the_hour_in_which_it_was_heard() -> None:
    minutes = [
        Minute(1, 7 * HOUR, listened=1800 * RATE_HZ, muted=99),
        Minute(1, 31 * HOUR, listened=1800 * RATE_HZ),
    ]
    peaks = [
        replace(WAKE, label=Label.FALSE),
        replace(WAKE, at_s=31 * HOUR),
        replace(WAKE, at_s=8 * HOUR, label=Label.TRUE),
        replace(WAKE, at_s=8 * HOUR, is_prompted=True),
        replace(WAKE, at_s=8 * HOUR, label=Label.UNSURE),
        replace(WAKE, kind=Kind.NEAR_MISS),
        replace(WAKE, kind=Kind.VETOED),
    ]
    sums = judged(minutes, peaks, hour_of)
    assert sums.hours == sums.by_hour[7].hours == 1.0
    assert sums.by_hour[7].wakes[Verdict.FALSE] == sums.by_hour[7].wakes[Verdict.WAITING] == 1
    assert [sums.wakes(one) for one in Verdict] == [2, 1, 1, 1]
    assert (sums.near_misses, sums.vetoed) == (1, 1)


def test_false_wakes_are_counted_by_what_set_them_off_and_no_other_is() -> None:
    both = frozenset({Tag.TELEVISION, Tag.SIMILAR_WORD})
    peaks = [
        replace(WAKE, label=Label.FALSE, tags=both),
        replace(WAKE, label=Label.FALSE, tags=frozenset({Tag.TELEVISION})),
        replace(WAKE, label=Label.FALSE),
        replace(WAKE, label=Label.TRUE, tags=both),
        replace(WAKE, label=Label.FALSE, kind=Kind.NEAR_MISS, tags=both),
    ]
    assert judged([], peaks, hour_of).by_tag == {Tag.TELEVISION: 2, Tag.SIMILAR_WORD: 1, None: 1}


def test_prompts_are_counted_by_distance_and_noise() -> None:
    trials = [
        Trial(1, 0, 1, "w", distance, noise, heard)
        for distance, noise, heard in [(3, "tv", False), (1, "quiet", True), (1, "quiet", False)]
    ]
    assert asked(trials) == [Asked(1, "quiet", 2, 1), Asked(3, "tv", 1, 0)]
