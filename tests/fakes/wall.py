"""A switch and a lamp on a wall that do what they are told, and note it."""

from __future__ import annotations

from collections.abc import Callable

from earlid.core.lamp import Look
from earlid.errors import DeviceLost, PinsLost


class Wall:
    """A panel that does what it is told, and notes it in `order`."""

    def __init__(self, order: list[str]) -> None:
        self.muted = False
        self.moved_s = 0.0
        self.mic_powered: bool | None = None
        self.order = order
        self.lost = self.dark = self.is_gone = False
        self.is_checked = True
        self.says: Callable[[bool], None] = lambda _muted: None

    def open(self) -> None:
        self.order.append("panel")

    def tell(self, muted: bool) -> None:
        if self.lost:
            raise DeviceLost("the pin is lost")
        self.order.append("told muted" if muted else "told open")

    def power_mic(self, on: bool) -> bool:
        if self.lost:
            raise DeviceLost("the pin is lost")
        self.order.append("power" if on else "no power")
        return on

    def show(self, look: Look) -> None:
        self._see()
        self.order.append(look.value)

    def check(self) -> None:
        if self.is_checked:
            self._see()

    def _see(self) -> None:
        if self.is_gone:
            raise PinsLost("pin 17 is gone")
        if self.dark:
            raise DeviceLost("the lamp stays dark")

    def close(self, *, at_fault: bool = False) -> None:
        self.order.append("fault" if at_fault else "closed")
