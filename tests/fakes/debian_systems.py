"""Small Debian systems to install Earlid in, thrown away afterwards; and what is in one, to compare."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(CHECKOUT / "systemd"))

from deb.contents import lay_out  # noqa: E402 - it lies outside the package
from deb.debian import (  # noqa: E402
    NATIVE,
    SUITES,
    TO_BUILD,
    TO_RUN,
    System,
    Unavailable,
    cache,
    system,
    thrown_away,
)
from deb.wheelhouse import wheelhouse  # noqa: E402
from installer.origin import EXTRAS  # noqa: E402

__all__ = [
    "BOOKWORM",
    "CHECKOUT",
    "EXTRAS",
    "NATIVE",
    "TO_BUILD",
    "TO_RUN",
    "System",
    "Unavailable",
    "copy_of_checkout",
    "everything_in",
]
__all__ += ["cache", "lay_out", "made", "thrown_away"]

BOOKWORM: Final = SUITES["bookworm"]
_PARTS: Final = (
    "setup.cfg",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "device",
    "models",
    "systemd",
)


def made(packages: tuple[str, ...]) -> tuple[System, Path]:
    """A Debian bookworm with `packages`, and the wheels for it; Unavailable where there can be none."""
    with ThreadPoolExecutor() as both:  # the wheels are made in another system: a machine has two cores
        folder, wheels = (
            both.submit(system, BOOKWORM, NATIVE, TO_RUN),
            both.submit(wheelhouse, BOOKWORM, NATIVE),
        )
    if packages == TO_RUN:
        return folder.result(), wheels.result()
    return system(BOOKWORM, NATIVE, packages), wheels.result()


def copy_of_checkout(folder: Path) -> Path:
    """What an installation is made from, as it is now, where it can be changed."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)  # whoever is not root reads it, too
    left = shutil.ignore_patterns("__pycache__", "*.egg-info", "out")
    for part in _PARTS:
        if (CHECKOUT / part).is_dir():
            shutil.copytree(CHECKOUT / part, folder / part, ignore=left, symlinks=True)
        else:
            shutil.copy2(CHECKOUT / part, folder / part)
    return folder


def everything_in(there: System, places: Iterable[str], *, times: bool = True) -> dict[str, str]:
    """Every file, folder and link below `places`: kind, mode, owner, contents and, unless told not, time."""
    found = {}
    for place in places:
        top = there.path(place)
        paths = [top, *top.rglob("*")] if top.exists() else []
        for path in paths:
            facts = path.lstat()
            words = [oct(facts.st_mode), str(facts.st_uid), str(facts.st_gid)]
            if stat.S_ISLNK(facts.st_mode):
                words.append(os.readlink(path))  # noqa: PTH115 - as it is written, not as it resolves
            elif stat.S_ISREG(facts.st_mode):
                words.append(hashlib.sha256(path.read_bytes()).hexdigest())
            if times:
                words.append(str(facts.st_mtime_ns))
            found["/" + str(path.relative_to(there.folder))] = " ".join(words)
    return found
