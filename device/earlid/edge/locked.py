"""Memory that stays in memory: what is heard, or sent, is not written to swap, nor into a core dump.

Raspberry Pi OS swaps, and starts without the memory controller by which systemd could forbid it.
"""

from __future__ import annotations

import ctypes
import logging
import os
import resource
from typing import Final

_LOG = logging.getLogger("earlid.memory")
_CURRENT, _FUTURE, _ON_FAULT = 1, 2, 4
_PR_SET_DUMPABLE: Final = 4


def keep_out_of_swap() -> bool:
    """Lock every page of this process as it comes into use; whether we may; a line says where not.

    Locked pages cost what they cost anyhow; those that were never used are not made real by it. It is not
    tried where only a part may be locked: running into that limit later would stop the process.
    """
    cause = _refusal()
    if cause:
        _LOG.warning(
            "locked=no cause=%r", f"{cause}; where this machine swaps, what is in memory may get there"
        )
    return not cause


def _refusal() -> str:
    """Lock them; why that was refused, or nothing where they are locked."""
    most = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    if os.geteuid() and most != resource.RLIM_INFINITY:
        return f"LimitMEMLOCK is {most // 1024} kB, not infinity"
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if library.mlockall(_CURRENT | _FUTURE | _ON_FAULT) == 0:
            return ""
        return os.strerror(ctypes.get_errno()).lower()
    except (OSError, AttributeError):
        return "this system has no mlockall"


def leave_no_core() -> None:
    """Have the kernel write no core of this process, and let no other process of its user look into it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
