"""What a running process says of itself: whole or absent, and never believed once it ended."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from earlid.edge.schema import from_json, to_json
from earlid.errors import ConfigError

_LOG = logging.getLogger("earlid.status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a process last said. `since_s` is when it began, in seconds since 1970 by this machine's clock.

    `not_remembered` is why a power cut would undo the mute, where it would.
    """

    pid: int
    birth: int
    since_s: float
    state: str
    cause: str = ""
    source: str = ""
    models: tuple[str, ...] = ()
    heard_s: float = 0.0
    wakes: int = 0
    wakes_of: dict[str, int] = field(default_factory=dict)
    verifiers: tuple[str, ...] = ()
    vetoed: int = 0
    segments: int = 0
    kept_s: float = 0.0
    lost_hops: dict[str, int] = field(default_factory=dict)
    trouble: str = ""
    look: str = ""
    records: bool = False
    muted: bool = False
    not_remembered: str = ""
    mic_power: str = ""
    left_s: float | None = None
    spent_until: str = ""


class StatusFile:
    """The file `path`, replaced as a whole each time; a disk that will not take it stops nothing else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._since_s = time.time()
        self._is_told = False

    def write(self, facts: Mapping[str, Any]) -> None:
        """Say `facts`, fields of `Said`, together with who says them."""
        whole = self.signed(facts)
        draft = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            descriptor = os.open(
                draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640
            )
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(whole, file)
            draft.replace(self._path)
        except OSError as error:
            if not self._is_told:
                self._is_told = True
                _LOG.warning("status path=%s trouble=%r", self._path, (error.strerror or "unknown").lower())

    def signed(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """`facts` together with who says them, since when."""
        return {"pid": os.getpid(), "birth": _birth(os.getpid()), "since_s": self._since_s, **facts}

    def remove(self) -> None:
        """Say nothing any more."""
        with contextlib.suppress(OSError):
            self._path.unlink()

    def read(self) -> Said | None:
        """What was last said by a process that is still there; None when there is none."""
        try:
            said = from_json(self._path.read_bytes(), Said)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            why = (error.strerror or "unknown").lower() if isinstance(error, OSError) else "not a status file"
            raise ConfigError(
                f"{self._path}: cannot be read ({why}): ask as the user that runs earlid"
            ) from None
        return said if _birth(said.pid) == said.birth != 0 else None


def said_by(whole: Mapping[str, Any]) -> Said:
    """What `signed` made, back from its way through a socket; ValueError if it is something else."""
    return from_json(to_json(whole), Said)


def _birth(pid: int) -> int:
    """When process `pid` began, in ticks since boot; 0 when there is none. Unlike numbers, never reused."""
    try:
        after_the_name = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if after_the_name[0] in "ZX" else int(after_the_name[19])
