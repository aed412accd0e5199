"""Earlid's engine as `listen` uses it, and nothing else of Earlid."""

from __future__ import annotations

from pathlib import Path

from earlid.bench.peer import Ear, Hop, Order, Row, serve
from earlid.core.sparing import Sparing
from earlid.edge.model.engine import Engine


class _Earlid:
    def __init__(self, order: Order) -> None:
        engine = Engine.load(Path(order["models"]), order["words"])
        self.thresholds = [0.5] * len(engine.words)
        rests = order["option"] == "gate"
        self._engine = Sparing(engine, self.thresholds) if rests else engine

    def step(self, hop: Hop) -> Row:
        score = float(self._engine.step(hop)[0])
        return [score if score == score else None]  # noqa: PLR0124 - the cheapest test for NaN

    def reset(self) -> None:
        self._engine.wipe()


def _build(order: Order) -> Ear:
    return _Earlid(order)


if __name__ == "__main__":
    serve(_build, ("earlid", "onnxruntime", "numpy"))
