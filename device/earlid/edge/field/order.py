"""What the listener is told about field recordings: a small file that is there while one is wanted."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from earlid.edge.disk import Disk, RealDisk
from earlid.edge.schema import from_json, to_json
from earlid.edge.whole_file import read_file, replace_file
from earlid.errors import ConfigError

_LIMIT_BYTES: Final = 4_096

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Order:
    """Record `session` until `ends_s`, with sound sealed to `recipient` if it `keeps_audio`."""

    session: int
    started_s: float
    ends_s: float
    keeps_audio: bool
    recipient: str


class OrderFile:
    """The file `recording` in `folder`, which is `state/field`. It survives restarts and power cuts."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self._folder = folder
        self._path = folder / "recording"
        self._disk = disk or RealDisk()

    def stamp(self) -> Stamp | None:
        """Something that differs whenever the order does; None while there is none, or nobody may look."""
        try:
            found = os.lstat(self._path)
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def read(self) -> Order | None:
        """The order that holds, or None; ConfigError where it cannot be understood."""
        try:
            if not self._path.exists():
                return None
        except PermissionError:
            raise ConfigError(f"{self._folder} is not open to you: ask as root, or as its owner") from None
        body = read_file(self._disk, self._path, _LIMIT_BYTES)
        if body is None:
            return None
        try:
            return from_json(body, Order)
        except ValueError:
            raise ConfigError(
                f"{self._path} cannot be understood: remove it, and start the recording again"
            ) from None

    def give(self, order: Order) -> None:
        """Let `order` hold. Once this returns, a power cut cannot lose it."""
        replace_file(self._disk, self._path, to_json(order) + b"\n")

    def withdraw(self) -> None:
        """No recording is wanted any more; harmless twice."""
        if self.stamp() is not None:
            self._disk.remove(self._path)
            self._disk.sync_dir(self._folder)
