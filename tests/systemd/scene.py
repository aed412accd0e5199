"""Who else is in the house, run inside the booted system: servers to attack, a listener's door, a collector.

Python's standard library only. Binds everything first, then tells systemd that it is ready.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DOOR = "/run/earlid/control"
RECEIVED = "/run/received"
ANSWER = socket.inet_aton("127.0.0.1")


def answer_names(door: socket.socket) -> None:
    """Say of every name that it is 127.0.0.1, and of none that it has an IPv6 address."""
    while True:
        asked, whence = door.recvfrom(512)
        end = asked.index(b"\0", 12) + 5
        kind = struct.unpack(">H", asked[end - 4 : end - 2])[0]
        found = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + ANSWER if kind == 1 else b""
        head = asked[:2] + b"\x81\x80\x00\x01" + (b"\x00\x01" if found else b"\x00\x00") + b"\0" * 4
        door.sendto(head + asked[12:end] + found, whence)


def answer_all(door: socket.socket) -> None:
    """Take every connection and answer whatever it says."""
    while True:
        caller, _ = door.accept()
        with caller, contextlib.suppress(OSError):
            caller.recv(256)
            caller.sendall(b"{}\n")


def servers() -> list[threading.Thread]:
    """A server and a name server, as a network would have them."""
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 53))
    server = socket.create_server(("127.0.0.1", 8123))
    return [
        threading.Thread(target=answer_names, args=(names,)),
        threading.Thread(target=answer_all, args=(server,)),
    ]


def door() -> list[threading.Thread]:
    """The listener's control socket, with the mode that it really has."""
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    door.bind(DOOR)
    Path(DOOR).chmod(0o660)
    door.listen()
    return [threading.Thread(target=answer_all, args=(door,))]


class Collecting(BaseHTTPRequestHandler):
    """A collector that wants a token, a server that hears speech, and one that is told what was said."""

    def do_POST(self) -> None:
        """Keep what comes in a file, and answer as each of them does."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name, code, answer = "said", 200, b"{}"
        if self.path == "/segments":
            allowed = self.headers["Authorization"] == "Bearer open-sesame"
            name, code = (f"{self.headers['Idempotency-Key']}.wav", 201) if allowed else ("", 401)
        elif self.path == "/v1/audio/transcriptions":
            name, answer = "heard", b'{"text": "turn on the light"}'
        if name:
            draft = Path(RECEIVED, f".{name}")
            draft.write_bytes(body)
            draft.rename(Path(RECEIVED, name))
        self.send_response(code)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


def collector() -> list[threading.Thread]:
    """Where segments are sent to."""
    Path(RECEIVED).mkdir(exist_ok=True)
    server = ThreadingHTTPServer(("127.0.0.1", 8124), Collecting)
    return [threading.Thread(target=server.serve_forever)]


def main() -> None:
    """Open what is asked for, tell systemd, and stand there."""
    threads = {"servers": servers, "door": door, "collector": collector}[sys.argv[1]]()
    for thread in threads:
        thread.start()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.connect(os.environ["NOTIFY_SOCKET"])
        line.send(b"READY=1")
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
