"""Lets a recording sound as it would across a room, given how that room answers a click."""

from __future__ import annotations

from typing import Final

import numpy as np

from earlid.core.mixing import Wide, active_level, as_loud_as
from earlid.core.units import Samples
from earlid.errors import ConfigError, UsageError

try:
    from scipy.signal import fftconvolve
except ImportError:
    raise ConfigError("echoes need scipy: pip install '.[report]' in the checkout") from None

_SILENT: Final = 0.0


def across(sound: Samples, answer: Samples) -> Samples:
    """`sound` as `answer`, a room's impulse response, carries it: as long, as loud, and not delayed.

    The direct sound is the response's highest peak; what lies before it is left out.
    """
    wide: Wide = answer.astype(np.float64)
    peak = int(np.abs(wide).argmax()) if len(wide) else 0
    if not len(wide) or abs(wide[peak]) == _SILENT:
        raise UsageError("a room that answers with silence is none: give impulse responses")
    carried: Wide = fftconvolve(sound.astype(np.float64), wide[peak:])[: len(sound)]
    return as_loud_as(carried, active_level(sound))
