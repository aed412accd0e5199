"""Tables, lines and progress for people. What is shown is text: no markup or escape in it takes effect."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from earlid.edge.columns import laid_out

_WIDE = 400
"""Columns where nobody looks."""


class Advance(Protocol):
    """Called with how far the whole is done, and with what is being done."""

    def __call__(self, done: float, what: str = "") -> None:
        """Bring the bar there."""


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print `rows` under `columns`; a cell that is ok, warn or fail has a colour, too."""
    console = _console()
    width = console.width if sys.stdout.isatty() else None  # what is piped is never folded
    if title:
        line(title, "italic")
    cleaned = [[_clean(cell) for cell in row] for row in rows]
    for each in laid_out(columns, cleaned, console, width):
        console.print(each, soft_wrap=True)


def line(text: str, style: str = "") -> None:
    """Print one line of text."""
    _console().print(Text(_clean(text), style=style), soft_wrap=True)


def paragraph(text: str) -> None:
    """Print text that nobody copies: where the terminal is narrower, it is folded between words."""
    table("", ("",), [(text,)])


@contextmanager
def progress(title: str, total: float) -> Iterator[Advance]:
    """A bar on stderr while the block runs, on a terminal only."""
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with bar:
        task = bar.add_task(_clean(title), total=total)

        def advance(done: float, what: str = "") -> None:
            bar.update(task, completed=done, description=_clean(what or title))

        yield advance


def _console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)


def _clean(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
