"""What became of the segments that this process kept: seen in the spool, where the uploader takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from earlid.core.showing import Leaving
from earlid.edge.spool.kept import place

SENT_S: Final = 1.0
"""How long a delivery is shown."""
LOOK_EVERY_S: Final = 0.25


class Outgoing:
    """Watches `outbox` for segments that leave it; one that turns up in `quarantine` was not delivered."""

    def __init__(self, outbox: Path, quarantine: Path) -> None:
        self._outbox = outbox
        self._quarantine = quarantine
        self._waiting: set[str] = set()
        self._gone_at_s = self._looked_at_s = float("-inf")
        self._changed_ns: int | None = None
        self._is_settled = False

    def keep(self, id_: str) -> None:
        """The segment `id_` lies in the outbox now."""
        self._waiting.add(id_)

    def look(self, now_s: float) -> Leaving:
        """What became of them, on any clock that only grows."""
        if self._waiting and now_s - self._looked_at_s >= LOOK_EVERY_S:
            self._looked_at_s = now_s
            self._find_out(now_s)
        if self._waiting:
            return Leaving.WAITING
        return Leaving.GONE if now_s - self._gone_at_s < SENT_S else Leaving.NOTHING

    def _find_out(self, now_s: float) -> None:
        if not self._may_have_changed():
            return
        left = self._waiting - _ids_in(self._outbox)
        self._waiting -= left
        if left and left - _ids_in(self._quarantine):
            self._gone_at_s = now_s

    def _may_have_changed(self) -> bool:
        """Whether names came or went in the outbox: with ten thousand in it, reading them all takes its time.

        Times of change are coarse, so each is looked at twice, a look apart.
        """
        before, was_settled = self._changed_ns, self._is_settled
        try:
            self._changed_ns = self._outbox.stat().st_mtime_ns
        except OSError:
            self._changed_ns = None
        self._is_settled = self._changed_ns is not None and self._changed_ns == before
        return not (was_settled and self._is_settled)


def _ids_in(folder: Path) -> set[str]:
    try:
        return {known[1] for each in folder.iterdir() if (known := place(each.name))}
    except OSError:
        return set()
