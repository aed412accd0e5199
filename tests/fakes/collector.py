"""A collector that delays, cuts and lies: a real server on a real socket, with one conduct a connection."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from fakes.waiting import SECONDS

Conduct = Callable[["Call"], None]
"""What the collector does with one connection. When it returns, the connection is closed."""

_PACE_S = 0.02


@dataclass
class Request:
    """What one connection brought, as far as it was read."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Call:
    """One connection, in the hands of a conduct."""

    line: socket.socket
    over: threading.Event
    collector: LyingCollector
    _seen: bytearray = field(default_factory=bytearray, repr=False)

    def head(self) -> dict[str, str]:
        """Read the request's headers, names in lower case; the request line is under the empty name."""
        while b"\r\n\r\n" not in self._seen:
            self._more()
        head, _, self._seen = self._seen.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        return {"": first} | {name.lower(): value.strip() for name, _, value in pairs}

    def body(self, headers: dict[str, str]) -> bytes:
        """Read as much as Content-Length announces."""
        while len(self._seen) < int(headers["content-length"]):
            self._more()
        return bytes(self._seen)

    def request(self) -> Request:
        """Read everything, and note it as arrived."""
        headers = self.head()
        whole = Request(headers, self.body(headers))
        self.collector.note(whole)
        return whole

    def say(self, raw: bytes) -> None:
        """Send these bytes, as they are."""
        self.line.sendall(raw)

    def answer(self, status: int, *headers: str, body: bytes = b"") -> None:
        """Send a whole answer."""
        head = [f"HTTP/1.1 {status} whatever", f"Content-Length: {len(body)}", "Connection: close", *headers]
        self.say("\r\n".join([*head, "", ""]).encode() + body)

    def reset(self) -> None:
        """Hang up so that the other side sees a reset, not an end."""
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _more(self) -> None:
        part = self.line.recv(65_536)
        if not part:
            raise ConnectionError
        self._seen += part


class LyingCollector:
    """Follows `script`, one conduct a connection, then is honest.

    Honest: 201 for what is new, 409 for a known id; asked to delete, 204, and 404 for one it has not.
    """

    def __init__(self, *script: Conduct, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self._script = list(script)
        self._tls = tls
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._arrivals = threading.Semaphore(0)
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = int(self._listener.getsockname()[1])
        """Where it listens, or did; the port that was asked for, if one was."""
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self.requests: list[Request] = []
        self.kept: dict[str, bytes] = {}

    @property
    def url(self) -> str:
        """Where to send to."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self.port}/segments"

    def __enter__(self) -> LyingCollector:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join(5)
        self._listener.close()
        for thread in self._threads[1:]:
            thread.join(5)

    def note(self, request: Request) -> None:
        """Remember what came, and wake whoever waits in `wait_for_one`."""
        self.requests.append(request)
        self._arrivals.release()

    def wait_for_one(self) -> bool:
        """Whether one more request has come whole within a minute: whoever sends may have to start."""
        return self._arrivals.acquire(timeout=SECONDS)

    def take(self, request: Request) -> int:
        """Keep a body under its key; the status that says whether it was new."""
        with self._lock:
            key = request.headers["idempotency-key"]
            status = 409 if key in self.kept else 201
            self.kept.setdefault(key, request.body)
            return status

    def obey(self, request: Request) -> int:
        """Keep a body, or delete the one that is named; the status that says what came of it."""
        if not request.headers[""].startswith("DELETE "):
            return self.take(request)
        with self._lock:
            return 204 if self.kept.pop(request.headers["idempotency-key"], None) is not None else 404

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            conduct = self._script.pop(0) if self._script else is_honest
            thread = threading.Thread(target=self._follow, args=(conduct, line), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _follow(self, conduct: Conduct, line: socket.socket) -> None:
        line.settimeout(5)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(line)
            if self._tls:
                line = stack.enter_context(self._tls.wrap_socket(line, server_side=True))
            conduct(Call(line, self._over, self))


def is_honest(call: Call) -> None:
    """Do what was asked, and say so."""
    request = call.request()
    call.answer(call.collector.obey(request))


def answers(status: int, *headers: str, body: bytes = b"") -> Conduct:
    """Read everything, keep nothing, and answer so."""

    def conduct(call: Call) -> None:
        call.request()
        call.answer(status, *headers, body=body)

    return conduct


def answers_before_reading(status: int) -> Conduct:
    """Read the headers only, answer, and hang up on the body."""

    def conduct(call: Call) -> None:
        call.head()
        call.answer(status)

    return conduct


def resets_in_the_body(call: Call) -> None:
    """Read the headers and hang up hard."""
    call.head()
    call.reset()


def keeps_it_and_resets(call: Call) -> None:
    """Keep the segment but lose the receipt on the way."""
    call.collector.take(call.request())
    call.reset()


def hangs_up_without_a_word(call: Call) -> None:
    """Read everything and close."""
    call.request()


def gives_half_an_answer(call: Call) -> None:
    """Announce a longer answer than is sent."""
    call.request()
    call.say(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nhalf")


def stalls(call: Call) -> None:
    """Read everything and never answer."""
    call.request()
    call.over.wait(10)


def never_reads(call: Call) -> None:
    """Accept the connection and read nothing."""
    call.over.wait(10)


def drips_headers(call: Call) -> None:
    """Answer a byte at a time, and never come to the end of the headers."""
    call.request()
    call.say(b"HTTP/1.1 201 Created\r\nX-Patience: ")
    while not call.over.wait(_PACE_S):
        call.say(b"x")


def drips_a_body(call: Call) -> None:
    """Answer a byte at a time, and never come to the end of the body."""
    call.request()
    call.say(b"HTTP/1.1 201 Created\r\nContent-Length: 60000\r\nConnection: close\r\n\r\n")
    while not call.over.wait(_PACE_S):
        call.say(b"x")


def floods(call: Call) -> None:
    """Answer with more than anybody wants to read."""
    call.request()
    call.say(b"HTTP/1.1 201 Created\r\nContent-Length: 4000000000\r\n\r\n")
    while not call.over.is_set():
        call.say(bytes(65_536))


def talks_nonsense(call: Call) -> None:
    """Answer in another protocol."""
    call.request()
    call.say(b"220 mail.example ESMTP\r\n")


def reads_slowly(call: Call) -> None:
    """Take the body in small sips, then be honest."""
    headers = call.head()
    call.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    call.over.wait(10 * _PACE_S)
    request = Request(headers, call.body(headers))
    call.collector.note(request)
    call.answer(call.collector.take(request))
