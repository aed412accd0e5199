"""Scores each hop of sound, with one ONNX Runtime call and no memory but its own."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort
from numpy.lib.stride_tricks import as_strided

from earlid.core.units import HOP, Samples, Scores
from earlid.core.verifier import HOPS, SHAPE, Embeddings
from earlid.edge.model.manifest import Manifest
from earlid.edge.model.store import ModelStore
from earlid.errors import ConfigError

_FRAMES: Final = 8
_WINDOW: Final = 512
_STRIDE: Final = 160
_KEPT: Final = 3 * _STRIDE  # samples before the hop that its first window still needs
_FIRST_REAL: Final = 9
"""The first hop whose embedding saw 76 frames of real sound and nothing else."""


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """What an engine knows after `hops` hops: the last samples, and what every layer keeps."""

    hops: int
    sound: Scores
    layers: list[dict[str, Scores]]


class Engine:
    """openWakeWord's scores, computed once per hop and never twice.

    `words` names the columns of what `step` gives. A column is NaN until its model has seen as many
    embeddings of real sound as it looks at, so nothing is ever scored on invented sound: not after start,
    not after `wipe`. Every buffer that holds sound or what was made of it belongs to this object; `wipe`
    overwrites them. Not for two threads at once.
    """

    def __init__(self, graph: bytes, manifests: Sequence[Manifest], profile: Path | None = None) -> None:
        self.words: tuple[str, ...] = tuple(word for one in manifests for word in one.words)
        self._warm_at = np.array([_FIRST_REAL + one.span - 1 for one in manifests for _ in one.words])
        self._last_cold = int(self._warm_at.max())
        self.reach: Final = self._last_cold
        self.overlap: Final = _KEPT
        try:
            self._session = ort.InferenceSession(graph, _options(profile), providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's exceptions share no base but this
            raise ConfigError(
                f"onnx runtime cannot load the graph ({error}); run 'earlid models get'"
            ) from error
        self._session._model_bytes = None
        self._sound = np.zeros(_KEPT + HOP, np.float32)
        self._windows = np.zeros((_FRAMES, _WINDOW), np.float32)
        steps = (_STRIDE * self._sound.itemsize, self._sound.itemsize)
        self._frames = as_strided(self._sound, self._windows.shape, steps, writeable=False)
        self._scores = np.zeros((1, len(self.words)), np.float32)
        shapes = {one.name: one.shape for one in self._session.get_inputs()}
        memories = [name.removeprefix("state_") for name in shapes if name.startswith("state_")]
        self._memory = [
            {name: np.zeros(shapes[f"state_{name}"], np.float32) for name in memories} for _ in range(2)
        ]
        self._window = np.zeros(SHAPE, np.float32)
        self._bindings = [self._bind(*self._memory), self._bind(*self._memory[::-1])]
        self.hops = 0

    @classmethod
    def load(cls, models: Path, names: Sequence[str]) -> Engine:
        """An engine for the wake words `names`, whose models are in `models`; ConfigError if one is not."""
        store = ModelStore(models)
        return cls(store.graph(names), store.manifests(names))

    def _bind(self, before: dict[str, Scores], after: dict[str, Scores]) -> ort.IOBinding:
        binding = self._session.io_binding()
        inputs = {"windows": self._windows} | {f"state_{name}": one for name, one in before.items()}
        outputs = {"scores": self._scores} | {f"next_{name}": one for name, one in after.items()}
        for name, one in inputs.items():
            binding.bind_input(name, "cpu", 0, np.float32, one.shape, one.ctypes.data)
        for name, one in outputs.items():
            binding.bind_output(name, "cpu", 0, np.float32, one.shape, one.ctypes.data)
        return binding

    def end_profile(self) -> Path:
        """The file, beginning with the `profile` given at the start, in which each node's time is noted."""
        return Path(self._session.end_profiling())

    def step(self, hop: Samples) -> Scores:
        """Scores of shape (words,) for int16 `hop` of shape (1280,), the sound that follows the last one."""
        sound = self._sound
        sound[:_KEPT] = sound[HOP:]
        sound[_KEPT:] = hop
        np.copyto(self._windows, self._frames)
        self._session.run_with_iobinding(self._bindings[self.hops & 1])
        scores: Scores = self._scores[0].copy()
        if self.hops < self._last_cold:
            scores[self.hops < self._warm_at] = np.nan
        self.hops += 1
        return scores

    def embeddings(self) -> Embeddings:
        """What the last hop's score was made of: 16 embeddings, float32 of shape (16, 96), the newest last.

        It is this engine's own memory, overwritten by the next call and by `wipe`.
        """
        before, after = self._memory[(self.hops + 1) & 1], self._memory[self.hops & 1]
        newest = after["features"]
        missing = max(0, HOPS - len(newest))  # a graph keeps what the next hop will need: one less
        self._window[:missing] = before["features"][:missing]
        self._window[missing:] = newest[missing - HOPS :]
        return self._window

    def restart(self, before: Samples) -> None:
        """Begin anew with the hop that follows the int16 samples `before`, of shape (overlap,).

        After `reach` more hops, whatever was heard before makes no difference to any score.
        """
        self._forget()
        self._sound[HOP:] = before

    def memory(self) -> Memory:
        """A copy of all that was made of the sound so far, to go on from as often as needed."""
        return Memory(
            self.hops,
            self._sound.copy(),
            [{name: one.copy() for name, one in m.items()} for m in self._memory],
        )

    def go_on_from(self, memory: Memory) -> None:
        """Be as if just that had been heard which `memory`, taken from an engine like this, is of."""
        self.hops = memory.hops
        np.copyto(self._sound, memory.sound)
        for mine, kept in zip(self._memory, memory.layers, strict=True):
            for name, one in mine.items():
                np.copyto(one, kept[name])

    def wipe(self) -> None:
        """Overwrite all sound and all that was made of it with zeros, and start cold."""
        self._forget()
        for binding in self._bindings:  # what ONNX Runtime holds between layers is overwritten by silence
            self._session.run_with_iobinding(binding)
        self._forget()

    def _forget(self) -> None:
        for one in (self._sound, self._windows, self._scores, self._window):
            one.fill(0)
        for memory in self._memory:
            for one in memory.values():
                one.fill(0)
        self.hops = 0


def optimised(graph: bytes) -> bytes:
    """`graph` as ONNX Runtime would run it on this machine."""
    with tempfile.TemporaryDirectory(prefix="earlid-") as folder:
        options = _options()
        options.optimized_model_filepath = str(Path(folder) / "optimised.onnx")
        ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        return Path(options.optimized_model_filepath).read_bytes()


def _options(profile: Path | None = None) -> ort.SessionOptions:
    options = ort.SessionOptions()
    if profile:
        options.enable_profiling = True
        options.profile_file_prefix = str(profile)
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    return options
