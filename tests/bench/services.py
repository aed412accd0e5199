"""What the two services cost under real systemd: memory at rest and in use, and how soon they are ready.

They run in a small Debian in a container, installed as on a Pi, and hear the demo's question at the pace of
life, from ALSA's null device. `make bench-services`, as root; $TIMES is how often each is started.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))

from fakes.booted_system import booted  # noqa: E402 - tests are not installed
from fakes.debian_systems import Unavailable  # noqa: E402
from systemd.household import LISTEN, SENDING, UPLOAD, Household, household  # noqa: E402

_REST_S: Final = 1.5
_LOOK_S: Final = 0.02
_BEGAN: Final = "ExecMainStartTimestampMonotonic"
_READY: Final = "ActiveEnterTimestampMonotonic"


@dataclass(slots=True)
class Measured:
    """What was seen, run by run: seconds and megabytes."""

    ready_s: list[float] = field(default_factory=list)
    rest_mb: list[float] = field(default_factory=list)
    used_mb: list[float] = field(default_factory=list)
    delivered_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)


def once(house: Household, ears: Measured, mouth: Measured) -> None:
    """Start both, have one question asked, and look on until it is delivered and the uploader has left."""
    house.begin_again()
    house.there.run("systemctl", "start", SENDING)
    mouth.rest_mb.append(_resident_mb(house, UPLOAD))
    house.there.run("systemctl", "start", LISTEN)
    ears.ready_s.append(_took_s(house, LISTEN))
    ears.cpu_s.append(_cpu_s(house, LISTEN))
    time.sleep(_REST_S)  # the talk begins with a pause
    ears.rest_mb.append(_resident_mb(house, LISTEN))
    most = {LISTEN: 0.0, UPLOAD: 0.0}
    kept_at = arrived_at = 0.0

    def is_over() -> bool:
        nonlocal kept_at, arrived_at
        for unit, so_far in list(most.items()):
            most[unit] = max(so_far, _resident_mb(house, unit))
        kept_at = kept_at or (time.monotonic() if house.waiting() else 0.0)
        arrived_at = arrived_at or (time.monotonic() if house.received() else 0.0)
        return bool(arrived_at) and not house.pid(UPLOAD)

    house.until(is_over, "the question is delivered and the uploader leaves")
    ears.used_mb.append(most[LISTEN])
    mouth.used_mb.append(most[UPLOAD])
    mouth.ready_s.append(_took_s(house, UPLOAD))
    mouth.cpu_s.append(_cpu_s(house, UPLOAD))
    mouth.delivered_s.append(arrived_at - kept_at)
    house.stop(LISTEN)


def _resident_mb(house: Household, unit: str) -> float:
    """What the process of `unit` has in memory; 0 where there is none."""
    try:
        return house.memory(unit, "VmRSS")[0] * 1024 / 1e6 if house.pid(unit) else 0.0
    except (OSError, KeyError):
        return 0.0  # it has just gone


def _took_s(house: Household, unit: str) -> float:
    """From the start of its process until it said that it is ready."""
    began, ready = (int(house.there.shows(unit, name)) for name in (_BEGAN, _READY))
    return (ready - began) / 1e6


def _cpu_s(house: Household, unit: str) -> float:
    """What `unit` has cost a processor since it was started, however busy the machine is."""
    return int(house.there.shows(unit, "CPUUsageNSec")) / 1e9


def table(ears: Measured, mouth: Measured) -> list[str]:
    """The table of the README."""
    middle: Callable[[list[float]], float] = statistics.median
    return [
        "| | at rest | in use, at most | from its start to READY | processor time |",
        "|---|---|---|---|---|",
        f"| `earlid-listen` | {middle(ears.rest_mb):.0f} MB | {max(ears.used_mb):.0f} MB"
        f" | {middle(ears.ready_s):.1f} s | {middle(ears.cpu_s):.1f} s until READY |",
        f"| `earlid-upload` | {max(mouth.rest_mb):.0f} MB: no process | {max(mouth.used_mb):.0f} MB"
        f" | {middle(mouth.ready_s):.1f} s; delivered {middle(mouth.delivered_s):.1f} s after it was kept"
        f" | {middle(mouth.cpu_s):.1f} s in all, for one segment |",
    ]


def main(times: int) -> int:
    """Measure `times` times and print it; 69 where nothing can be booted."""
    ears, mouth = Measured(), Measured()
    try:
        with booted() as there, household(there, pace=1.0) as house:
            for _ in range(times):
                once(house, ears, mouth)
            version = there.run("systemctl", "--version").splitlines()[0]
    except Unavailable as why:
        print(f"earlid: {why}", file=sys.stderr)
        return 69
    print(f"{times} starts each, in a container with {version}")
    print("\n".join(table(ears, mouth)))
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
