"""Whether a folder lies on a file system that was mounted for it; the kernel's table of mounts is asked."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ROOT: Final = "/"
_SYSTEMS: Final = re.compile(
    r"/((home|opt|root|srv|tmp|usr|var(/log|/tmp)?)?|(boot|dev|proc|run(?!/media/)|sys)(/.*)?)"
)
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")
_HOLDS_A_PLACE: Final = "autofs"


@dataclass(frozen=True, slots=True)
class Mount:
    """What is seen at `point`: the folder `root` of the file system `device`."""

    id: int
    device: str
    root: str
    point: str
    kind: str

    @property
    def origin(self) -> str:
        """Where the whole would be seen, if what is seen here is one folder of it at its usual place."""
        return self.point if self.root == _ROOT else self.point.removesuffix(self.root) or _ROOT


def is_mounted(folder: Path) -> bool:
    """Whether `folder` lies on what was mounted for it; what mounts by itself is given time to. OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        facts = Path(f"/proc/self/fdinfo/{descriptor}").read_text("ascii")
        table = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    finally:
        os.close(descriptor)
    return is_meant(os.path.realpath(folder), int(facts.split("mnt_id:")[1].split()[0]), mounts_in(table))


def is_meant(folder: str, mount: int, mounts: tuple[Mount, ...]) -> bool:
    """Whether an owner can mean number `mount`, where `folder` lies, by something that is mounted there.

    A file system that is seen as /, and one seen only where the system has its own, is there in any case: it
    does not count, unless it is mounted as `folder` itself. Points alone would not tell: in a service's
    sandbox each folder it may write is a mount, whatever lies below.
    """
    here = next((each for each in mounts if each.id == mount), None)
    if here is None or here.kind == _HOLDS_A_PLACE:
        return False
    same = [each for each in mounts if each.device == here.device]
    wholes = {each.point for each in same if each.root == _ROOT or _is_systems(each.point)}
    points = wholes or {here.origin}  # a sandbox hides the whole where it hides the homes
    return _ROOT not in points and any(each == folder or not _is_systems(each) for each in points)


def mounts_in(table: str) -> tuple[Mount, ...]:
    """The lines of /proc/self/mountinfo, as proc_pid_mountinfo(5) describes them."""
    rows = (line.partition(" - ") for line in table.splitlines() if line)
    return tuple(_mount(head.split(" "), tail.split(" ")) for head, _, tail in rows)


def _mount(head: list[str], tail: list[str]) -> Mount:
    root, point = (_ESCAPED.sub(lambda found: chr(int(found[1], 8)), each) for each in head[3:5])
    return Mount(int(head[0]), head[2], root, point, tail[0])


def _is_systems(point: str) -> bool:
    return _SYSTEMS.fullmatch(point) is not None
