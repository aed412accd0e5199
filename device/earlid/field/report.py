"""`earlid field report` and `merge`: pages to show to others, with numbers and no more than numbers."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from enum import Enum
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from earlid.core.summary import Summary, summary
from earlid.edge.field.store import FieldStore
from earlid.edge.schema import from_json, to_json
from earlid.errors import UsageError
from earlid.field.figures import Device, Together, device, together
from earlid.field.place import opened, tidy

if TYPE_CHECKING:
    from earlid.config import Config

FORMAT: Final = 1
_LIMIT_BYTES: Final = 4_000_000


class How(Enum):
    """In which form a report is told."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"
    CSV = "csv"


def report(config: Config, how: How, *, notes: bool) -> int:
    """Tell what all field recordings of this device came to. What their owner wrote is told only if asked."""
    with opened(config) as store:
        tidy(config, store)
        _tell([summary_of(store, notes=notes)], how)
    return 0


def merge(files: Sequence[Path], how: How) -> int:
    """Tell what several devices' reports, made with --json, came to: each apart, and all together.

    UsageError where two files tell of the same hours. An older report of the same device is not recognised.
    """
    found = [(file, one) for file in files for one in _read(file)]
    if len(found) < 2:
        raise UsageError("name the reports of two devices or more, made with earlid field report --json")
    for (first, one), (second, other) in combinations(found, 2):
        if one == other and one.listened_h:
            raise UsageError(
                f"{first} and {second} tell of the same device and the same hours: name each device once"
            )
    _tell([one for _, one in found], how)
    return 0


def summary_of(store: FieldStore, *, notes: bool = False) -> Summary:
    """What all that is in `store` comes to."""
    return summary(
        store.minutes(),
        store.peaks(),
        store.trials(),
        [run.setup for run in store.runs()],
        lambda at_s: time.localtime(at_s).tm_hour,
        [session.note for session in store.sessions() if session.note] if notes else [],
    )


def _tell(found: list[Summary], how: How) -> None:
    devices = [device(one, number) for number, one in enumerate(found, 1)]
    whole = together(devices) if len(devices) > 1 else None
    if how is How.TEXT:
        from earlid.field.text import tell_all  # noqa: PLC0415 - each form costs its own libraries

        tell_all(devices, whole)
        return
    sys.stdout.write(_written(how, devices, whole))
    sys.stdout.flush()


def _written(how: How, devices: list[Device], whole: Together | None) -> str:
    if how is How.HTML:
        from earlid.field.sheet import sheet  # noqa: PLC0415 - as above

        return sheet(devices, whole)
    if how is How.CSV:
        from earlid.field.text import rows  # noqa: PLC0415 - as above

        return rows(devices)
    said: dict[str, Any] = {
        "earlid_field_report": FORMAT,
        "devices": [one.summary for one in devices],
        "figures": [{"false_per_hour": one.false, "at_most_per_hour": one.most} for one in devices],
    }
    if whole:
        said["together"] = whole
    return to_json(said).decode() + "\n"


def _read(file: Path) -> list[Summary]:
    """The devices in one report."""
    try:
        with file.open("rb") as opened_file:
            body = opened_file.read(_LIMIT_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file}: {(error.strerror or 'cannot be read').lower()}") from None
    try:
        said = from_json(body, dict[str, Any])
        devices = said["devices"] if said.get("earlid_field_report") == FORMAT else None
        return from_json(to_json(devices), list[Summary])
    except (ValueError, KeyError):
        raise UsageError(f"{file}: not a report made with earlid field report --json") from None
