"""What waits for its owner to decide: segments set aside, and deletions at destinations that are gone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from earlid.config import Config
from earlid.edge.sinks.settings import UPLOAD
from earlid.edge.spool.kept import place


def count_in(room: Path) -> int | None:
    """How many segments lie in `room`; None where this user may not look. Looking creates nothing."""
    try:
        return sum(place(each.name) is not None for each in room.iterdir())
    except FileNotFoundError:
        return 0
    except OSError:
        return None


def orphans(config: Config) -> dict[str, int]:
    """How many deletions wait for each destination that is not configured any more."""
    known = {each.called for each in config.sinks} | ({UPLOAD} if config.upload.url else set())
    try:
        names = [
            each.stem for each in (config.paths.forget / "deletions").iterdir() if each.suffix == ".json"
        ]
    except OSError:
        return {}
    return dict(Counter(sink for name in names if (sink := name[33:]) and sink not in known))


def told(found: dict[str, int]) -> str:
    """`found` in words, with what to do about it."""
    counts = ", ".join(f"{count} for {sink}" for sink, count in found.items())
    return f"{counts}, not configured any more: configure it again, or earlid forget --give-up NAME"
