"""Segments with a real permit: every one passes through a real gate."""

from __future__ import annotations

import numpy as np

from earlid.core.gate import Event, Gate, Permit
from earlid.core.segment import Endpoint, Segment, Wake


def permitted(
    length: int = 1_000,
    *,
    at: int = 32_000,
    lookback: int = 0,
    first_sample: int = 1,
    model: str = "hey_jarvis",
) -> tuple[Segment, Permit]:
    """A segment of `length` counting samples, and the gate's leave to keep it."""
    wake = Wake(model, at, 0.91)
    gate = Gate(lookback)
    gate.take(Event.WAKE)
    permit = gate.permit(wake, epoch=0)
    counted = (np.arange(first_sample, first_sample + length) % 30_000).astype(np.int16)
    return Segment(wake, permit.start, counted, Endpoint.SPEECH_ENDED), permit
