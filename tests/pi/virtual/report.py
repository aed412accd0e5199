"""What came of a run: rows, a table for people, JSON for programs, and whether it was good enough."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, Final

EXIT_FAILED: Final = 1
EXIT_NOT_RUN: Final = 2
_WIDTH: Final = 110


class Verdict(Enum):
    """What may be said of a row."""

    PASSED = "passed"
    FAILED = "FAILED"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was tried: how long it took, and what was seen."""

    group: str
    name: str
    verdict: Verdict
    seconds: float
    seen: str


def table(rows: Sequence[Row]) -> str:
    """The rows for people, a line each, and longer ones folded."""
    names = max((len(row.name) for row in rows), default=0)
    lines, group = [], None
    for row in rows:
        if row.group != group:
            group = row.group
            lines += ["", f"{group}"]
        head = f"  {row.name:{names}}  {row.verdict.value:7}  {row.seconds:5.1f} s  "
        folded = _fold(row.seen, max(24, _WIDTH - len(head)))
        lines += [(head + folded[0]).rstrip(), *(" " * len(head) + more for more in folded[1:])]
    return "\n".join([*lines, "", summary(rows)]).lstrip("\n")


def summary(rows: Sequence[Row]) -> str:
    """One line: how many passed, and which did not."""
    counts = {verdict: sum(row.verdict is verdict for row in rows) for verdict in Verdict}
    said = [f"{count} {verdict.value}" for verdict, count in counts.items() if count]
    return f"{', '.join(said) or 'nothing was tried'}, {sum(row.seconds for row in rows):.0f} s"


def exit_code(rows: Sequence[Row]) -> int:
    """0 where every row passed; what was not run did not pass, and neither did nothing at all."""
    verdicts = {row.verdict for row in rows}
    if Verdict.FAILED in verdicts:
        return EXIT_FAILED
    return EXIT_NOT_RUN if Verdict.NOT_RUN in verdicts or not rows else 0


def as_json(rows: Sequence[Row], **facts: Any) -> str:
    """The same for programs, with what else is to be known about the run."""
    told = [
        {**asdict(row), "verdict": row.verdict.name.lower(), "seconds": round(row.seconds, 2)} for row in rows
    ]
    return json.dumps({**facts, "summary": summary(rows), "rows": told}, indent=1, ensure_ascii=False) + "\n"


def _fold(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines
