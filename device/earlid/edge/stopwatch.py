"""Where the processor's time goes: a stopwatch for each part of hearing."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from earlid.core.segmenter import Voice
from earlid.core.sparing import Restartable
from earlid.core.units import Samples, Scores

_PARTS: Final = ("melspectrogram", "embedding", "heads")


class Stopwatch:
    """Nanoseconds of this process, by part. Parts do not overlap: whoever runs inside another stops it."""

    def __init__(self) -> None:
        self._running = ["rest"]
        self.start()

    def start(self) -> None:
        """Begin at zero now."""
        self.spent: Counter[str] = Counter()
        self._since = time.process_time_ns()

    @contextmanager
    def during(self, part: str) -> Iterator[None]:
        """Count what the block costs for `part`."""
        self._turn()
        self._running.append(part)
        try:
            yield
        finally:
            self._turn()
            self._running.pop()

    def _turn(self) -> None:
        now = time.process_time_ns()
        self.spent[self._running[-1]] += now - self._since
        self._since = now

    def stop(self) -> None:
        """Count what ran until now."""
        self._turn()


class TimedEngine:
    """An engine under the stopwatch."""

    def __init__(self, engine: Restartable, watch: Stopwatch) -> None:
        self._engine = engine
        self._watch = watch
        self.reach = engine.reach
        self.overlap = engine.overlap

    def step(self, hop: Samples) -> Scores:
        """As the engine's."""
        with self._watch.during("engine"):
            return self._engine.step(hop)

    def restart(self, before: Samples) -> None:
        """As the engine's."""
        with self._watch.during("engine"):
            self._engine.restart(before)

    def wipe(self) -> None:
        """As the engine's."""
        self._engine.wipe()


class TimedVoice:
    """A voice detector under the stopwatch."""

    def __init__(self, voice: Voice, watch: Stopwatch) -> None:
        self._voice = voice
        self._watch = watch

    def probability(self, chunk: Samples) -> float:
        """As the detector's."""
        with self._watch.during("voice detector"):
            return self._voice.probability(chunk)

    def reset(self) -> None:
        """As the detector's."""
        self._voice.reset()


def shares(profile: Path, heads: tuple[str, ...]) -> dict[str, float]:
    """How an engine's time divides, from ONNX Runtime's own profile: melspectrogram, embedding, heads.

    The parts are told by the names that our graph gives its nodes. Looking at the clock costs as much as the
    cheapest node, which does nothing: that much is taken off each, and what remains gives shares, not times.
    """
    spent: dict[str, list[float]] = {}
    for event in json.loads(profile.read_text("utf-8")):
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            spent.setdefault(event["name"], []).append(event["dur"])
    means = {node: sum(each) / len(each) for node, each in spent.items()}
    clock = min(means.values(), default=0.0)
    parts = dict.fromkeys(_PARTS, 0.0)
    for node, mean in means.items():
        parts[_part_of(node, heads)] += mean - clock
    total = sum(parts.values()) or 1.0
    return {part: parts[part] / total for part in _PARTS}


def _part_of(node: str, heads: tuple[str, ...]) -> str:
    if any(f"{head}/" in node for head in heads) or node.startswith(("scores", "features")):
        return "heads"
    return "embedding" if node.startswith(("layer", "feature", "Reorder", "reorder")) else "melspectrogram"
