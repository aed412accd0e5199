"""The dashboard: how often it is wrong, how sure that is, and what another threshold would have cost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from earlid.core.field import Label, Peak
from earlid.core.judged import Judged, Verdict, asked, judged
from earlid.core.whatif import REFRACTORY_S, is_call, thresholds_known, what_if
from earlid.edge.field.store import FieldStore
from earlid.edge.intervals import Interval, rate, share
from earlid.edge.page.shown import bounds_of, figure

DAY_H: Final = 24.0
TARGETS: Final = (
    ("one a day", 1 / DAY_H),
    ("one in three days", 1 / (3 * DAY_H)),
    ("one a week", 1 / (7 * DAY_H)),
)
_BAR_MOST: Final = 100.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: `size` and the bounds of `low` to `high` in hundredths of the chart's height."""

    name: str
    size: float
    low: float
    high: float
    told: str


@dataclass(frozen=True, slots=True)
class Target:
    """A rate that one may want to claim, and how many hours more without a false wake that takes."""

    name: str
    needed_h: float
    left_h: float


def facts_of(store: FieldStore, patience: int) -> dict[str, Any]:
    """Everything that the page of numbers shows, in figures and words."""
    peaks, minutes, trials = store.peaks(), store.quarters(), store.trials()
    sums = judged(minutes, peaks, lambda at_s: time.localtime(at_s).tm_hour)
    false, hours = sums.wakes(Verdict.FALSE), sums.hours
    heard, said = sum(trial.heard for trial in trials), len(trials)
    return {
        "hours": figure(hours, 3),
        "days": figure(hours / DAY_H),
        "has_heard": hours > 0,
        "false": false,
        "true": sums.wakes(Verdict.TRUE),
        "unsure": sums.wakes(Verdict.UNSURE),
        "waiting": sums.wakes(Verdict.WAITING),
        "near_misses": sums.near_misses,
        "vetoed": sums.vetoed,
        "an_hour": words_of(rate(false, hours)),
        "a_day": words_of(rate(false, hours / DAY_H)),
        "an_hour_at_worst": words_of(rate(false + _open(sums), hours)),
        "misses": words_of(share(said - heard, said), 100.0) if said else None,
        "missed": said - heard,
        "asked": said,
        "prompts": [(one, words_of(share(one.asked - one.heard, one.asked), 100.0)) for one in asked(trials)],
        "by_hour": _by_hour(sums),
        "by_hour_most": figure(_most(sums), 1),
        "by_tag": _by_tag(sums),
        "targets": [_target(name, each, false, hours) for name, each in TARGETS],
        "words": words_with_peaks(peaks),
        "patience": patience,
    }


def words_with_peaks(peaks: Sequence[Peak]) -> list[str]:
    """The wake words of which something was recorded, the most frequent first."""
    names = [peak.word for peak in peaks]
    return sorted(set(names), key=lambda one: (-names.count(one), one))


def curve_of(
    store: FieldStore, word: str, patience: int, refractory_s: float = REFRACTORY_S
) -> dict[str, Any]:
    """What each threshold would have done to the peaks of `word`, with intervals, for the slider."""
    peaks = [peak for peak in store.peaks() if peak.word == word]
    hours = judged(store.quarters(), (), lambda _at_s: 0).hours
    points = []
    for threshold in thresholds_known(peaks) if peaks else ():
        one = what_if(peaks, threshold, patience, refractory_s)
        points.append(
            {
                "threshold": threshold,
                "false": one.false,
                "open": one.open,
                "lost": one.lost,
                "gained": one.gained,
                "of": one.of,
                "rate": bounds_of(rate(one.false, hours)),
                "worst": bounds_of(rate(one.false + one.open, hours)),
                "share": bounds_of(share(one.lost, one.of)),
            }
        )
    return {
        "word": word.replace("_", " "),
        "now": round(peaks[0].threshold, 2) if peaks else None,  # the newest
        "hours": round(hours, 2),
        "calls": sum(is_call(peak) for peak in peaks),
        "false": sum(peak.label is Label.FALSE for peak in peaks),
        "points": points,
    }


def words_of(interval: Interval, times: float = 1.0) -> dict[str, str]:
    """An interval for people."""
    value, low, high = (figure(times * one) for one in (interval.value, interval.low, interval.high))
    return {"value": value, "low": low, "high": high}


def _open(sums: Judged) -> int:
    return sums.wakes(Verdict.WAITING) + sums.wakes(Verdict.UNSURE)


def _target(name: str, wanted: float, false: int, hours: float) -> Target:
    """With events, the exact bound needs more hours than the rule of three does without."""
    needed_h = rate(false, 1.0).high / wanted
    return Target(name, needed_h, max(0.0, needed_h - hours))


def _by_hour(sums: Judged) -> list[Bar]:
    found = [(hour, rate(hour.wakes[Verdict.FALSE], hour.hours)) for hour in sums.by_hour]
    most, bars = _most(sums), []
    for number, (hour, one) in enumerate(found):
        name, count = f"{number:02d}", hour.wakes[Verdict.FALSE]
        if hour.hours <= 0:
            bars.append(Bar(name, 0.0, 0.0, 0.0, "not listened to"))
            continue
        size, low, high = (min(_BAR_MOST, _BAR_MOST * part / most) for part in (one.value, one.low, one.high))
        words = words_of(one)
        span = f"{words['low']} to {words['high']}"
        told = f"{count} in {figure(hour.hours)} h: {words['value']} per hour ({span})"
        bars.append(Bar(name, size, low, high, told))
    return bars


def _most(sums: Judged) -> float:
    """The rate that is as high as the chart of the hours: whiskers may be cut off, bars never."""
    found = [rate(hour.wakes[Verdict.FALSE], hour.hours) for hour in sums.by_hour if hour.hours > 0]
    return max((min(one.high, 4 * max(one.value, 0.05)) for one in found), default=1.0) or 1.0


def _by_tag(sums: Judged) -> list[dict[str, Any]]:
    most = max(sums.by_tag.values(), default=1)
    ordered = sorted(sums.by_tag.items(), key=lambda item: (-item[1], item[0].value if item[0] else "~"))
    return [
        {
            "name": tag.value if tag else "no tag yet",
            "size": _BAR_MOST * count / most,
            "rate": "{value} ({low} to {high})".format(**words_of(rate(count, sums.hours))),
            "told": str(count),
        }
        for tag, count in ordered
    ]
