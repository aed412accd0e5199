"""The hour's budget, kept through restarts on a clock that nobody can set."""

from __future__ import annotations

import logging
import math
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from earlid.core.budget import Budget, Spent, resumed
from earlid.core.units import RATE_HZ
from earlid.edge.disk import Disk
from earlid.edge.schema import Settings, from_json, to_json
from earlid.edge.whole_file import read_file, replace_file
from earlid.errors import ConfigError, DiskTrouble

_LOG = logging.getLogger("earlid.budget")
_LIMIT_BYTES: Final = 1_000_000
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class Uptime:
    """Seconds since this machine was switched on, sleep included; setting its clock changes nothing."""

    @property
    def boot(self) -> str:
        """A name for this boot that no other has."""
        return _BOOT_ID.read_text("ascii").strip()

    def __call__(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)


class _Page(Settings, frozen=True):
    """What the file holds: on boot `boot`, at `then_s` of its uptime, this was spent."""

    boot: str
    then_s: float
    spent: tuple[tuple[float, float], ...]


class BudgetFile:
    """A `Budget` that survives restarts. While the machine is off, no time passes for it.

    A file that cannot be read, or is missing though this is not a first start, means that all of it was
    spent just now.
    """

    def __init__(self, folder: Path, disk: Disk, most_s: float, uptime: Uptime, *, first_start: bool) -> None:
        self._disk = disk
        self._path = folder / "budget.json"
        self._uptime = uptime
        self._most_s = most_s
        self._turn = threading.Lock()  # the socket's thread asks, too
        self._budget = Budget(most_s, self._read(first_start))
        if first_start:
            self.write()

    def left(self) -> int:
        """How many samples may be kept now."""
        with self._turn:
            return math.floor(self._budget.left_s(self._uptime()) * RATE_HZ)

    def wait_s(self, wanted_s: float) -> float | None:
        """In how long `wanted_s` seconds may be kept; None if never."""
        with self._turn:
            return self._budget.wait_s(self._uptime(), wanted_s)

    def spend(self, spent_s: float) -> None:
        """Count `spent_s` before they are kept, durably. ConfigError or DiskTrouble: then keep nothing."""
        self.count(spent_s)
        self.write()

    def count(self, spent_s: float) -> None:
        """Count `spent_s` at once, for `left`; only a `write` makes it durable."""
        with self._turn:
            self._budget.spend(self._uptime(), spent_s)

    def note(self) -> None:
        """Write down how much time has passed, where that matters; without it, it passes more slowly."""
        if self._budget.spent:
            with suppress(DiskTrouble, ConfigError):
                self.write()

    def write(self) -> None:
        """Bring the file up to date. ConfigError or DiskTrouble."""
        with self._turn:
            now_s = self._uptime()
            self._budget.left_s(now_s)
            spent = tuple((one.at_s, one.spent_s) for one in self._budget.spent)
        page = _Page(boot=self._uptime.boot, then_s=now_s, spent=spent)
        replace_file(self._disk, self._path, to_json(page) + b"\n")

    def _read(self, first_start: bool) -> list[Spent]:
        now_s = self._uptime()
        try:
            body = read_file(self._disk, self._path, _LIMIT_BYTES)
            if body is None and first_start:
                return []
            page = _page_from(body)
        except (DiskTrouble, ConfigError, ValueError) as error:
            _LOG.warning("budget=spent cause=%r", f"{self._path.name} cannot be read: {error}")
            return [Spent(now_s, self._most_s)]
        spent = [Spent(at_s, one_s) for at_s, one_s in page.spent]
        if page.boot == self._uptime.boot and page.then_s <= now_s:
            return spent
        return resumed(spent, page.then_s, now_s)


def _page_from(body: bytes | None) -> _Page:
    if body is None:
        raise ValueError("it was taken away")
    page = from_json(body, _Page)
    if any(not one_s >= 0.0 for _, one_s in page.spent):
        raise ValueError("less than nothing was spent")
    return page
