"""A report as one page that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from earlid.core.plain import several, span
from earlid.core.summary import STEPS, Of, Summary
from earlid.edge.pages import page
from earlid.field.figures import Device, Together, an_hour, missed, percent
from earlid.field.text import apart


def sheet(devices: Sequence[Device], whole: Together | None) -> str:
    """The HTML of one device or several."""
    return page(
        "earlid.field",
        "report.html.j2",
        devices=[_shown(one) for one in devices],
        whole=whole,
        whole_rate=an_hour(whole.false) if whole else "",
        whole_listened=span(whole.listened_h) if whole else "",
        apart=apart(whole) if whole else "",
    )


def _shown(one: Device) -> dict[str, Any]:
    found = one.summary
    doubts = found.counts.unsure + found.counts.waiting
    return {
        "name": one.name,
        "machine": found.name,
        "setup": [(_named(name), _said(value)) for name, value in found.setup.items()],
        "setups": found.setups,
        "rate": an_hour(one.false),
        "most": an_hour(one.most) if doubts else "",
        "doubts": doubts,
        "listened": span(found.listened_h),
        "muted": span(found.muted_h),
        "deaf": span(found.deaf_h),
        "days": found.days,
        "missed": percent(one.missed),
        "words": found.words,
        "asked": [(each, percent(missed([each]))) for each in found.asked],
        "tags": sorted(found.tags.items(), key=lambda each: (-each[1], each[0])),
        "levels": [f"{level:.0f}" for level in found.levels_dbfs],
        "warmest": "" if found.warmest_c is None else f"{found.warmest_c:.0f} °C",
        "slowed": "" if found.throttled_share is None else f"{100 * found.throttled_share:.1f} %",
        "notes": found.notes,
        "false": found.counts.false,
        "most_in_an_hour": found.most_in_an_hour,
        "hours": _hours(found),
        "most_at_once": _top(max(each.counts.wakes for each in found.hours), "wake"),
        "scores": [(each.word, *_scores(each)) for each in found.words],
    }


def _hours(found: Summary) -> list[dict[str, Any]]:
    """The bars of a day: heights in percent of the highest."""
    most = max((each.counts.wakes for each in found.hours), default=0) or 1
    return [
        {
            "hour": each.hour,
            "listened": each.listened_h,
            "parts": [
                (name, count, 100 * count / most)
                for name, count in (
                    ("true", each.counts.true),
                    ("false", each.counts.false),
                    ("open", each.counts.unsure + each.counts.waiting),
                )
                if count
            ],
            "wakes": each.counts.wakes,
        }
        for each in found.hours
    ]


def _top(count: int, noun: str) -> str:
    """How many the highest bar of a chart stands for."""
    return f"highest: {several(count, noun)}" if count else ""


def _scores(each: Of) -> tuple[list[dict[str, Any]], str]:
    """The bars of the scores: what they were of, and heights in percent of the highest."""
    kinds = (
        ("near", each.scores_near),
        ("open", each.scores_open),
        ("false", each.scores_false),
        ("true", each.scores_true),
    )
    most = max((sum(counts[step] for _, counts in kinds) for step in range(STEPS)), default=0)
    bars = [
        {
            "from": step / STEPS,
            "parts": [
                (name, counts[step], 100 * counts[step] / most) for name, counts in kinds if counts[step]
            ],
        }
        for step in range(STEPS)
    ]
    return bars, _top(most, "peak")


def _named(setting: str) -> str:
    """A setting for people: refractory_s is "refractory (s)"."""
    name, _, unit = setting.rpartition("_")
    named = {"s": "s", "ms": "ms", "gib": "GiB"}.get(unit)
    return f"{name} ({named})".replace("_", " ") if name and named else setting.replace("_", " ")


def _said(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:g}"
