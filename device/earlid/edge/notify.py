"""What a service tells systemd: that it is ready, how it stands in one line, that it lives, that it stops.

The protocol of sd_notify(3): datagrams of KEY=VALUE lines to the unix socket that $NOTIFY_SOCKET names.
Where nobody started this process as a service, nothing is told to anybody.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, MutableMapping
from typing import Final

_TAKEN: Final = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
_FEEDINGS: Final = 4
"""How often the watchdog is fed within the time it allows."""
_LONGEST_STATUS: Final = 200


class Service:
    """This process as systemd sees it. No trouble with telling is ever an error: systemd draws its own."""

    def __init__(
        self,
        environ: MutableMapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """What systemd says in `environ` is taken out of it: children of ours must not answer for us."""
        known = os.environ if environ is None else environ
        address, allowed, whose = (known.pop(name, "") for name in _TAKEN)
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        is_watched = allowed.isdecimal() and whose in {"", str(os.getpid())}
        self._every_s = int(allowed) / 1e6 / _FEEDINGS if is_watched else None
        self._clock = clock
        self._fed_at_s = float("-inf")
        self._said = ""

    @property
    def is_there(self) -> bool:
        """Whether systemd wants to be told."""
        return bool(self._address)

    def ready(self) -> None:
        """The service does what it is for; until now, systemd waited."""
        self._tell("READY=1")

    def status(self, line: str) -> None:
        """How the service stands, for `systemctl status`; told only where it changed."""
        line = "".join(letter if letter.isprintable() else " " for letter in line)[:_LONGEST_STATUS]
        if line != self._said:
            self._said = line
            self._tell(f"STATUS={line}")

    def alive(self) -> None:
        """What the service is for goes on. Call it often; it is told a few times within what is allowed."""
        if self._every_s is None or self._clock() - self._fed_at_s < self._every_s:
            return
        self._fed_at_s = self._clock()
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """The service is about to end, and means to."""
        self._tell("STOPPING=1")

    def _tell(self, what: str) -> None:
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)  # systemd that does not read must not stop who hears
            line.sendto(what.encode(), self._address)
