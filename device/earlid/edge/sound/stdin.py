"""Raw sound from another program: signed 16 bit, little endian, mono, 16 kHz."""

from __future__ import annotations

import contextlib
import os
import select
import stat
import time
from typing import Final, NoReturn

import numpy as np

from earlid.core.epoch import Epoch
from earlid.core.frame import Frame
from earlid.core.units import HOP
from earlid.errors import DeviceLost, SourceEnded, UsageError

RECORD: Final = "arecord -q -t raw -f S16_LE -r 16000 -c 1 | earlid run --source -"
HOP_BYTES: Final = 2 * HOP


class Stdin:
    """Frames from file descriptor `fd`, which stays open on `close`: it belongs to whoever started us.

    What lies in the pipe when it is opened again was written while nobody was to listen: it is thrown
    away, and indices jump over it. What the other program still holds back cannot be known.
    """

    name = "stdin"

    def __init__(self, epoch: Epoch, fd: int = 0, first: int = 0) -> None:
        self._epoch = epoch
        self._fd = fd
        self._next_start = first
        self._buffer = bytearray(HOP_BYTES)
        self._filled = 0
        self._odd = False  # whether half of a sample was thrown away and its other half is still to come
        self._begun = False
        self._tag = 0
        self._open = False
        self._nudges = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self.tail = 0

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError, OSError):
            os.close(self._nudges)

    @property
    def lost(self) -> dict[str, int]:
        """A pipe loses nothing; the program before it may."""
        return {"overflow": 0, "backlog": 0, "device": 0}

    def open(self) -> None:
        """Begin to read. Raises UsageError for a terminal: nobody types sound."""
        if self._open:
            return
        if os.isatty(self._fd):
            raise UsageError(f"stdin is a terminal: pipe sound into it, {RECORD}")
        try:
            kind = os.fstat(self._fd).st_mode
        except OSError as error:
            raise UsageError(f"stdin is closed: pipe sound into it, {RECORD}") from error
        if self._begun and not stat.S_ISREG(kind):
            self._throw_away()
        self._open = True

    def read(self, timeout_s: float) -> Frame | None:
        """The next frame, or None within `timeout_s`. SourceEnded or DeviceLost at the end."""
        until = time.monotonic() + timeout_s
        while self._open:
            if not self._filled:
                self._tag = self._epoch.value  # before the first of its bytes
            if not self._comes(max(0.0, until - time.monotonic())):
                return None
            piece = self._piece()
            if not piece:
                self._end()
            self._keep(piece)
            if self._filled == HOP_BYTES:
                return self._frame()
        return None

    def nudge(self) -> None:
        """Let a `read` that waits return at once."""
        os.eventfd_write(self._nudges, 1)

    def close(self) -> None:
        """Stop reading, and overwrite the hop that was begun."""
        self._open = False
        if self._filled:
            self._odd ^= bool(self._filled % 2)
            self._filled = 0
            self._next_start += HOP
        self._buffer[:] = bytes(HOP_BYTES)

    def _keep(self, piece: bytes) -> None:
        if self._odd:
            self._odd, piece = False, piece[1:]
        self._buffer[self._filled : self._filled + len(piece)] = piece
        self._filled += len(piece)
        if not self._begun and self._filled >= 12:
            self._begun = True
            if self._buffer[:4] == b"RIFF" and self._buffer[8:12] == b"WAVE":
                raise UsageError(f"stdin carries a wav file, not raw sound: add '-t raw', {RECORD}")

    def _frame(self) -> Frame:
        frame = Frame(self._next_start, self._tag, np.frombuffer(self._buffer, "<i2").astype(np.int16))
        self._buffer[:] = bytes(HOP_BYTES)
        self._filled = 0
        self._next_start += HOP
        return frame

    def _end(self) -> NoReturn:
        if self._odd or self._filled % 2:
            raise DeviceLost("stdin closed in the middle of a sample: see why the program before it stopped")
        if not self._begun and not self._filled:
            raise UsageError(f"stdin gave no sound at all: pipe some into it, {RECORD}")
        self.tail = self._filled // 2
        raise SourceEnded("stdin is over")

    def _throw_away(self) -> None:
        count = 0
        while self._ready(0.0) and (piece := os.read(self._fd, 65_536)):
            count += len(piece)
        self._odd ^= bool(count % 2)
        self._next_start += -(-count // HOP_BYTES) * HOP

    def _comes(self, timeout_s: float) -> bool:
        """Whether there is something to read in time, and no nudge."""
        ready = select.select([self._fd, self._nudges], [], [], timeout_s)[0]
        if self._nudges in ready:
            os.eventfd_read(self._nudges)
            return False
        return bool(ready)

    def _ready(self, timeout_s: float) -> bool:
        return bool(select.select([self._fd], [], [], timeout_s)[0])

    def _piece(self) -> bytes:
        try:
            return os.read(self._fd, HOP_BYTES - self._filled)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise DeviceLost(f"stdin cannot be read ({why}): pipe sound into it, {RECORD}") from error
