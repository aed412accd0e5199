"""What the uploader does beside sending: it keeps to the limits, forgets when asked, and takes notes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from earlid.asking.dating import Dating
from earlid.asking.forgetting import Wish, carry_out, deliveries, erase, overdue, queue
from earlid.asking.slip_names import is_for
from earlid.asking.wishes import Again, GiveUp, give_up, send_again, wish_in
from earlid.core.entry import Entry, What
from earlid.edge.budget_file import Uptime
from earlid.edge.computer import ClockTrust
from earlid.edge.ledger import Ledger, in_utc
from earlid.edge.spool.kept import BrokenSegmentError, Facts
from earlid.edge.spool.shelf import Held, Shelf
from earlid.edge.spool.slips import Slips
from earlid.errors import DiskTrouble

Tell = Callable[[dict[str, object]], None]
Others = Callable[[], AbstractContextManager[Sequence[Shelf]]]
"""The spools beside the one in use, claimed for as long as a wish is carried out in them."""

LIMITS_EVERY_S: Final = 2.0
LOOKS_AT_ONCE: Final = 500
"""After a start with very many segments they are weighed bit by bit, between deliveries."""
RETENTION_EVERY_S: Final = 3600.0
_UNSURE_S: Final = 60.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long segments may wait, how much room they may take, and how long collectors may have them.

    Zero is no limit.
    """

    longest_s: float = 0.0
    max_bytes: int = 0
    delete_after_days: float = 0.0


