"""The report as values: all that a table, a page or a program may want to tell, and nothing of when or where.

The same recordings, models and settings give the same report, byte for byte, whoever did the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from earlid.bench.conditions import Condition
from earlid.bench.counts import Alike, Calls, Other
from earlid.bench.curve import Curve, Histogram
from earlid.bench.engines import Listener
from earlid.bench.latency import Latency, latency
from earlid.bench.tally import FalseAccept, Miss, Tally
from earlid.edge.intervals import Interval

TOLD: Final = 200
"""Misses and false accepts that are listed one by one, the worst first."""


@dataclass(frozen=True, slots=True)
class Result:
    """One listener, one wake word, one condition."""

    listener: str
    word: str
    condition: str
    threshold: float
    patience: int
    calls: Calls
    miss_rate: Interval
    alike: Alike
    alike_rate: Interval
    other: Other
    false_accepts_per_hour: Interval
    latency: Latency | None
    curve: Curve
    histogram: Histogram
    misses: tuple[Miss, ...]
    false_accepts: tuple[FalseAccept, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from every other in a report."""
        return self.word, self.condition, self.listener


@dataclass(frozen=True, slots=True)
class Told:
    """A listener as it is named in reports."""

    name: str
    label: str
    models: tuple[str, ...]
    identity: str


@dataclass(frozen=True, slots=True)
class Setup:
    """All settings that the figures depend on."""

    refractory_s: float
    quiet_gate: bool
    lead_in_s: float
    tail_s: float
    seed: int
    channel: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run found out."""

    earlid: str
    setup: Setup
    listeners: tuple[Told, ...]
    recordings: int
    conditions: tuple[str, ...]
    thresholds: tuple[float, ...]
    results: tuple[Result, ...]
    troubles: tuple[str, ...]

    def of(self, word: str) -> list[Result]:
        """The results for `word`, conditions in order, listeners beside each other."""
        return [each for each in self.results if each.word == word]

    @property
    def words(self) -> list[str]:
        """The wake words there are results for."""
        return list(dict.fromkeys(each.word for each in self.results))


def result(who: Listener, how: Condition, tally: Tally) -> Result:
    """The result of what was tallied; the lists begin with the worst."""
    first = tally.point.words[0]
    misses = sorted(tally.misses, key=lambda one: (one.peak, one.recording, one.at_s))
    wrong = sorted(tally.false_accepts, key=lambda one: (-one.score, one.recording, one.at_s))
    return Result(
        listener=who.name,
        word=tally.model.name,
        condition=how.name,
        threshold=first.threshold,
        patience=first.patience,
        calls=tally.calls,
        miss_rate=tally.calls.miss_rate,
        alike=tally.alike,
        alike_rate=tally.alike.wake_rate,
        other=tally.other,
        false_accepts_per_hour=tally.other.per_hour,
        latency=latency(tally.after_s),
        curve=tally.curve,
        histogram=tally.histogram,
        misses=tuple(misses[:TOLD]),
        false_accepts=tuple(wrong[:TOLD]),
    )


def told(who: Listener) -> Told:
    """A listener's name, models and what its traces depend on."""
    return Told(who.name, who.label, who.models, who.identity)
