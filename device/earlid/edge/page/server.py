"""The socket on which the page is served: bounded in connections, in header bytes and in patience."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from earlid.errors import ConfigError, UsageError

try:
    import uvicorn
    from uvicorn.protocols.http import h11_impl
except ImportError:
    raise ConfigError("the page needs uvicorn: pip install '.[field]' in the checkout") from None

CONNECTIONS: Final = 48
HEADERS_S: Final = 8.0
"""How long a request may take to arrive, up to the end of its headers, and how long silence before it."""
HEADERS_BYTES: Final = 16_384
_BACKLOG: Final = 128
_IDLE: Final = vars(h11_impl)["h11"].IDLE
_STOP_S: Final = 3


class Impatient(h11_impl.H11Protocol):
    """One connection, closed once the headers of a request take longer than `HEADERS_S` to arrive.

    There are at most CONNECTIONS. One more takes the place of the one that has asked nothing for the longest
    time: whoever only holds lines keeps nobody out. Where all of them are being answered it is closed itself.
    """

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            waiting = [one for one in self.connections if isinstance(one, Impatient) and one._late]
            oldest = min(waiting, key=lambda one: one._since, default=self)
            oldest._leave()
        if self in self.connections:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is _IDLE:
            self._watch()
        else:
            self._rest()

    def _leave(self) -> None:
        """Make room at once; the loop tells of the loss only later."""
        self._rest()
        self.connections.discard(self)
        self.transport.abort()

    def _watch(self) -> None:
        if self._late is None:
            self._since = self.loop.time()
            self._late = self.loop.call_later(HEADERS_S, self.transport.abort)

    def _rest(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def bind(host: str, port: int) -> socket.socket:
    """A socket at `host` and `port`, 0 for any; UsageError if it cannot be had."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
    except OSError as error:
        made.close()
        why = (error.strerror or "unknown trouble").lower()
        raise UsageError(f"cannot serve at {host}:{port}: {why}, choose another --port") from None
    return made


def address_here() -> str | None:
    """The address at which this machine is reached from its own network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # kept for documentation: nobody has it
        except OSError:
            return None
        return str(probe.getsockname()[0])


@contextmanager
def serving(app: Any, at: socket.socket) -> Iterator[threading.Thread]:
    """Serve `app` on `at` in a thread while the block runs; yields once it is answered, with the thread."""
    config = uvicorn.Config(
        app,
        http=Impatient,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="error",  # or whoever sends rubbish fills the owner's terminal
        access_log=False,
        proxy_headers=False,  # nobody stands between: whoever says so lies
        server_header=False,
        date_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=_STOP_S,
        h11_max_incomplete_event_size=HEADERS_BYTES,
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, args=([at],), name="serving")
    thread.start()
    try:
        server.up.wait()
        yield thread
    finally:
        server.should_exit = True
        thread.join()
        at.close()


class _Server(uvicorn.Server):
    """Says when it is up, or has failed to be."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.up.set()
