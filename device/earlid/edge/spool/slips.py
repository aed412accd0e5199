"""Small notes from one process to another: each whole and durable, or not there at all."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from earlid.edge.disk import Disk, Kind, NotThere, RealDisk
from earlid.edge.schema import from_json, to_json
from earlid.errors import ConfigError, DiskTrouble

LIMIT_BYTES: Final = 10_000
_NAME: Final = re.compile(r"[A-Za-z0-9_.@-]{1,120}")

_log = logging.getLogger(__name__)


class Slips:
    """Notes by name in `folder`. One process writes them, another reads and removes; neither waits."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self._folder = folder
        self._disk: Disk = RealDisk() if disk is None else disk
        self._told: set[str] = set()

    def put(self, facts: Mapping[str, str], name: str = "") -> str:
        """Keep `facts` under `name`, which must be free, or under a random one."""
        name = name or uuid.uuid4().hex
        if not _NAME.fullmatch(name):
            raise ValueError(f"no name for a note: {name!r}")
        self._disk.make_folder(self._folder)
        unfinished = self._folder / f"{uuid.uuid4().hex}.part"
        self._disk.create(unfinished, to_json(dict(facts)) + b"\n")
        self._disk.sync(unfinished)
        self._disk.rename(unfinished, self._folder / f"{name}.json")
        self._disk.sync_dir(self._folder)
        return name

    def names(self) -> list[str]:
        """The names of all notes, sorted; DiskTrouble where nobody can tell."""
        try:
            found = self._disk.list(self._folder)
        except NotThere:
            return []
        return [
            entry.name[:-5] for entry in found if entry.kind is Kind.FILE and entry.name.endswith(".json")
        ]

    def read(self, name: str) -> dict[str, str] | None:
        """What the note `name` says; None, told once, where it cannot be read.

        What is none of ours gets another name, so that it stands in nobody's way.
        """
        try:
            return from_json(self._disk.read(self._folder / f"{name}.json", LIMIT_BYTES), dict[str, str])
        except (ValueError, DiskTrouble, ConfigError) as error:
            if name not in self._told:
                self._told.add(name)
                _log.warning("note=%r folder=%s ignored=%r", name, self._folder, str(error))
            if not isinstance(error, DiskTrouble):
                self._put_out_of_the_way(name)
        return None

    def _put_out_of_the_way(self, name: str) -> None:
        try:
            self._disk.rename(self._folder / f"{name}.json", self._folder / f"{name}.ignored")
        except (DiskTrouble, ConfigError) as trouble:
            _log.warning("note=%r folder=%s trouble=%r", name, self._folder, str(trouble))

    def remove(self, *names: str) -> None:
        """Take notes away for good."""
        for name in names:
            self._disk.remove(self._folder / f"{name}.json")
        self._disk.sync_dir(self._folder)
