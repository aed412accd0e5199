"""The table of the last full run, in the README between its two marks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pi.virtual.host import CHECKOUT
from pi.virtual.report import Row, summary

README: Final = CHECKOUT / "README.md"
_OPENS, _CLOSES = "<!-- virtual-pi -->\n", "<!-- /virtual-pi -->"


def table(rows: Sequence[Row], *, command: str, began: str, machine: str) -> str:
    """What came of `rows`, for the README: what was run, when and where, and a line for each."""
    lines = [
        f"`{command}`, {began}, {machine}: {summary(rows)}.",
        "",
        "| what | came out | time | seen |",
        "|---|---|---|---|",
    ]
    for row in rows:
        seen = " ".join(row.seen.split()).replace("|", "\\|")
        lines.append(f"| {row.group}: {row.name} | {row.verdict.value} | {row.seconds:.0f} s | {seen} |")
    return "\n".join(lines) + "\n"


def shown(text: str) -> str:
    """The table that the README `text` holds."""
    return text.partition(_OPENS)[2].partition(_CLOSES)[0]


def write(made: str, file: Path = README) -> None:
    """Put `made` in the place of the table that is there; ValueError where there is no place for it."""
    text = file.read_text(encoding="utf-8")
    before, opens, rest = text.partition(_OPENS)
    _, closes, after = rest.partition(_CLOSES)
    if not (opens and closes):
        raise ValueError(f"{file} has no place for the table: {_OPENS.strip()} and {_CLOSES}")
    file.write_text(before + opens + made + closes + after, encoding="utf-8")
