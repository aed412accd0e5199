"""Earlid's engine as `listen` uses it, and nothing else of Earlid."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from bench.workers.serve import Ear, Hop, Order, serve
from earlid.edge.engine import Engine


class _Earlid:
    threshold = 0.5

    def __init__(self, order: Order) -> None:
        chosen: dict[str, Any] = {}
        if order["option"]:
            if "gate" not in inspect.signature(Engine.load).parameters:
                raise SystemExit("this engine has no quiet gate yet")
            chosen["gate"] = order["option"] == "gate"
        self._engine = Engine.load(Path(order["models"]), order["words"], **chosen)

    def step(self, hop: Hop) -> float | None:
        score = float(self._engine.step(hop)[0])
        return score if score == score else None  # noqa: PLR0124 - the cheapest test for NaN

    def reset(self) -> None:
        self._engine.wipe()


def _build(order: Order) -> Ear:
    return _Earlid(order)


if __name__ == "__main__":
    serve(_build, ("earlid", "onnxruntime", "numpy"))
