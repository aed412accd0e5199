"""`earlid ledger`: all that left, day by day, whether anybody changed that list, and its head to keep."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

from earlid.config import Config
from earlid.core.chain import UNKNOWN_HEAD
from earlid.core.entry import Entry, What
from earlid.core.plain import several, weight
from earlid.edge.ledger import check, entries, lines
from earlid.edge.terminal import line, paragraph, table
from earlid.errors import UsageError, Violation

COLUMNS = ("time", "what", "id", "wake word", "seconds", "size", "to", "why")


def show(config: Config, *, json: bool) -> int:
    """Print every entry: as it is written, or as a table for each day with its sum, and the sum of all."""
    if json:
        for each in lines(config.paths.ledger):
            sys.stdout.write(each.decode("utf-8", "replace").rstrip("\n") + "\n")
        return 0
    open_: dict[tuple[str, str], Entry] = {}
    said: list[Entry] = []
    days = 0
    for day, found in groupby(_followed(entries(config.paths.ledger), open_), key=_day):
        of_the_day = list(found)
        if days:
            line("")
        days += 1
        table(day, COLUMNS, map(_row, of_the_day))
        paragraph(_total(of_the_day))
        said += of_the_day
    if open_:
        if days:
            line("")
        table("without a receipt", COLUMNS, map(_row, open_.values()))
    if days > 1:
        line("")
        paragraph(f"in all: {_total(said)}")
    elif not said and not open_:
        line("nothing has left yet")
    return 0


def verify(config: Config, kept_mark: str | None) -> int:
    """Say that the ledger is as it was written, or where it is not; Violation then."""
    if kept_mark is not None:
        kept_mark = kept_mark.split()[-1].lower() if kept_mark.split() else ""
        if len(kept_mark) != 64 or not set(kept_mark) <= set("0123456789abcdef"):
            raise UsageError("a head is 64 hex digits: give what earlid ledger head printed")
    found = check(config.paths.ledger, kept_mark)
    if found.lacks_only_the_head:
        raise Violation(UNKNOWN_HEAD)
    for flaw in found.flaws:
        line(f"line {flaw.line}: {flaw.says}")
    if found.flaws:
        raise Violation(
            f"{config.paths.ledger} is not as it was written: keep a copy, and ask who changed it"
        )
    line(f"{_entries(found.lines)}, none changed, removed, moved or cut off")
    line(f"head {found.head.number} {found.head.mark}")
    return 0


def head(config: Config) -> int:
    """Print the number and the mark of the newest entry, to keep on another machine or on paper."""
    newest = check(config.paths.ledger).head
    line(f"{newest.number} {newest.mark}")
    return 0


def _followed(said: Iterable[Entry], open_: dict[tuple[str, str], Entry]) -> Iterator[Entry]:
    """Every entry but the intents; those that nothing followed are left in `open_`."""
    for entry in said:
        if entry.what is What.INTENT:
            open_[entry.id, entry.sink] = entry
        elif entry.what is not What.TO_DELETE:
            open_.pop((entry.id, entry.sink), None)
            yield entry


def _row(entry: Entry) -> tuple[str, ...]:
    length = "" if entry.seconds is None else f"{entry.seconds:.1f}"
    size = "" if entry.bytes is None else weight(entry.bytes)
    to = f"{entry.sink} ({entry.host})" if entry.host else entry.sink
    return (_local(entry)[11:19], entry.what.value, entry.id[:8], entry.word, length, size, to, entry.cause)


def _total(said: Iterable[Entry]) -> str:
    counts: dict[What, int] = {}
    sent_bytes, sent_s = 0, 0.0
    for entry in said:
        counts[entry.what] = counts.get(entry.what, 0) + 1
        if entry.what is What.SENT:
            sent_bytes += entry.bytes or 0
            sent_s += entry.seconds or 0.0
    parts = [f"{count} {what.value}" for what, count in counts.items() if what is not What.SENT]
    sent = f"{counts.get(What.SENT, 0)} sent, {sent_s:.1f} s, {weight(sent_bytes)}"
    return ", ".join([sent, *parts])


def _local(entry: Entry) -> str:
    """The time of an entry by this machine's own zone."""
    try:
        return datetime.fromisoformat(entry.at).astimezone().isoformat()
    except ValueError:
        return "at no known time"


def _day(entry: Entry) -> str:
    return _local(entry)[:10]


def _entries(count: int) -> str:
    return "no entries" if not count else several(count, "entry") if count == 1 else f"{count} entries"
