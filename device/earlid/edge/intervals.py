"""How far a count can be trusted: exact confidence intervals, for misses and for false accepts.

scipy is imported as late as possible, and only its special functions: its statistics cost far more memory.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from earlid.errors import ConfigError, Violation

CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the bounds between which the truth lies, at the confidence that was asked for."""

    value: float
    low: float
    high: float


def share(found: int, of: int, confidence: float = CONFIDENCE) -> Interval:
    """The share `found / of`, 0 to 1, with the interval of Clopper and Pearson (Biometrika 26, 1934).

    Of nothing, everything is possible: the value is NaN and the interval 0 to 1.
    """
    if not 0 <= found <= of:
        raise Violation(f"{found} of {of} is no share")
    tail = _tail(confidence)
    special = _special()
    low = float(special.betaincinv(found, of - found + 1, tail)) if found else 0.0
    high = float(special.betaincinv(found + 1, of - found, 1 - tail)) if found < of else 1.0
    return Interval(found / of if of else math.nan, low, high)


def rate(events: int, exposure: float, confidence: float = CONFIDENCE) -> Interval:
    """Events per unit of `exposure` (hours, say), by Garwood's exact Poisson interval (Biometrika, 1936).

    With no event the lower bound is 0 and the upper is one-sided, the rule of three: 3.0 / exposure at 95 %.
    With no exposure the value is NaN and the upper bound infinite.
    """
    if events < 0 or exposure < 0:
        raise Violation(f"{events} events in {exposure} is no rate")
    tail = _tail(confidence)
    if exposure == 0:
        return Interval(math.nan, 0.0, math.inf)
    if events == 0:
        return Interval(0.0, 0.0, -math.log(2 * tail) / exposure)
    special = _special()
    low = float(special.gammaincinv(events, tail)) / exposure
    high = float(special.gammaincinv(events + 1, 1 - tail)) / exposure
    return Interval(events / exposure, low, high)


@dataclass(frozen=True, slots=True)
class Spread:
    """How much more rates differ from each other than chance alone lets them: 1 is not at all.

    `chance` is how likely as much difference, or more, would be if all had the same rate.
    """

    ratio: float
    chance: float


def spread(events: Sequence[int], exposures: Sequence[float]) -> Spread | None:
    """How far the rates `events / exposures` lie apart, by Pearson's chi-square; None for too few to tell.

    Too few are less than two with any exposure, or less than one event to be expected in one of them.
    """
    told = [(count, exposure) for count, exposure in zip(events, exposures, strict=True) if exposure > 0]
    whole = sum(exposure for _, exposure in told)
    if len(told) < 2:
        return None
    expected = [sum(events) * exposure / whole for _, exposure in told]
    if min(expected) < 1.0:
        return None
    square = sum((count - mean) ** 2 / mean for (count, _), mean in zip(told, expected, strict=True))
    free = len(told) - 1
    return Spread(square / free, float(_special().chdtrc(free, square)))


def widened(found: Interval, events: int, ratio: float) -> Interval:
    """The rate `found` of so many `events`, wider where rates differ `ratio` times as much as by chance."""
    if ratio <= 1.0 or events == 0:
        return found
    reach = float(_special().ndtri(1 - _tail(CONFIDENCE))) * math.sqrt(ratio / events)
    low, high = found.value * math.exp(-reach), found.value * math.exp(reach)
    return Interval(found.value, min(found.low, low), max(found.high, high))


def exposure_for(target: float, confidence: float = CONFIDENCE) -> float:
    """How much must pass without a single event before a rate of `target` can be claimed."""
    if target <= 0:
        raise Violation(f"no exposure is enough to claim a rate of {target}")
    return -math.log(2 * _tail(confidence)) / target


def _tail(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise Violation(f"a confidence lies between 0 and 1, not at {confidence}")
    return (1 - confidence) / 2


def _special() -> Any:
    try:
        from scipy import special  # noqa: PLC0415 - an extra, and 28 MB that only reports pay
    except ImportError:
        raise ConfigError("intervals need scipy: pip install '.[report]' in the checkout") from None
    return special
