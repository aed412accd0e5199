"""Whether a WAV file holds as much sound as its header promises; the decoder hides when it does not."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

UNKNOWN: Final = 0x7FFF_F000
"""Sizes from here on, and 0, are what a streaming writer leaves behind: they promise nothing."""


def missing_bytes(path: Path) -> int:
    """How many bytes of sound are promised and absent; 0 for whole files and for anything but RIFF."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return 0
        at = 12
        while at + 8 <= size:
            file.seek(at)
            name, length = struct.unpack("<4sI", file.read(8))
            if name == b"data":
                promised = 0 if length >= UNKNOWN else length
                return max(0, promised - (size - at - 8))
            at += 8 + length + length % 2
    return 0
