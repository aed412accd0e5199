"""How long after the word's end it woke, where the index tells when that was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from a word's end to the end of the hop that woke, over `of` calls that were found.

    Negative where it woke before the word was over. A hop is 80 ms: no single figure is finer.
    """

    of: int
    median_ms: float
    p90_ms: float
    worst_ms: float


def latency(after_s: Sequence[float]) -> Latency | None:
    """The figures of these delays; None where there is none."""
    if not after_s:
        return None
    median, p90, worst = (float(np.percentile(after_s, share)) * 1000 for share in (50, 90, 100))
    return Latency(len(after_s), round(median, 1), round(p90, 1), round(worst, 1))
