"""Tables a person reads: one set of cells, drawn as text for a terminal or as Markdown for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.figures import Spread
from bench.targets import Said, Target

NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Table:
    """A title, the names of the columns and rows of cells, all as long as the names."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"a row of '{self.title}' does not have {len(self.columns)} cells")

    def text(self) -> str:
        """The table for a terminal: first column to the left, numbers to the right."""
        widths = [max(len(cell) for cell in column) for column in zip(self.columns, *self.rows, strict=True)]
        lines = [_line(row, widths) for row in (self.columns, *self.rows)]
        lines.insert(1, "  ".join("-" * width for width in widths))
        return "\n".join([self.title, "", *lines, *_below(self.notes, "  ")])

    def markdown(self) -> str:
        """The table for a page; a bar within a cell stays within it."""
        rule = ("---", *("---:" for _ in self.columns[1:]))
        lines = [
            f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"
            for row in (self.columns, *self.rows)
        ]
        lines.insert(1, f"|{'|'.join(rule)}|")
        return "\n".join([f"**{self.title}**", "", *lines, *_below(self.notes, "- ")])


def _below(notes: Sequence[str], mark: str) -> list[str]:
    return ["", *(mark + note for note in notes)] if notes else []


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.ljust(width) if not place else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *rest]).rstrip()


def ranged(value: Spread | None, digits: int = 2) -> str:
    """A median with how far the measurements ran apart."""
    if value is None:
        return NOTHING
    return f"{value.median:.{digits}f} ({value.low:.{digits}f}..{value.high:.{digits}f})"


def plain(value: float | None, digits: int = 1, unit: str = "") -> str:
    """A number and its unit, or a dash where nothing was measured."""
    return NOTHING if value is None else f"{value:.{digits}f}{unit}"


def small(value: float | None) -> str:
    """A number that may be very small."""
    return NOTHING if value is None else f"{value:.1e}" if value else "0"


def reached(told: Sequence[tuple[Target, Said]], found: Mapping[str, float | None]) -> Table:
    """The table of targets: what was asked, what was found, and which of the three words holds."""
    return Table(
        "Targets of issue 3",
        ("", "asked", "found", ""),
        tuple(
            (
                each.about,
                f"{each.way.value} {each.limit:g}{each.unit}",
                NOTHING if found.get(each.key) is None else f"{found[each.key]:.3g}{each.unit}",
                said.value,
            )
            for each, said in told
        ),
    )
