"""A chain of entries: each carries the SHA-256 of the one before, so that none can change unnoticed.

An entry is one line of JSON, in the one way it can be written: keys sorted, no spaces, ASCII only. `n` is
its number, from 1; `before` is the SHA-256 of the line before, without its newline, or zeros for the first.
The mark of an entry is the SHA-256 of its own line. Whoever keeps the newest mark elsewhere can show that
nothing up to there was changed, removed, put in another order or cut off; whoever does not can still show
it against everyone who cannot rewrite the whole chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Facts = Mapping[str, str | int | float]

NOTHING: Final = "0" * 64
"""The mark of what comes before the first entry."""
UNKNOWN_HEAD: Final = (
    "every entry follows the one before, but none has this head: was it copied right? "
    "if it was, the newest entries were removed, or all were written anew"
)
_OURS: Final = frozenset({"n", "before"})


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of a chain: its number, and its mark."""

    number: int = 0
    mark: str = NOTHING


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is wrong with a chain: in which line, from 1, and what, in words."""

    line: int
    says: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at a whole chain found: how many lines, its head, and every flaw.

    `lacks_only_the_head` is whether the only flaw is that no entry has the mark that was kept elsewhere.
    """

    lines: int
    head: Head
    flaws: tuple[Flaw, ...]
    lacks_only_the_head: bool = False


class BrokenEntryError(ValueError):
    """A line is no entry of a chain."""


def mark_of(line: bytes) -> str:
    """The mark of the entry that `line` is, newline or not."""
    return hashlib.sha256(line.removesuffix(b"\n")).hexdigest()


def chained(head: Head, facts: Facts) -> tuple[bytes, Head]:
    """The line, with its newline, that adds `facts` after `head`, and the head it makes."""
    if _OURS & facts.keys():
        raise ValueError(f"the chain's own words are not for facts: {sorted(_OURS & facts.keys())}")
    line = _written({**facts, "n": head.number + 1, "before": head.mark})
    return line + b"\n", Head(head.number + 1, mark_of(line))


def read_entry(line: bytes) -> dict[str, Any]:
    """The facts in `line`, with `n` and `before`; BrokenEntryError unless it is written the one way."""
    bare = line.removesuffix(b"\n")
    try:
        facts: Any = json.loads(bare)
        is_ours = isinstance(facts, dict) and _written(facts) == bare
    except (ValueError, RecursionError) as error:
        raise BrokenEntryError("it is not JSON") from error
    if not is_ours:
        raise BrokenEntryError("it is not written the way entries are")
    if type(facts.get("n")) is not int or facts["n"] < 1 or type(facts.get("before")) is not str:
        raise BrokenEntryError("it has no number or no mark of the entry before")
    return dict(facts)


def verify(lines: Iterable[bytes], head: Head | None = None, kept_mark: str | None = None) -> Checked:
    """Find every entry that was changed, removed, moved or cut off, in one pass and flat memory.

    `head` is the newest entry known to have been written: the chain may be longer, never shorter, and must
    agree with it. `kept_mark` is a mark that somebody kept elsewhere: some entry must still have it.
    """
    walk = _Walk(head or Head(), kept_mark)
    for line in lines:
        walk.step(line)
    return walk.result()


class _Walk:
    """One pass over a chain; after a flaw it goes on from what it found, so that one flaw is told once."""

    def __init__(self, known: Head, kept_mark: str | None) -> None:
        self._known, self._kept_mark = known, kept_mark
        self._is_kept_found = kept_mark in (None, NOTHING)
        self._line = 0
        self._last = Head()
        self._flaws: list[Flaw] = []
        self._gaps: list[tuple[int, int, int]] = []
        self._came_late: set[int] = set()

    def step(self, line: bytes) -> None:
        self._line += 1
        try:
            entry = read_entry(line)
        except BrokenEntryError as error:
            self._flaw(f"entry {self._last.number + 1} was changed: {error}")
            self._last = Head(self._last.number + 1, "")
            return
        number, expected = entry["n"], self._last.number + 1
        mark = mark_of(line)
        if number > expected:
            self._gaps.append((self._line, expected, number - 1))
        elif number < expected:
            self._came_late.add(number)
            self._flaw(f"entry {number} is not in its place: it comes after entry {self._last.number}")
        elif self._last.mark and entry["before"] != self._last.mark:
            self._tell_changed(number - 1)
        self._look_for(Head(number, mark))
        self._last = Head(number, mark)

    def result(self) -> Checked:
        for line, first, last in self._gaps:
            late = sum(first <= number <= last for number in self._came_late)
            what = "missing" if late <= last - first else "not in place"
            self._flaws.append(Flaw(line, f"{_entries(first, last)} {what} here"))
        if self._known.number > self._last.number:
            cut = _entries(self._last.number + 1, self._known.number)
            self._flaws.append(Flaw(self._line + 1, f"{cut} cut off at the end"))
        lacks_only_the_head = bool(self._line) and not self._flaws and not self._is_kept_found
        if lacks_only_the_head:
            self._flaws.append(Flaw(self._line + 1, UNKNOWN_HEAD))
        elif not self._is_kept_found:
            says = f"no entry has the mark {self._kept_mark}: the one that had it was changed or removed"
            self._flaws.append(Flaw(self._line + 1, says))
        flaws = tuple(sorted(self._flaws, key=lambda flaw: flaw.line))
        return Checked(self._line, self._last, flaws, lacks_only_the_head)

    def _tell_changed(self, number: int) -> None:
        if number:
            self._flaws.append(Flaw(self._line - 1, f"entry {number} was changed after it was written"))
        else:
            self._flaw("entry 1 does not begin a chain: what came before it was removed")

    def _look_for(self, found: Head) -> None:
        self._is_kept_found |= found.mark == self._kept_mark
        if found.number == self._known.number and found.mark != self._known.mark:
            self._flaw(f"entry {found.number} is not the one that was written last")

    def _flaw(self, says: str) -> None:
        self._flaws.append(Flaw(self._line, says))


def _entries(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"


def _written(facts: Mapping[str, Any]) -> bytes:
    """The one way to write `facts`; ValueError for numbers that JSON does not know."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")
