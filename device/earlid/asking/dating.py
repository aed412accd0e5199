"""When a segment was kept, as far as that can be known on a machine whose clock may have been wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from earlid.edge.budget_file import Uptime
from earlid.edge.computer import EARLIEST_YEAR
from earlid.edge.spool.shelf import Held, Shelf

EARLIEST_S: Final = datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC).timestamp()


class Dating:
    """Tells when segments were kept, in seconds since 1970, 0 where that is not known; or how long ago.

    Of this run of the machine it is told by how long it has been on: a clock that was behind or ahead then
    changes nothing. Of one before, by the time of the file, where that can be: a clock that was behind by
    less than years is not noticed.
    """

    def __init__(self, uptime: Uptime | None = None, wall: Callable[[], float] = time.time) -> None:
        self._uptime, self._wall = uptime or Uptime(), wall
        self._boot = _boot_of(self._uptime)

    def kept_s(self, held: Held, shelf: Shelf) -> float:
        """When `held` was kept."""
        age_s = self._age_in_this_run_s(held, shelf)
        kept_s = held.kept_s if age_s is None else self._wall() - age_s
        return kept_s if kept_s >= EARLIEST_S else 0.0

    def age_s(self, held: Held, shelf: Shelf, is_right: Callable[[], bool]) -> float | None:
        """How long ago `held` was kept; None where nobody knows, as before the time of day `is_right`."""
        age_s = self._age_in_this_run_s(held, shelf)
        if age_s is None and held.kept_s >= EARLIEST_S and is_right():
            age_s = max(0.0, self._wall() - held.kept_s)
        return age_s

    def _age_in_this_run_s(self, held: Held, shelf: Shelf) -> float | None:
        facts = shelf.facts(held)
        if facts is not None and self._boot and facts.boot == self._boot:
            return max(0.0, self._uptime() - facts.up_s)
        return None


def _boot_of(uptime: Uptime) -> str:
    """The name of this run of the machine; none where a sandbox hides it."""
    try:
        return uptime.boot
    except OSError:
        return ""
