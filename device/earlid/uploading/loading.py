"""What a lane sends next: read, and written down as about to leave, before it is given to the courier."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from earlid.asking.slip_names import id_in
from earlid.core.entry import Entry, What
from earlid.edge.spool.kept import BrokenSegmentError, Kept
from earlid.edge.spool.shelf import Held
from earlid.errors import DiskTrouble
from earlid.uploading.courier import Errand
from earlid.uploading.housekeeping import House
from earlid.uploading.lane import Lane
from earlid.uploading.settling import Settling, about

POLL_S: Final = 0.5
"""How often the outbox is looked at while nothing waits in it."""


class Loading:
    """Fills lanes: requests to delete first, then the oldest segments."""

    def __init__(self, house: House, settling: Settling, clock: Callable[[], float]) -> None:
        self._house, self._shelf, self._ledger = house, house.shelf, house.ledger
        self._settling, self._clock = settling, clock

    def load(self, lane: Lane) -> bool:
        """Send what there is room for, the intents of all durable first; False if there is nothing."""
        boarded: list[Errand] = []
        try:
            for errand in self._errands(lane):
                lane.board(errand)
                boarded.append(errand)
            self._intend(lane, boarded)
        except BaseException:
            for errand in reversed(boarded):
                lane.put_back(errand)
            raise
        lane.courier.send(*boarded)
        if not boarded:
            lane.look_at = self._clock() + POLL_S
        lane.is_at_rest = not lane.errands and not any(self._to_delete(lane))
        return bool(boarded)

    def _errands(self, lane: Lane) -> Iterator[Errand]:
        if lane.deleting.is_over(self._clock()):
            for id_ in self._to_delete(lane):
                if not lane.has_room:
                    return
                if id_ not in lane.asking:
                    yield Errand(id_, partial(lane.sink.forget, id_))
        while lane.has_room:
            held = self._next(lane)
            if held is None:
                return
            kept = self._read(lane, held)
            if kept is not None:
                digest, late_at = hashlib.sha256(kept.wav).hexdigest(), self._house.expires_at(held)
                yield Errand(kept.id, partial(lane.sink.send, kept), held, kept, digest, late_at)

    def _to_delete(self, lane: Lane) -> Iterator[str]:
        """The ids that the sink is to be asked about."""
        return map(id_in, self._house.to_delete(lane.sink.name, lane.sink.host))

    def _intend(self, lane: Lane, errands: Sequence[Errand]) -> None:
        """Write down that these are about to leave. If this raises, they do not."""
        untold = {_key(lane, each): each for each in errands if _key(lane, each) not in lane.intents}
        if untold:
            self._ledger.append(*(_intent(lane, each) for each in untold.values()))
            lane.intents.update(untold)

    def _next(self, lane: Lane) -> Held | None:
        """The oldest that this lane has to send and may; None if there is none."""
        if not lane.queue and self._clock() >= lane.look_at:
            waiting = self._shelf.waiting()
            lane.done &= {held.folder for held in waiting}
            lane.intents &= {held.id for held in waiting} | {
                _asks(lane, id_) for id_ in self._to_delete(lane)
            }
            busy = lane.done | lane.aboard
            lane.queue.extend(held for held in waiting if held.folder not in busy)
        while lane.queue:
            held = self._shelf.see(lane.queue[0])
            if lane.sink.name in held.done:
                lane.done.add(held.folder)
                self._settling.finish([held])
            lane.queue.popleft()
            if lane.sink.name not in held.done and not self._house.is_expired(held):
                return held
        return None

    def _read(self, lane: Lane, held: Held) -> Kept | None:
        """The segment, or None where it is none, or gone."""
        try:
            return self._shelf.spool.read(held.folder)
        except BrokenSegmentError as broken:
            self._ledger.append(Entry(what=What.BROKEN, id=held.id, cause=str(broken)))
            self._shelf.spool.set_aside(held.folder, str(broken))
        except DiskTrouble:
            if self._shelf.is_there(held):
                lane.queue.appendleft(held)
                raise
        return None  # set aside just now, or taken away by hand


def _key(lane: Lane, errand: Errand) -> str:
    return errand.id if errand.held else _asks(lane, errand.id)


def _asks(lane: Lane, id_: str) -> str:
    return f"{id_}-{lane.sink.name}"


def _intent(lane: Lane, errand: Errand) -> Entry:
    if errand.kept is None:
        return Entry(what=What.TO_DELETE, id=errand.id, sink=lane.sink.name, host=lane.sink.host)
    return about(lane, errand, errand.kept, What.INTENT)
