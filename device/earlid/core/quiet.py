"""Quiet hours: spans of the local day in which nothing is heard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Quiet:
    """From minute `start` of the local day until minute `stop`, over midnight if that comes first."""

    start: int
    stop: int

    def __post_init__(self) -> None:
        if not (0 <= self.start < DAY and 0 <= self.stop < DAY):
            raise ValueError("a day goes from 00:00 to 23:59")
        if self.start == self.stop:
            raise ValueError("begin and end are the same: use earlid mute for a whole day")

    def holds(self, minute: int) -> bool:
        """Whether minute `minute` of the local day, as a clock on the wall shows it, is quiet."""
        if self.start < self.stop:
            return self.start <= minute < self.stop
        return minute >= self.start or minute < self.stop


def quiet_from(text: str) -> Quiet:
    """The span that `text` such as 22:00-06:30 names; ValueError says what is wrong with it."""
    start, dash, stop = text.partition("-")
    if not dash:
        raise ValueError('write it as "22:00-06:30"')
    return Quiet(_minute(start), _minute(stop))


def quiet_until(hours: Iterable[Quiet], hour: int, minute: int) -> str:
    """When the quiet that holds at `hour`:`minute` local time ends, as 06:30; empty when none holds.

    Spans that touch or overlap are one. The clock on the wall decides, also where it jumps for summer time.
    """
    spans = tuple(hours)
    now = end = hour * 60 + minute
    for _ in spans:
        for span in spans:
            if span.holds(end % DAY):
                end += (span.stop - end) % DAY
    if end == now:
        return ""
    if end - now >= DAY:
        return "further notice"
    return f"{end % DAY // 60:02d}:{end % 60:02d}"


def _minute(text: str) -> int:
    hours, colon, minutes = text.strip().partition(":")
    if not colon or not (hours.isascii() and hours.isdecimal() and minutes.isascii() and minutes.isdecimal()):
        raise ValueError('write it as "22:00-06:30"')
    if not (len(hours) <= 2 and len(minutes) == 2 and int(hours) < 24 and int(minutes) < 60):
        raise ValueError("a day goes from 00:00 to 23:59")
    return int(hours) * 60 + int(minutes)
