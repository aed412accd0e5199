"""A real `earlid field review` on a terminal of its own, and what a browser or an attacker needs of it."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from earlid.edge.processes import earlid
from fakes.waiting import SECONDS

_TOKEN = re.compile(r'name="token" content="([0-9a-f]{64})"')
_LINK = re.compile(r"open\s+(http://\S+?)/pair#([A-Z0-9]+)")


FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Paired:
    """What a browser knows that may look: its cookie, and what the page wrote into its forms."""

    port: int
    cookie: str
    token: str


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    headers: Message
    body: bytes

    @property
    def cookie(self) -> str:
        """The cookie that was set."""
        return str(self.headers["set-cookie"]).partition("earlid=")[2].partition(";")[0]


def ask(
    port: int,
    method: str,
    path: str,
    body: str | bytes | None = None,
    as_: Paired | None = None,
    *,
    kind: str = "application/json",
    **headers: str | None,
) -> Answered:
    """One request to the page at `port`, the path exactly as it is given."""
    sent: dict[str, str | None] = {"host": f"127.0.0.1:{port}"}
    if as_:
        sent |= {"cookie": f"earlid={as_.cookie}", "x-earlid-token": as_.token}
    if body is not None:
        sent |= {"origin": f"http://127.0.0.1:{port}", "content-type": kind}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.items():
            if value is not None:
                connection.putheader(name, value)
        whole = body.encode() if isinstance(body, str) else body
        if whole is not None and "content-length" not in sent:
            connection.putheader("content-length", str(len(whole)))
        connection.endheaders(whole)
        answer = connection.getresponse()
        return Answered(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def asked_to_pair(port: int) -> tuple[str, str]:
    """A new browser's cookie and the token in the form that asks for the code."""
    answer = ask(port, "GET", "/pair")
    return answer.cookie, _TOKEN.findall(answer.body.decode())[0]


@dataclass
class Reviewing:
    """The page is at `url`; `codes` are those that the terminal has shown, the last one holds."""

    process: subprocess.Popen[bytes]
    terminal: int
    url: str = ""
    said: str = ""
    codes: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def link(self) -> str:
        """What the terminal says to open."""
        return f"{self.url}/pair#{self.codes[-1]}"

    def new_link(self) -> str:
        """Press n; what the terminal says to open then."""
        self.new_code()
        return self.link

    def read_until(self, words: str, limit_s: float = SECONDS) -> str:
        """Read the terminal until it has said `words` from here on; all that it said meanwhile."""
        began, until_s = len(self.said), time.monotonic() + limit_s
        while words not in self.said[began:]:
            left_s = until_s - time.monotonic()
            assert left_s > 0, f"never said {words!r}: {self.said}"
            if select.select([self.terminal], [], [], left_s)[0]:
                self.said += os.read(self.terminal, 65_536).decode()
        return self.said[began:]

    def read_code(self) -> str:
        """Read the terminal up to the next code."""
        said = self.read_until("close the page" if not self.codes else "and one browser")
        links = _LINK.findall(said)
        self.url, code = (str(part) for part in links[-1])
        self.codes.append(code)
        return code

    def pair(self) -> Paired:
        """Pair a browser that is not one, with a code of its own."""
        self.new_code()
        cookie, token = asked_to_pair(self.port)
        form = urlencode({"token": token, "code": self.codes[-1]})
        answer = self.ask("POST", "/pair", form, Paired(self.port, cookie, token), kind=FORM)
        assert answer.status == 303, answer.body
        cookie = answer.cookie
        page = self.ask("GET", "/", None, Paired(self.port, cookie, ""))
        return Paired(self.port, cookie, _TOKEN.findall(page.body.decode())[0])

    def ask(
        self,
        method: str,
        path: str,
        body: str | bytes | None = None,
        as_: Paired | None = None,
        *,
        kind: str = "application/json",
        **headers: str | None,
    ) -> Answered:
        """One request as a browser that is paired would send it; `headers` replace or, if None, leave out."""
        return ask(self.port, method, path, body, as_, kind=kind, **headers)

    def end(self) -> None:
        """Ctrl-C; harmless twice."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.read_until("the page is closed")
        assert self.process.wait(SECONDS) == 0

    def new_code(self) -> str:
        """Press n."""
        os.write(self.terminal, b"n")
        return self.read_code()


@contextmanager
def reviewing(config: Path, *more: str) -> Iterator[Reviewing]:
    """Run it until the block ends, and see that it ends well."""
    ours, theirs = pty.openpty()
    command = earlid("field", "review", "--config", str(config), "--port", "0", *more)
    with subprocess.Popen(
        [sys.executable, "-c", _ON_ITS_TERMINAL, *command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        page = Reviewing(process, ours)
        try:
            page.read_code()
            yield page
            page.end()
        finally:
            process.kill()
            os.close(ours)


_ON_ITS_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Keys are read by whoever the terminal belongs to."""
