"""Ways to decide on the same scores, each a row of the table that `decisions.py` makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from bench.fronts import FRONTS
from earlid.bench.store import Kept
from earlid.core.units import Scores

AS_IS: Final = "as it is"
LATER: Final = "40 ms later"
_QUIETEST_DBFS: Final = -70.0
_SPAN_DB: Final = 50.0

Heard = dict[str, Kept]
"""What was kept of one recording, by the front end it came through."""
Rule = Callable[[Heard], Scores]


@dataclass(frozen=True, slots=True)
class Row:
    """One way to decide: what becomes of the scores, how many hops in a row it takes, and what it hears."""

    name: str
    rule: Rule
    patience: int = 1
    fronts: tuple[str, ...] = (AS_IS,)


def only(front: str = AS_IS) -> Rule:
    """The word's own score, with a front end before the models."""
    return lambda heard: heard[front].trace.scores[:, 0]


def smoothed(hops: int, rule: Rule | None = None) -> Rule:
    """The mean of the last `hops` of what `rule` gives."""

    def mean(heard: Heard) -> Scores:
        scores = np.nan_to_num((rule or only())(heard))
        sums = np.cumsum(np.concatenate([np.zeros(hops, np.float32), scores]))
        return np.asarray((sums[hops:] - sums[:-hops]) / hops, np.float32)

    return mean


def odds(hops: int, rule: Rule | None = None) -> Rule:
    """The mean of the last `hops` log odds, as a score again: one hop that is sure counts for more."""

    def mean(heard: Heard) -> Scores:
        scores = np.clip(np.nan_to_num((rule or only())(heard)), 1e-6, 1 - 1e-6)
        logs = np.log(scores / (1 - scores))
        sums = np.cumsum(np.concatenate([np.full(hops, logs[0]), logs]))
        return np.asarray(1 / (1 + np.exp(-(sums[hops:] - sums[:-hops]) / hops)), np.float32)

    return mean


def beyond(share: float, rule: Rule | None = None) -> Rule:
    """The word's score less a share of the best of the other words'."""

    def less(heard: Heard) -> Scores:
        others = heard[AS_IS].trace.scores[:, 1:].max(axis=1)
        scores = (rule or only())(heard)
        return np.asarray(scores - share * others[: len(scores)], np.float32)

    return less


def by_floor(slope: float) -> Rule:
    """More lenient the louder the softest hop of the last two seconds is, from -70 dBFS on to -20."""

    def scaled(heard: Heard) -> Scores:
        kept = heard[AS_IS]
        ahead = np.concatenate([np.full(24, np.inf, np.float32), kept.levels])
        floor = np.lib.stride_tricks.sliding_window_view(ahead, 25).min(axis=1)[: len(kept.levels)]
        loud = np.clip((floor - _QUIETEST_DBFS) / _SPAN_DB, 0, 1)
        return np.asarray(kept.trace.scores[:, 0] * (1 + slope * loud) / (1 + slope), np.float32)

    return scaled


def twice(join: Callable[[Scores, Scores], Scores]) -> Rule:
    """Two engines, the second 40 ms later."""

    def both(heard: Heard) -> Scores:
        one, other = (heard[name].trace.scores[:, 0] for name in (AS_IS, LATER))
        length = min(len(one), len(other))
        return np.asarray(join(one[:length], other[:length]), np.float32)

    return both


def in_turn(steps: int) -> Rule:
    """Two engines as one that steps every 40 ms: the lowest of so many steps in a row."""

    def lowest(heard: Heard) -> Scores:
        one, other = (np.nan_to_num(heard[name].trace.scores[:, 0]) for name in (AS_IS, LATER))
        length = min(len(one), len(other))
        both = np.zeros(steps - 1 + 2 * length, np.float32)
        both[steps - 1 :: 2], both[steps::2] = one[:length], other[:length]
        found = np.lib.stride_tricks.sliding_window_view(both, steps).min(axis=1)
        return np.asarray(np.maximum(found[0::2], found[1::2]), np.float32)

    return lowest


def average(one: Scores, other: Scores) -> Scores:
    """The mean of both."""
    return np.asarray((one + other) / 2, np.float32)


HIGHER: Final = twice(np.fmax)
MEAN: Final = twice(average)
BOTH: Final = (AS_IS, LATER)

ROWS: Final = (
    Row("published: 0.5", only()),
    Row("threshold alone", only()),
    *(Row(f"patience {hops}", only(), hops) for hops in (2, 3, 4, 5)),
    *(Row(f"mean of {hops} hops", smoothed(hops)) for hops in (2, 3, 5)),
    Row("mean log odds of 3 hops", odds(3)),
    Row("noise floor, up to 1.5 times", by_floor(0.5)),
    Row("noise floor, up to 3 times", by_floor(2.0)),
    Row("noise floor, up to 3 times, patience 3", by_floor(2.0), 3),
    Row("less half of the best other word", beyond(0.5)),
    Row("less the best other word", beyond(1.0)),
    *(Row(f"two streams, the higher, patience {hops}", HIGHER, hops, BOTH) for hops in (1, 2, 3, 4)),
    *(Row(f"two streams, their mean, patience {hops}", MEAN, hops, BOTH) for hops in (1, 3)),
    *(Row(f"two streams in turn, {steps} steps in a row", in_turn(steps), 1, BOTH) for steps in (3, 7)),
    Row("two streams, the higher, mean of 3 hops", smoothed(3, HIGHER), 1, BOTH),
    Row("two streams, the higher, less half of the best other word", beyond(0.5, HIGHER), 1, BOTH),
)

FRONT_ENDS: Final = tuple(
    Row(name, only(name), 1, tuple(dict.fromkeys((AS_IS, name)))) for name in FRONTS if name != LATER
)
"""What changes the sound before the models hear it, and nothing else."""
