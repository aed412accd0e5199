"""A report as tables for a terminal, and as comma-separated values for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

from earlid.core.plain import span
from earlid.core.summary import Hour, Of
from earlid.edge.terminal import line, table
from earlid.field.figures import Device, Together, an_hour, missed, percent

_BARS: Final = " ▁▂▃▄▅▆▇█"
COLUMNS: Final = (
    "device",
    "hour",
    "listened_h",
    "wakes_true",
    "wakes_false",
    "wakes_unsure",
    "wakes_unlabelled",
    "near_misses",
    "vetoed",
)


def tell_all(devices: Sequence[Device], whole: Together | None) -> None:
    """Print it, 80 columns wide."""
    for one in devices:
        _tell(one, is_alone=whole is None)
    if whole:
        _tell_together(devices, whole)


def rows(devices: Sequence[Device]) -> str:
    """One row for each device and hour of the day."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in devices:
        for each in one.summary.hours:
            found = each.counts
            judged = (found.true, found.false, found.unsure, found.waiting, found.near_misses, found.vetoed)
            writer.writerow((one.name, each.hour, f"{each.listened_h:.4f}", *judged))
    return out.getvalue()


def _tell(one: Device, *, is_alone: bool) -> None:
    found = one.summary
    if not is_alone:
        line(f"{one.name}: {found.name}")
    facts = [
        ("machine", _machine(one) if is_alone else ""),
        ("listened", f"{span(found.listened_h)} on {_days(found.days)}"),
        ("muted", span(found.muted_h) if found.muted_h else ""),
        ("not heard", span(found.deaf_h) if found.deaf_h else ""),
        ("false wakes an hour", an_hour(one.false)),
        ("", _if_all_doubts_were_false(one)),
        ("calls missed", percent(one.missed)),
        ("set off by", ", ".join(f"{tag} {count}" for tag, count in sorted(found.tags.items(), key=_most))),
        ("most in one hour", str(found.most_in_an_hour) if found.most_in_an_hour > 1 else ""),
        ("warmest", f"{found.warmest_c:.0f} °C" if found.warmest_c is not None else ""),
        ("slowed down", f"{100 * found.throttled_share:.1f} % of the time" if found.throttled_share else ""),
        ("notes", "; ".join(found.notes)),
    ]
    table("", ("", ""), [row for row in facts if row[1]])
    columns = ("word", "wakes", "true", "false", "unsure", "no label", "near misses")
    table("", columns, [_row(each) for each in found.words])
    if len(found.asked) > 1:
        told = [
            (f"{each.distance_m:g} m", each.noise, f"{each.heard} of {each.asked}") for each in found.asked
        ]
        shares = [percent(missed([each])) for each in found.asked]
        named = [(*row, part) for row, part in zip(told, shares, strict=True)]
        table("", ("away", "noise", "heard", "missed"), named)
    if found.counts.wakes:
        line(f"wakes by hour of day  0 {_bars(found.hours)} 24")
    line("")


def _tell_together(devices: Sequence[Device], whole: Together) -> None:
    told = [
        (one.name, span(one.summary.listened_h), str(one.summary.counts.false), an_hour(one.false))
        for one in devices
    ]
    told.append(("all", span(whole.listened_h), str(whole.counts.false), an_hour(whole.false)))
    table("", ("", "listened", "false", "an hour"), told)
    line(apart(whole))


def apart(whole: Together) -> str:
    """Whether one rate stands for all of the devices."""
    if whole.spread is None:
        return "too little was heard to tell whether the devices differ; read them one by one"
    ratio, chance = whole.spread.ratio, whole.spread.chance
    if whole.differ:
        return (
            f"the devices differ {ratio:.1f} times as much as chance would have it (p = {chance:.2g}): "
            "read them one by one; the interval for all is that much wider"
        )
    return (
        f"the devices differ no more than chance would have it ({ratio:.1f} times as much, p = {chance:.2g})"
    )


def _machine(one: Device) -> str:
    setup = one.summary.setup
    parts = [one.summary.name]
    if setup.get("board") not in {None, "", "none"}:
        parts.append(str(setup["board"]))
    if "cores" in setup and "memory_gib" in setup:
        parts.append(f"{setup['cores']:g} cores, {setup['memory_gib']:g} GiB")
    return "; ".join(parts)


def _if_all_doubts_were_false(one: Device) -> str:
    doubts = one.summary.counts.unsure + one.summary.counts.waiting
    return f"{an_hour(one.most)} if the {doubts} without a clear label were false, too" if doubts else ""


def _row(each: Of) -> tuple[str, ...]:
    found = each.counts
    judged = (found.wakes, found.true, found.false, found.unsure, found.waiting, found.near_misses)
    return (each.word, *map(str, judged))


def _bars(hours: Sequence[Hour]) -> str:
    most = max(each.counts.wakes for each in hours)
    steps = [-(-each.counts.wakes * (len(_BARS) - 1) // most) for each in hours]
    return "".join(_BARS[step] if each.listened_h else "·" for step, each in zip(steps, hours, strict=True))


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _most(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]
