"""Muted stays muted through power cuts, and whatever happens to the file that says so."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import Final

from earlid.core.mute import Remembered
from earlid.edge.disk import Disk
from earlid.edge.whole_file import read_file, replace_file
from earlid.errors import ConfigError, DiskTrouble

_LOG = logging.getLogger("earlid.mute")
_MUTED: Final = b"muted\n"
_OPEN: Final = b"open\n"
_WORDS: Final = {_MUTED: Remembered.MUTED, _OPEN: Remembered.OPEN}
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
                return Remembered.LOST if self._is_marked() else Remembered.FIRST_START
        except (DiskTrouble, ConfigError) as error:
            _LOG.warning("muted=yes cause=%r", str(error))
            return Remembered.LOST
        return _WORDS.get(body, Remembered.LOST)

    def write(self, muted: bool) -> None:
        """Remember it. Once this returns, a power cut cannot change it. ConfigError or DiskTrouble.

        On a full disk the new word is put over the old one: that needs no room, and torn in between it is
        neither word, which means muted. Where that fails, too, a mute takes the file away from its mark.
        """
        word = _MUTED if muted else _OPEN
        try:
            self._replace(word)
        except (DiskTrouble, ConfigError):
            if self._put_over(word) or (muted and self._take_away()):
                return
            raise

    def _replace(self, word: bytes) -> None:
        replace_file(self._disk, self._path, word)
        if not self._is_marked():
            replace_file(self._disk, self._mark, b"")

    def _put_over(self, word: bytes) -> bool:
        with suppress(DiskTrouble, ConfigError):
            if word == _MUTED or self._is_marked():  # without its mark, a file that vanishes means open
                self._disk.overwrite(self._path, word)
                self._disk.cut(self._path, len(word))
                self._disk.sync(self._path)
                return True
        return False

    def _take_away(self) -> bool:
        with suppress(DiskTrouble, ConfigError):
            if self._is_marked():
                if read_file(self._disk, self._path, _LIMIT_BYTES) is not None:
                    self._disk.remove(self._path)
                self._disk.sync_dir(self._path.parent)
                return True
        return False

    def _is_marked(self) -> bool:
        return read_file(self._disk, self._mark, _LIMIT_BYTES) is not None
