"""Which threshold would have kept false wakes below a target: counted by hand."""

from __future__ import annotations

import numpy as np

from earlid.core.field import Kind, Label, Peak
from earlid.core.tuning import best, tried, unlabelled
from earlid.core.units import RATE_HZ


def peak(number: int, score: float, label: Label | None, *, hops: int = 1) -> Peak:
    """A rise of `hops` hops to `score`, with its own hop the first of them."""
    trace = np.array([0.0, *[score] * hops, 0.0], np.float32)
    kind = Kind.WAKE if score >= 0.5 else Kind.NEAR_MISS
    at_s = 100.0 * number
    return Peak(str(number), 1, at_s, int(at_s * RATE_HZ), "w", kind, score, 0.5, -40, trace, -1, label=label)


def peaks(*said: tuple[float, Label | None, int]) -> list[Peak]:
    return [peak(number, score, label, hops=hops) for number, (score, label, hops) in enumerate(said)]


TRUE, FALSE = Label.TRUE, Label.FALSE


def test_the_threshold_is_raised_as_far_as_it_must_be_and_no_further() -> None:
    said = peaks((0.95, TRUE, 1), (0.8, TRUE, 1), (0.6, TRUE, 1), (0.7, FALSE, 1), (0.55, FALSE, 1))
    now = tried(said, 0.5, 1, 2.0)
    assert (now.false, now.found.of) == (2, 3)
    one = best(said, now, 1.0, [1], 2.0)
    assert (one.found.threshold, one.false, one.found.lost) == (0.56, 1, 0)
    none = best(said, now, 0.5, [1], 2.0)
    assert (none.found.threshold, none.false, none.found.lost) == (0.71, 0, 1)


def test_patience_is_proposed_where_it_costs_less_than_the_threshold() -> None:
    said = peaks((0.6, TRUE, 3), (0.7, TRUE, 4), (0.9, FALSE, 1), (0.95, FALSE, 1))
    now = tried(said, 0.5, 1, 2.0)
    found = best(said, now, 0.0, [1, 2, 3], 2.0)
    assert (found.patience, found.found.threshold, found.found.lost) == (2, 0.5, 0)
    without = best(said, now, 0.0, [1], 2.0)
    assert without.found.lost == 2


def test_calls_that_were_nearly_heard_are_won_where_the_target_leaves_room() -> None:
    said = peaks((0.9, TRUE, 1), (0.4, TRUE, 1), (0.3, FALSE, 1))
    found = best(said, tried(said, 0.5, 1, 2.0), 0.0, [1], 2.0)
    assert (found.found.threshold, found.found.gained, found.false) == (0.4, 1, 0)


def test_what_has_no_clear_label_counts_as_false() -> None:
    said = peaks((0.9, TRUE, 1), (0.6, None, 1), (0.55, Label.UNSURE, 1), (0.3, None, 1))
    assert tried(said, 0.5, 1, 2.0).false == 2
    assert best(said, tried(said, 0.5, 1, 2.0), 0.0, [1], 2.0).found.threshold == 0.61
    assert unlabelled(said) == (3, 1)


def test_of_equals_the_one_nearest_to_now_is_proposed() -> None:
    said = peaks((0.9, TRUE, 4))
    found = best(said, tried(said, 0.5, 1, 2.0), 0.0, [1, 2, 3], 2.0)
    assert (found.found.threshold, found.patience) == (0.5, 1)


def test_where_no_point_reaches_the_target_the_one_with_the_fewest_false_wakes_is_named() -> None:
    said = peaks((0.995, FALSE, 4), (0.6, FALSE, 1), (0.8, TRUE, 1))
    found = best(said, tried(said, 0.5, 1, 2.0), 0.0, [1, 2, 3], 2.0)
    assert found.false == 1
