"""One sink's way through the outbox: in order, a few bodies ahead of the network, at its own pace."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from earlid.core.backoff import Backoff
from earlid.core.delivery import NOT_ALLOWED_PAUSE_S, wait_s
from earlid.edge.sinks.sink import Sink
from earlid.edge.spool.shelf import Held
from earlid.errors import EarlidError, NotAllowed, TryLater
from earlid.uploading.courier import Courier, Errand

LONGEST_BACKOFF_S: Final = 60.0
MOST_AHEAD: Final = 32
"""So many errands a lane has at most under way, waiting for their turn, or back and not written down yet."""
MOST_AHEAD_BYTES: Final = 4_000_000


class Patience:
    """How long to leave somebody alone who did not take something, and whether that was told."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        self.until = 0.0
        self.error: EarlidError | None = None
        self._jitter = jitter
        self._backoff = Backoff(most_s=LONGEST_BACKOFF_S)
        self._is_paused = False

    def is_over(self, now: float) -> bool:
        """Whether it was waited as long as was said."""
        return now >= self.until

    def answered(self) -> None:
        """The other side took a decision: it is there, and it knows us."""
        self._backoff.reset()
        self._is_paused = False
        self.error = None

    def lost(self, error: EarlidError, now: float, id_: str) -> dict[str, object] | None:
        """Wait for a while after `error`; what to tell of it, if anything."""
        self.error = error
        if isinstance(error, NotAllowed):
            self.until = now + NOT_ALLOWED_PAUSE_S
            was_paused, self._is_paused = self._is_paused, True
            return None if was_paused else {"event": "paused", "cause": str(error)}
        wish_s = error.after_s if isinstance(error, TryLater) else None
        pause_s = wait_s(wish_s, self._backoff.delay_s(self._jitter()))
        self.until = now + pause_s
        return {"event": "later", "id": id_, "cause": str(error), "after_s": round(pause_s, 3)}


class Lane:
    """What one sink has to do, is doing, and has done.

    Requests to delete wait by a clock of their own: a sink that deletes nothing still gets what is new.
    """

    def __init__(
        self,
        sink: Sink,
        jitter: Callable[[], float],
        bell: threading.Event,
        stop: threading.Event,
        clock: Callable[[], float],
    ) -> None:
        self.sink = sink
        self.courier = Courier(sink.burst, bell, stop, clock)
        self.landed: deque[Errand] = deque()
        """What is back and not settled."""
        self.queue: deque[Held] = deque()
        self.done: set[Path] = set()
        self.aboard: set[Path] = set()
        """The folders of everything that is with the courier or has landed."""
        self.errands = 0
        """How many these are, deletions among them."""
        self.body_bytes = 0
        """How much memory their bodies take."""
        self.asking: set[str] = set()
        """The ids that requests to delete among them are about."""
        self.intents: set[str] = set()
        """What the ledger has an intent for, in this run: a repeat needs no second one."""
        self.patience = Patience(jitter)
        self.deleting = Patience(jitter)
        self.look_at = 0.0
        """When the outbox is worth another look, after one that found nothing new."""
        self.is_at_rest = False
        """Whether it found nothing to do when it last looked."""
        self.ahead = 1
        """How many errands may be ahead now: few after trouble, more with every answer."""

    @property
    def has_room(self) -> bool:
        """Whether one more errand may go on its way."""
        return self.errands < self.ahead and self.body_bytes < MOST_AHEAD_BYTES

    @property
    def is_half_empty(self) -> bool:
        """Whether it is worth getting more ready: half of what may be ahead, at once, costs the disk less."""
        return 2 * self.errands <= self.ahead

    def is_ready(self, now: float) -> bool:
        """Whether it has waited as long as it was told to."""
        return self.patience.is_over(now)

    def next_at(self) -> float:
        """When it is worth another turn."""
        return max(self.patience.until, self.look_at)

    def board(self, errand: Errand) -> None:
        """Count `errand` among those ahead: it is about to be sent."""
        self.errands += 1
        self.is_at_rest = False
        if errand.held and errand.kept:
            self.aboard.add(errand.held.folder)
            self.body_bytes += len(errand.kept.wav)
        else:
            self.asking.add(errand.id)

    def fetch(self) -> None:
        """Take over what came back."""
        self.landed.extend(self.courier.back())

    def recall(self) -> None:
        """Have everything back that was not begun."""
        self.fetch()
        for errand in reversed(self.courier.recall()):
            self.put_back(errand)

    def put_back(self, errand: Errand) -> None:
        """Have `errand` wait again, before all others."""
        if errand.held:
            self.queue.appendleft(errand.held)
        self.over(errand)

    def over(self, errand: Errand) -> None:
        """Nothing is to be done about `errand` any more."""
        self.errands -= 1
        if errand.held and errand.kept:
            self.aboard.discard(errand.held.folder)
            self.body_bytes -= len(errand.kept.wav)
        else:
            self.asking.discard(errand.id)

    def answered(self, errand: Errand) -> None:
        """The other side took a decision about `errand`."""
        if errand.held is None:
            self.deleting.answered()
        self.patience.answered()
        self.intents.discard(errand.id if errand.held else f"{errand.id}-{self.sink.name}")
        self.ahead = min(2 * self.ahead, MOST_AHEAD)

    def lost(self, error: EarlidError, now: float, id_: str, *, deleting: bool) -> dict[str, object] | None:
        """Leave the sink alone for a while after `error`; what to tell of it, if anything."""
        self.ahead = 1
        return (self.deleting if deleting else self.patience).lost(error, now, id_)
