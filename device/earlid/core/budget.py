"""How much of an hour may be kept, so that a television that says the wake word makes no bug of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from earlid.errors import Violation

HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Spent:
    """`spent_s` seconds of audio, the last of them kept at `at_s`."""

    at_s: float
    spent_s: float


class Budget:
    """At most `most_s` seconds of audio in any hour.

    Times are of a clock that never goes back while the device is up. Across a restart of the machine it
    is not known how long it was off: say `resume`, and no time passed.
    """

    def __init__(self, most_s: float, spent: Iterable[Spent] = ()) -> None:
        if not most_s >= 0.0:
            raise Violation(f"a budget is 0 s or more, not {most_s}")
        self._most_s = most_s
        self._spent = sorted(spent, key=lambda one: one.at_s)
        self._now_s = self._spent[-1].at_s if self._spent else float("-inf")

    @property
    def spent(self) -> tuple[Spent, ...]:
        """What still counts, oldest first."""
        return tuple(self._spent)

    def left_s(self, now_s: float) -> float:
        """How much may be kept from now on, 0 or more."""
        self._pass_to(now_s)
        return max(0.0, self._most_s - sum(one.spent_s for one in self._spent))

    def spend(self, now_s: float, spent_s: float) -> None:
        """Count `spent_s` seconds, kept by now."""
        self._pass_to(now_s)
        if spent_s > 0.0:
            self._spent.append(Spent(self._now_s, spent_s))

    def wait_s(self, now_s: float, wanted_s: float) -> float | None:
        """In how long `wanted_s` may be kept; None if never, since the whole budget is less."""
        left_s = self.left_s(now_s)
        if wanted_s > self._most_s:
            return None
        for one in self._spent:
            if left_s >= wanted_s:
                break
            left_s = self._most_s - sum(other.spent_s for other in self._spent if other.at_s > one.at_s)
            if left_s >= wanted_s:
                return max(0.0, one.at_s + HOUR_S - self._now_s)
        return 0.0

    def _pass_to(self, now_s: float) -> None:
        self._now_s = max(self._now_s, now_s)  # a clock that went back earns nothing
        self._spent = [one for one in self._spent if one.at_s + HOUR_S > self._now_s]


def resumed(spent: Iterable[Spent], then_s: float, now_s: float) -> list[Spent]:
    """`spent` on a clock that says `now_s`, as if no time had passed since another one said `then_s`."""
    return [Spent(min(one.at_s, then_s) - then_s + now_s, one.spent_s) for one in spent]
