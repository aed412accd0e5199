"""What was last said about mute, kept where the next start finds it; where no disk takes it, said so."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from earlid.core.mute import Remembered
from earlid.edge.disk import Disk
from earlid.edge.panel.mute_file import MuteFile
from earlid.edge.panel.mute_note import MuteNote
from earlid.errors import ConfigError, DiskTrouble

_LOG = logging.getLogger("earlid.mute")
_AGAIN_S: Final = 5.0


class Memory:
    """On disk, through power cuts. A mute that the disk does not take is noted in `runtime` meanwhile.

    `is_kept` tells what software or a button said last; it is asked with the pen in hand, for several
    threads write here. `clock` is in seconds.
    """

    def __init__(self, state: Path, runtime: Path, disk: Disk, clock: Callable[[], float]) -> None:
        self._file = MuteFile(state, disk)
        self._note = MuteNote(runtime, disk)
        on_disk = self._file.read()
        self._stored = {Remembered.MUTED: True, Remembered.OPEN: False}.get(on_disk)
        self._has_note = self._note.is_there
        self.is_first_start = on_disk is Remembered.FIRST_START
        self.at_start = Remembered.MUTED if self._has_note else on_disk
        self._clock = clock
        self._again_at_s = 0.0
        self._pen = threading.Lock()
        self.trouble = ""
        """Why a power cut would undo a mute that was said; empty where it would not."""

    def remember(self, is_kept: Callable[[], bool]) -> None:
        """Once this returns, a power cut cannot change it. ConfigError or DiskTrouble."""
        with self._pen:
            self._remember(is_kept())

    def try_to_remember(self, is_kept: Callable[[], bool]) -> None:
        """The same for a mute, which no disk prevents: `trouble` says if it would not outlast a power cut."""
        with self._pen:
            muted = is_kept()
            try:
                self._remember(muted)
            except (DiskTrouble, ConfigError) as error:
                self._tell(str(error), muted)

    def look_after(self, is_kept: Callable[[], bool]) -> None:
        """Every few seconds try again what the disk did not take."""
        if self.trouble and self._clock() >= self._again_at_s:
            self.try_to_remember(is_kept)

    def _remember(self, muted: bool) -> None:
        if self._stored is not muted:
            self._write(muted)
        if self._has_note and not muted:
            self._note.take_away()  # last: as long as it is there, it begins muted
            self._has_note = False
        if self.trouble:
            self.trouble = ""
            _LOG.warning("muted=%s remembered=yes", "yes" if muted else "no")

    def _write(self, muted: bool) -> None:
        try:
            self._file.write(muted)
        except (DiskTrouble, ConfigError):
            self._stored = False if self._file.read() is Remembered.OPEN else None
            raise
        self._stored = muted

    def _tell(self, why: str, muted: bool) -> None:
        self._again_at_s = self._clock() + _AGAIN_S
        if muted:
            self._has_note = True
            with suppress(DiskTrouble, ConfigError):
                self._note.leave()
        if why != self.trouble:
            _LOG.warning("muted=yes remembered=no cause=%r", why)
        self.trouble = why if muted else ""
