"""What a field recording knows: when it listened, each peak of a score, and what its owner said of it.

Times are seconds since 1970 by the device's clock, which never runs backwards within a session, and
samples, which only count. No sound is in here: a peak names its clip, and the clip lies elsewhere, sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from earlid.core.units import HOP, RATE_HZ, Samples, Scores, samples

NEAR: Final = 0.5
"""From this share of its threshold on a peak of a score is a near miss; below, nothing is known of it."""
STRONG: Final = 0.75
"""From this share on, its sound is kept as well, where the owner said --keep-audio."""
BEFORE: Final = samples(3.0)
AFTER: Final = samples(2.0)
"""A clip is samples [at - BEFORE, at + AFTER), `at` being the end of the hop of the peak."""
FIRST_HOP: Final = -(BEFORE // HOP - 1)
LAST_HOP: Final = AFTER // HOP
"""A trace is the scores of the hops FIRST_HOP to LAST_HOP, counted from that of the peak."""


class Kind(Enum):
    """What a peak was when it was heard."""

    WAKE = "wake"
    NEAR_MISS = "near miss"
    VETOED = "vetoed"  # high enough for a wake, and refused by the owner's verifier


class Label(Enum):
    """What the owner says a peak was."""

    TRUE = "true"
    FALSE = "false"
    UNSURE = "unsure"


class Tag(Enum):
    """What set it off, says the owner."""

    TELEVISION = "television"
    MUSIC = "music"
    SIMILAR_WORD = "similar word"
    NOTHING = "nothing"
    OTHER = "other"


class Ended(Enum):
    """Why a session is over."""

    STOPPED = "stopped"  # by `earlid field stop`
    TIME = "time"  # by itself, at its limit
    ERASED = "erased"  # with everything that it had recorded


@dataclass(frozen=True, slots=True)
class Session:
    """One field recording, from its start to its end. `recipient` is the public key that seals its clips.

    It ends by itself at `ends_s`, or once it was on for as long as that, whatever the clock says.
    """

    id: int
    note: str
    started_s: float
    ends_s: float
    keeps_audio: bool
    recipient: str = ""
    ended_s: float | None = None
    why: Ended | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the listener within a session, and how it was set up: flat facts, none about people."""

    session: int
    started_s: float
    setup: dict[str, object]


@dataclass(frozen=True, slots=True)
class Minute:
    """About a minute of a session, from `start_s` on: samples heard, muted, and lost to a fault.

    `level_dbfs` is the mean power of what was heard. None is what was not there to be read.
    """

    session: int
    start_s: float
    listened: int = 0
    muted: int = 0
    deaf: int = 0
    wakes: int = 0
    near_misses: int = 0
    level_dbfs: float | None = None
    temperature_c: float | None = None
    throttled: bool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Peak:
    """One time that a score rose to at least NEAR of its threshold: a wake, a near miss, or a vetoed wake.

    `score` is the highest of `trace`'s rise, and may reach the threshold in a near miss, where patience or a
    refractory period refused it. `trace` holds float32 scores; the first is that of hop `first`, counted from
    the peak's own, which ends at sample `at`; NaN is a hop that had no score. `clip` names its sound, sealed,
    if there is any. An erased peak has neither trace nor clip nor note; it still counts.
    """

    id: str
    session: int
    at_s: float
    at: int
    word: str
    kind: Kind
    score: float
    threshold: float
    level_dbfs: float
    trace: Scores
    first: int
    clip: str | None = None
    clip_bytes: int = 0
    is_prompted: bool = False
    """Whether somebody had been asked, by `earlid field prompt`, to say the word just then."""
    label: Label | None = None
    tags: frozenset[Tag] = frozenset()
    note: str = ""
    is_erased: bool = False

    @property
    def times_s(self) -> list[float]:
        """When in its clip each hop of the trace ends, in seconds from the clip's first sample."""
        return [(BEFORE + (self.first + hop) * HOP) / RATE_HZ for hop in range(len(self.trace))]


@dataclass(frozen=True, slots=True)
class Trial:
    """Somebody was asked to say `word`, between `asked_s` and `until_s`, and was heard or not."""

    session: int
    asked_s: float
    until_s: float
    word: str
    distance_m: float
    noise: str
    heard: bool


class Clip:
    """int16 samples around a peak, heard within one epoch, on their way to where they are sealed."""

    def __init__(self, epoch: int, samples: Samples) -> None:
        self.epoch: Final = epoch
        self.samples: Final = samples
        self.is_wiped = False

    def wipe(self) -> None:
        """Overwrite the sound with zeros; whoever is just sealing it looks at `is_wiped` afterwards."""
        self.is_wiped = True
        self.samples.fill(0)
