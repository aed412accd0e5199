"""The verb `upload`: what waits in the outbox leaves, in order, and stays until there is a receipt."""

from __future__ import annotations

import contextlib
import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from earlid.asking.at_hand import others_at_hand
from earlid.config import Config
from earlid.config_file import load
from earlid.drop_in import AGAIN, is_outdated
from earlid.edge.disk import InUse
from earlid.edge.ledger import Ledger
from earlid.edge.locked import keep_out_of_swap, leave_no_core
from earlid.edge.notify import Service
from earlid.edge.sinks.sink import Sink
from earlid.edge.spool.shelf import Shelf
from earlid.edge.spool.spool import Spool
from earlid.edge.status_file import StatusFile
from earlid.edge.teller import Teller
from earlid.errors import ConfigError
from earlid.uploading.destinations import destinations
from earlid.uploading.housekeeping import House, Limits, Tell
from earlid.uploading.pause import Pause
from earlid.uploading.retiring import Retiring
from earlid.uploading.uploader import Pace, Uploader, Wait

_LOG = logging.getLogger("earlid.upload")


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


_LOOK_S: Final = 0.5
_LONGEST_CLAIM_S: Final = 30.0
_SAY_EVERY_S: Final = 0.25
_STATES: Final = {"later": "waiting to try again", "paused": "paused"}


class _Announcer:
    """Tells every event on, and keeps `earlid status` able to say how it stands."""

    def __init__(self, tell: Tell, status: StatusFile, service: Service) -> None:
        self._tell, self._status, self._service = tell, status, service
        self._sent = 0
        self._say_at = 0.0
        self._status.write({"state": "ready"})

    def __call__(self, event: dict[str, object]) -> None:
        self._tell(event)
        kind = event["event"]
        self._sent += kind == "sent"
        if kind == "sent" and time.monotonic() < self._say_at:
            return  # the disk has better to do; what comes last is never "sent"
        self._say_at = time.monotonic() + _SAY_EVERY_S
        cause = str(event.get("cause", ""))
        trouble = {"trouble": cause} if kind == "refused" else {"cause": cause}
        state = _STATES.get(str(kind), "ready")
        self._status.write({"state": state, "segments": self._sent, **trouble})
        self._service.status(f"{': '.join(part for part in (state, cause) if part)}; {self._sent} sent")


def upload_forever(file: Path | None, json: bool, once: bool, idle_s: float | None = None) -> int:
    """Send what waits and will wait, until SIGTERM or Ctrl-C; returns the exit code.

    With `idle_s`, also leave after so many seconds in which nothing was left to do; then it may also begin
    with nowhere to send to, and only forgets and writes down. Where that cannot work as it is configured, a
    person is told at once; a service stays for `PAUSE_S` before it leaves, so that it can be started again
    for ever, and forgets meanwhile what it can.
    """
    service, stop = Service(), threading.Event()
    if service.is_there:
        leave_no_core()
        keep_out_of_swap()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    pause = Pause(service, stop)
    try:
        return _serve(file, json, once, idle_s, pause)
    except ConfigError as error:
        if not service.is_there:
            raise
        pause.begin(error)
        while not pause(_LOOK_S):
            service.alive()
        return pause.end()


def _serve(file: Path | None, json: bool, once: bool, idle_s: float | None, pause: Pause) -> int:
    service, stop = pause.service, pause.stop
    config, sinks, unusable = _settled(file, idle_s, is_service=service.is_there)
    if service.is_there and is_outdated(config):
        _LOG.warning("sandbox=outdated cause='made for another configuration' todo=%r", AGAIN)
    with contextlib.ExitStack() as held:
        pause.status = status = StatusFile(config.paths.upload_status)
        spool = held.enter_context(contextlib.closing(Spool(config.spool_folder)))
        _insist(spool.claim_outbox, stop, service.is_there)
        ledger = held.enter_context(contextlib.closing(Ledger(config.paths.ledger)))
        _insist(ledger.open, stop, service.is_there)
        held.callback(status.remove)
        tell = _Announcer(Teller(json), status, service)
        others = partial(others_at_hand, config)
        house = House(Shelf(spool), ledger, config.paths.forget, limits_of(config), tell, others=others)
        if unusable:
            pause.begin(unusable)
            keep_house(house, Retiring(house, (), None, pause), service.alive)
            return pause.end()
        wait = Retiring(house, [(sink.name, sink.host) for sink in sinks], idle_s, stop.wait)
        service.ready()
        if sinks:
            upload(sinks, house, tell, stop, once=once, pace=Pace(wait, beat=service.alive))
        else:
            keep_house(house, wait, service.alive)
        service.stopping()
    return 0


def _settled(
    file: Path | None, idle_s: float | None, *, is_service: bool
) -> tuple[Config, tuple[Sink, ...], ConfigError | None]:
    """The configuration, where it sends to, and for a service why it cannot, if only that is wrong."""
    try:
        config = load(file)
        return config, destinations(config) if config.sends or idle_s is None else (), None
    except ConfigError as error:
        if not is_service:
            raise
        return load(file, secrets=False), (), error


def keep_house(house: House, wait: Wait, beat: Callable[[], None]) -> None:
    """Forget and write down what is asked, until it is time to stop; where nothing is sent."""
    house.tidy(frozenset(), is_busy=False)
    while not wait(_LOOK_S):
        beat()
        house.tidy(frozenset(), is_busy=False)


def _insist(claim: Callable[[], object], stop: threading.Event, is_service: bool) -> None:
    """Make a claim; a service waits a while for whoever forgets by hand just now. InUse after that."""
    until = time.monotonic() + _LONGEST_CLAIM_S
    while True:
        try:
            claim()
        except InUse:
            if not is_service or time.monotonic() > until or stop.wait(_LOOK_S):
                raise
        else:
            return


def limits_of(config: Config) -> Limits:
    """The limits that the configuration sets."""
    return Limits(config.spool.longest_s, config.spool.max_bytes, config.collector.delete_after_days)
