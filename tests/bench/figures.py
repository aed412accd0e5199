"""The arithmetic of the bench: what a handful of measurements says, and nothing it does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

REFRACTORY_HOPS = 25

Score = float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some measurements, and how far they ran apart."""

    median: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.median <= self.high:
            raise ValueError(f"{self.median} does not lie between {self.low} and {self.high}")


def spread(values: Sequence[float]) -> Spread:
    """What `values` say together; ValueError when there are none."""
    if not values:
        raise ValueError("nothing was measured")
    return Spread(median(values), min(values), max(values))


def times_as_much(theirs: Sequence[float], ours: Sequence[float]) -> float:
    """How many times `ours` goes into `theirs`: the median over rounds, each compared within itself.

    Both were measured in the same rounds, moments apart, so a slow moment of the machine cancels out.
    """
    if not ours or len(theirs) != len(ours):
        raise ValueError(f"{len(theirs)} rounds cannot be compared with {len(ours)}")
    return median(one / other for one, other in zip(theirs, ours, strict=True))


def biggest_difference(ours: Sequence[Score], theirs: Sequence[Score], first: int) -> float | None:
    """The biggest distance between two lists of scores from hop `first` on; None where they never meet."""
    met = [
        abs(one - other)
        for one, other in zip(ours[first:], theirs[first:], strict=True)
        if one is not None and other is not None
    ]
    return max(met, default=None)


def wakes(scores: Sequence[Score], threshold: float) -> list[int]:
    """The hops at which a wake is accepted: one at or above `threshold`, then two seconds without."""
    accepted: list[int] = []
    for hop, score in enumerate(scores):
        if (
            score is not None
            and score >= threshold
            and (not accepted or hop - accepted[-1] >= REFRACTORY_HOPS)
        ):
            accepted.append(hop)
    return accepted


def growth_per_hour(levels: Sequence[float], hours: float) -> float:
    """How fast `levels`, taken evenly over `hours`, rise: the slope of the least-squares line.

    The first quarter is left out, since an allocator takes a while to own what it will ever need.
    """
    kept = levels[len(levels) // 4 :]
    if len(kept) < 2 or hours <= 0:
        raise ValueError("growth needs at least two levels and some time")
    step = hours / len(levels)
    middle = (len(kept) - 1) / 2
    mean = sum(kept) / len(kept)
    rise = sum((place - middle) * (level - mean) for place, level in enumerate(kept))
    run = sum((place - middle) ** 2 for place in range(len(kept)))
    return rise / run / step


def slope(costs: Sequence[tuple[float, float]]) -> float:
    """What one more second costs: (seconds, cost) of a short and a long run, so that start-up cancels out."""
    (before, cheap), (after, dear) = sorted(costs)[0], sorted(costs)[-1]
    if after <= before:
        raise ValueError("the runs are equally long: their difference says nothing")
    return (dear - cheap) / (after - before)
