"""The boards people run Earlid on, as a program that asks for the processor sees them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_CORES = 4


@dataclass(frozen=True, slots=True)
class Board:
    """One board: its processor by QEMU's name, and what its kernel says of each core."""

    name: str
    processor: str
    part: int
    features: str

    @property
    def cpuinfo(self) -> str:
        """What /proc/cpuinfo says there. ONNX Runtime cannot be imported where it speaks of another kind."""
        core = (
            f"Features\t: {self.features}\nCPU implementer\t: 0x41\nCPU architecture: 8\n"
            f"CPU variant\t: 0x0\nCPU part\t: {self.part:#x}\nCPU revision\t: 3\n\n"
        )
        cores = "".join(f"processor\t: {number}\nBogoMIPS\t: 108.00\n{core}" for number in range(_CORES))
        return f"{cores}Model\t\t: {self.name}\n"

    def furnish(self, root: Path, userland: Path) -> Path:
        """Make `root` look like this board running `userland`, and give it back."""
        for place in userland.iterdir():
            link = root / place.name
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.is_symlink():
                link.symlink_to(os.path.relpath(place, root))
        said = {
            "proc/cpuinfo": self.cpuinfo,
            "sys/devices/system/cpu/possible": f"0-{_CORES - 1}\n",
            "sys/devices/system/cpu/present": f"0-{_CORES - 1}\n",
        }
        for path, text in said.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="ascii")
        return root


_ARMV8 = "fp asimd evtstrm crc32 cpuid"
BOARDS = (
    Board("Raspberry Pi Zero 2 W", "cortex-a53", 0xD03, _ARMV8),
    Board("Raspberry Pi 4", "cortex-a72", 0xD08, _ARMV8),
    Board(
        "Raspberry Pi 5",
        "cortex-a76",
        0xD0B,
        "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp",
    ),
)
