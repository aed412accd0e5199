"""Folds the event lines of `listen` and `upload` into what a screen shows. Knows no clock and no terminal."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from earlid.core.gate import State
from earlid.core.lamp import Look
from earlid.core.screen_lamp import Lamp, first_of, leaving
from earlid.core.timeline import Said
from earlid.core.units import HOP, samples
from earlid.errors import Violation

REMEMBERED: Final = samples(60.0) // HOP
"""Hops of sound level that a screen can look back on. Levels only: no sound is in here."""
HELD: Final = 12
"""Hops for which a score stays on the meter: about a second."""
NEVER: Final = float("-inf")

Event = Mapping[str, object]


class Fate(Enum):
    """Where a kept segment is."""

    OPEN = "keeping"
    WAITING = "kept, waits to be sent"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Moment:
    """How loud one hop was, and what its scores were."""

    start: int
    level_dbfs: float
    scores: dict[str, float | None]


@dataclass(slots=True)
class Span:
    """A segment: samples [start, stop), kept for `model`; still growing while its fate is OPEN."""

    model: str
    start: int
    stop: int
    fate: Fate = Fate.OPEN
    endpoint: str = ""
    size_bytes: int = 0
    cause: str = ""


@dataclass(slots=True)
class Screenplay:
    """Everything a screen shows. `take` folds one event line; `now_s` is any clock that only grows."""

    state: State | None = None
    look: Look | None = None
    leaves: bool = True
    """Whether what is kept is sent anywhere."""
    source: str = ""
    heard: int = 0
    level_dbfs: float = -120.0
    models: tuple[str, ...] = ()
    scores: dict[str, float | None] = field(default_factory=dict)
    strip: deque[Moment] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    spans: list[Span] = field(default_factory=list)
    wakes: int = 0
    cause: str = ""
    trouble: str = ""
    lost: int = 0
    has_ended: bool = False
    by_id: dict[str, Span] = field(default_factory=dict)
    called: tuple[str, int] | None = None
    kept_s: float = NEVER
    sent_s: float = NEVER
    is_delayed: bool = False

    def take(self, event: Event, now_s: float) -> None:
        """Fold one event line in. Kinds it does not know change nothing; a known kind told wrongly raises."""
        fold = _FOLDS.get(str(event.get("event")))
        if fold is None:
            return
        try:
            fold(self, event, now_s)
        except (KeyError, TypeError, ValueError) as wrong:
            raise Violation(f"a {event['event']} line makes no sense ({wrong}): {dict(event)}") from wrong

    def lamp(self, now_s: float) -> Lamp:
        """What the lamp says now. Muted and fault beat everything, and keeping beats sending."""
        first = first_of(self.state, self.look)
        if first is not None:
            return first
        waits = self.leaves and bool(self.count(Fate.WAITING)) and not self.is_delayed
        gone = leaving(self.kept_s, self.sent_s, now_s, waits=waits)
        return gone or (Lamp.ENDED if self.has_ended else Lamp.LISTENING)

    @property
    def kept(self) -> int:
        """Samples kept so far, an open segment included."""
        return sum(span.stop - span.start for span in self.spans)

    @property
    def sent_bytes(self) -> int:
        """Bytes of sound that were acknowledged."""
        return sum(span.size_bytes for span in self.spans if span.fate is Fate.SENT)

    def peak(self, word: str) -> float | None:
        """The best score of `word` in the last moments, so that an eye can see it; None before the first."""
        latest = [self.strip[-back] for back in range(1, min(HELD, len(self.strip)) + 1)]
        known = [score for moment in latest if (score := moment.scores.get(word)) is not None]
        return max(known, default=None)

    def count(self, fate: Fate) -> int:
        """How many segments are in that state."""
        return sum(span.fate is fate for span in self.spans)

    def kept_between(self, start: int, stop: int) -> bool:
        """Whether any sample of [start, stop) was kept."""
        return any(span.start < stop and start < span.stop for span in self.spans)

    def fate_of(self, words: Said) -> Fate | None:
        """What became of most of `words`; None is that they were not kept."""
        for span in self.spans:
            if 2 * words.within(span.start, span.stop) > words.stop - words.start:
                return span.fate
        return None

    def segment(self, id_: str) -> Span:
        """The segment called `id_`. One that was kept by an earlier run is met here for the first time.

        So is one whose delivery is told before its keeping: two processes tell, each at its own pace.
        """
        if id_ not in self.by_id:
            self.by_id[id_] = Span("", 0, 0, Fate.WAITING)
            self.spans.append(self.by_id[id_])
        return self.by_id[id_]

    def forget_the_open(self) -> None:
        """Drop the segment that was being kept: it was discarded, or is about to be told as kept."""
        self.spans = [span for span in self.spans if span.fate is not Fate.OPEN]

    def begin_if_called(self) -> None:
        """Show the segment of the last wake as growing, once the lamp says that it is kept."""
        if self.state is State.CAPTURING and self.called and not self.count(Fate.OPEN):
            model, at = self.called
            self.spans.append(Span(model, at, at))
            self.called = None


def _ready(play: Screenplay, event: Event, now_s: float) -> None:
    del now_s
    play.source = _text(event, "source")
    models = event["models"]
    if not isinstance(models, list):
        raise TypeError("models is not a list")
    play.models = tuple(str(model) for model in models)


def _lamp(play: Screenplay, event: Event, now_s: float) -> None:
    del now_s
    play.state = State(_text(event, "state"))
    play.look = Look(str(event["look"])) if "look" in event else None
    play.cause = str(event.get("cause") or "")
    if play.state is State.CAPTURING:
        play.begin_if_called()
    else:
        play.called = None
        play.forget_the_open()


def _look(play: Screenplay, event: Event, now_s: float) -> None:
    del now_s
    play.look = Look(_text(event, "look"))


def _hop(play: Screenplay, event: Event, now_s: float) -> None:
    del now_s
    at, level = _whole(event, "sample"), _number(event, "level_dbfs")
    scores = event["scores"]
    if not isinstance(scores, dict):
        raise TypeError("scores is not a table")
    play.scores = {str(model): None if score is None else float(score) for model, score in scores.items()}
    play.heard, play.level_dbfs = max(play.heard, at), level
    play.strip.append(Moment(at - HOP, level, play.scores))
    for span in play.spans:
        if span.fate is Fate.OPEN:
            span.stop = max(span.stop, at)


def _wake(play: Screenplay, event: Event, now_s: float) -> None:
    del now_s
    play.wakes += 1
    play.called = _text(event, "model"), _whole(event, "sample")
    play.begin_if_called()


def _kept(play: Screenplay, event: Event, now_s: float) -> None:
    span = play.segment(_text(event, "id"))
    span.model, span.start, span.stop = _text(event, "model"), _whole(event, "start"), _whole(event, "stop")
    if span.stop < span.start:
        raise ValueError("stop lies before start")
    span.endpoint = str(event.get("endpoint") or "")
    play.forget_the_open()
    play.kept_s = now_s
    play.sent_s = now_s if span.fate is Fate.SENT else play.sent_s
    play.is_delayed = False


def _sent(play: Screenplay, event: Event, now_s: float) -> None:
    span = play.segment(_text(event, "id"))
    span.fate, span.size_bytes = Fate.SENT, _whole(event, "bytes")
    play.sent_s = now_s
    play.is_delayed = False


def _refused(play: Screenplay, event: Event, now_s: float) -> None:
    del now_s
    span = play.segment(_text(event, "id"))
    span.fate, span.cause = Fate.REFUSED, str(event.get("cause") or "")
    play.trouble = f"refused: {span.cause}"


def _later(play: Screenplay, event: Event, now_s: float) -> None:
    del now_s
    play.trouble = str(event.get("cause") or "")
    play.is_delayed = True


def _trouble(play: Screenplay, event: Event, now_s: float) -> None:
    del now_s
    play.trouble = str(event.get("cause") or "")


def _ended(play: Screenplay, event: Event, now_s: float) -> None:
    del now_s
    play.heard, play.has_ended = max(play.heard, _whole(event, "heard")), True
    lost = event.get("lost")
    play.lost = sum(int(count) for count in lost.values()) if isinstance(lost, dict) else 0


_FOLDS: Final[dict[str, Callable[[Screenplay, Event, float], None]]] = {
    "ready": _ready,
    "lamp": _lamp,
    "look": _look,
    "hop": _hop,
    "wake": _wake,
    "kept": _kept,
    "sent": _sent,
    "refused": _refused,
    "later": _later,
    "paused": _later,
    "trouble": _trouble,
    "ended": _ended,
}


def _text(event: Event, key: str) -> str:
    value = event[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} is not text")
    return value


def _whole(event: Event, key: str) -> int:
    value = event[key]
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{key} is not a whole number")
    return value


def _number(event: Event, key: str) -> float:
    value = event[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{key} is not a number")
    return float(value)
