"""A connection that is cut from outside when its time is up, however slowly the other side drips."""

from __future__ import annotations

import contextlib
import socket
import threading


class Line:
    """The one connection of one exchange, cut from outside when its time is up.

    A second descriptor of the socket is kept, because TLS and the HTTP library take the first one over.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._twin: socket.socket | None = None
        self.was_cut = False
        self._timer = threading.Timer(timeout_s, self.cut)
        self._timer.daemon = True

    def __enter__(self) -> Line:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            if self._twin is not None:
                self._twin.close()
                self._twin = None

    def hold(self, connection: socket.socket) -> None:
        """Remember `connection`, and give it the whole time for a large body on a slow uplink."""
        connection.settimeout(self._timeout_s)
        with self._lock:
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
