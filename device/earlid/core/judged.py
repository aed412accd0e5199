"""What the owner's labels add up to: wakes true and false, when, and what set them off."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum

from earlid.core.field import Kind, Label, Minute, Peak, Tag, Trial
from earlid.core.units import RATE_HZ
from earlid.core.whatif import is_call

HOURS = 24


class Verdict(Enum):
    """What is known of one wake."""

    TRUE = "true"
    FALSE = "false"
    UNSURE = "unsure"
    WAITING = "waiting"  # for its owner's label


@dataclass(slots=True)
class Hour:
    """One hour of the day, over all days: how long it was listened to, and the wakes in it."""

    listened: int = 0
    wakes: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))

    @property
    def hours(self) -> float:
        """How long it was listened to, in hours."""
        return self.listened / RATE_HZ / 3600


@dataclass(frozen=True, slots=True)
class Judged:
    """All that was heard, added up. `by_hour` has 24 entries; `by_tag` counts false wakes, a wake with two
    tags twice, and under None those without any. `near_misses` waits for no label.
    """

    by_hour: tuple[Hour, ...]
    by_tag: dict[Tag | None, int]
    near_misses: int
    vetoed: int

    @property
    def hours(self) -> float:
        """How long was listened, in hours: neither muted nor deaf."""
        return sum(hour.listened for hour in self.by_hour) / RATE_HZ / 3600

    def wakes(self, verdict: Verdict) -> int:
        """How many wakes there were of which this is known."""
        return sum(hour.wakes[verdict] for hour in self.by_hour)


@dataclass(frozen=True, slots=True)
class Asked:
    """How often the word was said on request, `distance_m` away in `noise`, and heard."""

    distance_m: float
    noise: str
    asked: int
    heard: int


def verdict_of(peak: Peak) -> Verdict:
    """What is known of the wake `peak`."""
    if is_call(peak):
        return Verdict.TRUE
    return Verdict.WAITING if peak.label is None else Verdict(peak.label.value)


def judged(minutes: Iterable[Minute], peaks: Iterable[Peak], hour_of: Callable[[float], int]) -> Judged:
    """The sums over `minutes` and `peaks`; `hour_of` gives the hour of the day, 0 to 23, of a time."""
    hours = tuple(Hour() for _ in range(HOURS))
    tags: dict[Tag | None, int] = {}
    near = vetoed = 0
    for minute in minutes:
        hours[hour_of(minute.start_s)].listened += minute.listened
    for peak in peaks:
        if peak.kind is Kind.NEAR_MISS:
            near += 1
        elif peak.kind is Kind.VETOED:
            vetoed += 1
        else:
            hours[hour_of(peak.at_s)].wakes[verdict_of(peak)] += 1
            if peak.label is Label.FALSE:
                for tag in peak.tags or {None}:
                    tags[tag] = tags.get(tag, 0) + 1
    return Judged(hours, tags, near, vetoed)


def asked(trials: Iterable[Trial]) -> list[Asked]:
    """The prompts of each distance and noise, the nearest first."""
    found: dict[tuple[float, str], tuple[int, int]] = {}
    for trial in trials:
        of, heard = found.get((trial.distance_m, trial.noise), (0, 0))
        found[trial.distance_m, trial.noise] = (of + 1, heard + trial.heard)
    return [Asked(*where, *counts) for where, counts in sorted(found.items())]
