"""pyopen-wakeword's features and wake word, fed one hop at a time, with its own copies of the models."""

from __future__ import annotations

import importlib

from bench.workers.serve import Ear, Hop, Order, serve


class _PyOpenWakeWord:
    threshold = 0.5

    def __init__(self, order: Order) -> None:
        package = importlib.import_module("pyopen_wakeword")
        self._features = package.OpenWakeWordFeatures.from_builtin()
        self._words = [package.OpenWakeWord.from_builtin(package.Model(word)) for word in order["words"]]

    def step(self, hop: Hop) -> float | None:
        last: float | None = None
        for features in self._features.process_streaming(hop.tobytes()):
            for place, word in enumerate(self._words):
                for score in word.process_streaming(features):
                    if not place:
                        last = score
        return last

    def reset(self) -> None:
        self._features.reset()
        for word in self._words:
            word.reset()


def _build(order: Order) -> Ear:
    return _PyOpenWakeWord(order)


if __name__ == "__main__":
    serve(_build, ("pyopen-wakeword", "numpy"))
