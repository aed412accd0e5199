"""Which threshold and patience would have kept false wakes below a target, and at what cost in true ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from earlid.core.field import Kind, Peak
from earlid.core.judged import Verdict, verdict_of
from earlid.core.whatif import WhatIf, thresholds_known, what_if

PATIENCES: Final = (1, 2, 3)
"""Those that are tried; what is longer costs a quarter of a second, and calls."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How the recorded peaks would have gone with `patience` hops at `found.threshold`."""

    found: WhatIf
    patience: int

    @property
    def false(self) -> int:
        """Wakes that nobody called, those without a clear label among them: a doubt is no true wake."""
        return self.found.false + self.found.open

    @property
    def net(self) -> int:
        """Calls won, less those lost."""
        return self.found.gained - self.found.lost


def tried(peaks: Sequence[Peak], threshold: float, patience: int, refractory_s: float) -> Tried:
    """The `peaks` of one word at one operating point."""
    return Tried(what_if(peaks, threshold, patience, refractory_s), patience)


def best(
    peaks: Sequence[Peak], now: Tried, most_false: float, patiences: Iterable[int], refractory_s: float
) -> Tried:
    """Of all points of which `peaks` can tell: with at most so many false wakes, that with the most calls.

    Of equals the one with fewer false wakes, and then the one nearest to `now`. Where no point has as few
    false wakes as that, the one with the fewest.
    """
    points = [now]
    for patience in patiences:
        points += [tried(peaks, each, patience, refractory_s) for each in thresholds_known(peaks)]
    allowed = [one for one in points if one.false <= most_false]
    least = min(one.false for one in points)
    return max(
        allowed or [one for one in points if one.false == least],
        key=lambda one: (one.net, -one.false, -abs(one.patience - now.patience), -_apart(one, now)),
    )


def unlabelled(peaks: Iterable[Peak]) -> tuple[int, int]:
    """How many wakes there were, and how many of them wait for a label."""
    wakes = [peak for peak in peaks if peak.kind is Kind.WAKE]
    return len(wakes), sum(verdict_of(peak) is Verdict.WAITING for peak in wakes)


def _apart(one: Tried, other: Tried) -> float:
    return abs(one.found.threshold - other.found.threshold)
