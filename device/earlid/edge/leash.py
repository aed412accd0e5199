"""Ends a child with its parent, even one that was killed: nobody listens or uploads on unseen."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Mapping, MutableMapping
from typing import Final

from earlid.errors import Violation

PARENT: Final = "EARLID_PARENT"
"""The environment variable in which a parent tells its child who is holding the leash."""
_PR_SET_PDEATHSIG: Final = 1


def leashed(env: Mapping[str, str]) -> dict[str, str]:
    """`env` for a child that shall not outlive this process."""
    return dict(env) | {PARENT: str(os.getpid())}


def wear_leash(env: MutableMapping[str, str] = os.environ) -> None:
    """Have the kernel send SIGTERM when the parent named in `env` is gone; nothing where none is named.

    The name is taken out of `env`, so that children of ours do not believe that it is about them.
    Raises Violation if the parent is gone already. Linux: prctl(2), PR_SET_PDEATHSIG.
    """
    parent = env.pop(PARENT, "")
    if not parent:
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if str(os.getppid()) != parent:
        raise Violation("the process that started this one is gone")
