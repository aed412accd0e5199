"""Another wake-word listener, spoken to over a pipe: `python peer.py openwakeword|pyopen-wakeword|...`.

This file runs alone, inside the peer's own environment: only the standard library, numpy and the peer. One
JSON object a line on stdin, one answer a line on stdout:

    {"do": "load", ...}                        build the listener, feed it until its first score
    {"do": "run", "file": WAV, "skip": HOPS}   hear a recording from a fresh state; time all but its start

Scores are lists: for each hop of 1,280 samples one number a word, null where there is none.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import resource
import sys
import time
import wave
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

import numpy as np

HOP = 1_280
FIRST_SCORE_WITHIN_HOPS = 200

Hop = Any  # int16 array of shape (1280,)
Order = dict[str, Any]
Row = list[float | None]


class Ear(Protocol):
    """A listener under measurement."""

    thresholds: list[float]

    def step(self, hop: Hop) -> Row:
        """Each wake word's score after this hop, or nothing yet."""

    def reset(self) -> None:
        """Forget all sound heard."""


class OpenWakeWord:
    """openwakeword's own `Model.predict`, one hop at a time, on ONNX Runtime or tflite as it comes."""

    packages = ("openwakeword", "onnxruntime", "tflite-runtime", "numpy")

    def __init__(self, order: Order) -> None:
        framework, models = order["option"], Path(order["models"])
        self._names = [f"{word}_v0.1" for word in order["words"]]
        self.thresholds = [0.5] * len(self._names)
        self._model = importlib.import_module("openwakeword.model").Model(
            wakeword_models=[str(models / f"{name}.{framework}") for name in self._names],
            inference_framework=framework,
            melspec_model_path=str(models / f"melspectrogram.{framework}"),
            embedding_model_path=str(models / f"embedding_model.{framework}"),
        )

    def step(self, hop: Hop) -> Row:
        scores = self._model.predict(hop)
        return [scores[name] for name in self._names]

    def reset(self) -> None:
        self._model.reset()


class PyOpenWakeWord:
    """pyopen-wakeword's features and wake words, with its own copies of the models."""

    packages = ("pyopen-wakeword", "numpy")

    def __init__(self, order: Order) -> None:
        package = importlib.import_module("pyopen_wakeword")
        self._features = package.OpenWakeWordFeatures.from_builtin()
        self._words = [package.OpenWakeWord.from_builtin(package.Model(word)) for word in order["words"]]
        self.thresholds = [0.5] * len(self._words)

    def step(self, hop: Hop) -> Row:
        row: Row = [None] * len(self._words)
        for features in self._features.process_streaming(hop.tobytes()):
            for place, word in enumerate(self._words):
                for score in word.process_streaming(features):
                    row[place] = score
        return row

    def reset(self) -> None:
        self._features.reset()
        for word in self._words:
            word.reset()


class PyMicroWakeWord:
    """pymicro-wakeword's features and wake words; a hop's score is the highest within it."""

    packages = ("pymicro-wakeword", "pymicro-features", "numpy")

    def __init__(self, order: Order) -> None:
        package = importlib.import_module("pymicro_wakeword")
        self._features = package.MicroWakeWordFeatures()
        self._words = [package.MicroWakeWord.from_builtin(package.Model(word)) for word in order["words"]]
        self.thresholds = [float(word.probability_cutoff) for word in self._words]

    def step(self, hop: Hop) -> Row:
        row: Row = [None] * len(self._words)
        for features in self._features.process_streaming(hop.tobytes()):
            for place, word in enumerate(self._words):
                score, highest = word.process_streaming_prob(features), row[place]
                if score is not None and (highest is None or score > highest):
                    row[place] = score
        return row

    def reset(self) -> None:
        self._features.reset()
        for word in self._words:
            word.reset()


PEERS: Mapping[str, Any] = {
    "openwakeword": OpenWakeWord,
    "pyopen-wakeword": PyOpenWakeWord,
    "pymicro-wakeword": PyMicroWakeWord,
}


def serve(build: Callable[[Order], Ear], packages: tuple[str, ...]) -> None:
    """Answer orders until stdin closes. What libraries print goes to stderr and cannot reach the protocol."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    ear: Ear | None = None
    with answers:
        for line in sys.stdin:
            order: Order = json.loads(line)
            if ear is None:
                ear = build(order)
                answer = _first_score(ear, packages)
            else:
                answer = _run(ear, order["file"], order["skip"])
            print(json.dumps(answer | _resident()), file=answers, flush=True)


def _first_score(ear: Ear, packages: tuple[str, ...]) -> Order:
    hop = np.random.default_rng(1).integers(-30, 30, HOP).astype(np.int16)
    hops = 1
    while ear.step(hop)[0] is None and hops < FIRST_SCORE_WITHIN_HOPS:
        hops += 1
    if hops == FIRST_SCORE_WITHIN_HOPS:
        raise SystemExit(f"no score within {FIRST_SCORE_WITHIN_HOPS} hops")
    return {
        "cpu_s": time.process_time(),
        "hops": hops,
        "thresholds": ear.thresholds,
        "versions": {name: metadata.version(name) for name in packages},
    }


def _run(ear: Ear, file: str, skip: int) -> Order:
    hops = _hops(file)
    np.random.seed(1)
    ear.reset()
    rows = [ear.step(hop) for hop in hops[:skip]]
    step, keep = ear.step, rows.append
    begun = time.process_time()
    for hop in hops[skip:]:
        keep(step(hop))
    spent = time.process_time() - begun
    return {
        "cpu_s": spent,
        "audio_s": (len(hops) - skip) * HOP / 16_000,
        "scores": [_plain(row) for row in rows],
    }


def _plain(row: Row) -> Row:
    return [None if score is None or math.isnan(score) else float(score) for score in row]


def _hops(file: str) -> list[Hop]:
    with wave.open(file, "rb") as sound:
        if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (16_000, 1, 2):
            raise SystemExit(f"{file} is not 16 kHz mono 16-bit")
        whole = np.frombuffer(sound.readframes(sound.getnframes()), dtype=np.int16)
    return list(whole[: len(whole) // HOP * HOP].reshape(-1, HOP))


def _resident() -> Order:
    return {
        "peak_kib": _status("VmHWM"),
        "maxrss_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "threads": _status("Threads"),
    }


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise SystemExit(f"/proc/self/status has no {name}: the bench needs Linux")


if __name__ == "__main__":
    peer = PEERS[sys.argv[1]]
    serve(peer, peer.packages)
