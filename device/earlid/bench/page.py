"""The report as one page that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from earlid.bench.conditions import condition
from earlid.bench.report import Report, Result
from earlid.bench.table import columns, row, title
from earlid.edge.pages import page as rendered
from earlid.edge.plots import Line, Whisker, histogram, trade_off, whiskers

LISTED: Final = 20
"""Misses and false accepts that are shown of each word and condition; the JSON has more."""


@dataclass(frozen=True, slots=True)
class Section:
    """What is shown of one wake word."""

    word: str
    title: str
    rows: list[tuple[str, ...]]
    drawings: list[tuple[str, str, str]]
    latencies: list[str]
    worst: list[tuple[str, list[tuple[str, str, str]], list[tuple[str, str, str]]]]


def page(report: Report) -> str:
    """The HTML of `report`."""
    return rendered(
        "earlid.bench",
        "report.html.j2",
        report=report,
        labels={one.name: one.label for one in report.listeners},
        columns=columns(report),
        sections=[_section(report, word) for word in report.words],
    )


def _section(report: Report, word: str) -> Section:
    results = report.of(word)
    return Section(
        word=word,
        title=title(results),
        rows=[tuple(row(one, report)) for one in results],
        drawings=list(_drawings(report, results)),
        latencies=list(_latencies(results)),
        worst=[
            (
                _name(one, report),
                [(each.recording, f"{each.at_s:.2f} s", f"{each.peak:.2f}") for each in one.misses[:LISTED]],
                [
                    (each.recording, f"{each.at_s:.2f} s", f"{each.score:.2f}")
                    for each in one.false_accepts[:LISTED]
                ],
            )
            for one in results
            if one.misses or one.false_accepts
        ],
    )


def _drawings(report: Report, results: Sequence[Result]) -> Iterator[tuple[str, str, str]]:
    called = [one for one in results if one.calls.of]
    judged = [one for one in called if one.other.seconds]
    if called:
        rows = [
            Whisker(
                condition(one.condition).words,
                one.listener,
                one.miss_rate.value,
                one.miss_rate.low,
                one.miss_rate.high,
            )
            for one in called
        ]
        yield "Misses under each condition", "share of calls missed, by condition", whiskers(rows)
    if judged:
        hours = judged[0].other.seconds / 3600
        first = (
            judged
            if len(report.listeners) == 1
            else [o for o in judged if o.condition == judged[0].condition]
        )
        name = "Misses against false accepts, as the threshold moves"
        if len(report.listeners) > 1:
            name += f" ({condition(first[0].condition).words})"
        lines = [_line(one, report) for one in first]
        yield name, "detection error trade-off", trade_off(lines, 0.5 / hours)
    one = results[0]
    bars = [
        ("calls", one.histogram.calls),
        ("sound-alikes", one.histogram.alike),
        ("every 2 s of other sound", one.histogram.other),
    ]
    shown = [(what, counts) for what, counts in bars if any(counts)]
    yield f"Scores ({_name(one, report)})", "histogram of highest scores", histogram(shown, one.threshold)


def _line(one: Result, report: Report) -> Line:
    hours = one.other.seconds / 3600
    points = tuple(
        (events / hours, 1 - found / one.calls.of)
        for found, events in zip(one.curve.found, one.curve.events, strict=True)
    )
    name = condition(one.condition).words if len(report.listeners) == 1 else one.listener
    return Line(name, points, (one.other.events / hours, one.calls.missed / one.calls.of))


def _latencies(results: Sequence[Result]) -> Iterator[str]:
    for one in results:
        if one.latency:
            yield (
                f"{one.listener}, {condition(one.condition).words}: {one.latency.median_ms:.0f} ms after the "
                f"word's end (median of {one.latency.of}), 9 in 10 within {one.latency.p90_ms:.0f} ms, "
                f"{one.latency.worst_ms:.0f} ms at worst"
            )


def _name(one: Result, report: Report) -> str:
    where = condition(one.condition).words
    return where if len(report.listeners) == 1 else f"{one.listener}, {where}"
