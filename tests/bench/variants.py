"""What was tried for the engine, each with its number: `python tests/bench/variants.py`.

Every variant does the work of one hop for "alexa", in turns with all others in one run; a row gives the
least and the median microseconds of processor time and the ratio to what is used. models/README.md keeps
the table.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

# ruff: noqa: E402 - a command run from anywhere finds the fakes beside it
from earlid.edge.model.blocked import keep_blocked
from earlid.edge.model.engine import Engine, optimised
from earlid.edge.model.graph import Head, compose
from earlid.edge.model.manifest import backbone, manifest
from earlid.edge.model.store import ModelStore
from earlid.edge.terminal import table
from fakes.models import models_folder

NAME: Final = "alexa"
ROUNDS, TIMES = 60, 40
ALL = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
Try = Callable[[], object]


def session(model: bytes, level: Any = ALL, *, arena: bool = True) -> ort.InferenceSession:
    """A session on one thread."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = level
    options.enable_cpu_mem_arena = arena
    options.log_severity_level = 3
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def inputs_of(runs: ort.InferenceSession) -> dict[str, Any]:
    """Noise for every input."""
    random = np.random.default_rng(1)
    shapes = {
        one.name: [size if isinstance(size, int) else 1 for size in one.shape] for one in runs.get_inputs()
    }
    return {name: random.normal(0, 1, shape).astype(np.float32) for name, shape in shapes.items()}


def plainly(model: bytes, feed: Mapping[str, Any] | None = None) -> Try:
    """Run with arrays in and arrays out."""
    runs = session(model)
    given = feed or inputs_of(runs)
    return lambda: runs.run(None, given)


def bound(model: bytes, level: Any = ALL, *, arena: bool = True) -> Try:
    """Run with every input and output bound to memory of ours."""
    runs = session(model, level, arena=arena)
    binding, held = runs.io_binding(), []
    for name, value in inputs_of(runs).items():
        held.append(value)
        binding.bind_input(name, "cpu", 0, np.float32, value.shape, value.ctypes.data)
    for one in runs.get_outputs():
        held.append(np.zeros(one.shape, np.float32))
        binding.bind_output(one.name, "cpu", 0, np.float32, one.shape, held[-1].ctypes.data)

    def run(_held: object = held) -> None:
        runs.run_with_iobinding(binding)

    return run


def multiply(columns: int, rows: int) -> bytes:
    """A graph that multiplies 8 windows by a matrix, twice where it is folded."""
    weights = np.random.default_rng(2).normal(0, 1, (columns, rows)).astype(np.float32)
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [8, columns])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [8, rows])],
        [numpy_helper.from_array(weights, "w")],
    )
    return as_model(graph)


def published_order(melspectrogram: bytes) -> bytes:
    """The rows of the published DFT that a mel band looks at, added up as the convolutions do."""
    known = {
        one.name: numpy_helper.to_array(one)
        for one in onnx.load_from_string(melspectrogram).graph.initializer
    }
    used = np.flatnonzero(known["1.melW"].any(axis=1))
    waves = np.concatenate([known[f"0.stft.conv_{part}.weight"][used, 0] for part in ("real", "imag")])
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["w", "x"], ["y"], transB=1)],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [8, 512])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [len(waves), 8])],
        [numpy_helper.from_array(waves, "w")],
    )
    return as_model(graph)


def as_model(graph: onnx.GraphProto) -> bytes:
    """`graph` as the bytes of a model."""
    opsets = [helper.make_opsetid("", 17)]
    return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString())


def fourier() -> bytes:
    """ONNX's own DFT of 8 windows."""
    node = helper.make_node("DFT", ["x"], ["y"], axis=1, onesided=1)
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [8, 512, 1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [8, 257, 2])],
    )
    return as_model(graph)


def variants() -> dict[str, Try]:
    """Every variant by the words of its row."""
    models = models_folder(NAME)
    store, shared = ModelStore(models), backbone()
    mel, embedding = store.body(shared.melspectrogram), store.body(shared.embedding)
    head = store.body(manifest(NAME).part)
    graph = compose(mel, embedding, [Head(NAME, head, (0,))])
    blocked = keep_blocked(optimised(graph)) or graph
    engine = Engine(blocked, [manifest(NAME)])
    hop = np.random.default_rng(3).normal(0, 1000, 1280).round().astype(np.int16)
    windows = np.random.default_rng(4).normal(0, 1000, (8, 512)).astype(np.float32)
    levels = ort.GraphOptimizationLevel
    return {
        "what is used: Engine.step": lambda: engine.step(hop),
        "its graph alone, own memory bound": bound(blocked),
        "same, arrays in and out": plainly(blocked),
        "same, arena off": bound(blocked, arena=False),
        "layouts left to the runtime": bound(graph),
        "same, no blocked layout (extended)": bound(graph, levels.ORT_ENABLE_EXTENDED),
        "same, nothing fused (basic)": bound(graph, levels.ORT_ENABLE_BASIC),
        "published embedding, 76 frames": plainly(embedding),
        "published head": plainly(head),
        "published melspectrogram (two convolutions)": plainly(
            mel, {"input": np.zeros((1, 1760), np.float32)}
        ),
        "DFT as numpy's rfft": lambda: np.abs(np.fft.rfft(windows)),
        "DFT as ONNX's operator": bound(fourier()),
        "DFT as one product, 512 x 240": bound(multiply(512, 240)),
        "DFT folded, one of two products of 256 x 120": bound(multiply(256, 120)),
        "DFT in the published order, 240 x 512": bound(published_order(mel)),
        "layers from 11 on as products": bound(compose(mel, embedding, [Head(NAME, head, (0,))], 11)),
        "layers from 3 on as products": bound(compose(mel, embedding, [Head(NAME, head, (0,))], 3)),
    }


def race(tries: Mapping[str, Try]) -> dict[str, list[float]]:
    """Microseconds of processor time a call, in turns."""
    found: dict[str, list[float]] = {name: [] for name in tries}
    for _ in range(ROUNDS):
        for name, work in tries.items():
            since = time.process_time()
            for _ in range(TIMES):
                work()
            found[name].append((time.process_time() - since) / TIMES * 1e6)
    return found


def main() -> int:
    """Race them and show the table."""
    found = race(variants())
    ours = min(next(iter(found.values())))
    rows = [
        (name, f"{min(each):.1f}", f"{median(each):.1f}", f"{min(each) / ours:.2f}")
        for name, each in found.items()
    ]
    table("one hop", ("variant", "least", "median", "of ours"), rows)
    sys.stdout.write(f"onnxruntime {ort.__version__}, onnx {onnx.__version__}, numpy {np.__version__}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
