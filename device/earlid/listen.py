"""The process that hears: microphone in, permitted segments out, and no network."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earlid.core.backoff import Backoff
from earlid.core.deafness import Deafness
from earlid.core.epoch import Epoch
from earlid.core.frame import Frame
from earlid.core.gate import Permit, State
from earlid.core.listener import Listener, Ports
from earlid.core.segment import Endpoint, Segment, Wake
from earlid.core.units import Scores, dbfs, seconds
from earlid.ears import ears, words_of
from earlid.edge.disk import RealDisk
from earlid.edge.seal import sealer_for
from earlid.edge.source import Source
from earlid.edge.sources import source_for
from earlid.edge.spool import Spool
from earlid.edge.status_file import StatusFile
from earlid.edge.teller import Teller
from earlid.errors import ConfigError, DeviceLost, SourceEnded

if TYPE_CHECKING:
    from earlid.config import Config

_GLANCE_S: Final = 0.1
"""How long a read may take before signals and time are looked at."""
_STATUS_EVERY_S: Final = 5.0
_DISK_RETRY_S: Final = 5.0


def listen(config: Config, source: str | None, pace: float | None, as_json: bool, meter: bool) -> int:
    """Hear `source` until it ends or somebody says stop; 0 when it did, or an error that names what broke."""
    epoch = Epoch()
    spool = Spool(config.spool_folder, RealDisk(), sealer_for(config.upload.recipients))
    spool.claim_drafts()
    device, channel = config.microphone.device, config.microphone.channel
    sound = source_for(source, device=device, channel=channel, epoch=epoch, pace=pace)
    with _signals() as stopped:
        heard = Listening(
            config, sound, spool, epoch, Teller(as_json), comes_back=source is None, meter=meter
        )
        return heard.run(stopped)


class Listening:
    """One run of the listener over one source, told line by line and kept in the status file."""

    def __init__(
        self,
        config: Config,
        source: Source,
        spool: Spool,
        epoch: Epoch,
        tell: Callable[[dict[str, Any]], None],
        *,
        comes_back: bool,
        meter: bool = False,
    ) -> None:
        self._source = source
        self._comes_back = comes_back
        self._spool = spool
        self._tell = tell
        self._deafness = Deafness()
        self._status = StatusFile(config.paths.runtime / "listen.json")
        self._counts = {"wakes": 0, "segments": 0, "kept": 0}
        self._models = config.wake.words
        self._last_trouble = ""
        self._next_status = self._next_probe = 0.0
        ports = Ports(self._show, self._keep, self._woke, self._scored if meter else None)
        self._words = words_of(config.wake.words)
        self._listener: Listener = ears(config.paths.models, config.wake, config.segment, ports, epoch)

    def run(self, stopped: Callable[[], bool]) -> int:
        """Listen until `stopped` or the source ends."""
        endpoint = Endpoint.STOPPED
        try:
            self._source.open()
            self._tell({"event": "ready", "source": self._source.name, "models": list(self._models)})
            self._listener.start()
            while not stopped():
                self._attend(stopped)
        except SourceEnded:
            endpoint = Endpoint.SOURCE_ENDED
        finally:
            self._source.close()
            self._listener.stop(endpoint)
            self._tell(self._ending())
            self._status.remove()
        return 0

    def _attend(self, stopped: Callable[[], bool]) -> None:
        """One frame, or one look at what is amiss."""
        try:
            frame = self._source.read(_GLANCE_S)
        except DeviceLost as error:
            self._reopen(error, stopped)
            return
        if frame is not None:
            self._check_for_sound(frame)
            self._listener.hear(frame)
        self._look_after(time.monotonic())

    def _reopen(self, error: DeviceLost, stopped: Callable[[], bool]) -> None:
        """Say that the device is gone and try again, ever less often, until it is back."""
        if not self._comes_back:
            raise error
        self._listener.lose("microphone", str(error))
        self._trouble(str(error))
        self._deafness.forget()
        backoff = Backoff()
        while not stopped():
            self._source.close()
            again_at = time.monotonic() + backoff.delay_s()
            while not stopped() and (left := again_at - time.monotonic()) > 0:
                self._look_after(time.monotonic())
                time.sleep(min(left, _GLANCE_S))
            try:
                self._source.open()
            except (DeviceLost, ConfigError):
                continue
            self._listener.find("microphone")
            return

    def _check_for_sound(self, frame: Frame) -> None:
        was = self._deafness.deaf
        if self._deafness.hear(frame.samples) is was:
            return
        if was:
            self._listener.find("sound")
        else:
            cause = "deaf: ten seconds of exact silence; check the microphone's wiring and its mixer"
            self._listener.lose("sound", cause)
            self._trouble(cause)

    def _look_after(self, now: float) -> None:
        if self._listener.state is State.FAULT and now >= self._next_probe:
            self._next_probe = now + _DISK_RETRY_S
            if self._spool.trouble() is None:
                self._listener.find("disk")
        if now >= self._next_status:
            self._write_status(now)

    def _write_status(self, now: float) -> None:
        self._next_status = now + _STATUS_EVERY_S
        self._status.write(
            {
                "state": self._listener.state.value,
                "cause": self._listener.cause,
                "source": self._source.name,
                "models": list(self._models),
                "heard_s": round(seconds(self._listener.heard), 1),
                "wakes": self._counts["wakes"],
                "segments": self._counts["segments"],
                "kept_s": round(seconds(self._counts["kept"]), 1),
                "lost_hops": self._source.lost,
                "trouble": self._last_trouble,
            }
        )

    def _show(self, state: State, cause: str) -> None:
        self._tell({"event": "lamp", "state": state.value, "sample": self._listener.now, "cause": cause})
        self._write_status(time.monotonic())

    def _woke(self, wake: Wake) -> None:
        self._counts["wakes"] += 1
        self._tell({"event": "wake", "sample": wake.at, "model": wake.model, "score": round(wake.score, 6)})

    def _keep(self, segment: Segment, permit: Permit) -> None:
        name = self._spool.put(segment, permit)
        self._counts["segments"] += 1
        self._counts["kept"] += len(segment.samples)
        self._tell(
            {
                "event": "kept",
                "id": name,
                "model": segment.wake.model,
                "start": segment.start,
                "stop": segment.stop,
                "endpoint": segment.endpoint.value,
            }
        )

    def _scored(self, frame: Frame, scores: Scores) -> None:
        known = [None if np.isnan(score) else round(float(score), 4) for score in scores]
        self._tell(
            {
                "event": "hop",
                "sample": frame.stop,
                "level_dbfs": round(dbfs(frame.samples), 1),
                "scores": dict(zip(self._words, known, strict=True)),
            }
        )

    def _trouble(self, cause: str) -> None:
        self._last_trouble = cause
        self._tell({"event": "trouble", "cause": cause})

    def _ending(self) -> dict[str, Any]:
        return {"event": "ended", "heard": self._listener.heard, **self._counts, "lost": self._source.lost}


@contextmanager
def _signals() -> Iterator[Callable[[], bool]]:
    """Whether SIGTERM or SIGINT came; both mean: finish within a second."""
    came: list[int] = []
    before = {
        one: signal.signal(one, lambda number, _frame: came.append(number))
        for one in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield lambda: bool(came)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
