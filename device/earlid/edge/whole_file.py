"""A small file that is replaced as a whole: after a power cut it is the old one or the new one."""

from __future__ import annotations

from pathlib import Path

from earlid.edge.disk import Disk, Kind


def replace_file(disk: Disk, path: Path, body: bytes) -> None:
    """Let `path` hold `body`. Once this returns, a power cut cannot lose it. ConfigError or DiskTrouble."""
    draft = path.with_name(f".{path.name}.new")
    if any(entry.name == draft.name for entry in disk.list(path.parent)):
        disk.remove(draft)
    disk.create(draft, body)
    disk.sync(draft)
    disk.rename(draft, path)
    disk.sync_dir(path.parent)


def read_file(disk: Disk, path: Path, limit_bytes: int) -> bytes | None:
    """What `path` holds, or None where there is no such name; a name that is no plain file is b"" ."""
    kinds = {entry.name: entry.kind for entry in disk.list(path.parent)}
    if path.name not in kinds:
        return None
    return disk.read(path, limit_bytes) if kinds[path.name] is Kind.FILE else b""
