"""A small collector on this machine: what `earlid demo` sends to, and the contract in its shortest form."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

BODY_LIMIT_BYTES: Final = 4_000_000
_PATIENCE_S: Final = 10.0
_SEALED: Final = "application/octet-stream"
_ENDINGS: Final = {False: ".wav", True: ".wav.age"}
_KEY: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Received:
    """One segment as it arrived: its id, the wake word it was kept for, and the WAV, sealed or not."""

    id: str
    model: str
    wav: bytes
    sealed: bool = False


class Collector:
    """Takes each segment once, on loopback only: 201 the first time, 409 for an id it already has.

    With `folder` the recordings are `<id>.wav` files there and outlive it; otherwise they stay in memory.
    `on_received` is called, from a server thread, after a segment is safe and before its sender is told.
    """

    def __init__(
        self,
        folder: Path | None = None,
        port: int = 0,
        on_received: Callable[[Received], None] | None = None,
    ) -> None:
        self._folder = folder
        self._on_received = on_received
        self._lock = threading.Lock()
        self._received: dict[str, Received] = {}
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._server = _Server(("127.0.0.1", port), _handler_for(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where to send to."""
        return f"http://127.0.0.1:{self._server.server_port}/segments"

    @property
    def received(self) -> tuple[Received, ...]:
        """What arrived since this object was made, in order."""
        with self._lock:
            return tuple(self._received.values())

    def __enter__(self) -> Collector:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, segment: Received) -> bool:
        """Keep `segment` and say True, or say False: this id is already here."""
        with self._lock:
            if segment.id in self._received or self._is_on_disk(segment.id):
                return False
            self._write(segment)
            self._received[segment.id] = segment
        if self._on_received is not None:
            self._on_received(segment)
        return True

    def _is_on_disk(self, id_: str) -> bool:
        return any(file.exists() for file in self._files(id_))

    def _files(self, id_: str) -> list[Path]:
        return [self._folder / f"{id_}{ending}" for ending in _ENDINGS.values()] if self._folder else []

    def forget(self, id_: str) -> bool:
        """Whether a segment was here under `id_`; it no longer is."""
        with self._lock:
            was_here = id_ in self._received or self._is_on_disk(id_)
            self._received.pop(id_, None)
            for file in self._files(id_):
                file.unlink(missing_ok=True)
        return was_here

    def _write(self, segment: Received) -> None:
        if self._folder is None:
            return
        unfinished = self._folder / f".{segment.id}.part"
        with unfinished.open("wb") as file:
            file.write(segment.wav)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self._folder / f"{segment.id}{_ENDINGS[segment.sealed]}")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a sender that went away will come again."""


def _handler_for(collector: Collector) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE_S
        protocol_version = "HTTP/1.1"
        server_version = "earlid-collector"
        sys_version = ""

        def do_POST(self) -> None:
            self.close_connection = True
            fault = _fault_in(self)
            if fault is not None:
                self._answer(*fault)
                return
            length = int(self.headers["Content-Length"])
            wav = self.rfile.read(length)
            if len(wav) < length:
                return  # the sender went away in the middle: nothing is kept, nobody is told
            id_ = self.headers["Idempotency-Key"]
            sealed = self.headers["Content-Type"] == _SEALED
            is_new = collector.take(Received(id_, self.headers.get("X-Earlid-Wake-Word", ""), wav, sealed))
            self._answer(201 if is_new else 409, "kept" if is_new else "already here")

        def do_DELETE(self) -> None:
            self.close_connection = True
            if not _KEY.fullmatch(id_ := self.path.rpartition("/")[2]):
                self._answer(400, "name the segment by its 32 hex digits")
                return
            was_here = collector.forget(id_)
            self._answer(200 if was_here else 404, "gone" if was_here else "not here")

        def _answer(self, status: int, says: str) -> None:
            body = json.dumps({"says": says}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing on stderr: the events of the uploader tell the story."""

    return Handler


def _fault_in(request: BaseHTTPRequestHandler) -> tuple[int, str] | None:
    """The status and words for a request that cannot be taken, or None."""
    length = request.headers.get("Content-Length", "")
    if not (length.isascii() and length.isdigit()):
        return 411, "say Content-Length"
    if int(length) > BODY_LIMIT_BYTES:
        return 413, f"more than {BODY_LIMIT_BYTES} bytes"
    if not _KEY.fullmatch(request.headers.get("Idempotency-Key", "")):
        return 400, "Idempotency-Key must be 32 hex digits"
    if request.headers.get("Content-Type") not in ("audio/wav", _SEALED):
        return 415, f"only audio/wav is taken, or sealed as {_SEALED}"
    return None
