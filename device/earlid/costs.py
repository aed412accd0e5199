"""What hearing costs, part by part: the table of `earlid replay --profile`."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from earlid.core.units import HOP
from earlid.edge.model.engine import Engine
from earlid.edge.model.store import ModelStore
from earlid.edge.stopwatch import Stopwatch, shares

_HOPS: Final = 300


def costs(watch: Stopwatch, models: Path, words: Sequence[str], heard_s: float) -> dict[str, float]:
    """Milliseconds of processor time for each second of sound, by part.

    The engine is one call; how it divides is measured apart, by ONNX Runtime's profile of the same graph.
    """
    watch.stop()
    spent = {part: count / 1e6 / max(heard_s, 1e-9) for part, count in watch.spent.items()}
    engine = spent.pop("engine", 0.0)
    inside = {part: engine * share for part, share in _divided(models, words).items()}
    named = {
        "capture": spent.pop("capture", 0.0),
        **inside,
        "voice detector": spent.pop("voice detector", 0.0),
    }
    return named | {"rest": sum(spent.values())}


def _divided(models: Path, words: Sequence[str]) -> dict[str, float]:
    store = ModelStore(models)
    with tempfile.TemporaryDirectory(prefix="earlid-") as folder:
        engine = Engine(store.graph(words), store.manifests(words), profile=Path(folder) / "profile")
        noise = np.random.default_rng(1).normal(0, 1000, (_HOPS, HOP)).round().astype(np.int16)
        for hop in noise:
            engine.step(hop)
        return shares(engine.end_profile(), tuple(words))
