"""A recording at the speed of life: a frame is given once a microphone would have heard its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from earlid.core.frame import Frame
from earlid.core.units import seconds
from earlid.edge.sound.source import Source


class Paced:
    """`source`, `pace` times as fast as real time. Its epochs are read before the wait, so never too late."""

    def __init__(
        self,
        source: Source,
        pace: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        if not pace > 0.0:
            raise ValueError(f"a pace is above 0, not {pace}")
        self._source = source
        self._pace = pace
        self._clock = clock
        self._nudged = threading.Event()
        self._sleep = sleep or self._nudged.wait
        self._held: Frame | None = None
        self._origin: float | None = None

    @property
    def name(self) -> str:
        """The name of what is paced."""
        return self._source.name

    @property
    def lost(self) -> dict[str, int]:
        """Hops lost so far, by cause."""
        return self._source.lost

    def open(self) -> None:
        """Open the source; its time begins with the first frame asked for."""
        self._source.open()
        self._origin = None

    def read(self, timeout_s: float) -> Frame | None:
        """The next frame once it is due, or None on a nudge or when that is later than `timeout_s`."""
        frame = self._held or self._source.read(timeout_s)
        if frame is None:
            return None
        now = self._clock()
        if self._origin is None:
            self._origin = now - seconds(frame.start) / self._pace
        wait_s = self._origin + seconds(frame.stop) / self._pace - now
        self._held = frame
        if wait_s > 0.0:
            self._sleep(min(wait_s, timeout_s))
        if wait_s > timeout_s or self._nudged.is_set():
            self._nudged.clear()
            return None
        self._held = None
        return frame

    def nudge(self) -> None:
        """Let a `read` that waits return at once; the frame whose time had not come is given later."""
        self._nudged.set()
        self._source.nudge()

    def close(self) -> None:
        """Close the source, and overwrite the frame that was waiting for its time."""
        held, self._held = self._held, None
        if held is not None and held.samples.flags.writeable:
            held.samples.fill(0)
        self._source.close()
