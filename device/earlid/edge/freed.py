"""Memory that was given back to the C library is overwritten too, where glibc is that library.

Sound passes through blocks that nobody here owns for long: PyAudio's bytes, PortAudio's buffers, an array
between two steps. Freed, they would keep what they held until somebody else uses them.
"""

from __future__ import annotations

import ctypes
from typing import Final

_M_PERTURB: Final = -6
_PATTERN: Final = 0xA5
_SMALLEST, _LARGEST, _STEP = 512, 1040, 16
"""Sizes that glibc keeps in a cache of each thread's, which is the one place that it does not overwrite."""
_IN_CACHE: Final = 8


def overwrite_what_is_freed() -> bool:
    """Have every block overwritten as it is freed, from now on; whether this C library can."""
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_PERTURB, _PATTERN))
    except (OSError, AttributeError):
        return False


def overwrite_what_was_freed() -> None:
    """Overwrite the small blocks that this thread freed and the C library keeps at hand."""
    for size in range(_SMALLEST, _LARGEST, _STEP):
        taken = [bytes([_PATTERN]) * size for _ in range(_IN_CACHE)]
        del taken
