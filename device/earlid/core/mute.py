"""Whose word counts: the hand's on a switch first, then the clock's, then software's."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum


class Answer(Enum):
    """What became of a wish to hear again."""

    GRANTED = "listening"
    SWITCH = "the switch says muted: move the switch"
    QUIET = "a quiet hour"


class Remembered(Enum):
    """What the state directory says of the last time."""

    MUTED = "muted"
    OPEN = "open"
    FIRST_START = "first start"
    LOST = "lost"  # unreadable, garbage, or missing though it was there


@dataclass(frozen=True, slots=True)
class Mute:
    """All that can mute. `switch` is the level of a latching switch, None where there is none.

    `kept` is what software or a momentary button said last; it is what survives a power cut. `lost` is
    whether that could not be read back. `quiet_until` names the end of the quiet hours that hold now.
    `said_s` is when somebody muted, on the same clock as the movements of the switch.
    """

    switch: bool | None = None
    kept: bool = False
    lost: bool = False
    quiet_until: str = ""
    said_s: float = -math.inf

    @property
    def muted(self) -> bool:
        """Whether anybody whose word counts says so."""
        return self.switch is True or self.kept or bool(self.quiet_until)

    @property
    def cause(self) -> str:
        """Who says so, in a person's words; empty when nobody does."""
        if self.switch:
            return "by the switch"
        if self.quiet_until:
            quiet = f"quiet hours until {self.quiet_until}"
            return f"{quiet}, and after that until unmuted" if self.kept else quiet
        if not self.kept:
            return ""
        return "what was last said about mute is lost: unmute to listen" if self.lost else "until unmuted"

    def mute(self, now_s: float = -math.inf) -> Mute:
        """Anybody may."""
        return replace(self, kept=True, lost=False, said_s=now_s)

    def unmute(self, *, in_words: bool = False) -> tuple[Mute, Answer]:
        """Software and a momentary button may, but never against a closed switch or a quiet hour.

        Who asks `in_words` is answered, and in a quiet hour takes back what software said: the quiet hour
        mutes on, and nothing does after it. A button cannot be told so, and takes back nothing.
        """
        if self.switch:
            return self, Answer.SWITCH
        opened = replace(self, kept=False, lost=False, said_s=-math.inf)
        if self.quiet_until:
            return opened if in_words else self, Answer.QUIET
        return opened, Answer.GRANTED

    def move(self, closed: bool, moved_s: float = math.inf) -> Mute:
        """The latching switch was moved at `moved_s`. The hand wins: opening it lifts what software had said.

        Not what software said since: a contact is believed only once it kept still, and a mute that came
        meanwhile is the later word.
        """
        if closed is self.switch:
            return self
        if closed or self.said_s >= moved_s:
            return replace(self, switch=closed)
        return replace(self, switch=False, kept=False, lost=False, said_s=-math.inf)

    def tell_time(self, quiet_until: str) -> Mute:
        """Quiet hours hold until `quiet_until`, or do not (empty)."""
        return replace(self, quiet_until=quiet_until)


def at_boot(remembered: Remembered, switch: bool | None, muted_at_boot: bool) -> Mute:
    """How to begin. Only a first start and a plain "open" begin with the microphone open."""
    lost = remembered is Remembered.LOST
    kept = muted_at_boot or lost or remembered is Remembered.MUTED
    return Mute(switch=switch, kept=kept, lost=lost)
