"""openwakeword's own `Model.predict`, one hop at a time, on ONNX Runtime or tflite as it comes."""

from __future__ import annotations

import importlib
from pathlib import Path

from bench.workers.serve import Ear, Hop, Order, serve


class _OpenWakeWord:
    threshold = 0.5

    def __init__(self, order: Order) -> None:
        framework = order["option"]
        models = Path(order["models"])
        model = importlib.import_module("openwakeword.model").Model
        self._model = model(
            wakeword_models=[str(models / f"{word}_v0.1.{framework}") for word in order["words"]],
            inference_framework=framework,
            melspec_model_path=str(models / f"melspectrogram.{framework}"),
            embedding_model_path=str(models / f"embedding_model.{framework}"),
        )
        self._word = f"{order['words'][0]}_v0.1"

    def step(self, hop: Hop) -> float | None:
        return self._model.predict(hop)[self._word]  # type: ignore[no-any-return]

    def reset(self) -> None:
        self._model.reset()


def _build(order: Order) -> Ear:
    return _OpenWakeWord(order)


if __name__ == "__main__":
    serve(_build, ("openwakeword", "onnxruntime", "tflite-runtime", "numpy"))
