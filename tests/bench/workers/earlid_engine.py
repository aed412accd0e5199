"""Earlid's engine as `listen` uses it, and nothing else of Earlid."""

from __future__ import annotations

from pathlib import Path

from bench.workers.serve import Ear, Hop, Order, serve
from earlid.core.sparing import Sparing
from earlid.edge.engine import Engine


class _Earlid:
    threshold = 0.5

    def __init__(self, order: Order) -> None:
        engine = Engine.load(Path(order["models"]), order["words"])
        rests = order["option"] == "gate"
        self._engine = Sparing(engine, [self.threshold] * len(engine.words)) if rests else engine

    def step(self, hop: Hop) -> float | None:
        score = float(self._engine.step(hop)[0])
        return score if score == score else None  # noqa: PLR0124 - the cheapest test for NaN

    def reset(self) -> None:
        self._engine.wipe()


def _build(order: Order) -> Ear:
    return _Earlid(order)


if __name__ == "__main__":
    serve(_build, ("earlid", "onnxruntime", "numpy"))
