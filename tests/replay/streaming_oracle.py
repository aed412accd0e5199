"""What openWakeWord computes, from nothing but its published files: the slow way round, on purpose.

Per hop: mel frames of the last 1,760 samples, the embedding of the last 76 of them, and each head on as many
embeddings as it was trained on. Nothing is kept but sound, frames and embeddings; nothing is invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort  # ships no types

from earlid.core.units import HOP, Samples
from earlid.edge.model.manifest import backbone, manifest

REACH = HOP + 480
FRAMES = 76
FIRST_EMBEDDING = 9
"""The first hop with 76 frames behind it: 5 frames come of a first hop, 8 of each later one."""

Floats = npt.NDArray[np.float32]


class Oracle:
    """Scores of `names` by bare ONNX sessions of the files in `models`."""

    def __init__(self, models: Path, names: Sequence[str]) -> None:
        shared = backbone()
        self._mel = _session(models / shared.melspectrogram.name)
        self._embedding = _session(models / shared.embedding.name)
        self._heads = [(manifest(name), _session(models / manifest(name).part.name)) for name in names]

    def scores(self, sound: Samples) -> Floats:
        """float32 [hops, words] of `sound` heard from a cold start; NaN while a head has seen too little."""
        mels = self._mels(sound)
        ends = [5 + 8 * hop for hop in range(len(sound) // HOP)]
        windows = [mels[end - FRAMES : end] if end >= FRAMES else None for end in ends]
        features = [None if window is None else self._feature(window) for window in windows]
        return np.stack([self._hop(features, hop + 1) for hop in range(len(features))])

    def _mels(self, sound: Samples) -> Floats:
        wide = sound.astype(np.float32)
        stops = range(HOP, len(sound) + 1, HOP)
        pieces = [_run(self._mel, wide[None, max(0, stop - REACH) : stop]) for stop in stops]
        whole = np.concatenate([piece.reshape(-1, 32) for piece in pieces])
        return np.asarray(whole / 10 + 2, np.float32)

    def _feature(self, window: Floats) -> Floats:
        return _run(self._embedding, window[None, :, :, None]).reshape(96)

    def _hop(self, features: Sequence[Floats | None], heard: int) -> Floats:
        """The scores after the first `heard` of `features`."""
        told = []
        for known, session in self._heads:
            seen = [one for one in features[max(0, heard - known.span) : heard] if one is not None]
            if len(seen) < known.span:
                told.append(np.full(len(known.outputs), np.nan, np.float32))
            else:
                told.append(_run(session, np.stack(seen)[None]).reshape(-1)[list(known.outputs)])
        return np.concatenate(told)


def _session(file: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def _run(session: ort.InferenceSession, value: Floats) -> Floats:
    given: Floats = session.run(None, {session.get_inputs()[0].name: value})[0]
    return given
