"""A microphone that is missing, and when it is worth another look."""

from __future__ import annotations

from collections.abc import Callable

from earlid.core.backoff import FIRST_S, Backoff


class Absence:
    """It is looked for ever less often, and soon after `cards` gave another mark: a card came, or went.

    Not at once: its parts come one by one, and are ours to open a moment later. `now_s` is steady time.
    """

    def __init__(self, cards: Callable[[], object], now_s: float) -> None:
        self._cards = cards
        self._seen = cards()
        self._backoff = Backoff()
        self._again_at_s = 0.0
        self.goes_on(now_s)

    def goes_on(self, now_s: float) -> None:
        """It was looked for in vain."""
        self._again_at_s = now_s + self._backoff.delay_s()

    def left_s(self, now_s: float) -> float:
        """How long until the next look; nothing is left when it is due."""
        seen = self._cards()
        if seen != self._seen:
            self._seen = seen
            self._backoff.reset()
            self._again_at_s = min(self._again_at_s, now_s + FIRST_S)
        return self._again_at_s - now_s
