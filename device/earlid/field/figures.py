"""The figures of a report, and how far each can be trusted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from earlid.core.judged import Asked
from earlid.core.summary import Counts, Summary, total
from earlid.edge.intervals import Interval, Spread, rate, share, spread, widened

UNLIKELY: Final = 0.05
"""A difference between devices that chance makes this seldom is told as one."""


@dataclass(frozen=True, slots=True)
class Device:
    """One device: `false` wakes an hour, and `most` if every wake without a label were false, too."""

    name: str
    summary: Summary
    false: Interval
    most: Interval
    missed: Interval | None


@dataclass(frozen=True, slots=True)
class Together:
    """Several devices: one rate for all, with an interval as wide as the `spread` between them asks for."""

    listened_h: float
    counts: Counts
    false: Interval
    most: Interval
    spread: Spread | None
    missed: Interval | None

    @property
    def differ(self) -> bool:
        """Whether the devices differ more than chance would have it."""
        return self.spread is not None and self.spread.chance < UNLIKELY


def device(found: Summary, number: int) -> Device:
    """The figures of one device, which is known by its number alone."""
    return Device(
        name=f"device {number}",
        summary=found,
        false=rate(found.counts.false, found.listened_h),
        most=rate(found.counts.most_false, found.listened_h),
        missed=missed(found.asked),
    )


def together(devices: Sequence[Device]) -> Together:
    """All of `devices` as one, and how far they lie apart."""
    counts = total(one.summary.counts for one in devices)
    hours = [one.summary.listened_h for one in devices]
    apart = spread([one.summary.counts.false for one in devices], hours)
    ratio = apart.ratio if apart else 1.0
    return Together(
        listened_h=sum(hours),
        counts=counts,
        false=widened(rate(counts.false, sum(hours)), counts.false, ratio),
        most=widened(rate(counts.most_false, sum(hours)), counts.most_false, ratio),
        spread=apart,
        missed=missed([each for one in devices for each in one.summary.asked]),
    )


def missed(asked: Sequence[Asked]) -> Interval | None:
    """The share of prompted calls that were not heard; None where nobody was asked."""
    of = sum(one.asked for one in asked)
    return share(of - sum(one.heard for one in asked), of) if of else None


def an_hour(found: Interval) -> str:
    """A rate for people: never a bare zero, for no event is no proof of none."""
    if found.value != found.value:
        return "not known yet"
    if found.value == 0:
        return f"under {_at_most(found.high)}"
    return f"{_figure(found.value)} ({_figure(found.low)} to {_at_most(found.high)})"


def percent(found: Interval | None) -> str:
    """A share for people."""
    if found is None:
        return ""
    return f"{100 * found.value:.1f} % ({100 * found.low:.1f} to {100 * found.high:.1f})"


def _at_most(value: float) -> str:
    """An upper bound, rounded up: never is less claimed than was shown."""
    digits = 2 if value >= 0.1 else 1 - math.floor(math.log10(value))
    return f"{math.ceil(value * 10**digits - 1e-6) / 10**digits:.{digits}f}"


def _figure(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.1g}" if value else "0"
