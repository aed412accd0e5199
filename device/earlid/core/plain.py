"""What an event line says to a person, in words: for logs, pipes and terminals without colour."""

from __future__ import annotations

from typing import Final

from earlid.core.gate import State
from earlid.core.lamp import Look
from earlid.core.screenplay import Event, Screenplay
from earlid.core.units import seconds

LAMP_WORDS: Final = {
    State.LISTENING.value: "lamp: listening, nothing is kept",
    State.CAPTURING.value: "lamp: keeping what you say",
    State.MUTED.value: "lamp: muted",
    State.FAULT.value: "lamp: fault",
}

LOOK_WORDS: Final = {
    Look.RECORDING.value: "lamp: a field recording is being made",
    Look.SPENT.value: "lamp: listening, and keeping nothing",
}
"""What a look says beyond the gate's state."""


def called(model: str) -> str:
    """A model's name as it is said: hey_jarvis is "hey jarvis"."""
    return model.replace("_", " ")


def weight(size_bytes: int) -> str:
    """A size for people: 97 kB, 1.2 MB."""
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1_000_000 else f"{size_bytes / 1e3:.0f} kB"


def span(hours: float) -> str:
    """A length of time: 43 s, 12 min, 5.2 h."""
    if hours < 1 / 60:
        return f"{hours * 3600:.0f} s"
    return f"{hours * 60:.0f} min" if hours < 1 else f"{hours:.1f} h"


def several(count: int, noun: str) -> str:
    """A number with its noun: 1 segment, 2 segments."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def stamped(at: int, words: str) -> str:
    """One line of a log whose clock is the sound itself."""
    return f"{seconds(at):7.1f} s  {words}"


def sentence(event: Event) -> str | None:
    """What `event` tells a person, or None where it says nothing new. Never sound, never an address."""
    kind = event.get("event")
    cause = str(event.get("cause") or "")
    if kind in {"lamp", "look"}:
        look, state = str(event.get("look")), event.get("state", "")
        words = LOOK_WORDS.get(look) or LAMP_WORDS.get(str(state), f"lamp: {state}" if state else "")
        return f"{words} ({cause})" if cause else words or None
    if kind in _WAKES:
        said = called(str(event.get("model")))
        return f'{_WAKES[str(kind)]}: "{said}", score {_number(event, "score"):.2f}'
    if kind == "kept":
        length = seconds(int(_number(event, "stop") - _number(event, "start")))
        return f"kept {length:.1f} s ({event.get('endpoint')})"
    if kind == "sent":
        return f"sent {weight(int(_number(event, 'bytes')))}"
    if kind in _TROUBLES:
        return f"{_TROUBLES[str(kind)]}: {cause}"
    return None


_WAKES: Final = {"wake": "wake", "vetoed": "refused by its verifier"}
_TROUBLES: Final = {
    "later": "not sent yet",
    "refused": "refused and set aside",
    "paused": "sending is paused",
    "trouble": "trouble",
}


def summary(play: Screenplay) -> str:
    """The closing line: what was heard, kept and sent, from what the two processes said."""
    sent = [span for span in play.spans if span.size_bytes]
    return (
        f"heard {seconds(play.heard):.1f} s, kept {seconds(play.kept):.1f} s, "
        f"sent {weight(play.sent_bytes)} in {several(len(sent), 'segment')}"
    )


def _number(event: Event, key: str) -> float:
    value = event.get(key)
    return float(value) if isinstance(value, int | float) else 0.0
