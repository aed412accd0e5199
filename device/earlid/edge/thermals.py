"""How warm the processor is and whether it is being slowed down, where this machine says so."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SYS: Final = Path("/sys")
_ZONE: Final = "class/thermal/thermal_zone0/temp"
_THROTTLED: Final = (
    "devices/platform/soc/soc:firmware/get_throttled",
    "devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled",
)
_NOW: Final = 0b1111
"""The low bits of what a Raspberry Pi says: undervoltage, capped, throttled, soft limit, at this moment."""


def temperature_c(sys: Path = SYS) -> float | None:
    """Degrees Celsius of the first thermal zone; None where there is none."""
    said = _read(sys / _ZONE)
    try:
        return round(int(said) / 1000, 1)
    except ValueError:
        return None


def is_throttled(sys: Path = SYS) -> bool | None:
    """Whether a Raspberry Pi runs slower than it could just now; None where nobody knows."""
    for name in _THROTTLED:
        try:
            return bool(int(_read(sys / name), 16) & _NOW)
        except ValueError:
            continue
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
