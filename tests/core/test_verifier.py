"""A second opinion on wakes: asked once, in the moment of a wake, and only ever able to refuse."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from earlid.core.detector import Detector, Word
from earlid.core.segment import Wake
from earlid.core.trace import Trace, wakes
from earlid.core.units import HOP
from earlid.core.verifier import SHAPE, Embeddings, Verifier, approving

WORDS = [Word("a", 0.5), Word("b", 0.5)]


class Remembering:
    """An engine that shows what it is told to, and counts how often it was looked at."""

    def __init__(self) -> None:
        self.window = np.zeros(SHAPE, np.float32)
        self.looks = 0

    def embeddings(self) -> Embeddings:
        self.looks += 1
        return self.window


def verifier(word: str = "a", *, bias: float = 0.0) -> Verifier:
    """Approves where the newest embedding's first number is at least -`bias`."""
    weights = np.zeros(SHAPE, np.float32)
    weights[-1, 0] = 1.0
    return Verifier(word, weights, bias)


def judged(
    detector: Detector, *rows: list[float]
) -> list[tuple[tuple[str, int] | None, tuple[str, int] | None]]:
    """What woke, and what was vetoed, at each hop."""
    found = []
    for hop, row in enumerate(rows, 1):
        wake = detector.judge(np.array(row, np.float32), hop * HOP)
        vetoed = detector.vetoed
        found.append(tuple(one and (one.model, one.at // HOP) for one in (wake, vetoed)))
    return found  # type: ignore[return-value]


def refusing(*numbers: int) -> Callable[[int], bool]:
    return lambda number: number not in numbers


def test_its_margin_is_the_sum_over_all_embeddings_and_the_bias() -> None:
    dice = np.random.default_rng(1)
    weights, heard = (dice.normal(size=SHAPE).astype(np.float32) for _ in range(2))
    assert Verifier("a", weights, -2.5).margin(heard) == pytest.approx(float((weights * heard).sum()) - 2.5)


@pytest.mark.parametrize(
    ("weights", "bias"),
    [
        (np.zeros((16, 95), np.float32), 0.0),
        (np.zeros(SHAPE, np.float64), 0.0),
        (np.full(SHAPE, np.nan, np.float32), 0.0),
        (np.zeros(SHAPE, np.float32), float("inf")),
    ],
)
def test_one_whose_numbers_are_of_another_kind_cannot_be_made(weights: Embeddings, bias: float) -> None:
    with pytest.raises(ValueError, match="a verifier's"):
        Verifier("a", weights, bias)


def test_the_word_it_belongs_to_is_judged_and_no_other() -> None:
    engine = Remembering()
    engine.window[-1, 0] = -1.0
    approves = approving(WORDS, [verifier("b")], engine)
    assert approves(0)
    assert engine.looks == 0
    assert not approves(1)
    engine.window[-1, 0] = 0.0
    assert approves(1)


def test_a_wake_that_is_refused_is_told_and_wakes_nobody() -> None:
    detector = Detector(WORDS, 0, refusing(0))
    assert judged(detector, [0.9, 0.0], [0.0, 0.0]) == [(None, ("a", 1)), (None, None)]
    assert detector.judge(np.array([0.75, 0], np.float32), 3 * HOP) is None
    assert detector.vetoed == Wake("a", 3 * HOP, 0.75)


def test_a_run_of_high_scores_is_asked_about_once() -> None:
    asked: list[int] = []

    def approves(number: int) -> bool:
        asked.append(number)
        return False

    detector = Detector([Word("a", 0.5, patience=2)], 0, approves)
    assert judged(detector, *[[0.9]] * 9) == [(None, None), (None, ("a", 2)), *[(None, None)] * 7]
    assert asked == [0]
    judged(detector, [0.0], *[[0.9]] * 3)
    assert asked == [0, 0]


def test_a_veto_begins_no_refractory_period() -> None:
    answers = iter([False, True])
    detector = Detector(WORDS, 100 * HOP, lambda number: next(answers))
    assert judged(detector, [0.9, 0], [0, 0], [0.9, 0]) == [
        (None, ("a", 1)),
        (None, None),
        (("a", 3), None),
    ]


def test_nobody_is_asked_about_a_wake_that_would_not_count() -> None:
    asked: list[int] = []

    def approves(number: int) -> bool:
        asked.append(number)
        return True

    detector = Detector(WORDS, 100 * HOP, approves)
    judged(detector, [0.9, 0], [0, 0], [0.9, 0])
    assert asked == [0]
    assert detector.vetoed is None


def test_where_one_word_is_refused_another_that_rose_with_it_wakes() -> None:
    assert judged(Detector(WORDS, 0, refusing(0)), [0.9, 0.6]) == [(("b", 1), None)]
    assert judged(Detector(WORDS, 0, refusing(1)), [0.9, 0.6]) == [(("a", 1), None)]
    assert judged(Detector(WORDS, 0, refusing(0, 1)), [0.6, 0.9]) == [(None, ("b", 1))]


def test_a_trace_with_margins_wakes_where_the_listener_would() -> None:
    scores = np.array([[0.9, 0.0], [0.0, 0.0], [0.9, 0.9], [0.0, 0.0], [0.0, 0.9]], np.float32)
    margins = np.full_like(scores, np.nan)
    margins[:, 0] = [-0.1, 0, 0.1, 0, 0]
    kept = Trace(scores, np.zeros(0), 0, margins)
    assert [(one.model, one.at // HOP) for one in wakes(kept, WORDS, 0, gate=False)] == [("a", 3), ("b", 5)]
    alone = kept.of([1])
    assert [one.at // HOP for one in wakes(alone, WORDS[1:], 0, gate=False)] == [3, 5]
    with pytest.raises(ValueError, match="margins"):
        Trace(scores, np.zeros(0), 0, margins[:2])
