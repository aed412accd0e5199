"""Runs on the emulated board: a few hops of noise through each program's networks, with marks in between.

Called as `hop_worker.py MODELS WORD`. A mark is 10 * step + part, see `PARTS`.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

PARTS = ("earlid", "melspectrogram", "embedding", "head", "end")
HOPS = 12


def mark(step: int, part: str) -> None:
    """Have the instruction count written down: see instruction_counter.c."""
    with suppress(OSError):
        os.sched_get_priority_max(1000 + 10 * step + PARTS.index(part))


def run(session: Any, value: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The first output of `session` for its only input."""
    (given,) = session.get_inputs()
    found: npt.NDArray[np.float32] = session.run(None, {given.name: value})[0]
    return found


def start() -> int:
    """Score the same hops with Earlid's engine and with the published networks as openWakeWord calls them."""
    from earlid.edge.model.engine import Engine

    folder, word = Path(sys.argv[1]), sys.argv[2]
    engine = Engine.load(folder, [word])
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    sessions = [
        ort.InferenceSession(str(folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"])
        for name in ("melspectrogram", "embedding_model", f"{word}_v0.1")
    ]
    melspectrogram, embedding, head = [partial(run, one) for one in sessions]
    sound, mels = np.zeros((1, 1_760), np.float32), np.ones((76, 32), np.float32)
    features = np.zeros((16, 96), np.float32)
    random = np.random.default_rng(1)
    for step in range(HOPS):
        hop = random.normal(0, 3_000, 1_280).astype(np.int16)
        mark(step, "earlid")
        engine.step(hop)
        mark(step, "melspectrogram")
        sound[0, :480], sound[0, 480:] = sound[0, 1_280:].copy(), hop
        fresh = melspectrogram(sound).reshape(-1, 32) / 10 + 2
        mels = np.concatenate([mels, fresh])[-76:]
        mark(step, "embedding")
        feature = embedding(mels[None, :, :, None])
        mark(step, "head")
        features = np.concatenate([features, feature.reshape(1, 96)])[-16:]
        head(features[None])
        mark(step, "end")
    return 0


if __name__ == "__main__":
    raise SystemExit(start())
