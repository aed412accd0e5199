"""The loop of `upload`: what waits goes to every sink in order, and nothing leaves without an intent."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from earlid.core.entry import ANSWERED, ENDS_HERE, What, since_put_back
from earlid.edge.sinks.sink import Sink
from earlid.errors import DiskTrouble, EarlidError, NotAllowed, TryLater
from earlid.uploading.housekeeping import House, Tell
from earlid.uploading.lane import Lane
from earlid.uploading.loading import POLL_S, Loading
from earlid.uploading.settling import Settling

Wait = Callable[[float], bool]
"""Waits so many seconds, or less if it is time to stop: then it says True."""

HOUSE_RETRY_S: Final = 5.0
MOMENT_S: Final = 0.01
STOP_LOOK_S: Final = 0.05
GRACE_S: Final = 0.5
"""How long an exchange in flight may go on after it is time to stop; the whole must end within a second."""


@dataclass(frozen=True)
class Pace:
    """The clocks and the dice of an uploader. `pulse_s` is the longest it goes without looking up.

    `beat` is called at each turn.
    """

    wait: Wait
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    pulse_s: float = POLL_S
    beat: Callable[[], None] = lambda: None


class Uploader:
    """The loop: what is back is settled, the house is tidied, and each sink that is free gets its next.

    While the network carries one body the next are read and written down, and what came back since the
    last turn is settled together: the disk is waited for once for all of them.
    """

    def __init__(
        self, sinks: Sequence[Sink], house: House, tell: Tell, stop: threading.Event, pace: Pace
    ) -> None:
        self._bell = threading.Event()
        self._lanes = [Lane(sink, pace.jitter, self._bell, stop, house.clock) for sink in sinks]
        self._house, self._shelf, self._ledger = house, house.shelf, house.ledger
        self._tell, self._stop, self._pace = tell, stop, pace
        self._settling = Settling(self._lanes, house, tell)
        self._loading = Loading(house, self._settling, pace.clock)
        self._is_drained = False
        self._house_at = 0.0
        self._house_error: EarlidError | None = None

    def take_up(self) -> None:
        """Finish what a crash interrupted: what the ledger says is done is not done again."""
        waiting = self._shelf.waiting()
        for held in waiting:
            said = since_put_back(self._ledger.recent.get(held.id, []))
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
        try:
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
        finally:
            for lane in self._lanes:
                lane.courier.dismiss()

    def _turn(self) -> bool:
        """One look at everything; whether anything moved."""
        self._pace.beat()
        has_moved = False
        for lane in self._lanes:
            lane.fetch()
            if lane.landed and lane.is_ready(self._pace.clock()):
                has_moved |= self._try(lane, partial(self._settle, lane))
        self._tidy()
        if self._is_asked():
            for lane in self._lanes:
                lane.recall()
                lane.look_at = self._pace.clock() + POLL_S  # or it would be asked again without a pause
        else:
            for lane in self._lanes:
                if lane.is_ready(self._pace.clock()) and lane.is_half_empty:
                    has_moved |= self._try(lane, partial(self._loading.load, lane))
        if not has_moved:
            has_moved = self._shelf.spool.empty_trash_a_little()
        self._tell_if_drained(has_moved)
        return has_moved

    def _rest(self) -> bool:
        """Wait for whichever lane is ready first; True if it is time to stop."""
        next_at = min(lane.next_at() for lane in self._lanes)
        return self._pace.wait(min(max(next_at - self._pace.clock(), MOMENT_S), self._pace.pulse_s))

    def _is_flying(self, lane: Lane) -> bool:
        """Whether something is on its way, or came back just now and can be settled at once."""
        return lane.courier.is_out or (bool(lane.landed) and lane.is_ready(self._pace.clock()))

    def _try(self, lane: Lane, step: Callable[[], bool]) -> bool:
        """One step of a lane; what stands in its way is told, and the lane waits."""
        id_ = lane.landed[0].id if lane.landed else ""
        try:
            return step()
        except (DiskTrouble, TryLater, NotAllowed) as error:
            self._lost(lane, error, id_ or (lane.queue[0].id if lane.queue else ""), deleting=False)
            return False

    def _settle(self, lane: Lane) -> bool:
        failed = self._settling.settle(lane)
        if failed is not None and isinstance(failed.error, EarlidError):
            self._lost(lane, failed.error, failed.id, deleting=failed.held is None)
        return True

    def _lost(self, lane: Lane, error: EarlidError, id_: str, *, deleting: bool) -> None:
        event = lane.lost(error, self._pace.clock(), id_, deleting=deleting)
        if event is not None:
            self._tell(event)

    def _tidy(self) -> None:
        if self._pace.clock() < self._house_at:
            return
        try:
            flying = set().union(*(lane.aboard for lane in self._lanes))
            if self._house.tidy(flying, is_busy=any(lane.errands for lane in self._lanes)):
                for lane in self._lanes:
                    lane.look_at = 0.0
            self._house_error = None
        except DiskTrouble as error:
            self._trouble(error)

    def _is_asked(self) -> bool:
        """Whether somebody waits for something to be forgotten, or may: nobody can tell."""
        try:
            return self._house.is_asked
        except DiskTrouble as error:
            if self._pace.clock() >= self._house_at:
                self._trouble(error)
            return True

    def _trouble(self, error: DiskTrouble) -> None:
        self._house_at = self._pace.clock() + HOUSE_RETRY_S
        self._house_error = error
        self._tell({"event": "trouble", "cause": str(error)})

    def _tell_if_drained(self, has_moved: bool) -> None:
        is_drained = all(lane.is_at_rest and not lane.errands for lane in self._lanes)
        if is_drained and not has_moved and not self._is_drained:
            self._tell({"event": "drained"})
        self._is_drained = is_drained and not has_moved

    def _raise_what_stands_in_the_way(self) -> None:
        found = [error for lane in self._lanes for error in (lane.patience.error, lane.deleting.error)]
        for error in (*found, self._house_error):
            if error is not None:
                raise error

    def _land(self) -> None:
        """Give what is on its way a moment to come back, and settle what did; the rest is sent again."""
        until = time.monotonic() + GRACE_S
        for lane in self._lanes:
            lane.recall()
            while lane.courier.is_out and (left_s := until - time.monotonic()) > 0:
                self._bell.clear()
                if lane.courier.is_under_way:
                    self._bell.wait(min(left_s, STOP_LOOK_S))
                lane.fetch()
            lane.fetch()
            if lane.landed:
                self._try(lane, partial(self._settle, lane))
