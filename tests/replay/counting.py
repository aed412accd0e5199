"""The arithmetic of the report: what was called and found, and how often it woke when nobody called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

EXPECTED_AT_MOST: float = 3.0
"""No event seen: with 95 % confidence fewer than three were to be expected."""
ALL = "all together"


class Kind(Enum):
    """What a recording is to a wake word."""

    CALL = "its own calls"
    NEAR = "sound-alikes"
    OTHER = "talk and noise"


@dataclass(frozen=True, slots=True)
class Take:
    """One recording, as the index lists it: its path, and what is said in it."""

    path: str
    label: str

    def kind(self, model: str) -> Kind | None:
        """What it is to the wake word `model`; None where another one is called."""
        folder = self.path.split("/", 1)[0]
        if folder == "positive":
            return Kind.CALL if self.label.split("+")[0].split(":")[0] == model else None
        return Kind.NEAR if folder == "near" else Kind.OTHER

    def found(self, woken: Sequence[str]) -> bool:
        """Whether the words `woken` are what was called here: a timer only for the right time."""
        return self.label.split("+")[0] in woken


@dataclass(frozen=True, slots=True)
class Count:
    """Recordings of one kind, heard for one wake word: how many, how long, and how often it woke."""

    recordings: int = 0
    seconds: float = 0.0
    woke: int = 0

    def __add__(self, other: Count) -> Count:
        """Both together."""
        return Count(self.recordings + other.recordings, self.seconds + other.seconds, self.woke + other.woke)

    @property
    def per_hour(self) -> str:
        """False wakes an hour; where there were none, the most there can be with 95 % confidence."""
        if not self.seconds:
            return "-"
        hours = self.seconds / 3600
        return f"{self.woke / hours:.1f}" if self.woke else f"at most {EXPECTED_AT_MOST / hours:.1f}"

    @property
    def percent(self) -> str:
        """Calls that were found, of all calls."""
        return f"{100 * self.woke / self.recordings:.1f} %" if self.recordings else "-"


def counted(take: Take, kind: Kind, seconds: float, woken: Sequence[str]) -> Count:
    """One recording: a call is found or not, anything else may wake it more than once."""
    return Count(1, seconds, int(take.found(woken)) if kind is Kind.CALL else len(woken))


Counts = dict[tuple[str, Kind], Count]
COLUMNS = ("wake word", "heard in", "recordings", "hours", "woke", "that is")


def rows(counts: Counts, models: Iterable[str]) -> list[tuple[str, ...]]:
    """The report, row by row: three a wake word, then those of all that listened at once."""
    named = [(model, {kind: counts.get((model, kind), Count()) for kind in Kind}) for model in models]
    found: list[tuple[str, ...]] = []
    for model, by_kind in [*named, (ALL, _together([by_kind for _, by_kind in named]))]:
        for place, (kind, count) in enumerate(by_kind.items()):
            found.append((model if place == 0 else "", kind.value, *_cells(kind, count)))
    return found


def _together(each: Sequence[dict[Kind, Count]]) -> dict[Kind, Count]:
    """Calls add up; the sound in which nobody called is the same for all, so only the wakes in it add up."""
    calls = sum((one[Kind.CALL] for one in each), Count())
    same = {
        kind: Count(
            max(one[kind].recordings for one in each),
            max(one[kind].seconds for one in each),
            sum(one[kind].woke for one in each),
        )
        for kind in (Kind.NEAR, Kind.OTHER)
    }
    return {Kind.CALL: calls} | same


def _cells(kind: Kind, count: Count) -> tuple[str, ...]:
    if not count.recordings:
        return *_to_the_right("none", "-", "-"), "-"
    rate = f"{count.percent} found" if kind is Kind.CALL else f"{count.per_hour} an hour"
    return *_to_the_right(f"{count.recordings:,}", f"{count.seconds / 3600:.2f}", str(count.woke)), rate


def _to_the_right(*cells: str) -> tuple[str, ...]:
    """Numbers under the ends of their columns' names."""
    return tuple(cell.rjust(len(name)) for cell, name in zip(cells, COLUMNS[2:5], strict=True))
