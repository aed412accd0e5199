"""The verb `upload`: what waits in the outbox leaves, in order, and stays until there is a receipt."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Sequence
from typing import Final

from earlid.config import Config
from earlid.destinations import destinations
from earlid.edge.ledger import Ledger
from earlid.edge.shelf import Shelf
from earlid.edge.sinks.sink import Sink
from earlid.edge.spool import Spool
from earlid.edge.status_file import StatusFile
from earlid.edge.teller import Teller
from earlid.housekeeping import House, Limits, Tell
from earlid.uploader import Pace, Uploader


def upload(
    sinks: Sequence[Sink],
    house: House,
    tell: Tell,
    stop: threading.Event,
    *,
    once: bool = False,
    pace: Pace | None = None,
) -> None:
    """Deliver at least once to every sink, oldest first, until `stop`; nothing leaves without an intent.

    A sink's oldest segment that cannot be delivered now holds up those behind it, for that sink alone: the
    order is the promise. A segment leaves the outbox once every sink is done with it. With `once`, return
    when nothing is left to do, and raise what stands in the way of that.
    """
    uploader = Uploader(sinks, house, tell, stop, pace or Pace(stop.wait))
    house.shelf.spool.claim_outbox()
    house.ledger.open()
    uploader.take_up()
    uploader.run(once=once)


_STATES: Final = {"later": "waiting to try again", "paused": "paused"}


class _Announcer:
    """Tells every event on, and keeps `earlid status` able to say how it stands."""

    def __init__(self, tell: Tell, status: StatusFile) -> None:
        self._tell, self._status = tell, status
        self._sent = 0
        self._status.write({"state": "ready"})

    def __call__(self, event: dict[str, object]) -> None:
        self._tell(event)
        kind = event["event"]
        self._sent += kind == "sent"
        cause = str(event.get("cause", ""))
        trouble = {"trouble": cause} if kind == "refused" else {"cause": cause}
        self._status.write({"state": _STATES.get(str(kind), "ready"), "segments": self._sent, **trouble})


def upload_forever(config: Config, json: bool, once: bool) -> int:
    """Send what waits and will wait, until SIGTERM or Ctrl-C; returns the exit code."""
    sinks = destinations(config)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with contextlib.ExitStack() as held:
        spool = held.enter_context(contextlib.closing(Spool(config.spool_folder)))
        spool.claim_outbox()
        ledger = held.enter_context(contextlib.closing(Ledger(config.paths.ledger)))
        ledger.open()
        status = StatusFile(config.paths.runtime / "upload.json")
        held.callback(status.remove)
        tell = _Announcer(Teller(json), status)
        house = House(Shelf(spool), ledger, config.paths.forget, limits_of(config), tell)
        upload(sinks, house, tell, stop, once=once)
    return 0


def limits_of(config: Config) -> Limits:
    """The limits that the configuration sets."""
    return Limits(config.spool.longest_s, config.spool.max_bytes, config.collector.delete_after_days)
