"""Adds up what one listener made of all recordings under one condition, for one wake word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from earlid.bench.corpus import Role, Take
from earlid.bench.counts import Alike, Calls, Other
from earlid.bench.curve import Curve, Histogram
from earlid.bench.store import Kept
from earlid.core.detector import Word
from earlid.core.segment import Wake
from earlid.core.trace import Trace, wakes
from earlid.core.units import HOP, seconds
from earlid.edge.model.manifest import Manifest

GRACE_S: Final = 2.0
"""How long after a word's end a wake still belongs to it."""


@dataclass(frozen=True, slots=True)
class Point:
    """How scores become wakes: the words' thresholds and patience, the refractory period, and the gate."""

    words: tuple[Word, ...]
    refractory: int
    gate: bool

    def wakes(self, trace: Trace) -> list[Wake]:
        """The wakes in `trace`, whose columns are the words'."""
        return wakes(trace, self.words, self.refractory, gate=self.gate)

    def at(self, threshold: float) -> Point:
        """The same with another threshold for every word."""
        return replace(self, words=tuple(replace(word, threshold=threshold) for word in self.words))


@dataclass(frozen=True, slots=True)
class Miss:
    """A call that nobody heard: its highest score, and when that was."""

    recording: str
    peak: float
    at_s: float


@dataclass(frozen=True, slots=True)
class FalseAccept:
    """A wake that nobody called, in seconds from the recording's beginning."""

    recording: str
    role: Role
    at_s: float
    score: float


@dataclass(slots=True)
class Tally:
    """All counts for one word; `columns` are the word's in the traces, `speed` that of the recordings."""

    model: Manifest
    columns: Sequence[int]
    point: Point
    speed: float = 1.0
    calls: Calls = field(default_factory=Calls)
    alike: Alike = field(default_factory=Alike)
    other: Other = field(default_factory=Other)
    curve: Curve = field(default_factory=Curve)
    histogram: Histogram = field(default_factory=Histogram)
    after_s: list[float] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)
    false_accepts: list[FalseAccept] = field(default_factory=list)
    _elsewhere: dict[str, set[int]] = field(default_factory=dict)

    def add(self, take: Take, kept: Kept) -> None:
        """Take in one recording and what was kept of it."""
        role = take.to(self.model)
        if role is None:
            return
        trace = kept.trace.of(self.columns)
        found = self.point.wakes(trace)
        if role is Role.CALL:
            self._add_call(take, trace, found)
        else:
            self._add_false(take, role, kept.seconds, found)
        self.histogram.add(role, trace)
        self.curve.add(
            role, trace, lambda at: self.point.at(at).wakes(trace), lambda each: bool(self._hits(take, each))
        )

    def _add_call(self, take: Take, trace: Trace, found: list[Wake]) -> None:
        hits = self._hits(take, found)
        self.calls.of += 1
        self._count_elsewhere(take, found)
        if hits:
            if take.end_s is not None:
                self.after_s.append(seconds(hits[0].at) - take.end_s / self.speed)
            return
        self.calls.missed += 1
        peak, hop = trace.peak()
        self.misses.append(Miss(take.name, round(peak, 4), round(seconds((hop + 1) * HOP), 3)))

    def _add_false(self, take: Take, role: Role, lasts_s: float, found: list[Wake]) -> None:
        counted: Alike | Other = self.alike if role is Role.NEAR else self.other
        counted.of += 1
        counted.seconds += lasts_s
        if isinstance(counted, Alike):
            counted.woke += bool(found)
        else:
            counted.events += len(found)
        self.false_accepts += [
            FalseAccept(take.name, role, round(seconds(wake.at), 3), round(wake.score, 4)) for wake in found
        ]

    def _count_elsewhere(self, take: Take, found: list[Wake]) -> None:
        """Count the wakes that belong to none of the calls in this recording, which may have several."""
        now = {wake.at for wake in found if not self._is_in_time(take, wake)}
        before = self._elsewhere.get(take.name)
        self._elsewhere[take.name] = now if before is None else now & before
        self.calls.elsewhere += len(self._elsewhere[take.name]) - len(before or ())

    def _hits(self, take: Take, found: list[Wake]) -> list[Wake]:
        wanted = take.wants(self.model)
        return [wake for wake in found if wake.model in wanted and self._is_in_time(take, wake)]

    def _is_in_time(self, take: Take, wake: Wake) -> bool:
        if take.end_s is None:
            return True
        at_s = seconds(wake.at) * self.speed
        return (take.start_s or 0.0) <= at_s <= take.end_s + GRACE_S * self.speed
