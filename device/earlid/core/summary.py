"""What a field recording came to, as numbers that may be shown to anybody: no sound, no name, no time of day
finer than the hour, and no day at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from earlid.core.field import Kind, Label, Minute, Peak, Trial
from earlid.core.judged import HOURS, Asked, Verdict, asked, verdict_of
from earlid.core.units import RATE_HZ

STEPS: Final = 20
"""Scores are counted in steps of a twentieth."""
_HOUR: Final = 3600 * RATE_HZ


@dataclass(frozen=True, slots=True)
class Counts:
    """Wakes by what their owner says of them; `waiting` are those without a label. And what was no wake."""

    true: int = 0
    false: int = 0
    unsure: int = 0
    waiting: int = 0
    near_misses: int = 0
    vetoed: int = 0

    @property
    def wakes(self) -> int:
        """All of them."""
        return self.true + self.false + self.unsure + self.waiting

    @property
    def most_false(self) -> int:
        """How many would be false if every doubt were one."""
        return self.false + self.unsure + self.waiting

    def plus(self, other: Counts) -> Counts:
        """The sums of both."""
        return Counts(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the day, over all days: hours heard in it, and what woke it."""

    hour: int
    listened_h: float
    counts: Counts


@dataclass(frozen=True, slots=True)
class Of:
    """One wake word: its counts, and how often which score was the highest, in STEPS from 0 to 1."""

    word: str
    counts: Counts
    scores_true: tuple[int, ...]
    scores_false: tuple[int, ...]
    scores_open: tuple[int, ...]
    scores_near: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """One device. `setup` is how it was set up last, `setups` how many ways there were; `notes` if asked for.

    `most_in_an_hour` is the highest number of false wakes within one hour: they come in clumps. Levels are
    the quietest tenth of the minutes, the middle, and the loudest tenth.
    """

    listened_h: float
    muted_h: float
    deaf_h: float
    days: int
    sessions: int
    setup: dict[str, str | float | bool]
    setups: int
    words: tuple[Of, ...]
    hours: tuple[Hour, ...]
    tags: dict[str, int]
    asked: tuple[Asked, ...]
    most_in_an_hour: int
    levels_dbfs: tuple[float, ...] = ()
    warmest_c: float | None = None
    throttled_share: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> Counts:
        """Of all words together."""
        return total(one.counts for one in self.words)

    @property
    def name(self) -> str:
        """What kind of device it is."""
        return str(self.setup.get("machine", "a device"))


def total(counts: Iterable[Counts]) -> Counts:
    """The sums of all."""
    found = Counts()
    for one in counts:
        found = found.plus(one)
    return found


def summary(
    minutes: Sequence[Minute],
    peaks: Sequence[Peak],
    trials: Sequence[Trial],
    setups: Sequence[dict[str, object]],
    hour_of: Callable[[float], int],
    notes: Sequence[str] = (),
) -> Summary:
    """The sums; `hour_of` gives the hour of the day, 0 to 23, of a time in seconds since 1970."""
    listened = [0] * HOURS
    for minute in minutes:
        listened[hour_of(minute.start_s)] += minute.listened
    by_hour: list[list[Peak]] = [[] for _ in range(HOURS)]
    for peak in peaks:
        by_hour[hour_of(peak.at_s)].append(peak)
    false = [peak for peak in peaks if _is_false(peak)]
    warm = [one.temperature_c for one in minutes if one.temperature_c is not None]
    slow = [one.throttled for one in minutes if one.throttled is not None]
    flat = [{name: _flat(value) for name, value in one.items()} for one in setups]
    return Summary(
        listened_h=sum(listened) / _HOUR,
        muted_h=sum(one.muted for one in minutes) / _HOUR,
        deaf_h=sum(one.deaf for one in minutes) / _HOUR,
        days=len({one.start_s // 86_400 for one in minutes if one.listened}),
        sessions=len({one.session for one in minutes}),
        setup=flat[-1] if flat else {},
        setups=len({repr(sorted(one.items())) for one in flat}),
        words=tuple(_of(word, peaks) for word in _words(peaks, flat)),
        hours=tuple(Hour(hour, listened[hour] / _HOUR, counted(by_hour[hour])) for hour in range(HOURS)),
        tags=dict(Counter(tag for peak in false for tag in _tags(peak))),
        asked=tuple(asked(trials)),
        most_in_an_hour=max(Counter(peak.at_s // 3600 for peak in false).values(), default=0),
        levels_dbfs=_levels([one.level_dbfs for one in minutes if one.level_dbfs is not None]),
        warmest_c=max(warm, default=None),
        throttled_share=sum(slow) / len(slow) if slow else None,
        notes=tuple(notes),
    )


def counted(peaks: Iterable[Peak]) -> Counts:
    """How many of `peaks` there are of each kind."""
    found = Counter(verdict_of(peak).value if peak.kind is Kind.WAKE else peak.kind.value for peak in peaks)
    return Counts(
        true=found[Verdict.TRUE.value],
        false=found[Verdict.FALSE.value],
        unsure=found[Verdict.UNSURE.value],
        waiting=found[Verdict.WAITING.value],
        near_misses=found[Kind.NEAR_MISS.value],
        vetoed=found[Kind.VETOED.value],
    )


def _of(word: str, peaks: Sequence[Peak]) -> Of:
    own = [peak for peak in peaks if peak.word == word]
    wakes = [peak for peak in own if peak.kind is Kind.WAKE]
    open_ = [one for one in wakes if verdict_of(one) in {Verdict.UNSURE, Verdict.WAITING}]
    return Of(
        word=word,
        counts=counted(own),
        scores_true=_scores(one for one in wakes if verdict_of(one) is Verdict.TRUE),
        scores_false=_scores(one for one in wakes if verdict_of(one) is Verdict.FALSE),
        scores_open=_scores(open_),
        scores_near=_scores(one for one in own if one.kind is Kind.NEAR_MISS),
    )


def _scores(peaks: Iterable[Peak]) -> tuple[int, ...]:
    found = Counter(min(STEPS - 1, int(peak.score * STEPS)) for peak in peaks)
    return tuple(found[step] for step in range(STEPS))


def _words(peaks: Sequence[Peak], setups: Sequence[dict[str, str | float | bool]]) -> list[str]:
    """Every word that was listened for, in the order of the setup, and every other that was found."""
    said = [word for one in setups for word in str(one.get("words", "")).split(", ") if word]
    return list(dict.fromkeys([*said, *sorted({peak.word for peak in peaks})]))


def _is_false(peak: Peak) -> bool:
    return peak.kind is Kind.WAKE and peak.label is Label.FALSE


def _tags(peak: Peak) -> list[str]:
    return sorted(tag.value for tag in peak.tags) or ["untagged"]


def _levels(levels: list[float]) -> tuple[float, ...]:
    if not levels:
        return ()
    ordered = sorted(levels)
    return tuple(ordered[round(share * (len(ordered) - 1))] for share in (0.1, 0.5, 0.9))


def _flat(value: object) -> str | float | bool:
    return value if isinstance(value, str | float | bool) else float(value) if isinstance(value, int) else ""
