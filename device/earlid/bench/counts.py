"""What was counted, with how far each count can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

from earlid.edge.intervals import Interval, rate, share


@dataclass(slots=True)
class Calls:
    """Calls of the word itself: how many there were, and how many nobody heard."""

    of: int = 0
    missed: int = 0
    elsewhere: int = 0
    """Wakes in their recordings outside the times at which the index says the word is called."""

    @property
    def miss_rate(self) -> Interval:
        """The share that was missed, with the interval of Clopper and Pearson."""
        return share(self.missed, self.of)


@dataclass(slots=True)
class Alike:
    """Recordings in which something alike is said: how many, how long, and how many of them woke it."""

    of: int = 0
    seconds: float = 0.0
    woke: int = 0

    @property
    def wake_rate(self) -> Interval:
        """The share that woke it."""
        return share(self.woke, self.of)


@dataclass(slots=True)
class Other:
    """All other sound: recordings, how long they are together, and every wake in them."""

    of: int = 0
    seconds: float = 0.0
    events: int = 0

    @property
    def per_hour(self) -> Interval:
        """False accepts an hour, with the exact Poisson interval; none at all is an upper bound, never 0."""
        return rate(self.events, self.seconds / 3600)


def percent(found: Interval, of: int) -> str:
    """A share for people: 14.9 % (9.9-21.2); a dash where there was nothing to count."""
    if not of:
        return "-"
    return f"{100 * found.value:.1f} % ({100 * found.low:.1f}-{100 * found.high:.1f})"


def hourly(found: Interval, seconds: float) -> str:
    """A rate for people: 2.7 (1.2-5.1); where nothing happened, the bound below which the truth is."""
    if not seconds:
        return "-"
    if not found.value:
        return f"under {_short(found.high)}"
    return f"{_short(found.value)} ({_short(found.low)}-{_short(found.high)})"


def _short(number: float) -> str:
    return f"{number:.1f}" if number >= 0.95 else f"{number:.2g}" if number >= 0.001 else f"{number:.1e}"
