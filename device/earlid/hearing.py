"""Earlid inside another program: sound in, wakes and segments out; no thread, no file, no lamp."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from earlid.config import SegmentSettings, WakeSettings
from earlid.config_file import load
from earlid.core.frame import Frame
from earlid.core.gate import Permit, State
from earlid.core.listener import Ports
from earlid.core.segment import Endpoint, Segment, Wake
from earlid.core.units import HOP, Samples
from earlid.edge.schema import checked
from earlid.errors import UsageError
from earlid.listening.ears import ears


def hear(
    sound: Iterable[Samples],
    words: Sequence[str] = ("hey_jarvis",),
    *,
    thresholds: Mapping[str, float] | None = None,
    lookback_ms: int = 0,
    max_s: float = 12.0,
    models: Path | None = None,
) -> Iterator[Wake | Segment]:
    """Yield each wake as it is heard in `sound`, and its segment once that has ended.

    `sound` gives int16 arrays of any length, 16 kHz mono, one continuing the other; what does not fill the
    last hop of 1,280 samples is not heard. A segment's samples begin at the detection less `lookback_ms` (at
    most 400). An open segment is yielded when `sound` ends. Raises ConfigError for a word, number or model
    that will not do, UsageError for sound of another type.
    """
    found: deque[Wake | Segment] = deque()
    wake = checked(WakeSettings, "wake", words=tuple(words), thresholds=dict(thresholds or {}))
    segment = checked(SegmentSettings, "segment", lookback_ms=lookback_ms, max_s=max_s)

    def keep(one: Segment, _permit: Permit) -> None:
        found.append(Segment(one.wake, one.start, one.samples.copy(), one.endpoint))

    listener = ears(
        models or load(secrets=False).paths.models, wake, segment, Ports(_no_lamp, keep, found.append)
    )
    for frame in _frames(sound):
        listener.hear(frame)
        while found:
            yield found.popleft()
    listener.stop(Endpoint.SOURCE_ENDED)
    yield from found


def _frames(sound: Iterable[Samples]) -> Iterator[Frame]:
    """Whole hops out of pieces of any length."""
    hop, filled, start = np.zeros(HOP, np.int16), 0, 0
    for piece in sound:
        if getattr(piece, "dtype", None) != np.int16 or piece.ndim != 1:
            raise UsageError("sound is int16 arrays of one dimension at 16 kHz: convert it first")
        at = 0
        while at < len(piece):
            count = min(HOP - filled, len(piece) - at)
            hop[filled : filled + count] = piece[at : at + count]
            filled, at = filled + count, at + count
            if filled == HOP:
                yield Frame(start, 0, hop)
                filled, start = 0, start + HOP


def _no_lamp(_state: State, _cause: str) -> None:
    """The program around it has its own way of showing that it listens."""
