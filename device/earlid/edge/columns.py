"""Rows under columns, no wider than the terminal: what finds no room stands below its row, with its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

_GAP: Final = 2
_ROOM: Final = 24
"""A column that would be folded into fewer letters than these stands below."""
_STYLES: Final = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def laid_out(
    columns: Sequence[str], rows: Sequence[Sequence[str]], console: Console, width: int | None
) -> Iterator[Text]:
    """`columns` and `rows` as lines of at most `width` letters; None is as wide as they are.

    Where they are too wide, the first columns stay side by side, and the others follow each row with their
    names. A word is broken only where it is longer than a line.
    """
    sides = _side_by_side([columns, *rows], width)
    if any(columns[: len(sides)]):
        yield from _beside([Text(name, "bold") for name in columns[: len(sides)]], sides, console)
    room = width or 0  # where nothing limits it, nothing stands below
    indent = sides[0] + _GAP if (sides[0] + _GAP) * 3 <= room else _GAP
    for row in rows:
        yield from _beside([Text(cell, _STYLES.get(cell, "")) for cell in row[: len(sides)]], sides, console)
        below = zip(columns[len(sides) :], row[len(sides) :], strict=True)
        said = [f"{name}: {cell}" if name else cell for name, cell in below if cell]
        for text in _packed(said, max(room - indent, 1), console):
            yield _padded(text, indent)


def _side_by_side(cells: Sequence[Sequence[str]], width: int | None) -> list[int]:
    """How wide each column is that stands beside the others; the last of them may have to be folded."""
    sides: list[int] = []
    for column in zip(*cells, strict=True):
        wanted = max(map(cell_len, column))
        left = wanted if width is None else width - sum(sides) - _GAP * len(sides)
        if wanted <= left:
            sides.append(wanted)
            continue
        longest_word = max(cell_len(word) for cell in column for word in (cell.split() or [""]))
        if not sides or left >= max(_ROOM, longest_word):
            sides.append(max(left, 1))
        break
    return sides


def _beside(cells: Sequence[Text], sides: Sequence[int], console: Console) -> Iterator[Text]:
    """One row: its cells beside each other, the last one folded where it is longer than its column."""
    *first, last = cells
    indent = sum(sides[:-1]) + _GAP * len(first)
    folded = list(last.wrap(console, sides[-1], overflow="fold")) or [Text()]
    for number, text in enumerate(folded):
        line = Text()
        for cell, side in zip(first, sides, strict=False):
            if number == 0:
                line.append_text(cell).append(" " * (side - cell.cell_len + _GAP))
        line.append_text(_padded(text, indent if number else 0))
        line.rstrip()
        yield line


def _packed(said: Sequence[str], width: int, console: Console) -> Iterator[Text]:
    """What is `said`, as many pieces on a line as fit whole."""
    line = ""
    for piece in said:
        if line and cell_len(line) + _GAP + cell_len(piece) > width:
            yield from Text(line).wrap(console, width, overflow="fold")
            line = ""
        line += f"{' ' * _GAP}{piece}" if line else piece
    if line:
        yield from Text(line).wrap(console, width, overflow="fold")


def _padded(text: Text, indent: int) -> Text:
    text.rstrip()
    return Text(" " * indent).append_text(text)
