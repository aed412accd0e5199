"""Fits a composed graph to this machine, if that changes no score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from earlid.core.units import HOP
from earlid.edge.blocked import keep_blocked
from earlid.edge.engine import Engine, optimised
from earlid.edge.manifest import Manifest

_HOPS: Final = 60
_SAME: Final = 1e-6


def fit(graph: bytes, manifests: Sequence[Manifest]) -> bytes:
    """`graph` in this machine's own layout, or as it is where there is none or the scores would not agree."""
    blocked = keep_blocked(optimised(graph))
    if blocked is None or not _agree(Engine(graph, manifests), Engine(blocked, manifests)):
        return graph
    return blocked


def _agree(one: Engine, other: Engine) -> bool:
    """Whether both give the same scores for noise that comes and goes."""
    random = np.random.default_rng(3)
    for hop in range(_HOPS + one.reach):
        sound = random.normal(0, 10.0 ** (hop % 4), HOP).round().astype(np.int16)
        if not np.allclose(one.step(sound), other.step(sound), rtol=0.0, atol=_SAME, equal_nan=True):
            return False
    return True
