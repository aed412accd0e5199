"""pymicro-wakeword's features and wake word, fed one hop at a time; a score is the highest within the hop."""

from __future__ import annotations

import importlib

from bench.workers.serve import Ear, Hop, Order, serve


class _PyMicroWakeWord:
    def __init__(self, order: Order) -> None:
        package = importlib.import_module("pymicro_wakeword")
        self._features = package.MicroWakeWordFeatures()
        self._words = [package.MicroWakeWord.from_builtin(package.Model(word)) for word in order["words"]]
        self.threshold = float(self._words[0].probability_cutoff)

    def step(self, hop: Hop) -> float | None:
        highest: float | None = None
        for features in self._features.process_streaming(hop.tobytes()):
            for place, word in enumerate(self._words):
                score = word.process_streaming_prob(features)
                if not place and score is not None and (highest is None or score > highest):
                    highest = score
        return highest

    def reset(self) -> None:
        self._features.reset()
        for word in self._words:
            word.reset()


def _build(order: Order) -> Ear:
    return _PyMicroWakeWord(order)


if __name__ == "__main__":
    serve(_build, ("pymicro-wakeword", "pymicro-features", "numpy"))
