"""A small thread that keeps something going, and that can be seen to have died."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from earlid.errors import DeviceLost, PinsLost

STALLED_S: Final = 2.0
_GRACE_S: Final = 0.2
_LONGEST_S: Final = 1.0


class Beats(Protocol):
    """What keeps a panel going: `Pulse`, or something slower in a test."""

    def start(self) -> None: ...
    def nudge(self) -> None: ...
    def stop(self) -> None: ...
    def check(self) -> None: ...


class Pulse:
    """Calls `beat` again and again; it returns the seconds until it wants to be called next."""

    def __init__(self, beat: Callable[[], float], name: str = "panel") -> None:
        self._beat = beat
        self._nudged = threading.Event()
        self._beaten = threading.Event()
        self._stopped = False
        self._cause = "it was never started"
        self._last = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._cause = "it ended by itself"
        self._last = time.monotonic()
        self._thread.start()

    def nudge(self) -> None:
        """Beat now."""
        self._nudged.set()

    def stop(self) -> None:
        """Beat no more. Stopping twice, or from within, is harmless."""
        self._stopped = True
        self._nudged.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(STALLED_S)

    def check(self) -> None:
        """Nothing, while it beats; DeviceLost while it hangs, PinsLost once it died: no hand is felt."""
        if not self._thread.is_alive():
            raise PinsLost(f"nobody looks after the panel any more: {self._cause}")
        if time.monotonic() - self._last > STALLED_S:
            self._beaten.clear()  # the whole process may have been stopped: let it show that it lives
            self._nudged.set()
            if not self._beaten.wait(_GRACE_S):
                raise DeviceLost(f"the panel has hung for {time.monotonic() - self._last:.0f} s")

    def _run(self) -> None:
        try:
            while not self._stopped:
                wait_s = self._beat()
                self._last = time.monotonic()
                self._beaten.set()
                self._nudged.wait(min(max(wait_s, 0.001), _LONGEST_S))
                self._nudged.clear()
        except Exception as error:  # noqa: BLE001 - whatever it is, the lamp is no longer played
            self._cause = f"{type(error).__name__}: {error}"
