"""Muted stays muted through power cuts, and whatever happens to the file that says so."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from earlid.core.mute import Remembered
from earlid.edge.disk import Disk
from earlid.edge.whole_file import read_file, replace_file
from earlid.errors import ConfigError, DiskTrouble

_LOG = logging.getLogger("earlid.mute")
_WORDS: Final = {b"muted\n": Remembered.MUTED, b"open\n": Remembered.OPEN}
_LIMIT_BYTES: Final = 64


class MuteFile:
    """The file `muted` in the state directory, and beside it a mark that there was one.

    The mark is made once, after the first file was durable. So a file that is missing beside its mark was
    taken away, and means muted; only where both are missing is it a first start.
    """

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._disk = disk
        self._path = folder / "muted"
        self._mark = folder / ".muted-was-written"
        disk.make_folder(folder)

    def read(self) -> Remembered:
        """What was said last; LOST for anything that is not plainly one of the two words."""
        try:
            body = read_file(self._disk, self._path, _LIMIT_BYTES)
            if body is None:
                marked = read_file(self._disk, self._mark, _LIMIT_BYTES) is not None
                return Remembered.LOST if marked else Remembered.FIRST_START
        except (DiskTrouble, ConfigError) as error:
            _LOG.warning("muted=yes cause=%r", str(error))
            return Remembered.LOST
        return _WORDS.get(body, Remembered.LOST)

    def write(self, muted: bool) -> None:
        """Remember it. Once this returns, a power cut cannot change it. ConfigError or DiskTrouble."""
        replace_file(self._disk, self._path, b"muted\n" if muted else b"open\n")
        if read_file(self._disk, self._mark, _LIMIT_BYTES) is None:
            replace_file(self._disk, self._mark, b"")
