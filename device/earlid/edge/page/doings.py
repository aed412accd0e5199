"""What the owner does to recordings, and takes back: labels at once, erasing after a moment."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from earlid.core.field import Label, Peak, Tag
from earlid.edge.field.store import FieldStore
from earlid.errors import EarlidError, UsageError

GRACE_S: Final = 8.0
"""How long an erasure can be taken back. Nothing can bring back what was erased."""
_LOG: Final = logging.getLogger("earlid.review")


class Doings:
    """Changes to the recordings in `store`. `erase` destroys what one peak has. For several threads.

    What waits to be erased is erased when its time is up, and at `close`, whichever is first.
    """

    def __init__(
        self,
        store: FieldStore,
        erase: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        grace_s: float = GRACE_S,
    ) -> None:
        self._store = store
        self._erase = erase
        self._clock = clock
        self._grace_s = grace_s
        self._changed = threading.Condition()
        self._due_s: dict[str, float] = {}
        self._order: list[str | None] = []
        """Ids asked to be erased, and None for what the store itself can undo; the last is undone first."""
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="erasing", daemon=True)
        self._thread.start()

    def label(self, id_: str, label: Label | None) -> Peak:
        """Say what the peak `id_` was."""
        return self._said(self._store.label(id_, label))

    def tag(self, id_: str, tags: Iterable[Tag]) -> Peak:
        """Say what set the peak `id_` off."""
        return self._said(self._store.tag(id_, tags))

    def annotate(self, id_: str, note: str) -> Peak:
        """Write something beside the peak `id_`."""
        return self._said(self._store.annotate(id_, note))

    def erase(self, id_: str) -> Peak:
        """Let the peak `id_` be erased in `GRACE_S`; UsageError if there is none."""
        peak = self._store.peak(id_)
        with self._changed:
            if id_ not in self._due_s:
                self._due_s[id_] = self._clock() + self._grace_s
                self._order.append(id_)
            self._changed.notify_all()
        return peak

    def undo(self) -> Peak | None:
        """Take back the last thing done: the peak it was done to. UsageError if that is erased for good."""
        with self._changed:
            last = self._order.pop() if self._order else None
            if last is not None:
                if self._due_s.pop(last, None) is None:
                    raise UsageError("it is erased: nothing brings it back")
                return self._store.peak(last)
        return self._store.undo()

    @property
    def going(self) -> frozenset[str]:
        """The ids of what will be erased in a moment."""
        with self._changed:
            return frozenset(self._due_s)

    def forget(self) -> None:
        """Everything was erased: there is nothing left to do or take back."""
        with self._changed:
            self._due_s.clear()
            self._order.clear()

    def close(self) -> None:
        """Erase at once what was still to be erased; harmless twice."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._thread.join()

    def _said(self, peak: Peak) -> Peak:
        with self._changed:
            self._order.append(None)
        return peak

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._is_closed and not self._due_s:
                    return
                now_s = self._clock()
                due = [id_ for id_, due_s in self._due_s.items() if due_s <= now_s or self._is_closed]
                if not due:
                    next_s = min(self._due_s.values(), default=None)
                    self._changed.wait(None if next_s is None else next_s - now_s)
                    continue
                for id_ in due:
                    try:
                        self._erase(id_)
                    except EarlidError as error:
                        _LOG.error("erased=no cause=%r", str(error))
                    del self._due_s[id_]
