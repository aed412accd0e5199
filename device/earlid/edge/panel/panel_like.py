"""What the process that hears asks of a switch and a lamp, and the panel of a machine that has none."""

from __future__ import annotations

from typing import Protocol

from earlid.core.lamp import Look


class PanelLike(Protocol):
    """A switch, a lamp, and the microphone's power. Callbacks come from threads of its own."""

    @property
    def muted(self) -> bool:
        """What the hand says now."""

    @property
    def moved_s(self) -> float:
        """Since when a latching switch has been where it is, on the monotonic clock."""

    @property
    def mic_powered(self) -> bool | None:
        """Whether the microphone has power, read back; None where no pin gives it."""

    def open(self) -> None:
        """Claim every pin, the switch first. Raises DeviceLost or ConfigError."""

    def tell(self, muted: bool) -> None:
        """Software has muted or unmuted."""

    def power_mic(self, on: bool) -> bool:
        """Give the microphone its power or cut it. Raises DeviceLost."""

    def show(self, look: Look) -> None:
        """Bring the lamp to `look`; DeviceLost if no light comes."""

    def check(self) -> None:
        """Nothing while all is well; DeviceLost otherwise."""

    def close(self, *, at_fault: bool = False) -> None:
        """Let go of every pin; harmless twice."""


class NoPanel:
    """No pins: the lamp is the screen of `earlid run`, and the switch is `earlid mute`."""

    muted = False
    moved_s = 0.0
    mic_powered = None

    def open(self) -> None:
        """Nothing to claim."""

    def tell(self, muted: bool) -> None:
        """Nobody to tell."""

    def power_mic(self, on: bool) -> bool:
        """Always on."""
        return True

    def show(self, look: Look) -> None:
        """The event lines show it."""

    def check(self) -> None:
        """Nothing that could be lost."""

    def close(self, *, at_fault: bool = False) -> None:
        """Nothing to let go."""
