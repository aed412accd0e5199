"""Errands for one sink, run in order in a thread of their own, so that nobody waits for a network."""

from __future__ import annotations

import logging
import threading
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from earlid.edge.sinks.sink import Receipt
from earlid.edge.spool.kept import Kept
from earlid.edge.spool.shelf import Held
from earlid.errors import EarlidError, Refused, TryLater, Violation

_LOG = logging.getLogger("earlid.upload")

LINGER_S: Final = 0.2
"""How long a connection is kept for an errand that may come yet."""
HELD_S: Final = 0.05
"""How long what is back may wait for more to be settled together with it."""


@dataclass(slots=True, eq=False)
class Errand:
    """A body to be sent, or a request to delete one (`kept` is None); `id` is the segment's.

    From `late_at` on, by the uploader's clock, it is not begun any more.
    """

    id: str
    go: Callable[[], object]
    held: Held | None = None
    kept: Kept | None = None
    sha256: str = ""
    late_at: float = float("inf")
    answer: object = None
    error: BaseException | None = None
    is_begun: bool = False
    is_recorded: bool = False
    """Whether the ledger already has what came of it."""
    is_touched: bool = False
    """Whether it was begun to take its segment out of the outbox."""

    @property
    def refusal(self) -> str | None:
        """Why it was refused, or None."""
        return str(self.error) if isinstance(self.error, Refused) else None

    def receipt(self) -> Receipt:
        """The receipt it came back with."""
        if not isinstance(self.answer, Receipt):
            raise Violation("a sink returned without a receipt")
        return self.answer

    def run(self) -> None:
        """Do it, whatever comes of it. What no sink should raise is for later, and ends nothing."""
        self.is_begun = True
        try:
            self.answer = self.go()
        except EarlidError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - one bad answer must not end the process
            self.error = _unforeseen(error)
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that asked
            self.error = error


def _unforeseen(error: Exception) -> TryLater:
    """What becomes of a bug that an answer found. Its message may hold what was said, and is told nobody."""
    kind, where = type(error).__name__, traceback.extract_tb(error.__traceback__)[-1]
    _LOG.error("unforeseen=%s at=%s:%d", kind, Path(where.filename).name, where.lineno or 0)
    return TryLater(f"what came back cannot be dealt with ({kind}): report it")


class Courier:
    """Runs errands one after the other. After one that failed, none is begun until `recall`.

    A refusal is an answer and no failure. `burst` is entered around errands that follow closely upon each
    other. `bell` rings when it is worth a look at what is back: half of all, or nothing goes on, so that the
    disk is waited for once for many. Once `stop` is set, none is begun.
    """

    def __init__(
        self,
        burst: Callable[[], AbstractContextManager[None]],
        bell: threading.Event,
        stop: threading.Event,
        clock: Callable[[], float],
    ) -> None:
        self._burst, self._bell, self._stop, self._clock = burst, bell, stop, clock
        self._turn = threading.Condition()
        self._todo: deque[Errand] = deque()
        self._back: list[Errand] = []
        self._back_since = 0.0
        self._under_way: Errand | None = None
        self._is_halted = self._is_there = False

    def send(self, *errands: Errand) -> None:
        """Run these after all others."""
        with self._turn:
            self._todo.extend(errands)
            if self._is_there:
                self._turn.notify()
            elif self._todo:
                self._is_there = True
                threading.Thread(target=self._go, name="courier", daemon=True).start()

    def back(self) -> list[Errand]:
        """Everything that came back since the last call, in order; nothing while more is to come at once."""
        with self._turn:
            if not self._is_worth_a_look and self._clock() - self._back_since < HELD_S:
                return []
            came, self._back = self._back, []
        return came

    def recall(self) -> list[Errand]:
        """Everything that was not begun, in order; it is not going to be."""
        with self._turn:
            recalled = list(self._todo)
            self._todo.clear()
            self._is_halted = False
        return recalled

    @property
    def is_out(self) -> bool:
        """Whether something is on its way, or will be, or has come back."""
        with self._turn:
            return bool(self._back or self._under_way or (self._todo and not self._is_halted))

    @property
    def is_under_way(self) -> bool:
        """Whether one is on its way this moment."""
        with self._turn:
            return self._under_way is not None

    @property
    def _is_worth_a_look(self) -> bool:
        goes_on = self._under_way is not None or (self._todo and not self._is_halted)
        return not goes_on or len(self._back) >= len(self._todo)

    def dismiss(self) -> None:
        """Nothing more will come: a connection need not be kept any longer."""
        with self._turn:
            self._is_halted = True
            self._turn.notify()

    def _go(self) -> None:
        with self._burst():
            while (errand := self._next()) is not None:
                self._carry(errand)

    def _carry(self, errand: Errand) -> None:
        if self._clock() < errand.late_at:
            errand.run()
        with self._turn:
            self._under_way = None
            self._back_since = self._back_since if self._back else self._clock()
            self._back.append(errand)
            self._is_halted |= errand.error is not None and errand.refusal is None
            is_worth_a_look = self._is_worth_a_look
        if is_worth_a_look:
            self._bell.set()

    def _next(self) -> Errand | None:
        with self._turn:
            while not self._todo or self._is_halted or self._stop.is_set():
                if self._is_halted or self._stop.is_set() or not (self._turn.wait(LINGER_S) or self._todo):
                    self._is_there = False
                    return None
            self._under_way = self._todo.popleft()
            return self._under_way
