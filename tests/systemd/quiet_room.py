"""A system that runs in a room in which nobody speaks, to install in; and what of Earlid is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from earlid.core.units import RATE_HZ
from fakes.alsa_microphone import alsa_microphone
from fakes.booted_system import Booted
from systemd.household import CONFIG, HEARS, HEARS_HERE, LISTEN, UPLOAD

_WHERE: Final = ("/etc", "/etc/systemd/system", "/var/lib", "/run", "/opt", "/usr/bin", "/usr/local/bin")
_LIBS: Final = ("/usr/lib", "/usr/local/lib")
_KINDS: Final = ("systemd/system", "udev/rules.d", "sysusers.d", "tmpfiles.d")


class QuietRoom:
    """A booted system with a microphone."""

    def __init__(self, there: Booted) -> None:
        self.there = there

    def choose(self) -> None:
        """Its owner chooses the microphone."""
        self._edit(LISTEN, *HEARS_HERE)
        self.there.path(CONFIG).write_text(HEARS, encoding="utf-8")

    def spoil(self) -> None:
        """Its owner makes a mistake, and the uploader fails by it."""
        self._edit(UPLOAD, "ExecStart=", "ExecStart=/bin/false", "Restart=no")
        self.there.run("systemctl", "daemon-reload")
        assert self.there.code("systemctl", "start", UPLOAD) != 0
        assert self.units()[UPLOAD] == "failed"

    def _edit(self, unit: str, *lines: str) -> None:
        drop_in = self.there.path(f"/etc/systemd/system/{unit}.d/test.conf")
        drop_in.parent.mkdir(exist_ok=True)
        drop_in.write_text("\n".join(["[Service]", *lines, ""]), encoding="utf-8")

    def listener(self) -> int:
        """The process that listens; AssertionError where none does."""
        assert self.there.shows(LISTEN, "ActiveState") == "active", self.there.run("journalctl", "-u", LISTEN)
        return int(self.there.shows(LISTEN, "MainPID"))

    def units(self) -> dict[str, str]:
        """Every unit of Earlid's that systemd knows of, and its state."""
        listed = self.there.run("systemctl", "list-units", "--all", "--plain", "--no-legend", "earlid*")
        return {line.split()[0]: line.split()[2] for line in listed.splitlines()}

    def people(self) -> list[str]:
        """The users and groups of Earlid's."""
        known = "\n".join(self.there.path(f"/etc/{name}").read_text("utf-8") for name in ("passwd", "group"))
        return [line.split(":")[0] for line in known.splitlines() if line.startswith("earlid")]

    def is_running(self, process: int) -> bool:
        """Whether there is such a process."""
        return self.there.path(f"/proc/{process}").exists()

    def files(self) -> list[str]:
        """What is left of Earlid's in the places where something of it was."""
        places = [*_WHERE, *(f"{lib}/{kind}" for lib in _LIBS for kind in _KINDS)]
        found = (path for place in places for path in self.there.path(place).glob("*earlid*"))
        return sorted(path.name for path in found)


@contextmanager
def quiet_room(there: Booted) -> Iterator[QuietRoom]:
    """`there`, with a microphone that hears silence."""
    folder = there.path("/srv/microphone")
    folder.mkdir(parents=True)
    silence = np.zeros(RATE_HZ, np.int16)
    with alsa_microphone(folder, silence, silence_s=900.0, seen_in=Path("/srv/microphone")) as rig:
        rig.rush()  # or it would close only as fast as it plays
        yield QuietRoom(there)
