"""What can be learned from labelled wakes, and how much of it would hold for sounds that nobody taught.

Every figure told to the owner is from examples that had no part in what judges them: neither in the plane
nor in where it was put. Examples less than ten minutes apart are one occasion, and occasions are never
divided, or a television would be examined on the programme that it was taught with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from earlid.core.verifier import SHAPE, Embeddings, Verifier

LEAST_CALLS: Final = 20
LEAST_FALSE: Final = 10
"""With half of that, one call in twenty would be lost (measured: `python tests/bench/teaching.py`)."""
MOST_LOST: Final = 0.05
"""A verifier that loses more of the calls than that is not worth having."""
MOST_HOPS: Final = 4
"""Of each example, the hop that woke and those after it that were as high: calls do not begin with a hop."""
_FOLDS: Final = 5
_APART_S: Final = 600.0
_ALLOWED: Final = 0.02
_ROOM: Final = 0.25
"""How far below the lowest allowed call the plane is put, in standard deviations of the calls."""

Margins = npt.NDArray[np.float64]
Fit = Callable[[npt.NDArray[np.float32], npt.NDArray[np.bool_]], tuple[npt.NDArray[np.float64], float]]
"""Weights and bias of a plane between rows, (examples, 1536), that are calls and those that are not."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One labelled moment: `hops` float32 of shape (1 to 4, 16, 96), the first that of the hop that woke.

    What `woke` nobody, a near miss, teaches as well; in no figure is it counted.
    """

    at_s: float
    is_call: bool
    hops: Embeddings
    woke: bool = True


@dataclass(frozen=True, slots=True)
class Gain:
    """What examples that were held back came to: of `calls` so many `lost`, of `false` so many `removed`."""

    calls: int
    lost: int
    false: int
    removed: int

    @property
    def is_worth_it(self) -> bool:
        """Whether it removes a greater share of the false wakes than it loses of the calls, and loses few."""
        lost = self.lost / self.calls
        return lost <= MOST_LOST and self.removed / self.false > lost


def fault_in(examples: Sequence[Example]) -> str | None:
    """Why nothing can be learned from `examples`, in a person's words; None where something can."""
    woke = [one for one in examples if one.woke]
    calls, false = (_of(woke, is_call=kind) for kind in (True, False))
    if not calls or not false:
        there, missing = ("calls", "false wakes") if calls else ("false wakes", "calls")
        wanted = f"it takes {LEAST_CALLS} calls and {LEAST_FALSE} false wakes"
        return f"there are only {there} and no {missing}: {wanted}"
    if len(calls) < LEAST_CALLS or len(false) < LEAST_FALSE:
        return (
            f"too few: {len(calls)} calls of at least {LEAST_CALLS}, "
            f"{len(false)} false wakes of at least {LEAST_FALSE}"
        )
    for name, each in (("calls", calls), ("false wakes", false)):
        if len(set(_occasions(each))) < 2:
            return f"all {name} are from one occasion, and none could be held back to test it: record on"
    return None


def learned(word: str, examples: Sequence[Example], fit: Fit) -> Verifier:
    """The verifier of `word` that `examples` teach; they have no fault."""
    weights, bias = _plane(examples, fit)
    cut = _cut(examples, fit)
    return Verifier(word, weights.reshape(SHAPE).astype(np.float32), bias - cut)


def gain(examples: Sequence[Example], fit: Fit) -> Gain:
    """What would come of it, each fold judged by what the others alone teach, operating point and all."""
    lost = removed = 0
    for rest, held in _folds(examples):
        taught = learned("", rest, fit)
        for one in held:
            refused = taught.margin(one.hops[0]) < 0.0
            lost += refused and one.woke and one.is_call
            removed += refused and one.woke and not one.is_call
    calls, false = (sum(one.woke for one in _of(examples, is_call=kind)) for kind in (True, False))
    return Gain(calls, lost, false, removed)


def _cut(examples: Sequence[Example], fit: Fit) -> float:
    """The margin from which on a call is one: below nearly all calls, each judged by what others teach."""
    margins = []
    for rest, held in _folds(examples):
        weights, bias = _plane(rest, fit)
        margins += [float(one.hops[0].ravel() @ weights) + bias for one in held if one.is_call and one.woke]
    ordered = np.sort(np.array(margins))
    return min(0.0, float(ordered[int(_ALLOWED * len(ordered))] - _ROOM * ordered.std()))


def _plane(examples: Sequence[Example], fit: Fit) -> tuple[Margins, float]:
    rows = np.concatenate([one.hops[:MOST_HOPS] for one in examples])
    calls = np.concatenate([np.full(len(one.hops[:MOST_HOPS]), one.is_call) for one in examples])
    return fit(rows.reshape(len(rows), -1), calls)


def _folds(examples: Sequence[Example]) -> Iterator[tuple[list[Example], list[Example]]]:
    """The examples that teach and those that are held back, as often as there are folds."""
    fold: dict[int, int] = {}
    for kind in (True, False):
        own = sorted(_of(examples, is_call=kind), key=lambda one: one.at_s)
        fold |= {id(one): place for one, place in zip(own, _occasions(own), strict=True)}
    most = [1 + max(fold[id(one)] for one in _of(examples, is_call=kind)) for kind in (True, False)]
    count = min(_FOLDS, *most)
    for number in range(count):
        held = [one for one in examples if fold[id(one)] % count == number]
        yield [one for one in examples if fold[id(one)] % count != number], held


def _occasions(examples: Sequence[Example]) -> list[int]:
    """The number of each one's occasion; they are in the order of their times."""
    times = [one.at_s for one in sorted(examples, key=lambda one: one.at_s)]
    numbers = [0] if times else []
    for before, after in pairwise(times):
        numbers.append(numbers[-1] + (after - before > _APART_S))
    return numbers


def _of(examples: Sequence[Example], *, is_call: bool) -> list[Example]:
    return [one for one in examples if one.is_call is is_call]
