"""How this device calls itself to others: at random, for a while, and never after anything it has or is."""

from __future__ import annotations

import contextlib
import math
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from earlid.edge.schema import from_json, to_json
from earlid.errors import ConfigError

_DAY_S: Final = 86_400.0
_LIMIT_BYTES: Final = 1_000


class Alias:
    """A random name that is kept in `file` and changes after `days`; also where the clock went back."""

    def __init__(self, file: Path, days: float, now: Callable[[], float]) -> None:
        self._file, self._life_s, self._now = file, days * _DAY_S, now

    def __call__(self) -> str:
        """Today's name, 16 hex digits; a new one where the old is too old, unreadable or from the future."""
        now_s = self._now()
        known = self._known()
        if known is not None and 0 <= now_s - known[1] < self._life_s:
            return known[0]
        fresh = secrets.token_hex(8)
        self._keep(fresh, now_s)
        return fresh

    def _known(self) -> tuple[str, float] | None:
        try:
            with self._file.open("rb") as file:
                kept = from_json(file.read(_LIMIT_BYTES), dict[str, str | float])
        except (OSError, ValueError):
            return None
        name, since_s = kept.get("alias"), kept.get("since_s")
        if not isinstance(name, str) or not re.fullmatch(r"[0-9a-f]{16}", name):
            return None
        return (name, float(since_s)) if isinstance(since_s, int | float) and math.isfinite(since_s) else None

    def _keep(self, name: str, since_s: float) -> None:
        unfinished = self._file.with_suffix(".part")
        try:
            with contextlib.suppress(FileNotFoundError):
                unfinished.unlink()
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(to_json({"alias": name, "since_s": since_s}))
            unfinished.replace(self._file)
        except OSError as error:
            why = (error.strerror or "trouble").lower()
            raise ConfigError(f"cannot write {self._file}: {why}; see paths.state") from error
