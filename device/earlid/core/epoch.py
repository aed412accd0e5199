"""How many mutes there have been. A frame from an earlier epoch is dropped, whatever queue it waits in."""

from __future__ import annotations


class Epoch:
    """A counter that only grows. Reading and bumping are safe from any thread, a signal handler included."""

    def __init__(self) -> None:
        self._value = 0

    @property
    def value(self) -> int:
        """Mutes so far."""
        return self._value

    def bump(self) -> None:
        """Make every frame heard until now stale. One thread presses; none waits."""
        self._value += 1
