"""Which look the lamp has: the gate's state first, and while it listens what became of the last segment."""

from __future__ import annotations

from enum import Enum
from typing import Final

from earlid.core.gate import State
from earlid.core.lamp import Look


class Leaving(Enum):
    """What became of the segments that were kept."""

    NOTHING = "nothing"
    WAITING = "waiting"
    GONE = "gone"


_BY_STATE: Final = {
    State.CAPTURING: Look.CAPTURING,
    State.MUTED: Look.MUTED,
    State.FAULT: Look.FAULT,
}
_BY_LEAVING: Final = {
    Leaving.NOTHING: Look.LISTENING,
    Leaving.WAITING: Look.SENDING,
    Leaving.GONE: Look.SENT,
}


def look_of(
    state: State,
    *,
    is_recorded: bool = False,
    is_spent: bool = False,
    leaving: Leaving = Leaving.NOTHING,
) -> Look:
    """The look for the gate's `state`, which beats all else: while words are kept, nothing hides that.

    Only a listening lamp says more, a field recording first.
    """
    if state in _BY_STATE:
        return _BY_STATE[state]
    if is_recorded:
        return Look.RECORDING
    return Look.SPENT if is_spent else _BY_LEAVING[leaving]
