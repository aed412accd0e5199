"""What the ledger says: one entry for every body before it leaves, and one for what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any, Protocol

from earlid.core.chain import Facts
from earlid.core.units import seconds


class What(Enum):
    """What happened."""

    INTENT = "intent"  # the body is about to leave
    SENT = "sent"  # the other side has it
    REFUSED = "refused"  # the other side will never take it: set aside on this machine
    BROKEN = "broken"  # it could not be read: set aside on this machine
    EXPIRED = "expired"  # it waited longer than spool.max_age_s: erased here
    EVICTED = "evicted"  # there was no room for it: erased here
    ERASED = "erased"  # its owner asked: erased here
    DISCARDED = "discarded by mute"  # it never reached the disk
    TO_DELETE = "deletion asked"  # a request to delete it is about to leave
    DELETED = "deleted remotely"  # the other side says that it is gone
    UNCONFIRMED = "deletion unconfirmed"  # the other side cannot or will not delete it
    PUT_BACK = "put back"  # its owner wants it sent after all: it waits again
    GIVEN_UP = "deletion given up"  # its owner no longer wants it deleted there
    REPAIRED = "repaired"  # a torn last line of this ledger was cut off


class Sound(Protocol):
    """What is known of a segment, whoever keeps it."""

    @property
    def model(self) -> str:
        """The wake word."""

    @property
    def samples(self) -> int:
        """How long it is."""

    @property
    def start(self) -> int:
        """Where it starts, counted from the wake."""


ENDS_HERE = frozenset({What.EXPIRED, What.EVICTED, What.ERASED})
"""After one of these nothing of the segment is left on this machine."""
ANSWERED = frozenset({What.SENT, What.REFUSED})
"""After one of these a sink is done with the segment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. What is not known or does not apply is left out of the line.

    `at` is UTC by this machine's clock; `bytes` and `sha256` are those of the body; `start_s` is where it
    starts, in seconds after the wake, negative before; `word` is the wake word.
    """

    what: What
    at: str = ""
    id: str = ""
    sink: str = ""
    host: str = ""
    bytes: int | None = None
    sha256: str = ""
    seconds: float | None = None
    word: str = ""
    start_s: float | None = None
    status: int | None = None
    cause: str = ""

    def facts(self) -> Facts:
        """What a line of the chain holds of it."""
        known = {each.name: getattr(self, each.name) for each in fields(self)} | {"what": self.what.value}
        return {name: value for name, value in known.items() if value not in (None, "")}

    def about(self, sound: Sound) -> Entry:
        """The same, with what is known of the sound it is about."""
        length, start = round(seconds(sound.samples), 3), round(seconds(sound.start), 3)
        return replace(self, seconds=length, start_s=start, word=sound.model)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Entry:
        """The entry that a line holds; ValueError where it is none of ours. Unknown words are passed by."""
        known: dict[str, Any] = {}
        for each in fields(cls):
            if each.name in facts:
                known[each.name] = _fitting(each.name, facts[each.name])
        return cls(**{**known, "what": What(facts.get("what"))})


def since_put_back(said: Sequence[Entry]) -> list[Entry]:
    """What counts of all that was said of one segment: where it was put back, no refusal from before."""
    last = max((at for at, entry in enumerate(said) if entry.what is What.PUT_BACK), default=0)
    return [entry for at, entry in enumerate(said) if at >= last or entry.what is not What.REFUSED]


_NUMBERS = {"bytes": int, "status": int, "seconds": float, "start_s": float}


def _fitting(name: str, value: object) -> object:
    kind = _NUMBERS.get(name, str)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ValueError(f"{name} is not {kind.__name__}")
    return value
