"""Writes field recordings down, in a thread of its own: a slow disk costs numbers, and never a hop."""

from __future__ import annotations

import logging
import queue
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from earlid.core.epoch import Epoch
from earlid.core.field import Ended
from earlid.edge.field.order import Order, OrderFile, Stamp
from earlid.errors import EarlidError
from earlid.field.clock import FieldClock
from earlid.field.recorder import Heard, Page
from earlid.field.settings import FieldSettings

if TYPE_CHECKING:
    from earlid.field.desk import Desk

_LOG = logging.getLogger("earlid.field")
LOOK_EVERY_S: Final = 1.0
"""How soon a start or stop is noticed."""
_MOST_WAITING: Final = 512
"""Peaks and minutes that wait to be written; more are lost, and told."""
_PATIENCE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A session to record, of which `passed` samples were recorded in earlier runs."""

    order: Order
    passed: int


@dataclass(frozen=True, slots=True)
class Over:
    """The recorder is done with `session`; `why` is None where it may go on in another run."""

    session: int
    why: Ended | None


Item = Heard | Page | Over


class Scribe:
    """Looks for an order every second, and writes down what the recorder posts about it.

    `wanted` is what is to be recorded now: the folder was opened, mended and claimed for it. Trouble is
    logged, once for each kind, and stops nothing else. The recorder says in `begun` which session it took up.
    """

    def __init__(
        self, folder: Path, setup: dict[str, object], settings: FieldSettings, epoch: Epoch, clock: FieldClock
    ) -> None:
        self.wanted: Wanted | None = None
        self.begun: int | None = None
        self._folder = folder
        self._setup = setup
        self._settings = settings
        self._epoch = epoch
        self._clock = clock
        self._orders = OrderFile(folder)
        self._seen: Stamp | None = None
        self._items: queue.Queue[Item | None] = queue.Queue(_MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._desk: Desk | None = None
        self._told = ""
        self._is_lossy = False

    def open(self) -> None:
        """Look for an order now, and every second from now on."""
        self._look()
        self._thread = threading.Thread(target=self._run, name="field", daemon=True)
        self._thread.start()

    def post(self, item: Item) -> None:
        """Have `item` written down; it never waits. Where too much waits already, it is lost."""
        try:
            self._items.put_nowait(item)
        except queue.Full:
            if not self._is_lossy:
                self._is_lossy = True
                _LOG.warning("field=lossy cause='the disk is too slow: some numbers are lost'")

    def close(self) -> None:
        """Write down what was posted, and end; a disk that takes too long is left alone. Harmless twice."""
        thread, self._thread = self._thread, None
        if thread:
            self._items.put(None)
            thread.join(_PATIENCE_S)

    def _run(self) -> None:
        next_look_s = time.monotonic() + LOOK_EVERY_S
        while True:
            try:
                item = self._items.get(timeout=max(0.0, next_look_s - time.monotonic()))
            except queue.Empty:
                self._look()
                next_look_s = time.monotonic() + LOOK_EVERY_S
                continue
            if item is None:
                break
            self._take(item)
        if self._desk:
            self._desk.close()

    def _take(self, item: Item) -> None:
        desk = self._desk
        if desk is None:
            return
        try:
            if isinstance(item, Heard):
                desk.take(item)
            elif isinstance(item, Page):
                desk.write(item)
            elif item.session == desk.order.session:
                self._desk, self.wanted = None, None
                desk.end(item.why)
                if item.why:
                    _LOG.info("field=over why=%r", item.why.value)
        except EarlidError as error:
            self._tell(error)

    def _look(self) -> None:
        """Notice an order that was given or withdrawn."""
        stamp = self._orders.stamp()
        if stamp == self._seen:
            return
        try:
            order = self._orders.read()
            if self._desk and self._desk.order != order:
                self.wanted = None  # the recorder sees it, and says Over, if it ever began
                if self.begun == self._desk.order.session:
                    return
                self._desk.close()
                self._desk = None
            self._seen = stamp
            if order and self._desk is None:
                from earlid.field.desk import Desk  # noqa: PLC0415 - a data base, for evenings alone

                self._desk = Desk(self._folder, order, self._settings, self._epoch, self._clock)
                self.wanted = Wanted(order, self._desk.begin(self._setup))
                _LOG.info("field=recording session=%d sound=%s", order.session, order.keeps_audio)
        except EarlidError as error:
            self._seen = stamp
            self._desk = None
            self._tell(error)

    def _tell(self, error: EarlidError) -> None:
        if str(error) != self._told:
            self._told = str(error)
            _LOG.warning("field=trouble cause=%r", self._told)
