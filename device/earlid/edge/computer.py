"""What can be asked of the machine itself: word size, room on disk, clock, pins. Nothing is changed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from earlid.errors import DiskTrouble

EARLIEST_YEAR: Final = 2026
"""Before this version was made it cannot be."""
_TRUST_S: Final = 60.0
_SYNCHRONISED: Final = Path("/run/systemd/timesync/synchronized")
"""There once systemd's own time client has synchronised the clock; for where timedatectl is not to be had."""


def is_64_bit() -> bool:
    """Whether this Python can load ONNX Runtime, of which there is no 32-bit build."""
    return sys.maxsize > 2**32


def free_bytes(folder: Path) -> int:
    """Room left for `folder`, or for the nearest folder above it that exists."""
    for each in (folder, *folder.parents):
        try:
            return shutil.disk_usage(each).free
        except FileNotFoundError:
            continue
        except OSError as error:
            raise DiskTrouble(f"{each}: {(error.strerror or 'cannot be read').lower()}") from None
    raise DiskTrouble(f"{folder}: no such disk")


def year() -> int:
    """The year, by this machine's clock."""
    return time.gmtime().tm_year


def time_of_day() -> tuple[int, int] | None:
    """Hour and minute in the time zone that holds now; None while the clock is plainly not set."""
    time.tzset()  # its owner may have moved it since this process began
    now = time.localtime()
    return (now.tm_hour, now.tm_min) if year() >= EARLIEST_YEAR else None


def is_clock_synchronised() -> bool | None:
    """What timedatectl says; None where it is missing or does not know."""
    command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=3)
    except (OSError, subprocess.SubprocessError):
        return None
    return {"yes": True, "no": False}.get(done.stdout.strip()) if done.returncode == 0 else None


class ClockTrust:
    """Whether the time of day can be acted upon; asked at most once a minute.

    True where the system says that its clock is synchronised, and the year is one this version can know.
    Setting a clock by hand takes that away until it has been synchronised again.
    """

    def __init__(self) -> None:
        self._ask_at = 0.0
        self._is_right = False

    def __call__(self) -> bool:
        now = time.monotonic()
        if now >= self._ask_at:
            self._ask_at = now + _TRUST_S
            said = is_clock_synchronised()
            self._is_right = year() >= EARLIEST_YEAR and (_SYNCHRONISED.exists() if said is None else said)
        return self._is_right


def gpio() -> tuple[bool, str]:
    """Whether lamp and switch could be wired here, and what there is or is missing."""
    chips = sorted(each.name for each in Path("/dev").glob("gpiochip*"))
    if not chips:
        return False, "no pins on this machine"
    if find_spec("lgpio") is None:
        return False, f"{len(chips)} chips, but no lgpio"
    return True, f"{len(chips)} chips, lgpio installed"
