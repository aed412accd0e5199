"""What a hand on the switch means. Muting is believed at the first touch, unmuting only once it is certain.

A contact bounces, a wire picks up sparks: both may mute, neither ever unmutes. Times are milliseconds of one
clock, given by whoever feels the pin.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, Protocol

SHORT_MS: Final = 1000
"""A press longer than this is the beginning of a hold, and letting go then does nothing."""


class Gesture(Enum):
    """What a hand has just done."""

    MUTE = "mute"
    UNMUTE = "unmute"
    ERASE = "erase"
    CANCEL = "cancel"


class Hand(Protocol):
    """A switch with a person at it. `feel` takes every level seen, `rest` what time alone makes certain."""

    muted: bool

    @property
    def is_restless(self) -> bool:
        """Whether `rest` should be called again soon."""

    def feel(self, active: bool, now_ms: float) -> Gesture | None:
        """The switch is or is not `active` now."""

    def rest(self, now_ms: float) -> Gesture | None:
        """Nothing more was felt until now."""

    def held_ms(self, now_ms: float) -> float | None:
        """How long a hold has lasted that would erase if it went on; None when there is none."""

    def tell(self, muted: bool) -> None:
        """Software has muted or unmuted."""

    def lose(self) -> Gesture | None:
        """The switch can no longer be felt: MUTE, if it was not muted."""


class Contact:
    """A level that is `settled` only after it kept still for `still_ms`."""

    def __init__(self, active: bool, now_ms: float, still_ms: float) -> None:
        self.raw = self.settled = active
        self.since_ms = now_ms
        self._still_ms = still_ms

    def touch(self, active: bool, now_ms: float) -> bool:
        """Take in the level seen now; True if it differs from the one before."""
        self.settle(now_ms)
        if active == self.raw:
            return False
        self.raw, self.since_ms = active, now_ms
        return True

    def settle(self, now_ms: float) -> bool:
        """Believe the level if it kept still long enough; True if it did."""
        still = now_ms - self.since_ms >= self._still_ms
        if still:
            self.settled = self.raw
        return still


class Latch:
    """A switch that stays where it is put: its level is the truth, whatever software wishes."""

    def __init__(self, active: bool, now_ms: float, *, still_ms: float) -> None:
        self._contact = Contact(active, now_ms, still_ms)
        self.muted = active

    @property
    def moved_ms(self) -> float:
        """When its level changed last."""
        return self._contact.since_ms

    @property
    def is_restless(self) -> bool:
        """Whether it says unmuted, but not for long enough to be believed."""
        return self.muted and not self._contact.raw

    def feel(self, active: bool, now_ms: float) -> Gesture | None:
        """MUTE at the first touch."""
        self._contact.touch(active, now_ms)
        if active and not self.muted:
            self.muted = True
            return Gesture.MUTE
        return None

    def rest(self, now_ms: float) -> Gesture | None:
        """UNMUTE once the level kept still."""
        if self._contact.settle(now_ms) and self.muted and not self._contact.raw:
            self.muted = False
            return Gesture.UNMUTE
        return None

    def held_ms(self, now_ms: float) -> float | None:
        """None: a latching switch is never held."""
        return None

    def tell(self, muted: bool) -> None:
        """Nothing: the hand wins."""

    def lose(self) -> Gesture | None:
        """MUTE, until it is felt again and says otherwise."""
        was, self.muted = self.muted, True
        return None if was else Gesture.MUTE


class Button:
    """A momentary button: touching it mutes, a short press while muted unmutes, a long hold erases.

    Held since before the first look at it, it means nothing until it was let go. With `muted` None nobody has
    told it yet: it counts as muted, a touch says MUTE all the same, and the first `tell` does not undo that.
    """

    def __init__(
        self, active: bool, now_ms: float, *, still_ms: float, hold_ms: float, muted: bool | None
    ) -> None:
        self._contact = Contact(active, now_ms, still_ms)
        self._hold_ms = hold_ms
        self._down_at: float | None = None
        self._certain = self._erased = self._has_muted = False
        self.muted = muted is not False
        self._is_told, self._is_early = muted is not None, False

    @property
    def is_restless(self) -> bool:
        """Whether a press is under way, or a level not yet believed."""
        return self._down_at is not None or self._contact.raw != self._contact.settled

    def feel(self, active: bool, now_ms: float) -> Gesture | None:
        """MUTE at the first touch, and at every further one that finds it unmuted by software meanwhile."""
        if active and not self._contact.raw and self._contact.settle(now_ms):
            self.rest(now_ms)  # nobody looked since it was let go: that press is over, and this is another
        changed = self._contact.touch(active, now_ms)
        is_down = self._down_at is not None
        self._certain |= is_down and self._contact.settled
        if not (changed and active) or (self._contact.settled and not is_down):
            return None
        if not is_down:
            self._down_at, self._certain, self._erased, self._has_muted = now_ms, False, False, False
        was, self.muted = self.muted and self._is_told, True
        self._is_early |= not self._is_told
        self._is_told = True
        self._has_muted |= not was
        return None if was else Gesture.MUTE

    def rest(self, now_ms: float) -> Gesture | None:
        """UNMUTE, ERASE or CANCEL, when it is certain."""
        still = self._contact.settle(now_ms)
        if self._down_at is None:
            return None
        self._certain |= self._contact.settled
        if self._contact.raw:
            if self._certain and not self._erased and now_ms - self._down_at >= self._hold_ms:
                self._erased = True
                return Gesture.ERASE
            return None
        return self._let_go() if still else None

    def held_ms(self, now_ms: float) -> float | None:
        """How long it has been held, beyond what is a short press and until it has erased."""
        if self._down_at is None or not self._certain or self._erased:
            return None
        held = now_ms - self._down_at
        return held if held > SHORT_MS else None

    def tell(self, muted: bool) -> None:
        """Which way the next short press goes. A press under way never undoes a mute that came after it."""
        self.muted = muted or self._is_early
        self._is_told, self._is_early = True, False
        self._has_muted |= muted

    def lose(self) -> Gesture | None:
        """MUTE, and forget a press under way."""
        self._down_at = None
        was, self.muted = self.muted, True
        return None if was else Gesture.MUTE

    def _let_go(self) -> Gesture | None:
        held = self._contact.since_ms - (self._down_at or 0.0)
        self._down_at = None
        if not self._certain or self._erased:
            return None  # a spark, or a hold that has done its work
        if held > SHORT_MS:
            return Gesture.CANCEL
        if self._has_muted:
            return None
        self.muted = self._is_early = False
        return Gesture.UNMUTE
