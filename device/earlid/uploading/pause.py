"""What a service does whose destinations or configuration are unusable: it says so, and leaves after a while.

systemd starts it again as long as something waits, with the configuration and the tokens of then: so it goes
on by itself once they are corrected. Left at once, systemd would give up on it after a few starts.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Final

from earlid.edge.disk import InUse
from earlid.edge.notify import Service
from earlid.edge.status_file import StatusFile
from earlid.errors import ConfigError

PAUSE_S: Final = 60.0


class Pause:
    """A `Wait` that says it is time to stop `PAUSE_S` after `begin`, or once `stop` is set."""

    def __init__(
        self, service: Service, stop: threading.Event, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.service, self.stop, self._clock = service, stop, clock
        self.status: StatusFile | None = None
        """What `earlid status` reads, as soon as it is known where that is."""
        self._until = clock()
        self._code = 0

    def begin(self, error: ConfigError) -> None:
        """Say why nothing is sent: on stderr, to systemd, and where `earlid status` reads."""
        if isinstance(error, InUse):
            self.status = None  # whoever runs says how it stands
        for line in str(error).splitlines():
            sys.stderr.write(f"earlid: {line}\n")
        cause = str(error).partition("\n")[0]
        if self.status:
            self.status.write({"state": "paused", "cause": cause})
        self.service.status(f"paused: {cause}")
        self.service.ready()
        self._until, self._code = self._clock() + PAUSE_S, error.exit_code

    def __call__(self, seconds: float) -> bool:
        """Wait; True where it is time to stop."""
        return self._clock() >= self._until or self.stop.wait(seconds)

    def end(self) -> int:
        """Say nothing any more; what to leave with: the code of the error, unless somebody said stop."""
        if self.status:
            self.status.remove()
        self.service.stopping()
        return 0 if self.stop.is_set() else self._code
