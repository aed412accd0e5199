"""Fits a graph to this machine: of several that give the same scores, the one that costs least here."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from earlid.core.units import HOP, Samples
from earlid.edge.model.blocked import keep_blocked
from earlid.edge.model.engine import Engine, optimised
from earlid.edge.model.graph import NO_PRODUCTS
from earlid.edge.model.manifest import Manifest

_CHOICES: Final = (11,)
"""From which layer on matrix products may replace convolutions; further down, scores stray by over 1e-5."""
_HOPS: Final = 60
_SAME: Final = 1e-6
_ROUNDS: Final = 15
_TURN: Final = 10


def fit(draw: Callable[[int], bytes], manifests: Sequence[Manifest]) -> bytes:
    """The cheapest graph that `draw`, asked for products from a layer on, gives for this machine.

    Where convolutions have a layout of their own (x86), the plain graph in that layout, bit for bit the same;
    elsewhere (a Pi) products are tried, which add up in another order. A graph whose scores stray from the
    plain one's by more than 1e-6 on noise is not chosen, however cheap.
    """
    plain = draw(NO_PRODUCTS)
    blocked = keep_blocked(optimised(plain))
    graphs = [plain, blocked] if blocked else [plain, *(draw(start) for start in _CHOICES)]
    engines = [Engine(graph, manifests) for graph in graphs]
    truth = _scores(engines[0])
    able = [number for number, one in enumerate(engines) if _is_same(_scores(one), truth)]
    costs = _costs([engines[number] for number in able])
    return graphs[able[costs.index(min(costs))]]


def _sound(hops: int) -> list[Samples]:
    """Noise that comes and goes."""
    random = np.random.default_rng(3)
    return [random.normal(0, 10.0 ** (hop % 4), HOP).round().astype(np.int16) for hop in range(hops)]


def _scores(engine: Engine) -> Samples:
    """Its scores from a cold start, whatever it heard before."""
    engine.wipe()
    return np.array([engine.step(hop) for hop in _sound(_HOPS + engine.reach)])


def _is_same(scores: Samples, truth: Samples) -> bool:
    return np.allclose(scores, truth, rtol=0.0, atol=_SAME, equal_nan=True)


def _costs(engines: Sequence[Engine]) -> list[float]:
    """The least time of a few hops, the engines taking turns."""
    hops = _sound(_TURN)
    costs = [float("inf")] * len(engines)
    for _ in range(_ROUNDS):
        for number, engine in enumerate(engines):
            since = time.process_time()
            for hop in hops:
                engine.step(hop)
            costs[number] = min(costs[number], time.process_time() - since)
    return costs
