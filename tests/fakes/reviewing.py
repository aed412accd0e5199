"""A real `earlid field review` on a terminal of its own, and what a browser or an attacker needs of it."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from earlid.edge.processes import earlid

_LINK = re.compile(r"open\s+(http://\S+?)/pair#([A-Z0-9]+)")


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

    def read_until(self, words: str, limit_s: float = 20.0) -> str:
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
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=_own_terminal,  # noqa: PLW1509 - this process has no other thread yet
    ) as process:
        os.close(theirs)
        page = Reviewing(process, ours)
        try:
            page.read_code()
            yield page
            process.send_signal(signal.SIGINT)
            page.read_until("the page is closed")
            assert process.wait(20) == 0
        finally:
            process.kill()
            os.close(ours)


def _own_terminal() -> None:
    """Keys are read by whoever the terminal belongs to."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
