"""A connection that is cut from outside when its time is up, however slowly the other side drips."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Final

_NEVER: Final = float("inf")


class Line:
    """The one connection of one exchange after the other, cut from outside when its time is up.

    A second descriptor of the socket is kept, because TLS and the HTTP library take the first one over.
    One thread watches all exchanges. It sleeps `timeout_s` at the most, and so is awake in time for each that
    begins meanwhile, without being woken; after such a sleep with none under way it ends.
    """

    def __init__(self, timeout_s: float) -> None:
        """Each exchange takes no longer than `timeout_s`."""
        self._timeout_s = timeout_s
        self._turn = threading.Condition()
        self._ends_at = _NEVER
        self._is_watched = self._is_closed = False
        self._twin: socket.socket | None = None
        self.was_cut = False
        """Whether an exchange took longer than it may."""

    @contextlib.contextmanager
    def exchange(self) -> Iterator[Line]:
        """One exchange, cut off at its time."""
        with self._turn:
            self._ends_at = time.monotonic() + self._timeout_s
            if not self._is_watched:
                self._is_watched = True
                threading.Thread(target=self._watch, name="line", daemon=True).start()
        try:
            yield self
        finally:
            with self._turn:
                self.was_cut |= time.monotonic() >= self._ends_at
                self._ends_at = _NEVER

    def close(self) -> None:
        """Keep nothing any more; harmless twice."""
        with self._turn:
            self._is_closed = True
            self._turn.notify_all()
            if self._twin is not None:
                self._twin.close()
                self._twin = None

    def hold(self, connection: socket.socket) -> None:
        """Remember `connection`, and give it the whole time for a large body on a slow uplink."""
        connection.settimeout(self._timeout_s)
        with self._turn:
            if self._twin is not None:
                self._twin.close()
            self._twin = connection.dup()
            if self.was_cut:
                self._shut()

    def _watch(self) -> None:
        with self._turn:
            while not self._is_closed:
                left_s = self._ends_at - time.monotonic()
                if left_s <= 0:
                    self.was_cut, self._ends_at = True, _NEVER
                    self._shut()
                self._turn.wait(min(max(left_s, 0.0), self._timeout_s))
                if self._ends_at == _NEVER:
                    break
            self._is_watched = False

    def _shut(self) -> None:
        """End the connection in both directions; whoever waits on it wakes up at once."""
        if self._twin is not None:
            with contextlib.suppress(OSError):
                self._twin.shutdown(socket.SHUT_RDWR)
