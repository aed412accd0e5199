"""The voice and the eyes that go with the hands inside the virtual Pi; runs in the guest, as they do."""

from __future__ import annotations

import ctypes
import fcntl
import os
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

RATE = 16_000
BLOCK = RATE // 50
QUIET = 24
LOOK_S = 0.02
SPEAKER = "aplay -q -D hw:Loopback,0,0 -t raw -f S16_LE -r 16000 -c 1 --period-size=320 --buffer-size=4800"
CHIP = "/sys/kernel/config/gpio-sim/pi"
CAME, WENT = 0x180, 0x240  # created or moved here; moved away or deleted


def first_line(path: str) -> str:
    """The first line of a file, without what surrounds it."""
    with Path(path).open() as file:
        return file.readline().strip()


def bank() -> str:
    """Where the kernel shows the simulated lines of the header."""
    return f"/sys/devices/platform/{first_line(CHIP + '/dev_name')}/{first_line(CHIP + '/bank0/chip_name')}"


def value(pin: int, at: str = "") -> int:
    """What a line gives; `at` is the bank, if it is known."""
    return int(first_line(f"{at or bank()}/sim_gpio{pin}/value"))


class Room:
    """What the microphone hears: never exact silence, and now and then somebody who speaks."""

    def __init__(self) -> None:
        noise = os.urandom(20 * RATE)
        self._quiet = struct.pack(
            f"<{10 * RATE}h", *(value % (2 * QUIET) - QUIET for value in noise[: 10 * RATE])
        )
        self._words = b""
        self._turn = threading.Lock()
        self._over = threading.Event()

    def say(self, sound: bytes) -> None:
        """Speak, or with nothing to say fall silent; returns at once."""
        with self._turn:
            self._words = sound
            if sound:
                self._over.clear()
            else:
                self._over.set()

    def wait(self, seconds: float) -> None:
        """Until all was said."""
        if not self._over.wait(seconds):
            raise TimeoutError(f"not all was said in {seconds} s: does nobody listen?")

    def live(self) -> None:
        """Fill the room for ever; the speaker may vanish and come back."""
        while True:
            speaker = subprocess.Popen(
                SPEAKER.split(), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
            )
            try:
                if speaker.stdin:
                    self._fill(speaker.stdin.fileno())
            except OSError:
                speaker.kill()
                speaker.wait()
                time.sleep(0.2)

    def _fill(self, pipe: int) -> None:
        fcntl.fcntl(pipe, 1031, 4096)
        at = 0
        while True:
            block = self._quiet[at : at + 2 * BLOCK]
            at = (at + 2 * BLOCK) % (len(self._quiet) - 2 * BLOCK)
            with self._turn:
                if self._words:
                    block, self._words = self._words[: 2 * BLOCK], self._words[2 * BLOCK :]
                    if not self._words:
                        self._over.set()
            os.write(pipe, block)


class Eyes:
    """Sees every change of some lines of the header, and when."""

    def __init__(self) -> None:
        self.pins: tuple[int, ...] = ()
        self.changes: list[tuple[float, int, int | None]] = []

    def live(self) -> None:
        last: dict[int, int | None] = {}
        at = ""
        while True:
            for pin in self.pins:
                try:
                    at = at or bank()
                    level: int | None = value(pin, at)
                except OSError:
                    level, at = None, ""
                if last.get(pin) != level:
                    last[pin] = level
                    self.changes.append((time.monotonic(), pin, level))
            time.sleep(LOOK_S)


def noticed(folders: list[str]) -> Iterator[tuple[str, str, str]]:
    """Each change of a name in `folders`, as it happens: the folder, "+" or "-", and the name."""
    libc = ctypes.CDLL(None, use_errno=True)
    line = libc.inotify_init1(os.O_CLOEXEC)
    watched = {libc.inotify_add_watch(line, folder.encode(), CAME | WENT): folder for folder in folders}
    if line < 0 or min(watched) < 0:
        raise OSError(ctypes.get_errno(), f"cannot watch {folders}")
    try:
        while True:
            said = os.read(line, 65536)
            while said:
                which, kind, _, size = struct.unpack_from("iIII", said)
                name = said[16 : 16 + size].split(b"\0")[0].decode()
                said = said[16 + size :]
                yield watched[which], "+" if kind & CAME else "-", name
    finally:
        os.close(line)
