"""Which lamp the screen shows: the gate's and the look's first, then what became of what was kept."""

from __future__ import annotations

from enum import Enum
from typing import Final

from earlid.core.gate import State
from earlid.core.lamp import Look

YELLOW_S: Final = 0.7
"""Sending is shown for at least this long, since a small segment leaves faster than an eye sees."""
GREEN_S: Final = 1.3
"""How long a delivery is shown."""


class Lamp(Enum):
    """What the lamp on the screen says; the value is the word beside it."""

    STARTING = "starting"
    LISTENING = "listening"
    CAPTURING = "keeping what you say"
    RECORDING = "making a field recording"
    SPENT = "listening, and keeping nothing"
    SENDING = "sending"
    SENT = "sent"
    MUTED = "muted"
    FAULT = "fault"
    ENDED = "ended"


_BY_STATE: Final = {None: Lamp.STARTING, State.MUTED: Lamp.MUTED, State.FAULT: Lamp.FAULT}


def first_of(state: State | None, look: Look | None) -> Lamp | None:
    """The lamp where it does not depend on what has left: muted and fault, then keeping, then recording."""
    if state in _BY_STATE:
        return _BY_STATE[state]
    if state is State.CAPTURING:
        return Lamp.CAPTURING
    if look is Look.RECORDING:
        return Lamp.RECORDING
    return Lamp.SPENT if look is Look.SPENT else None


def leaving(kept_s: float, sent_s: float, now_s: float, *, waits: bool) -> Lamp | None:
    """Sending, from `kept_s` on while something `waits`, or sent, for a while from `sent_s` on; else None."""
    yellow_until_s = kept_s + YELLOW_S
    delivered = sent_s > float("-inf") and sent_s >= kept_s
    if waits or (delivered and now_s < yellow_until_s):
        return Lamp.SENDING
    if delivered and now_s < max(sent_s, yellow_until_s) + GREEN_S:
        return Lamp.SENT
    return None
