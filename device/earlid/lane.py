"""One sink's way through the outbox: in order, one errand at a time, and waiting by its own clock."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from earlid.core.backoff import Backoff
from earlid.core.delivery import NOT_ALLOWED_PAUSE_S, wait_s
from earlid.edge.kept import Kept
from earlid.edge.shelf import Held
from earlid.edge.sinks.sink import Receipt, Sink
from earlid.errors import EarlidError, NotAllowed, TryLater, Violation

LONGEST_BACKOFF_S: Final = 60.0


class Courier:
    """One errand in a thread of its own, so that nobody waits for a network; rings `bell` when it is back."""

    def __init__(self, errand: Callable[[], object], bell: threading.Event) -> None:
        self.is_back = threading.Event()
        self.answer: object = None
        self.error: BaseException | None = None
        threading.Thread(target=self._go, args=(errand, bell), name="courier", daemon=True).start()

    def _go(self, errand: Callable[[], object], bell: threading.Event) -> None:
        try:
            self.answer = errand()
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that asked
            self.error = error
        finally:
            self.is_back.set()
            bell.set()


@dataclass(slots=True)
class Flight:
    """A body on its way to a sink, or a request to delete one (`kept` is None); `id` is the segment's."""

    id: str
    courier: Courier
    held: Held | None = None
    kept: Kept | None = None
    is_recorded: bool = False
    """Whether the ledger already has what came of it."""

    def receipt(self) -> Receipt:
        """The receipt it came back with."""
        if not isinstance(self.courier.answer, Receipt):
            raise Violation("a sink returned without a receipt")
        return self.courier.answer


class Lane:
    """What one sink has to do, is doing, and has done."""

    def __init__(self, sink: Sink, jitter: Callable[[], float]) -> None:
        self.sink = sink
        self.queue: deque[Held] = deque()
        self.done: set[Path] = set()
        self.flight: Flight | None = None
        self.intents: set[str] = set()
        """What the ledger has an intent for, in this run: a repeat needs no second one."""
        self.ready_at = 0.0
        self.is_at_rest = False
        """Whether it found nothing to do when it last looked."""
        self.trying = ""
        self.error: EarlidError | None = None
        self._jitter = jitter
        self._backoff = Backoff(most_s=LONGEST_BACKOFF_S)
        self._is_paused = False

    def is_ready(self, now: float) -> bool:
        """Whether it has waited as long as it was told to."""
        return now >= self.ready_at

    def answered(self) -> None:
        """The other side took a decision about a segment: it is there, and it knows us."""
        self._backoff.reset()
        self._is_paused = False
        self.error = None

    def pause(self, error: EarlidError, now: float) -> dict[str, object] | None:
        """Leave the sink alone for a while after `error`; what to tell of it, if anything."""
        self.error = error
        if isinstance(error, NotAllowed):
            self.ready_at = now + NOT_ALLOWED_PAUSE_S
            was_paused, self._is_paused = self._is_paused, True
            return None if was_paused else {"event": "paused", "cause": str(error)}
        wish_s = error.after_s if isinstance(error, TryLater) else None
        pause_s = wait_s(wish_s, self._backoff.delay_s(self._jitter()))
        self.ready_at = now + pause_s
        return {"event": "later", "id": self.trying, "cause": str(error), "after_s": round(pause_s, 3)}
