"""Writes what was measured into the models' own manifests, from which the README's table is made."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Final

from earlid.bench.engines import OURS
from earlid.bench.report import Report, Result
from earlid.edge.model.manifest import Measured
from earlid.errors import UsageError

_OLD: Final = re.compile(r"\n*\[\[measured\]\]\n(?:[^\[].*\n|\n)*")
_FIGURES: Final = 4


def write_manifests(report: Report, source: str) -> list[Path]:
    """Put our results into `models/NAME.toml`, in place of those before; the files that were written.

    `source` says what was listened to. Threshold and patience become those that were measured.
    """
    written = []
    for word in report.words:
        found = [one for one in report.of(word) if one.listener == OURS]
        path = Path(str(resources.files("earlid.models"))) / f"{word}.toml"
        try:
            path.write_text(with_results(path.read_text("utf-8"), found, source), "utf-8")
        except OSError as error:
            why = (error.strerror or "unknown trouble").lower()
            raise UsageError(f"{path}: cannot be written ({why}); --write is for a checkout") from error
        written.append(path)
    return written


def with_results(text: str, found: list[Result], source: str) -> str:
    """The manifest `text` with the results `found` at its end, and their threshold and patience."""
    first = found[0]
    for key, value in (("threshold", f"{first.threshold:g}"), ("patience", str(first.patience))):
        text = re.sub(rf"(?m)^{key} = [0-9.]+", f"{key} = {value}", text)
    tables = [_table(measured(one, source)) for one in found]
    return _OLD.sub("\n", text).rstrip("\n") + "\n\n" + "\n".join(tables)


def measured(one: Result, source: str) -> Measured:
    """One result as a manifest keeps it."""
    misses, accepts = one.miss_rate, one.false_accepts_per_hour
    return Measured(
        condition=one.condition,
        calls=one.calls.of,
        missed=one.calls.missed,
        miss_low=round(misses.low, _FIGURES),
        miss_high=round(misses.high, _FIGURES),
        hours=round(one.other.seconds / 3600, _FIGURES),
        false_accepts=one.other.events,
        per_hour_low=round(accepts.low, _FIGURES),
        per_hour_high=round(accepts.high, _FIGURES),
        alike=one.alike.of,
        alike_woke=one.alike.woke,
        source=source,
    )


def _table(one: Measured) -> str:
    lines = ["[[measured]]"]
    for name in Measured.__slots__:
        value = getattr(one, name)
        lines.append(f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value}")
    return "\n".join(lines) + "\n"
