"""A connection that is cut from outside when its time is up, however slowly the other side drips."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator


class Line:
    """The one connection of one exchange after the other, cut from outside when its time is up.

    A second descriptor of the socket is kept, because TLS and the HTTP library take the first one over.
    """

    def __init__(self) -> None:
        self._timeout_s = 0.0
        self._lock = threading.Lock()
        self._twin: socket.socket | None = None
        self.was_cut = False

    @contextlib.contextmanager
    def within(self, timeout_s: float) -> Iterator[Line]:
        """One exchange, which takes no longer than this."""
        self._timeout_s = timeout_s
        timer = threading.Timer(timeout_s, self.cut)
        timer.daemon = True
        timer.start()
        try:
            yield self
        finally:
            timer.cancel()

    def close(self) -> None:
        """Keep nothing any more; harmless twice."""
        with self._lock:
            if self._twin is not None:
                self._twin.close()
                self._twin = None

    def hold(self, connection: socket.socket) -> None:
        """Remember `connection`, and give it the whole time for a large body on a slow uplink."""
        connection.settimeout(self._timeout_s)
        with self._lock:
            if self._twin is not None:
                self._twin.close()
            self._twin = connection.dup()
            if self.was_cut:
                self._shut()

    def cut(self) -> None:
        """End the connection in both directions; whoever waits on it wakes up at once."""
        with self._lock:
            self.was_cut = True
            self._shut()

    def _shut(self) -> None:
        if self._twin is not None:
            with contextlib.suppress(OSError):
                self._twin.shutdown(socket.SHUT_RDWR)
