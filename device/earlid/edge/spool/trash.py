"""What is to be destroyed: overwritten, then unlinked, as far as this process may and the disk lets it."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Final

from earlid.edge.disk import Disk, Kind, NotOurs
from earlid.errors import ConfigError, DiskTrouble

_log = logging.getLogger(__name__)

SWEPT_AT_ONCE: Final = 20
"""So much of what a crash left is destroyed at a start; with very much it does not wait for the rest."""


class Trash:
    """Segments that were thrown into `folder` and are destroyed one by one."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        self._disk, self._folder = disk, folder
        self._left: deque[tuple[Path, Kind]] = deque()

    def take_up(self) -> int:
        """Go on with what a crash left: how many names there were."""
        found = [(self._folder / entry.name, entry.kind) for entry in self._disk.list(self._folder)]
        self._left.extend(found)
        for _ in found[:SWEPT_AT_ONCE]:
            self.empty_a_little()
        return len(found)

    def throw(self, *folders: Path) -> None:
        """Move `folders` here. Once this returns, no power cut brings one back."""
        try:
            for each in folders:
                self._disk.rename(each, self._folder / each.name)
                self._left.append((self._folder / each.name, Kind.FOLDER))
        finally:
            for room in {each.parent for each in folders}:
                self._disk.sync_dir(room)
            self._disk.sync_dir(self._folder)

    def empty_a_little(self) -> bool:
        """Destroy one of those that are left; False if none is."""
        if self._left:
            destroy(self._disk, *self._left.popleft())
            return True
        return False


def destroy(disk: Disk, path: Path, kind: Kind) -> None:
    """Wipe and remove `path` and all below it; what the disk will not do is told.

    What belongs to another user is left where it is: only its owner can overwrite it.
    """
    try:
        if kind is Kind.FOLDER:
            destroy_all_in(disk, path)
            if disk.list(path):
                return
        elif kind is Kind.FILE:
            disk.wipe(path)
        disk.remove(path)
    except NotOurs:
        return
    except (DiskTrouble, ConfigError) as trouble:
        _log.warning("not_removed=%s trouble=%r", path.name, str(trouble))


def destroy_all_in(disk: Disk, folder: Path) -> int:
    """Wipe and remove everything under `folder`; how many names there were."""
    entries = disk.list(folder)
    for entry in entries:
        destroy(disk, folder / entry.name, entry.kind)
    return len(entries)


def destroy_in(disk: Disk, folder: Path, name: str) -> None:
    """Wipe `name` in `folder` and all below it, where it is there."""
    try:
        kinds = {entry.name: entry.kind for entry in disk.list(folder)}
    except (DiskTrouble, ConfigError) as trouble:
        _log.warning("not_removed=%s trouble=%r", name, str(trouble))
        return
    if name in kinds:
        destroy(disk, folder / name, kinds[name])


def take_back(disk: Disk, folder: Path, room: Path) -> bool:
    """Move `folder` into `room` and destroy it there; False where it is gone, or the disk will not move it.

    The move is durable before the first zero is written, as far as the disk will have it.
    """
    try:
        disk.rename(folder, room / folder.name)
    except (DiskTrouble, ConfigError):
        return False
    for each in (folder.parent, room):
        with suppress(DiskTrouble, ConfigError):  # it is destroyed all the same: zeros are never sent
            disk.sync_dir(each)
    destroy_in(disk, room, folder.name)
    return True


def drop(disk: Disk, folder: Path) -> None:
    """Remove a segment's `folder` that its owner did not overwrite; the bytes are left to the disk."""
    try:
        for entry in disk.list(folder):
            disk.remove(folder / entry.name)
        disk.remove(folder)
    except (DiskTrouble, ConfigError) as trouble:
        _log.warning("not_removed=%s trouble=%r", folder.name, str(trouble))
    else:
        _log.warning(
            "removed=%s overwritten=no cause=%r", folder.name, "earlid listen, its owner, does not run"
        )
