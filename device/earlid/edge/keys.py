"""Single keys from a terminal, without Return; the terminal is as it was afterwards."""

from __future__ import annotations

import contextlib
import os
import select
import termios
import threading
import tty
from collections.abc import Callable
from types import TracebackType


class Keys:
    """Calls `on_key` with each key pressed on the terminal `fd`, in a thread of its own, within the block.

    Where `fd` is no terminal, or belongs to another job at the moment, nothing is read and nothing changed.
    """

    def __init__(self, fd: int, on_key: Callable[[str], None]) -> None:
        self._fd = fd
        self._on_key = on_key
        self._before: list[int | list[bytes | int]] | None = None

    @property
    def are_possible(self) -> bool:
        """Whether somebody could press one here now."""
        try:
            return os.isatty(self._fd) and os.tcgetpgrp(self._fd) == os.getpgrp()
        except OSError:
            return False

    def __enter__(self) -> Keys:
        if not self.are_possible:
            return self
        self._before = termios.tcgetattr(self._fd)
        tty.setcbreak(self._fd, termios.TCSANOW)  # Ctrl-C stays what it is
        self._end = os.eventfd(0, os.EFD_CLOEXEC)
        self._thread = threading.Thread(target=self._read, name="keys", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        before, self._before = self._before, None
        if before is None:
            return
        os.eventfd_write(self._end, 1)
        self._thread.join()
        os.close(self._end)
        if self.are_possible:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._fd, termios.TCSADRAIN, before)

    def _read(self) -> None:
        while True:
            ready = select.select([self._fd, self._end], [], [])[0]
            if self._end in ready or not self.are_possible:
                return
            try:
                pressed = os.read(self._fd, 32)
            except OSError:
                return
            if not pressed:
                return
            for key in pressed.decode("utf-8", "replace"):
                self._on_key(key)
