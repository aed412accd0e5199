"""What kind of machine this is: facts that thousands of machines share, and none that is this one's own."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import Final

_MODEL: Final = Path("/proc/device-tree/model")
_RASPBERRY: Final = re.compile(r"(Raspberry Pi [A-Za-z0-9 .+]{1,60})")
_GIB: Final = 2**30


def machine(model: Path = _MODEL) -> str:
    """`Raspberry Pi 4 Model B Rev 1.4`, or the processor's kind; never a name that somebody chose."""
    try:
        said = model.read_text("ascii", "replace").strip("\0\n ")
    except OSError:
        said = ""
    found = _RASPBERRY.match(said)
    return found[1].strip() if found else f"a computer ({platform.machine()})"


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def memory_gib() -> float:
    """How much memory there is, to half a GiB."""
    return round(2 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB) / 2


def python() -> str:
    """Which Python this is, without its build."""
    return ".".join(platform.python_version_tuple()[:2])
