"""What lets sound leave memory: a table of states, and the permit that only it issues."""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from enum import Enum, auto
from typing import Final

from earlid.core.segment import Wake
from earlid.core.units import samples
from earlid.errors import Violation

LOOKBACK_CEILING_MS: Final = 400
"""No configuration lets a segment begin earlier than this before the detection."""
LONGEST: Final = samples(30.0)
"""No configuration lets a segment grow longer than this."""


class State(Enum):
    """What the gate, and so the lamp, says. There is no other place that knows."""

    LISTENING = "listening"
    CAPTURING = "capturing"
    MUTED = "muted"
    FAULT = "fault"


class Event(Enum):
    """Everything that can happen to the gate."""

    WAKE = "wake"
    SPENT = "spent"  # a wake, and the hour has no audio left to keep
    ENDPOINT = "endpoint"
    MUTE = "mute"
    UNMUTE = "unmute"
    LOST = "lost"  # the microphone, the disk or all sound
    DARK = "dark"  # the lamp cannot be lit
    FOUND = "found"  # everything that was lost is back
    STOP = "stop"


class Do(Enum):
    """What a transition asks for, in the order in which its row names it."""

    SHOW = auto()  # bring the lamp to the new state, or raise
    OPEN = auto()  # issue a permit and begin a segment
    KEEP = auto()  # give the finished segment to the spool
    DISCARD = auto()  # overwrite and forget the open segment
    WIPE = auto()  # zero the ring and the engine's states
    CLOSE = auto()  # stop the stream, and zero what was heard and not yet read


L, C, M, F = State.LISTENING, State.CAPTURING, State.MUTED, State.FAULT

# States are a table; the order in a row is the order of execution; a missing row is a bug and stops the
# process. Light before keeping; destroying before saying so.
TABLE: Final[dict[tuple[State, Event], tuple[State, tuple[Do, ...]]]] = {
    (L, Event.WAKE): (C, (Do.SHOW, Do.OPEN)),
    (L, Event.SPENT): (L, (Do.SHOW,)),  # told, and nothing is kept
    (L, Event.MUTE): (M, (Do.WIPE, Do.CLOSE, Do.SHOW)),
    (L, Event.LOST): (F, (Do.SHOW,)),
    (L, Event.DARK): (F, ()),
    (L, Event.STOP): (L, (Do.WIPE,)),
    (C, Event.ENDPOINT): (L, (Do.KEEP, Do.SHOW)),
    (C, Event.WAKE): (C, ()),  # named again while being heard: the segment goes on
    (C, Event.MUTE): (M, (Do.DISCARD, Do.WIPE, Do.CLOSE, Do.SHOW)),
    (C, Event.LOST): (F, (Do.KEEP, Do.SHOW)),
    (C, Event.DARK): (F, (Do.DISCARD, Do.WIPE)),  # no light, no capture
    (C, Event.STOP): (L, (Do.KEEP, Do.WIPE)),
    (M, Event.UNMUTE): (L, (Do.SHOW,)),
    (M, Event.MUTE): (M, ()),
    (M, Event.LOST): (M, ()),  # muted beats everything; the device is looked at again on unmute
    (M, Event.DARK): (M, ()),
    (M, Event.FOUND): (M, ()),
    (M, Event.STOP): (M, (Do.WIPE,)),
    (F, Event.FOUND): (L, (Do.SHOW,)),
    (F, Event.WAKE): (F, ()),  # nothing is kept while the lamp says fault
    (F, Event.LOST): (F, ()),
    (F, Event.DARK): (F, ()),
    (F, Event.MUTE): (M, (Do.WIPE, Do.CLOSE, Do.SHOW)),
    (F, Event.STOP): (F, (Do.WIPE,)),
}

_ISSUED_BY_THE_GATE: Final = object()


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave for `most` samples of one wake's sound, from sample `start` on, within one epoch.

    Only a gate makes one.
    """

    wake: Wake
    start: int
    epoch: int
    issuer: InitVar[object]
    most: int = LONGEST

    def __post_init__(self, issuer: object) -> None:
        if issuer is not _ISSUED_BY_THE_GATE:
            raise Violation("a permit was made by something other than the gate")
        if not 0 < self.most <= LONGEST:
            raise Violation(f"a permit is for 1 to {LONGEST} samples, not {self.most}")


class Gate:
    """Walks the table. `lookback` is how many samples before a wake its segment may begin."""

    def __init__(self, lookback: int = 0) -> None:
        if not 0 <= lookback <= samples(LOOKBACK_CEILING_MS / 1000):
            raise Violation(f"lookback is 0 to {LOOKBACK_CEILING_MS} ms, not {lookback} samples")
        self._lookback = lookback
        self.state = State.LISTENING

    def take(self, event: Event) -> tuple[Do, ...]:
        """Move on and say what to do, in order; a transition that is not in the table raises Violation."""
        try:
            self.state, work = TABLE[self.state, event]
        except KeyError:
            raise Violation(f"the gate has no row for {event.value} while {self.state.value}") from None
        return work

    def permit(self, wake: Wake, epoch: int, earliest: int = 0, most: int = LONGEST) -> Permit:
        """Leave for `most` samples of what follows `wake`, and none of what was heard before `earliest`."""
        if self.state is not State.CAPTURING:
            raise Violation(f"a permit was asked for while {self.state.value}")
        start = max(wake.at - self._lookback, earliest, 0)
        return Permit(wake, start, epoch, _ISSUED_BY_THE_GATE, min(most, LONGEST))
