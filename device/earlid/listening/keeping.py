"""Keeps segments from a thread of its own, so that a press on mute waits for no disk.

Whoever listens still waits until a segment is safe, with the lamp lit; only a mute ends that wait. From the
press on, what has not got its place in the outbox is destroyed: its memory at once, by the thread that
listens; its draft on disk as soon as the disk lets go of it, by the thread that writes. A segment that had
its place was finished before the press, and stays; so does one that the uploader took before it could be
taken back.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from earlid.core.epoch import Epoch
from earlid.core.gate import Permit, State
from earlid.core.listener import Listener
from earlid.core.segment import Segment, Wake
from earlid.core.units import seconds
from earlid.edge.budget_file import BudgetFile
from earlid.edge.panel.lid import Lid
from earlid.edge.spool.draft import Draft
from earlid.edge.spool.spool import Spool
from earlid.errors import ConfigError, DiskTrouble, KeptInDoubt
from earlid.listening.account import Account
from earlid.listening.lantern import Lantern

_GLANCE_S: Final = 0.1
_BUDGET_EVERY_S: Final = 300.0
_PROBE_EVERY_S: Final = 5.0


@dataclass(slots=True)
class _Work:
    """One segment on its way to the disk, and what became of it once `is_done`."""

    segment: Segment
    permit: Permit
    draft: Draft
    is_kept: bool = False
    trouble: Exception | None = None
    is_done: bool = False


class Keeping:
    """The one place where the listening process writes to its spool.

    `room_bytes` is what a segment takes at its longest: a disk without that much room is not well.
    """

    def __init__(
        self,
        spool: Spool,
        budget: BudgetFile,
        epoch: Epoch,
        lid: Lid,
        lantern: Lantern,
        account: Account,
        room_bytes: int,
    ) -> None:
        self._spool, self._budget = spool, budget
        self._epoch, self._lid = epoch, lid
        self._lantern, self._account = lantern, account
        self._room_bytes = room_bytes
        self._errands: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._broken: Exception | None = None
        self._late: list[_Work] = []
        self._is_probing = self._is_found = False
        self._next_probe_s = self._next_page_s = 0.0

    def keep(self, segment: Segment, permit: Permit) -> None:
        """Keep `segment`: returns once it is safe, or once a mute came first and its memory is zeroed.

        Raises Violation unless `permit` covers it, DiskTrouble or ConfigError if the disk will not keep it.
        """
        self._budget.count(seconds(len(segment.samples)))  # before the fact: a crash never gives more
        work = _Work(segment, permit, self._spool.prepare(segment, permit))
        self._send(lambda: self._write(work))
        while not work.is_done:
            if not self._is_wanted(work):
                work.draft.wipe()
                self._late.append(work)
                return
            self._lid.wait(_GLANCE_S)
        self._is_found = False  # an answer from before this says nothing any more
        self._tell(work)

    def note_discarded(self, wake: Wake, length: int) -> None:
        """Have it written down for the ledger that a mute destroyed a segment; nobody waits for it."""
        self._send(lambda: self._spool.note_discarded(wake, length))

    def look_after(self, listener: Listener, now_s: float) -> None:
        """Tell what became of segments that a mute overtook, and have the disk tried while it is lost."""
        if self._broken:
            raise self._broken
        self._settle(listener)
        if self._wants_a_probe(listener, now_s):
            self._next_probe_s = now_s + _PROBE_EVERY_S
            self._is_probing = True
            self._send(self._probe)
        if self._is_found:
            self._is_found = False
            listener.find("disk")
        if now_s >= self._next_page_s:
            self._next_page_s = now_s + _BUDGET_EVERY_S
            self._send(self._budget.note)

    def close(self, listener: Listener) -> None:
        """Write what is still to be written, tell what became of it, and end the thread; harmless twice."""
        thread, self._thread = self._thread, None
        if thread:
            self._errands.put(None)
            thread.join()
        self._settle(listener)

    def _wants_a_probe(self, listener: Listener, now_s: float) -> bool:
        is_due = now_s >= self._next_probe_s and not self._is_probing
        return is_due and listener.state is State.FAULT and listener.lacks("disk")

    def _settle(self, listener: Listener) -> None:
        for work in [each for each in self._late if each.is_done]:
            self._late.remove(work)
            try:
                self._tell(work)
            except (DiskTrouble, ConfigError) as error:
                listener.lose("disk", str(error))

    def _tell(self, work: _Work) -> None:
        if work.is_kept:
            self._lantern.keep(work.draft.id)
            self._account.kept(work.draft.id, work.segment)
        if work.trouble:
            raise work.trouble

    def _is_wanted(self, work: _Work) -> bool:
        return work.permit.epoch == self._epoch.value

    def _send(self, errand: Callable[[], None]) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="keeping", daemon=True)
            self._thread.start()
        self._errands.put(errand)

    def _run(self) -> None:
        while errand := self._errands.get():
            try:
                errand()
            except Exception as error:  # noqa: BLE001 - raised where somebody listens, by look_after
                self._broken = error
            del errand  # and with it the last hold on a segment

    def _write(self, work: _Work) -> None:
        try:
            self._budget.write()
            work.is_kept = self._is_wanted(work) and self._spool.write(
                work.draft, lambda: self._is_wanted(work)
            )
            if not work.is_kept:
                self._spool.note_discarded(work.segment.wake, len(work.segment.samples))
        except Exception as error:  # noqa: BLE001 - raised by _tell, in the thread that listens
            work.is_kept, work.trouble = isinstance(error, KeptInDoubt), error
        finally:
            work.draft.wipe()
            work.is_done = True
            self._lid.stir()

    def _probe(self) -> None:
        self._is_found = self._spool.trouble(self._room_bytes) is None
        self._is_probing = False
