"""A mute that no disk would take, noted in the runtime directory: it outlives the process, not the power."""

from __future__ import annotations

from pathlib import Path

from earlid.edge.disk import Disk, NotThere
from earlid.errors import ConfigError, DiskTrouble


class MuteNote:
    """The file `muted` in the runtime directory. That it is there is all it says."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._folder, self._disk = folder, disk
        self._path = folder / "muted"

    @property
    def is_there(self) -> bool:
        """Whether somebody was muted and could not write it down elsewhere; any doubt says so, too."""
        try:
            return any(entry.name == self._path.name for entry in self._disk.list(self._folder))
        except NotThere:
            return False
        except (DiskTrouble, ConfigError):
            return True

    def leave(self) -> None:
        """Let it be there. ConfigError or DiskTrouble."""
        if not self.is_there:
            self._disk.make_folder(self._folder)
            self._disk.create(self._path, b"muted\n")

    def take_away(self) -> None:
        """Let it be there no more. ConfigError or DiskTrouble."""
        if self.is_there:
            self._disk.remove(self._path)
