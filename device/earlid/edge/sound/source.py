"""Where sound comes from: a microphone, a recording or stdin, all read the same way."""

from __future__ import annotations

from typing import Protocol

from earlid.core.frame import Frame


class Source(Protocol):
    """Gives frames one after the other. Sound that was lost leaves a gap in their indices."""

    @property
    def name(self) -> str:
        """What a person calls it."""

    @property
    def lost(self) -> dict[str, int]:
        """Hops lost so far, by cause: "overflow", "backlog", "device". A copy."""

    def open(self) -> None:
        """Begin, or begin again after `close`. Raises ConfigError, UsageError or DeviceLost."""

    def read(self, timeout_s: float) -> Frame | None:
        """The next frame, or None when none came in time. Raises DeviceLost, UsageError or SourceEnded."""

    def nudge(self) -> None:
        """Let a `read` that waits return at once, or else the next one. Any thread may."""

    def close(self) -> None:
        """Stop and overwrite what was heard and not yet read. Closing twice is harmless."""
