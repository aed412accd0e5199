"""The verb `upload`: what waits in the outbox leaves, in order, and stays until there is a receipt."""

from __future__ import annotations

import contextlib
import random
import signal
import threading
from collections.abc import Callable
from typing import Final, Protocol

from earlid.config import Config, UploadSettings
from earlid.core.backoff import Backoff
from earlid.core.delivery import NOT_ALLOWED_PAUSE_S, wait_s
from earlid.edge.kept import Kept
from earlid.edge.secret_file import read_secret
from earlid.edge.sinks.http_sink import HttpSink
from earlid.edge.sinks.sink import Receipt
from earlid.edge.spool import Spool
from earlid.edge.status_file import StatusFile
from earlid.edge.teller import Teller
from earlid.errors import ConfigError, DiskTrouble, EarlidError, NotAllowed, Refused, TryLater, Violation

Tell = Callable[[dict[str, object]], None]
Wait = Callable[[float], bool]
"""Waits so many seconds, or less if it is time to stop: then it says True."""

POLL_S: Final = 0.5
LONGEST_BACKOFF_S: Final = 60.0
STOP_LOOK_S: Final = 0.05
GRACE_S: Final = 0.5
"""How long an exchange in flight may go on after it is time to stop; the whole must end within a second."""


class Sink(Protocol):
    """One kind of destination: a receipt, or TryLater, Refused or NotAllowed."""

    def send(self, kept: Kept) -> Receipt:
        """Return with a receipt or raise."""


def sink_for(settings: UploadSettings) -> Sink:
    """The destination the configuration names; ConfigError where it names none that can be used."""
    if not settings.url:
        raise ConfigError("no address to send to: set upload.url")
    return HttpSink(
        settings.url,
        connect_timeout_s=settings.connect_timeout_s,
        timeout_s=settings.timeout_s,
        token=read_secret(settings.token_file) if settings.token_file else None,
        ca_file=settings.ca_file,
        allow_plaintext=settings.allow_plaintext,
    )


def upload(
    sink: Sink,
    spool: Spool,
    tell: Tell,
    stop: threading.Event,
    *,
    once: bool = False,
    wait: Wait | None = None,
    jitter: Callable[[], float] = random.random,
) -> None:
    """Deliver at least once, oldest first, until `stop`; nothing leaves the outbox without a receipt.

    The oldest segment that cannot be delivered now holds up those behind it: the order is the promise.
    With `once`, return when the outbox is empty, and raise what stands in the way of that. `wait` and
    `jitter` are the clock and the dice, for tests.
    """
    uploader = _Uploader(sink, spool, tell, stop, wait=wait or stop.wait, jitter=jitter)
    spool.claim_outbox()
    if once:
        uploader.drain()
    else:
        uploader.serve()


class _Uploader:
    """The loop's parts: a round over the outbox, and what follows a round that was cut short."""

    def __init__(
        self,
        sink: Sink,
        spool: Spool,
        tell: Tell,
        stop: threading.Event,
        *,
        wait: Wait,
        jitter: Callable[[], float],
    ) -> None:
        self._sink, self._spool, self._tell, self._stop = sink, spool, tell, stop
        self._wait, self._jitter = wait, jitter
        self._backoff = Backoff(most_s=LONGEST_BACKOFF_S)
        self._trying = ""
        self._is_paused = False
        self._is_drained = False

    def drain(self) -> None:
        """Rounds until nothing waits; what cuts one short is told and raised."""
        try:
            while self._round():
                pass
        except (TryLater, DiskTrouble, NotAllowed) as error:
            self._pause_after(error)
            raise

    def serve(self) -> None:
        """Rounds without end; one that was cut short is followed by a wait that only `stop` shortens."""
        while not self._stop.is_set():
            try:
                pause_s = 0.0 if self._round() else POLL_S
            except (TryLater, DiskTrouble, NotAllowed) as error:
                pause_s = self._pause_after(error)
            if pause_s and self._wait(pause_s):
                return

    def _round(self) -> int:
        """Settle everything that waits now, in order; how many segments that were."""
        settled = 0
        for kept in self._spool.pending():
            self._trying = kept.id
            if not self._settle(kept):
                return 0
            settled += 1
        self._trying = ""
        if not settled and not self._is_drained:
            self._is_drained = True
            self._tell({"event": "drained"})
        return settled

    def _settle(self, kept: Kept) -> bool:
        """The one place where a body leaves and where its receipt is kept; False if it was time to stop.

        Whatever must be written before the bytes go out belongs before `_send`; whatever proves that they
        arrived belongs between `_send` and `remove`.
        """
        self._is_drained = False
        try:
            receipt = self._send(kept)
        except Refused as refusal:
            self._spool.quarantine(kept, str(refusal))
            self._answered()
            self._tell({"event": "refused", "id": kept.id, "cause": str(refusal)})
            return True
        if receipt is None:
            return False
        self._spool.remove(kept)
        self._answered()
        sent = {"bytes": len(kept.wav), "seconds": kept.duration_s, "status": receipt.status}
        self._tell({"event": "sent", "id": kept.id, **sent})
        return True

    def _send(self, kept: Kept) -> Receipt | None:
        """A receipt, or what the sink raised; None if it was time to stop and no answer came in the grace."""
        courier = _Courier(self._sink, kept)
        while not courier.is_back.wait(STOP_LOOK_S):
            if self._stop.is_set() and not courier.is_back.wait(GRACE_S):
                return None
        return courier.result()

    def _answered(self) -> None:
        """The other side took a decision about a segment: it is there, and it knows us."""
        self._backoff.reset()
        self._is_paused = False

    def _pause_after(self, error: EarlidError) -> float:
        """Tell why nothing goes out now, and say for how many seconds to leave it."""
        if isinstance(error, NotAllowed):
            if not self._is_paused:
                self._is_paused = True
                self._tell({"event": "paused", "cause": str(error)})
            return NOT_ALLOWED_PAUSE_S
        wish_s = error.after_s if isinstance(error, TryLater) else None
        pause_s = wait_s(wish_s, self._backoff.delay_s(self._jitter()))
        told = {"id": self._trying, "cause": str(error), "after_s": round(pause_s, 3)}
        self._tell({"event": "later", **told})
        return pause_s


class _Courier:
    """One delivery in a thread of its own, so that a stop never waits for a network."""

    def __init__(self, sink: Sink, kept: Kept) -> None:
        self.is_back = threading.Event()
        self._receipt: Receipt | None = None
        self._error: BaseException | None = None
        threading.Thread(target=self._go, args=(sink, kept), name="courier", daemon=True).start()

    def _go(self, sink: Sink, kept: Kept) -> None:
        try:
            self._receipt = sink.send(kept)
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that asked
            self._error = error
        finally:
            self.is_back.set()

    def result(self) -> Receipt:
        """The receipt, or raise what the sink raised."""
        if self._error is not None:
            raise self._error
        if self._receipt is None:
            raise Violation("a sink returned without a receipt")
        return self._receipt


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
    sink = sink_for(config.upload)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with contextlib.closing(Spool(config.spool_folder)) as spool:
        spool.claim_outbox()
        status = StatusFile(config.paths.runtime / "upload.json")
        try:
            upload(sink, spool, _Announcer(Teller(json), status), stop, once=once)
        finally:
            status.remove()
    return 0
