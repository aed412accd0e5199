"""What is to be destroyed: overwritten, then unlinked, as far as this process may and the disk lets it."""

from __future__ import annotations

import logging
from pathlib import Path

from earlid.edge.disk import Disk, Kind, NotOurs
from earlid.errors import ConfigError, DiskTrouble

_log = logging.getLogger(__name__)


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
