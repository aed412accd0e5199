"""The report on a terminal: eighty columns, the worst first, and the bound where nothing happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from earlid.bench.conditions import condition
from earlid.bench.counts import hourly, percent
from earlid.bench.engines import OURS
from earlid.bench.report import Report, Result
from earlid.edge.terminal import line, table

LISTED = 5
"""Misses and false accepts that are shown of each wake word."""


def show(report: Report) -> None:
    """Print a table a wake word, then what was worst."""
    for word in report.words:
        results = report.of(word)
        table(title(results), columns(report), [tuple(row(each, report)) for each in results])
        for each in results:
            if each.latency:
                late = each.latency
                line(
                    f"{each.listener}, {condition(each.condition).words}: {late.median_ms:.0f} ms after the "
                    f"word's end (median of {late.of}, 9 in 10 {late.p90_ms:.0f}, worst {late.worst_ms:.0f})"
                )
        _worst([each for each in results if each.listener == OURS])
        line("")
    line("95 % intervals: clopper-pearson for shares, exact poisson for rates; 'under' where nothing woke it")


def title(results: Sequence[Result]) -> str:
    """What was heard, in a line."""
    one = results[0]
    return (
        f"{one.word}: {one.calls.of} call{'' if one.calls.of == 1 else 's'}, {one.alike.of} sound-alikes, "
        f"{one.other.seconds / 3600:.2f} h of other sound"
    )


def columns(report: Report) -> tuple[str, ...]:
    """The heads of a table."""
    by = ("by",) if len(report.listeners) > 1 else ()
    return ("heard", *by, "at", "calls missed", "alike woke", "false accepts an hour")


def row(one: Result, report: Report) -> Iterator[str]:
    """One result, cell by cell."""
    yield condition(one.condition).words
    if len(report.listeners) > 1:
        yield one.listener
    yield f"{one.threshold:.3f}".removesuffix("0") + (f" x{one.patience}" if one.patience > 1 else "")
    yield percent(one.miss_rate, one.calls.of)
    yield f"{one.alike.woke}/{one.alike.of}".rjust(len("alike woke")) if one.alike.of else "-"
    yield hourly(one.false_accepts_per_hour, one.other.seconds)


def _worst(results: Sequence[Result]) -> None:
    misses = [
        (each.recording, condition(one.condition).words, f"{each.at_s:.2f} s", f"{each.peak:.2f}")
        for one in results
        for each in one.misses
    ]
    wrong = [
        (each.recording, condition(one.condition).words, f"{each.at_s:.2f} s", f"{each.score:.2f}")
        for one in results
        for each in one.false_accepts
    ]
    _some("worst misses", "highest at", misses)
    _some("worst false accepts", "woke at", wrong)


def _some(title: str, when: str, rows: Sequence[tuple[str, ...]]) -> None:
    if rows:
        table(title, ("recording", "heard", when, "score"), rows[:LISTED])
