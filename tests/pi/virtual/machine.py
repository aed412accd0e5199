"""A virtual Raspberry Pi 4 that is switched on, cut off, and switched on again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pi.virtual.hands import Gone, Hands
from pi.virtual.host import Unavailable, run
from pi.virtual.recipe import PORT

PROCESSOR: Final = "cortex-a72"
_BOARD: Final = "virt,gic-version=2"
_REVISION: Final = "c03115"
_MODEL: Final = "Raspberry Pi 4 Model B Rev 1.5"
_QUIET: Final = "console=ttyAMA0 systemd.show_status=0 quiet loglevel=4"
_PACE: Final = "shift=1,sleep=on"
"""An instruction takes two nanoseconds of the guest's time, however busy this machine is: no sound is lost
because somebody else computes here. Where the guest computes much, its time passes more slowly than ours."""
_TIED: Final = ("setpriv", "--pdeathsig", "KILL")
"""However this process ends, its machine goes off with it."""
BOOT_LIMIT_S: Final = 400.0


@dataclass(frozen=True, slots=True)
class Card:
    """What a Pi starts from: kernel, initial RAM disk, and the two partitions of its card, as files."""

    kernel: Path
    initrd: Path
    root: Path
    firmware: Path


@dataclass(slots=True)
class Machine:
    """One board, with a card of its own that starts as a copy of `card`, kept in `folder`."""

    card: Card
    folder: Path
    memory_mb: int = 1024
    boots: int = 0
    _process: subprocess.Popen[bytes] | None = None
    hands: Hands | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._run_of(
            ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", self.card.root, self.disk]
        )
        shutil.copyfile(self.card.firmware, self.firmware)
        self._describe_board()

    @property
    def disk(self) -> Path:
        """Its card's file system: what was written since it was new."""
        return self.folder / "root.qcow2"

    @property
    def firmware(self) -> Path:
        """The partition that is /boot/firmware, and that any other computer can read."""
        return self.folder / "firmware.img"

    @property
    def monitor(self) -> Path:
        """Where the emulator itself is told what to do."""
        return self.folder / "monitor"

    @property
    def console(self) -> Path:
        """What this boot said on its serial line."""
        return self.folder / f"console-{self.boots}.log"

    def put(self, name: str, text: str) -> None:
        """Write a file to the firmware partition, as an owner does with the card in a PC; while it is off."""
        file = self.folder / "put"
        file.write_text(text, encoding="utf-8")
        self._run_of(["mcopy", "-o", "-i", self.firmware, file, f"::{name}"])

    def switch_on(self, *, clock: str = "utc", memory: str = "") -> Hands:
        """Power. Returns once its hands move; `clock` is what its clock shows, for qemu's -rtc base.

        With `memory`, in the emulator's words for where that is, it does not boot but goes on from there.
        """
        self.boots += 1
        door = self.folder / "port"
        door.unlink(missing_ok=True)
        with (self.folder / "qemu.log").open("ab") as log:
            command = self._command(door, clock) + (["-incoming", memory] if memory else [])
            self._process = subprocess.Popen([*_TIED, *command], stdout=log, stderr=log)
        end = time.monotonic() + BOOT_LIMIT_S
        try:
            self.hands = Hands(_connected(door, end, self._process))
            self.hands.wait_until_there(end - time.monotonic())
        except (Gone, OSError, TimeoutError) as error:
            self.cut_power()
            raise Unavailable(f"the virtual Pi did not start: {error}; see {self.console}") from error
        return self.hands

    def cut_power(self) -> None:
        """Pull the plug: no file is closed, nothing is written back."""
        self._end(signal.SIGKILL)

    def wait_until_off(self, seconds: float = 300.0) -> None:
        """Wait for a machine that was told to switch itself off, or to start again."""
        if self._process:
            self._process.wait(seconds)
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process:
            with suppress(ProcessLookupError):
                process.send_signal(how)
            process.wait()
        hands, self.hands = self.hands, None
        if hands:
            hands.close()

    def _command(self, door: Path, clock: str) -> list[str]:
        return [
            *("qemu-system-aarch64", "-M", _BOARD, "-cpu", PROCESSOR, "-smp", "1", "-m", str(self.memory_mb)),
            *("-accel", "tcg,thread=single,tb-size=512", "-icount", _PACE),
            *("-display", "none", "-monitor", "none", "-no-reboot"),
            *("-qmp", f"unix:{os.path.relpath(self.monitor)},server=on,wait=off"),
            *("-kernel", str(self.card.kernel), "-initrd", str(self.card.initrd)),
            *("-dtb", str(self.folder / "pi.dtb")),
            *("-append", f"root=LABEL=pi-root rw rootwait {_QUIET}", "-rtc", f"base={clock}"),
            *("-serial", f"file:{self.console}"),
            *("-drive", f"if=none,id=card,file={self.disk},format=qcow2,cache=writeback,discard=unmap"),
            *("-device", "virtio-blk-pci,drive=card"),
            *("-drive", f"if=none,id=firmware,file={self.firmware},format=raw,cache=writeback"),
            *("-device", "virtio-blk-pci,drive=firmware"),
            *("-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="),
            *("-device", "virtio-rng-pci", "-device", "virtio-serial-pci"),
            *("-chardev", f"socket,id=port,path={os.path.relpath(door)},server=on,wait=off"),
            *("-device", f"virtserialport,chardev=port,name={PORT}"),
        ]

    def _describe_board(self) -> None:
        """The device tree, called a Pi 4, without qemu's own GPIO: gpio-sim's is then the first chip."""
        tree = self.folder / "pi.dtb"
        board = ["-M", f"{_BOARD},dumpdtb={tree}", "-cpu", PROCESSOR, "-smp", "1", "-m", str(self.memory_mb)]
        self._run_of(["qemu-system-aarch64", *board, "-display", "none"])
        self._run_of(["fdtput", "-c", tree, "/system"])
        self._run_of(["fdtput", "-t", "x", tree, "/system", "linux,revision", _REVISION])
        self._run_of(["fdtput", "-t", "s", tree, "/", "model", _MODEL])
        for node in ("/gpio-keys", "/pl061@9030000"):
            self._run_of(["fdtput", "-r", tree, node])

    @staticmethod
    def _run_of(command: list[str | Path]) -> None:
        run(command, f"prepare the virtual Pi with {command[0]}")


@contextmanager
def machine(card: Card, folder: Path) -> Iterator[Machine]:
    """A new machine from `card`; whatever happens, it is off at the end."""
    shutil.rmtree(folder, ignore_errors=True)
    made = Machine(card, folder)
    try:
        yield made
    finally:
        made.cut_power()


def _connected(door: Path, end: float, process: subprocess.Popen[bytes]) -> socket.socket:
    """The host's end of the port, as soon as the emulator offers it."""
    line = socket.socket(socket.AF_UNIX)
    while True:
        try:
            line.connect(os.path.relpath(door))
        except (FileNotFoundError, ConnectionRefusedError):
            if process.poll() is not None or time.monotonic() > end:
                line.close()
                raise
            time.sleep(0.05)
        else:
            return line
