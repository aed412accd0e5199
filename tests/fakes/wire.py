"""A wire that remembers: what goes through it to a real server, byte for byte, in both directions."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading


class Wire:
    """Listens on loopback, passes everything on to `port` there, and keeps what the client said in `said`.

    With `tls` it is the end of the encryption.
    """

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._target, self._tls = port, tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self.said = b""
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Wire:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join(5)
        self._listener.close()
        for thread in self._threads[1:]:
            thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self._tls is not None:
                    near = self._tls.wrap_socket(near, server_side=True)
                far = socket.create_connection(("127.0.0.1", self._target), 5)
            except OSError:
                near.close()
                continue
            for source, sink, is_client in ((near, far, True), (far, near, False)):
                thread = threading.Thread(target=self._pass, args=(source, sink, is_client), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pass(self, source: socket.socket, sink: socket.socket, is_client: bool) -> None:
        with contextlib.suppress(OSError), contextlib.closing(source):
            while part := source.recv(65_536):
                if is_client:
                    self.said += part
                sink.sendall(part)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR if is_client else socket.SHUT_RDWR)
