"""A real state directory, and the real uploader's loop in it, whose waits are shorter than in life."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from earlid.edge.ledger import Ledger
from earlid.edge.sinks.sink import Reach, Sink
from earlid.edge.spool.shelf import Shelf
from earlid.edge.spool.spool import Spool
from earlid.upload import upload
from earlid.uploading.housekeeping import House, Limits
from earlid.uploading.uploader import Pace
from fakes.accounts import Account, account
from fakes.segments import permitted

HASTE = 600.0
"""Waiting goes this much faster than life; exchanges do not."""
TIMEOUT_S = 0.25
PATIENCE_S = 20.0


@dataclass
class Place:
    """A real state directory, and what was kept in it."""

    state: Path
    bodies: dict[str, bytes]

    def put(self, count: int) -> None:
        """Keep so many more."""
        with closing(Spool(self.state / "spool")) as spool:
            for _ in range(count):
                spool.put(*permitted(800, first_sample=len(self.bodies) * 100 + 1))
                self.bodies |= {kept.id: kept.wav for kept in spool.pending() if kept.id not in self.bodies}

    def upload(self, sinks: Sequence[Sink], limits: Limits | None = None) -> list[dict[str, object]]:
        """Let the real loop run, in haste, until nothing waits any more."""
        told: list[dict[str, object]] = []
        stop = threading.Event()

        def tell(event: dict[str, object]) -> None:
            told.append(event)
            if event["event"] == "drained":
                stop.set()

        watchdog = threading.Timer(PATIENCE_S, stop.set)
        watchdog.start()
        pace = Pace(lambda s: stop.wait(s / HASTE), lambda: time.monotonic() * HASTE)
        try:
            with (
                closing(Spool(self.state / "spool")) as spool,
                closing(Ledger(self.state / "ledger")) as ledger,
            ):
                house = House(Shelf(spool), ledger, self.state / "forget", limits or Limits(), tell)
                upload(sinks, house, tell, stop, pace=pace)
        finally:
            watchdog.cancel()
        assert told[-1]["event"] == "drained", f"it was not done within {PATIENCE_S:g} s: {told[-3:]}"
        return told

    def account(self, **got: dict[str, bytes]) -> Account:
        """What became of each."""
        return account(self.bodies, self.state, got)


def reach(ca: Path | None = None) -> Reach:
    return Reach(ca_file=ca, connect_timeout_s=TIMEOUT_S, timeout_s=TIMEOUT_S)
