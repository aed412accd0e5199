"""How a request to delete is called: after the segment, its destination, and where that was then."""

from __future__ import annotations

import hashlib

_ID_LENGTH = 32


def slip_name(id_: str, sink: str, host: str) -> str:
    """The name of the request to delete at `host` what the destination `sink` sent there.

    A host and its port can be too long for a file's name, and hold what that cannot: a mark stands there.
    """
    return f"{id_}-{sink}" + (f"@{_mark(host)}" if host else "")


def id_in(name: str) -> str:
    """The segment that a request is about."""
    return name[:_ID_LENGTH]


def sink_in(name: str) -> str:
    """The destination that a request is for, wherever that was then."""
    return name[_ID_LENGTH + 1 :].partition("@")[0]


def is_for(name: str, sink: str, host: str) -> bool:
    """Whether the destination `sink`, which is at `host` now, is the one to ask.

    Where an earlier version did not say where that was, it is whichever has that name now.
    """
    return name[_ID_LENGTH:] in (f"-{sink}", f"-{sink}@{_mark(host)}")


def _mark(host: str) -> str:
    return hashlib.sha256(host.encode()).hexdigest()[:12]
