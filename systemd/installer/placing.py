"""Where each of the files in systemd/ goes: the one list, for the installer and the Debian package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

USERS: Final = ("earlid-listen", "earlid-upload")
GROUP: Final = "earlid"
ONLY_TO_SEND: Final = "earlid-upload.path"
"""The one unit that is of no use where nothing is sent: it would start the uploader again and again."""
_UNITS: Final = (".path", ".service", ".slice", ".socket", ".target", ".timer")


@dataclass(frozen=True, slots=True)
class Placed:
    """One file of ours, and its place below a `lib` folder: /usr/local/lib by hand, /usr/lib in a package."""

    source: Path
    place: str

    @property
    def is_unit(self) -> bool:
        """Whether systemd starts or stops by it."""
        return self.place.startswith("systemd/system/")


def placed(folder: Path) -> tuple[Placed, ...]:
    """Every file in `folder` that belongs to systemd or udev, with its place."""
    found = []
    for source in sorted([*folder.glob("*"), *folder.glob("*.d/*.conf")]):
        place = _place(source.relative_to(folder).as_posix())
        if source.is_file() and place:
            found.append(Placed(source, place))
    return tuple(found)


def _place(name: str) -> str | None:
    if name.endswith(_UNITS) or ".d/" in name:
        return f"systemd/system/{name}"
    for kind in ("sysusers", "tmpfiles"):
        if name.endswith(f".{kind}.conf"):
            return f"{kind}.d/{name.removesuffix(f'.{kind}.conf')}.conf"
    return f"udev/rules.d/{name}" if name.endswith(".rules") else None


def to_enable(files: tuple[Placed, ...], *, sends: bool) -> list[str]:
    """The units that start at boot: those that say so, and are of use."""
    return [
        one.source.name
        for one in files
        if one.is_unit
        and one.source.suffix in _UNITS
        and (sends or one.source.name != ONLY_TO_SEND)
        and "\n[Install]" in one.source.read_text(encoding="utf-8")
    ]


def all_units(files: tuple[Placed, ...]) -> list[str]:
    """The units by name, drop-ins left out; what starts a service comes before all services.

    Stopped in this order, no service is started again by what waits for it.
    """
    names = [one.source.name for one in files if one.is_unit and one.source.suffix in _UNITS]
    return sorted(names, key=lambda name: (name.endswith(".service"), name))
