"""What each look of the lamp means: one table for a plain LED, a coloured LED and a strip.

Colours follow the habit of smart speakers. Every look also has a rhythm of its own, so that it can be told by
someone who sees no colours, and from a LED that has none. No rhythm flashes more than three times in a second
(W3C, WCAG 2.2, success criterion 2.3.1), and the lamp is steady while words are kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

Rgb = tuple[int, int, int]
"""Red, green and blue, 0 to 255 each."""

DARK: Final[Rgb] = (0, 0, 0)
FULL: Final = 255
COUNTDOWN_MS: Final = 5000
"""How long the rhythm of ERASING is; a hold of another length stretches it."""


class Look(Enum):
    """Everything the lamp can say, the most important first."""

    ERASING = "erasing"
    MUTED = "muted"
    FAULT = "fault"
    CAPTURING = "capturing"
    RECORDING = "recording"
    SPENT = "spent"
    SENDING = "sending"
    SENT = "sent"
    LISTENING = "listening"


class Listening(Enum):
    """What an owner wants to see while nothing happens."""

    DIM = "dim"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One look: `pattern` is milliseconds on, off, on, off ..., over and over; a single number is steady."""

    says: str
    colour: str
    rgb: Rgb
    pattern: tuple[int, ...]
    rhythm: str

    def __post_init__(self) -> None:
        if len(self.pattern) % 2 and len(self.pattern) > 1:
            raise ValueError("a pattern is one number, or pairs of on and off")
        if not self.pattern or min(self.pattern) <= 0 or not any(self.rgb):
            raise ValueError("a look begins with light, and each of its steps takes time")


MEANINGS: Final[dict[Look, Meaning]] = {
    Look.ERASING: Meaning(
        "keep holding: everything kept here is about to be erased; let go and nothing is",
        "red",
        (255, 0, 0),
        (900, 100, 700, 300, 500, 500, 300, 700, 100, 900),
        "each second shorter",
    ),
    Look.MUTED: Meaning(
        "muted: nothing is heard", "red", (255, 0, 0), (850, 150), "on, with a wink every second"
    ),
    Look.FAULT: Meaning(
        "something is broken: nothing is kept", "red", (255, 0, 0), (200, 200), "fast blinking"
    ),
    Look.CAPTURING: Meaning("what you say is being kept", "blue", (0, 0, 255), (1000,), "steady"),
    Look.RECORDING: Meaning(
        "a field recording is being made", "magenta", (255, 0, 255), (1400, 200, 200, 200), "long, short"
    ),
    Look.SPENT: Meaning(
        "listening, but this hour's budget is used up: nothing is kept",
        "cyan",
        (0, 255, 255),
        (100, 300, 100, 300, 100, 3100),
        "three flashes, a long pause",
    ),
    Look.SENDING: Meaning("what was kept is leaving", "yellow", (255, 160, 0), (500, 500), "slow blinking"),
    Look.SENT: Meaning(
        "what was kept has arrived", "green", (0, 255, 0), (120, 240, 120, 1520), "two flashes"
    ),
    Look.LISTENING: Meaning(
        'listening for its name, or dark if you chose `listening = "dark"`',
        "dim white",
        (16, 16, 16),
        (60, 3940),
        "one glimmer every four seconds",
    ),
}


def foremost(looks: Iterable[Look]) -> Look:
    """The look that beats the others, muted before all but the erasing that a hand on the button asks for."""
    wanted = set(looks)
    return next((look for look in Look if look in wanted), Look.LISTENING)


def brightness(look: Look, t_ms: float, listening: Listening = Listening.DIM) -> Rgb:
    """The colour of `look` at `t_ms` after it began."""
    if look is Look.LISTENING and listening is Listening.DARK:
        return DARK
    step, _ = _step(MEANINGS[look].pattern, t_ms)
    return DARK if step % 2 else MEANINGS[look].rgb


def until_change_ms(look: Look, t_ms: float) -> float:
    """How long `look` stays as it is at `t_ms`; a steady one says the length of its pattern."""
    return _step(MEANINGS[look].pattern, t_ms)[1]


def lamp_table() -> str:
    """The README's table of looks, in Markdown."""
    lines = ["| the lamp is | and | it means |", "|---|---|---|"]
    lines += [f"| {each.colour} | {each.rhythm} | {each.says} |" for each in MEANINGS.values()]
    return "\n".join(lines)


def _step(pattern: tuple[int, ...], t_ms: float) -> tuple[int, float]:
    """Which step of `pattern` it is at `t_ms`, and how much of it is left."""
    left = t_ms % sum(pattern)
    for step, length in enumerate(pattern):
        if left < length:
            return step, length - left
        left -= length
    return 0, float(pattern[0])
