"""The environments under /opt/earlid: a new one is built beside the one in use, and takes over at once."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from installer.machine import Machine, link, put, remove
from installer.origin import CHECKOUT, TO_COMPILE, Origin

HOME: Final = Path("/opt/earlid")
BIN: Final = HOME / "bin"
"""A link to the `bin` of the environment in use. The units name the program by it."""
PROGRAM: Final = BIN / "earlid"
COMMAND: Final = Path("/usr/local/bin/earlid")
_COMPLETE: Final = ".complete"
_TRIED: Final = "import onnxruntime, pyaudio, lgpio, soundfile, gpiozero, paho.mqtt.client, wyoming, minio"


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment, by the name that `Origin` gives it."""

    name: str

    @property
    def folder(self) -> Path:
        """Where it is."""
        return HOME / self.name

    @property
    def program(self) -> Path:
        """Its `earlid`, whichever is in use."""
        return self.folder / "bin/earlid"

    @property
    def is_complete(self) -> bool:
        """Whether it was built to the end, and tried."""
        return (self.folder / _COMPLETE).exists()

    @property
    def is_in_use(self) -> bool:
        """Whether it is the one that runs."""
        return BIN.is_symlink() and BIN.readlink() == Path(self.name, "bin")

    def build(self, origin: Origin, wheelhouse: Path | None, machine: Machine) -> None:
        """Make it from nothing: what an interrupted run left of it goes first."""
        remove(self.folder)
        machine.run(sys.executable, "-m", "venv", self.folder, to="make an environment")
        from_where = ("--no-index", "--find-links", wheelhouse) if wheelhouse else ("--no-cache-dir",)
        with tempfile.TemporaryDirectory(prefix="earlid-", dir="/var/tmp") as work:
            machine.run(
                *(self.folder / "bin/python", "-I", "-m", "pip", "install", "--quiet", "--no-input"),
                *("--disable-pip-version-check", "--root-user-action", "ignore"),
                *("-c", CHECKOUT / "device/constraints.txt", *from_where),
                origin.requirement(Path(work)),
                to="install Earlid in its environment",
                also=TO_COMPILE,
            )
            self._try(machine, Path(work))
        put(self.folder / _COMPLETE, f"{origin.said}\n".encode())

    def _try(self, machine: Machine, empty: Path) -> None:
        """See that all it needs can be loaded here; lgpio leaves things in the folder it is loaded in."""
        python = self.folder / "bin/python"
        loaded = {"LG_WD": str(empty)}
        machine.run(python, "-I", "-B", "-c", _TRIED, to="load what Earlid needs", also=loaded, within=empty)
        machine.run(self.program, "--version", to="run the new earlid")

    def switch(self) -> None:
        """From now on it is the one that runs."""
        link(BIN, f"{self.name}/bin")


def others(than: Environment) -> list[Path]:
    """What else there is in /opt/earlid: older environments, and what an interrupted run left."""
    if not HOME.is_dir():
        return []
    return [path for path in sorted(HOME.iterdir()) if path not in (BIN, than.folder)]
