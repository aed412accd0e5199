"""When an uploader that is a service may leave, and what becomes of what its listener does not overwrite.

It leaves when nothing is left that it could do, not even later: nothing waits to be sent, to be deleted
elsewhere, to be forgotten or to be written down. All of that is on disk, where the path units look too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from earlid.asking.slip_names import is_for
from earlid.edge.disk import is_shared
from earlid.edge.spool.slips import Slips
from earlid.edge.spool.trash import drop
from earlid.errors import ConfigError, DiskTrouble
from earlid.uploading.housekeeping import House
from earlid.uploading.uploader import Wait

OVERWRITE_S: Final = 5.0
"""How long what was taken away waits for its owner, who looks every second, to be overwritten."""


class Retiring:
    """A `Wait` that says it is time to stop once there was nothing to do for `idle_s`; None is never.

    `sinks` are the name of each and where it is.
    """

    def __init__(
        self,
        house: House,
        sinks: Sequence[tuple[str, str]],
        idle_s: float | None,
        wait: Wait,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._house, self._sinks, self._idle_s, self._wait, self._clock = house, sinks, idle_s, wait, clock
        self._notes = Slips(house.shelf.spool.root / "notes", house.shelf.spool.disk)
        self._idle_since: float | None = None
        self._thrown_at: dict[str, float] = {}

    def __call__(self, wait_s: float) -> bool:
        """Wait; True where it is time to stop."""
        self._see_to_the_trash()
        if self._idle_s is not None and self._is_idle():
            now = self._clock()
            self._idle_since = now if self._idle_since is None else self._idle_since
            if now - self._idle_since >= self._idle_s:
                return True
        else:
            self._idle_since = None
        return self._wait(wait_s)

    def _is_idle(self) -> bool:
        house = self._house
        try:
            waits = bool(self._sinks) and house.shelf.spool.waiting() > 0
            names = house.deletions.names()
            deletes = any(is_for(name, *sink) for name in names for sink in self._sinks)
            return not (waits or deletes or house.is_asked or self._notes.names() or self._thrown_at)
        except (DiskTrouble, ConfigError):
            return False  # nobody can tell

    def _see_to_the_trash(self) -> None:
        """Have the names gone of what nobody came to overwrite: gone is better than overwritten some day."""
        spool, now = self._house.shelf.spool, self._clock()
        if not is_shared(spool.trash):
            return  # this process overwrites it itself
        try:
            names = [entry.name for entry in spool.disk.list(spool.trash)]
        except (DiskTrouble, ConfigError):
            return
        self._thrown_at = {name: self._thrown_at.get(name, now) for name in names}
        for name, since in list(self._thrown_at.items()):
            if now - since >= OVERWRITE_S:
                drop(spool.disk, spool.trash / name)