class House:
    """Everything that is written down or destroyed without being sent; the uploader calls `tidy` in turn.

    The age of a segment that was kept since this machine was switched on is told by how long it has been on:
    no clock that is set, or wrong, can change it. One from before is as old as its file by the time of day,
    where that `is_right`; until it is, the segment ages from when it was first seen. In the same way nothing
    is asked to be deleted elsewhere for its age while the time of day is not known to be right.

    What its owner wishes is done in `others`, too: what was kept there under other settings is still here.
    """

    def __init__(
        self,
        shelf: Shelf,
        ledger: Ledger,
        forget: Path,
        limits: Limits,
        tell: Tell,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        uptime: Uptime | None = None,
        is_right: Callable[[], bool] | None = None,
        others: Others = lambda: nullcontext(()),
    ) -> None:
        disk = shelf.spool.disk
        self.shelf, self.ledger, self._limits, self._tell = shelf, ledger, limits, tell
        self.clock, self._wall, self._others = clock, wall, others
        self._notes = Slips(shelf.spool.root / "notes", disk)
        self.requests = Slips(forget / "requests", disk)
        self.deletions = Slips(forget / "deletions", disk)
        self._dating, self._is_right = Dating(uptime, wall), is_right or ClockTrust()
        self._born: dict[Path, float] = {}
        self._unsure: set[Path] = set()
        self._to_delete: dict[str, None] = {}
        self._limits_at = self._retention_at = self._deletions_at = clock()

    @property
    def is_asked(self) -> bool:
        """Whether somebody waits for something to be forgotten; start nothing new before that is done."""
        return bool(self.requests.names())

    def to_delete(self, sink: str, host: str) -> Iterator[str]:
        """The names of the requests to delete what `sink` has, as long as it is at `host`."""
        if self.clock() >= self._deletions_at:
            self._to_delete = dict.fromkeys(self.deletions.names())
            self._deletions_at = self.clock() + LIMITS_EVERY_S
        return (name for name in list(self._to_delete) if is_for(name, sink, host))

    def deletions_done(self, names: Sequence[str]) -> None:
        """Take away requests to delete that were answered."""
        if not names:
            return
        try:
            self.deletions.remove(*names)
        except DiskTrouble:
            left = [name for name in self.deletions.names() if name in names]
            if len(left) == len(names):
                raise
            self.deletions.remove(*left)
        for name in names:
            self._to_delete.pop(name, None)

    def tidy(self, flying: Container[Path], *, is_busy: bool) -> bool:
        """Do what is due now. `flying` are the folders of what is on its way out: they are left alone.

        What was asked for waits until nothing is on its way any more. True where something of it was done:
        then the outbox is worth another look.
        """
        self._write_down_what_was_told()
        is_done = not is_busy and self._do_what_was_asked()
        if self.clock() >= self._limits_at:
            self._limits_at = self.clock() + LIMITS_EVERY_S
            self._keep_to_the_limits(flying)
        if self._limits.delete_after_days and self.clock() >= self._retention_at:
            self._ask_to_delete_what_is_old()
        return is_done

    def is_expired(self, held: Held) -> bool:
        """Whether a segment has waited too long to be sent."""
        return 0 < self._limits.longest_s < self._age_s(held)

    def expires_at(self, held: Held) -> float:
        """From when on, by `clock`, a segment has waited too long to be sent."""
        if not self._limits.longest_s:
            return float("inf")
        return self.clock() + self._limits.longest_s - self._age_s(held)

    def _age_s(self, held: Held) -> float:
        now = self.clock()
        born = self._born.get(held.folder)
        if born is None or (held.folder in self._unsure and self._is_right()):
            age_s = self._dating.age_s(held, self.shelf, self._is_right)
            if age_s is None:
                self._unsure.add(held.folder)
            else:
                self._unsure.discard(held.folder)
            born = now - age_s if age_s is not None else now if born is None else born
            self._born[held.folder] = born
        return now - born

    def _keep_to_the_limits(self, flying: Container[Path]) -> None:
        held = [*self.shelf.waiting(), *self.shelf.aside()]
        unknown = [each for each in held if not self.shelf.is_known(each)]
        held = [self.shelf.look(each) for each in held if self.shelf.is_known(each)]
        for each in unknown[:LOOKS_AT_ONCE]:
            held.append(self.shelf.look(each))
        if len(unknown) > LOOKS_AT_ONCE:
            self._limits_at = self.clock()
            return
        self._born = {each.folder: self._born[each.folder] for each in held if each.folder in self._born}
        self._unsure &= self._born.keys()
        excess = sum(each.size_bytes for each in held) - (self._limits.max_bytes or float("inf"))
        for each in sorted(held, key=lambda one: (one.sequence, one.name)):
            if each.folder in flying:
                continue
            if self.is_expired(each):
                self._erase(each, What.EXPIRED, f"waited longer than {self._limits.longest_s:g} s")
            elif excess > 0:
                self._erase(each, What.EVICTED, f"no room: more than {self._limits.max_bytes} bytes waited")
            else:
                continue
            excess -= each.size_bytes

    def _erase(self, held: Held, what: What, cause: str) -> None:
        erase(held, what, cause, self.shelf, self.ledger)
        self._tell({"event": what.value, "id": held.id, "cause": cause})

    def _do_what_was_asked(self) -> bool:
        names = self.requests.names()
        for name in names:
            facts = self.requests.read(name)
            if facts is None:
                continue
            try:
                wish = wish_in(facts)
            except ValueError as error:
                _log.warning("request=%r ignored=%r", name, str(error))
            else:
                self._tell(self._done(wish))
                self._deletions_at = self.clock()
            self.requests.remove(name)
        return bool(names)

    def _done(self, wish: Wish | Again | GiveUp) -> dict[str, object]:
        """Do what was wished, in every spool; what to tell of it."""
        if isinstance(wish, GiveUp):
            return {"event": "given up", "count": give_up(wish, self.ledger, self.deletions)}
        with self._others() as others:
            shelves = (self.shelf, *others)
            if isinstance(wish, Again):
                return {"event": "put back", "count": send_again(wish, shelves, self.ledger)}
            done = carry_out(wish, shelves, self.ledger, self.deletions, self._dating)
        return {"event": "forgotten", "erased": done.erased, "asked": done.asked}

    def _ask_to_delete_what_is_old(self) -> None:
        if not self._is_right():
            self._retention_at = self.clock() + _UNSURE_S
            return
        oldest = datetime.fromtimestamp(self._wall(), UTC) - timedelta(days=self._limits.delete_after_days)
        held_ids = {each.id for each in self.shelf.waiting()}
        found = deliveries(self.ledger.folder, self.ledger.disk)
        queue(overdue(found, in_utc(oldest), held_ids), "retention", self.deletions)
        self._retention_at = self.clock() + RETENTION_EVERY_S

    def _write_down_what_was_told(self) -> None:
        """Notes of the listener: what it destroyed, on disk or on the way there, the ledger shall know."""
        for name in self._notes.names():
            facts = self._notes.read(name)
            if facts is None:
                continue
            entry = _told(name[:64], facts)
            said = self.ledger.recent.get(name, ())
            if not any(each.what is entry.what for each in said):
                self.ledger.append(entry)
            self._notes.remove(name)
            self.ledger.recent.pop(name, None)


def _told(id_: str, facts: dict[str, str]) -> Entry:
    """The entry that a note of the listener asks for."""
    if "erased" in facts:
        entry = Entry(what=What.ERASED, id=id_, cause=facts["erased"][:64])
        try:
            return entry.about(Facts.heard(facts.get("facts", "").encode()))
        except BrokenSegmentError:
            return entry
    seconds = facts.get("seconds", "")
    known = float(seconds) if seconds.replace(".", "", 1).isdecimal() else None
    word, cause = facts.get("word", "")[:64], facts.get("at", "")[:64]
    return Entry(what=What.DISCARDED, id=id_, word=word, seconds=known, cause=cause)
