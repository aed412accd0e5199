"""An engine, a voice and a lamp that do what a script says, and remember what was asked of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from earlid.core.gate import State
from earlid.core.units import HOP, Samples, Scores
from earlid.errors import DeviceLost
from fakes.counting_sound import indices


def _nothing(_start: int) -> None:
    """Nothing happens while a hop is scored."""


class ScriptedEngine:
    """Scores a hop of counting sound by the index it starts at: `high` for the hops in `wakes`, else 0.

    `during` is called with that index while the hop is scored, as a press on a switch might come then.
    """

    def __init__(self, during: Callable[[int], None] = _nothing, high: float = 0.9) -> None:
        self.wakes: set[int] = set()
        self.during = during
        self.high = high
        self.heard: list[int] = []
        self.wiped = 0

    def step(self, hop: Samples) -> Scores:
        assert hop.shape == (HOP,)
        start = int(indices(hop[:2])[0])
        self.heard.append(start)
        self.during(start)
        return np.array([self.high if start in self.wakes else 0.0], np.float32)

    def wipe(self) -> None:
        self.wiped += 1
        self.heard.clear()


class ScriptedVoice:
    """Hears speech in a chunk whenever `speech` says so of the index it starts at; never in lost sound."""

    def __init__(self, speech: Callable[[int], bool] = lambda _start: False) -> None:
        self.speech = speech
        self.resets = 0
        self.heard: list[int] = []

    def probability(self, chunk: Samples) -> float:
        assert chunk.shape == (512,)
        start = int(indices(chunk[:2])[0])
        self.heard.append(start)
        return 1.0 if start >= 0 and self.speech(start) else 0.0

    def reset(self) -> None:
        self.resets += 1
        self.heard.clear()


class Lamp:
    """A lamp that shows its last state, unless it is `broken`; `shown` is all it ever showed."""

    def __init__(self) -> None:
        self.broken = False
        self.shown: list[tuple[State, str]] = []

    def show(self, state: State, cause: str) -> None:
        if self.broken:
            raise DeviceLost("the lamp does not answer")
        self.shown.append((state, cause))

    @property
    def states(self) -> list[State]:
        return [state for state, _ in self.shown]
