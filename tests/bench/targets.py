"""What issue 3 asks for, as ratios: each line knows its limit and says whether a number reached it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum


class Way(Enum):
    """On which side of its limit a number is good."""

    AT_LEAST = "at least"
    AT_MOST = "at most"
    UNDER = "under"


class Said(Enum):
    """What a number says of its target."""

    REACHED = "reached"
    NOT_REACHED = "not reached"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the table: `key` names the measurement, `unit` follows both numbers."""

    key: str
    about: str
    way: Way
    limit: float
    unit: str = "x"

    def judge(self, value: float | None) -> Said:
        """Whether `value` is on the good side of the limit; without one nothing is claimed."""
        if value is None:
            return Said.NOT_MEASURED
        good = {
            Way.AT_LEAST: value >= self.limit,
            Way.AT_MOST: value <= self.limit,
            Way.UNDER: value < self.limit,
        }[self.way]
        return Said.REACHED if good else Said.NOT_REACHED


TARGETS = (
    Target("openwakeword", "openwakeword ONNX costs, in Earlids (speech)", Way.AT_LEAST, 8),
    Target("pyopen", "pyopen-wakeword costs, in Earlids (speech)", Way.AT_LEAST, 25),
    Target("pymicro", "pymicro-wakeword costs, in Earlids (speech)", Way.AT_LEAST, 1),
    Target("quiet", "openwakeword ONNX costs, in Earlids with the gate on (quiet room)", Way.AT_LEAST, 30),
    Target("gate", "gate on against gate off (quiet room)", Way.AT_MOST, 0.25),
    Target("second", "a second wake word adds", Way.UNDER, 10, " %"),
    Target(
        "listen", "the whole listen process against the bare engine (speech, nobody calls)", Way.UNDER, 1.5
    ),
    Target("memory", "peak memory of listen against openwakeword's", Way.UNDER, 0.5),
    Target("scores", "biggest score difference from openwakeword ONNX", Way.AT_MOST, 1e-4, ""),
    Target("growth", "memory of listen grows, over an hour of sound", Way.UNDER, 1.0, " MB/h"),
)


def verdicts(
    found: Mapping[str, float | None], targets: Iterable[Target] = TARGETS
) -> list[tuple[Target, Said]]:
    """Each target with what the number under its key says; a number that no target asked for is an error."""
    asked = list(targets)
    if stray := set(found) - {each.key for each in asked}:
        raise KeyError(f"no target is called {', '.join(sorted(stray))}")
    return [(each, each.judge(found.get(each.key))) for each in asked]
