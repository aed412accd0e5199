"""The loop of `upload`: what waits goes to every sink in order, and nothing leaves without an intent."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from earlid.core.entry import ANSWERED, ENDS_HERE, Entry, What
from earlid.edge.kept import BrokenSegmentError, Kept
from earlid.edge.shelf import Held
from earlid.edge.sinks.sink import Sink
from earlid.errors import DiskTrouble, EarlidError, NotAllowed, Refused, TryLater
from earlid.housekeeping import House, Tell
from earlid.lane import Courier, Flight, Lane

Wait = Callable[[float], bool]
"""Waits so many seconds, or less if it is time to stop: then it says True."""

POLL_S: Final = 0.5
HOUSE_RETRY_S: Final = 5.0
MOMENT_S: Final = 0.01
STOP_LOOK_S: Final = 0.05
GRACE_S: Final = 0.5
"""How long an exchange in flight may go on after it is time to stop; the whole must end within a second."""


@dataclass(frozen=True)
class Pace:
    """The clocks and the dice of an uploader. `pulse_s` is the longest it goes without looking up."""

    wait: Wait
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    pulse_s: float = POLL_S


class Uploader:
    """The loop: what is back is settled, the house is tidied, and each sink that is free gets its next."""

    def __init__(
        self, sinks: Sequence[Sink], house: House, tell: Tell, stop: threading.Event, pace: Pace
    ) -> None:
        self._lanes = [Lane(sink, pace.jitter) for sink in sinks]
        self._house, self._shelf, self._ledger = house, house.shelf, house.ledger
        self._tell, self._stop, self._pace = tell, stop, pace
        self._bell = threading.Event()
        self._is_drained = False
        self._house_at = 0.0
        self._house_error: EarlidError | None = None

    def take_up(self) -> None:
        """Finish what a crash interrupted: what the ledger says is done is not done again."""
        waiting = self._shelf.waiting()
        for held in waiting:
            said = self._ledger.recent.get(held.id, [])
            if any(entry.what in ENDS_HERE for entry in said):
                self._shelf.spool.erase(held.folder)
                continue
            for entry in said:
                if entry.what in ANSWERED and entry.sink not in self._shelf.look(held).done:
                    refusal = entry.cause if entry.what is What.REFUSED else None
                    self._shelf.mark(held, entry.sink, refusal=refusal)
        self._ledger.settled({held.id for held in waiting})

    def run(self, *, once: bool) -> None:
        """Turns without end, or until nothing is left to do."""
        while not self._stop.is_set():
            self._bell.clear()
            has_moved = self._turn()
            if any(self._is_flying(lane) for lane in self._lanes):
                if not has_moved:
                    self._bell.wait(STOP_LOOK_S)
            elif has_moved:
                continue
            elif once:
                self._raise_what_stands_in_the_way()
                return
            elif self._rest():
                break
        self._land()

    def _turn(self) -> bool:
        """One look at everything; whether anything moved."""
        has_moved = False
        for lane in self._lanes:
            if lane.flight and lane.flight.courier.is_back.is_set() and lane.is_ready(self._pace.clock()):
                has_moved |= self._try(lane, self._settle)
        self._tidy()
        if not self._house.is_asked:
            for lane in self._lanes:
                if lane.flight is None and lane.is_ready(self._pace.clock()):
                    has_moved |= self._try(lane, self._start)
        self._tell_if_drained(has_moved)
        return has_moved

    def _rest(self) -> bool:
        """Wait for whichever lane is ready first; True if it is time to stop."""
        next_at = min(lane.ready_at for lane in self._lanes)
        return self._pace.wait(min(max(next_at - self._pace.clock(), MOMENT_S), self._pace.pulse_s))

    def _is_flying(self, lane: Lane) -> bool:
        """Whether something is on its way, or came back just now and can be settled at once."""
        if lane.flight is None:
            return False
        return not lane.flight.courier.is_back.is_set() or lane.is_ready(self._pace.clock())

    def _try(self, lane: Lane, step: Callable[[Lane], bool]) -> bool:
        """One step of a lane; what stands in its way is told, and the lane waits."""
        try:
            return step(lane)
        except (TryLater, DiskTrouble, NotAllowed) as error:
            event = lane.pause(error, self._pace.clock())
            if event is not None:
                self._tell(event)
            return False

    def _tidy(self) -> None:
        if self._pace.clock() < self._house_at:
            return
        try:
            flying = {lane.flight.held.folder for lane in self._lanes if lane.flight and lane.flight.held}
            is_busy = any(lane.flight for lane in self._lanes)
            self._house.tidy(flying, is_busy=is_busy)
            self._house_error = None
        except DiskTrouble as error:
            self._house_at = self._pace.clock() + HOUSE_RETRY_S
            self._house_error = error
            self._tell({"event": "trouble", "cause": str(error)})

    def _start(self, lane: Lane) -> bool:
        """Send a lane's next body on its way, or its next request to delete; False if there is none."""
        return self._start_deletion(lane) or self._start_delivery(lane)

    def _start_delivery(self, lane: Lane) -> bool:
        held = self._next(lane)
        if held is None:
            lane.is_at_rest, lane.ready_at = True, self._pace.clock() + POLL_S
            return False
        lane.is_at_rest, lane.trying = False, held.id
        try:
            kept = self._shelf.spool.read(held.folder)
        except BrokenSegmentError as broken:
            self._ledger.append(Entry(what=What.BROKEN, id=held.id, cause=str(broken)))
            self._shelf.spool.set_aside(held.folder, str(broken))
            return True
        except DiskTrouble:
            if self._shelf.is_there(held):
                lane.queue.appendleft(held)
                raise
            return True  # its owner took it away by hand
        try:
            self._intend(lane, kept)
        except BaseException:
            lane.queue.appendleft(held)
            raise
        lane.flight = Flight(held.id, Courier(lambda: lane.sink.send(kept), self._bell), held, kept)
        return True

    def _intend(self, lane: Lane, kept: Kept) -> None:
        """Write down that a body is about to leave. If this raises, it does not."""
        if kept.id not in lane.intents:
            self._ledger.append(self._entry(What.INTENT, lane, kept))
            lane.intents.add(kept.id)

    def _entry(self, what: What, lane: Lane, kept: Kept, **more: Any) -> Entry:
        body = hashlib.sha256(kept.wav).hexdigest()
        sink, host = lane.sink.name, lane.sink.host
        entry = Entry(what=what, id=kept.id, sink=sink, host=host, bytes=len(kept.wav), sha256=body, **more)
        return entry.about(kept.facts)

    def _next(self, lane: Lane) -> Held | None:
        """The oldest that this lane has to send and may; None if there is none."""
        if not lane.queue:
            waiting = self._shelf.waiting()
            lane.done &= {held.folder for held in waiting}
            lane.queue.extend(held for held in waiting if held.folder not in lane.done)
        while lane.queue:
            held = self._shelf.look(lane.queue.popleft())
            if lane.sink.name in held.done:
                lane.done.add(held.folder)
                self._finish_if_done(held)
            elif not self._house.is_expired(held):
                return held
        return None

    def _settle(self, lane: Lane) -> bool:
        """What a flight came back with is written down; what went wrong on the way is raised."""
        flight = lane.flight
        if flight is None:
            return False
        error = flight.courier.error
        if isinstance(error, TryLater | NotAllowed):
            lane.flight = None
            if flight.held:
                lane.queue.appendleft(flight.held)
            raise error
        if error is not None and not isinstance(error, Refused):
            raise error
        if flight.held is None or flight.kept is None:
            self._settle_deletion(lane, flight)
        else:
            self._settle_delivery(lane, flight, flight.held, flight.kept)
        lane.flight = None
        lane.intents.discard(flight.id)
        lane.answered()
        return True

    def _settle_delivery(self, lane: Lane, flight: Flight, held: Held, kept: Kept) -> None:
        """The ledger first, then the mark, then the end of it; each step is done once only."""
        refusal = str(flight.courier.error) if flight.courier.error else None
        status = None if refusal is not None else flight.receipt().status
        if not flight.is_recorded:
            what = What.SENT if refusal is None else What.REFUSED
            self._ledger.append(self._entry(what, lane, kept, status=status, cause=refusal or ""))
            flight.is_recorded = True
        held = self._shelf.look(held)
        if not self._is_done_after(lane, held) or refusal is not None:
            held = self._shelf.mark(held, lane.sink.name, refusal=refusal)
        lane.done.add(held.folder)
        is_last = self._finish_if_done(held)
        if refusal is not None:
            self._tell({"event": "refused", "id": kept.id, "cause": refusal})
        elif is_last and not held.refused:
            facts = {"bytes": len(kept.wav), "seconds": kept.duration_s, "status": status}
            self._tell({"event": "sent", "id": kept.id, **facts})
        else:
            self._tell({"event": "arrived", "id": kept.id, "sink": lane.sink.name, "status": status})

    def _is_done_after(self, lane: Lane, held: Held) -> bool:
        """Whether no other lane has still to do with a segment once this one is done."""
        return all(other is lane or held.folder in other.done for other in self._lanes)

    def _finish_if_done(self, held: Held) -> bool:
        """Take a segment out of the outbox once every lane is done with it; False where one is not."""
        if not self._lanes or not all(held.folder in lane.done for lane in self._lanes):
            return False
        if self._shelf.is_there(held):  # it may have been taken out before, or by hand
            self._shelf.take_out(held)
        self._ledger.recent.pop(held.id, None)
        return True

    def _start_deletion(self, lane: Lane) -> bool:
        name = self._house.next_deletion(lane.sink.name)
        if name is None:
            return False
        id_ = name[:32]
        lane.is_at_rest, lane.trying = False, id_
        if name not in lane.intents:
            self._ledger.append(Entry(what=What.TO_DELETE, id=id_, sink=lane.sink.name, host=lane.sink.host))
            lane.intents.add(name)
        lane.flight = Flight(id_, Courier(lambda: lane.sink.forget(id_), self._bell))
        return True

    def _settle_deletion(self, lane: Lane, flight: Flight) -> None:
        answer, refusal = flight.courier.answer, flight.courier.error
        what = What.DELETED if answer is True and refusal is None else What.UNCONFIRMED
        cause = "" if what is What.DELETED else str(refusal or _NOT_DELETED[answer is None])
        if not flight.is_recorded:
            sink, host = lane.sink.name, lane.sink.host
            self._ledger.append(Entry(what=what, id=flight.id, sink=sink, host=host, cause=cause))
            flight.is_recorded = True
        name = f"{flight.id}-{lane.sink.name}"
        self._house.deletion_done(name)
        lane.intents.discard(name)
        self._ledger.recent.pop(flight.id, None)
        told = {"id": flight.id, "sink": lane.sink.name}
        self._tell(
            {"event": "deleted", **told} if not cause else {"event": "not deleted", **told, "cause": cause}
        )

    def _tell_if_drained(self, has_moved: bool) -> None:
        is_drained = all(lane.is_at_rest and lane.flight is None for lane in self._lanes)
        if is_drained and not has_moved and not self._is_drained:
            self._tell({"event": "drained"})
        self._is_drained = is_drained and not has_moved

    def _raise_what_stands_in_the_way(self) -> None:
        for error in (*(lane.error for lane in self._lanes), self._house_error):
            if error is not None:
                raise error

    def _land(self) -> None:
        """Give what is on its way a moment to come back, and settle what did; the rest is sent again."""
        until = time.monotonic() + GRACE_S
        for lane in self._lanes:
            if lane.flight and lane.flight.courier.is_back.wait(max(0.0, until - time.monotonic())):
                self._try(lane, self._settle)


_NOT_DELETED: Final = {
    True: "this kind of destination cannot be asked to delete",
    False: "the destination will not delete it: ask its owner",
}
