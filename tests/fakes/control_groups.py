"""A control group of one's own for a booted system, so that two on one machine do not share theirs."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fakes.debian_systems import Unavailable

HAS_SYSTEMD: Final = Path("/run/systemd/system").is_dir()
"""Then systemd-nspawn asks systemd for a scope, and nothing needs to be made by hand."""
_ROOT: Final = Path("/sys/fs/cgroup")
_EMPTIES_S: Final = 5.0


@contextmanager
def own_groups(name: str) -> Iterator[list[str]]:
    """Files that put a shell, which writes its number there, into groups `name`; none under systemd.

    Unavailable where this machine lets nobody make any.
    """
    folders = [] if HAS_SYSTEMD else [tree / name for tree in _trees()]
    try:
        for folder in folders:
            folder.mkdir()
    except OSError as error:
        raise Unavailable(f"no control group can be made here: {folder}: {error.strerror}") from error
    try:
        yield [str(folder / "cgroup.procs") for folder in folders]
    finally:
        for folder in folders:
            _remove(folder)


def _trees() -> list[Path]:
    """The unified hierarchy, and beside it systemd's own where this machine has both."""
    if (_ROOT / "cgroup.controllers").exists():
        return [_ROOT]
    return [tree for tree in (_ROOT / "unified", _ROOT / "systemd") if (tree / "cgroup.procs").exists()]


def _remove(folder: Path) -> None:
    """Remove a group and those in it, once the kernel has noticed that nobody lives there any more."""
    until = time.monotonic() + _EMPTIES_S
    while folder.exists() and time.monotonic() < until:
        for inner, _, _ in os.walk(folder, topdown=False):
            with contextlib.suppress(OSError):
                Path(inner).rmdir()
        time.sleep(0.02)
