"""openWakeWord's own `Model.predict` on one long sound: `openwakeword_worker.py MODELS SOUND.npy SCORES.npy`.

Runs inside the reference's environment: openwakeword 0.6.0, numpy and the standard library are all it has.
SOUND is int16; SCORES becomes float32 [hops, 11], a column for each of KEYS.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

import numpy as np

HOP = 1_280
HEADS = ("alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy", "timer", "weather")
TIMERS = ("1_minute", "5_minute", "10_minute", "20_minute", "30_minute", "1_hour")
KEYS = (*HEADS[:4], *(f"{one}_timer" for one in TIMERS), HEADS[5])


def main(models: Path, sound: Path, scores: Path) -> None:
    """Score `sound` hop by hop, the way openWakeWord's examples do."""
    heard = np.load(sound)
    with tempfile.TemporaryDirectory() as folder:
        for head in HEADS:  # a model's file name decides what openWakeWord calls its outputs
            (Path(folder) / f"{head}.onnx").symlink_to(models.resolve() / f"{head}_v0.1.onnx")
        model = importlib.import_module("openwakeword.model").Model(
            wakeword_models=[str(Path(folder) / f"{head}.onnx") for head in HEADS],
            inference_framework="onnx",
            melspec_model_path=str(models / "melspectrogram.onnx"),
            embedding_model_path=str(models / "embedding_model.onnx"),
        )
    hops = heard[: len(heard) // HOP * HOP].reshape(-1, HOP)
    found = np.zeros((len(hops), len(KEYS)), np.float32)
    for number, hop in enumerate(hops):
        told = model.predict(hop)
        found[number] = [told[key] for key in KEYS]
    np.save(scores, found)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
