"""Turns openWakeWord's published models into one streaming graph for a set of wake words.

The published embedding looks at 76 mel frames for every 8 new ones. Each of its convolutions is 'valid' in
time, and its strides multiply to 8, so the same numbers come from keeping the last two input frames of each
layer that is three frames tall: state goes in, state comes out, and nothing is computed twice.

One step of the graph
  in   windows       float32 [8, 512]  the samples under each new mel frame, 160 apart
       state_*       float32           what the step before gave as next_*
  out  scores        float32 [1, words]
       next_*        float32
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from earlid.edge.model.layers import Convolutions, Products
from earlid.edge.model.sheet import Sheet
from earlid.errors import ConfigError

MEL_FRAMES: Final = 8
"""New mel frames in one hop."""
WINDOW: Final = 512
"""Samples under one mel frame."""
FEATURES: Final = 96
NO_PRODUCTS: Final = 99
_OPSET: Final = 14
_IR: Final = 8
_LEAK: Final = 0.2
_FLOOR: Final = -0.4
_LN_10: Final = 2.3025851  # as the published melspectrogram spells it

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """A wake word's own network: its ONNX bytes and which of its outputs count."""

    name: str
    model: bytes
    outputs: tuple[int, ...]


def compose(
    melspectrogram: bytes, embedding: bytes, heads: Sequence[Head], products_from: int = NO_PRODUCTS
) -> bytes:
    """One ONNX model from a hop and its states to every score; ConfigError if a part is not what we know.

    From layer `products_from` on, the embedding is drawn as matrix products instead of convolutions.
    """
    try:
        sheet = Sheet()
        mel = _draw_mel(sheet, _weights(melspectrogram))
        feature = _draw_embedding(sheet, onnx.load_from_string(embedding), mel, products_from)
        _draw_heads(sheet, heads, feature)
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise ConfigError(
            f"a model has not the layers this version knows ({error}); run 'earlid models verify'"
        ) from error
    graph = helper.make_graph(sheet.nodes, "earlid", sheet.inputs, sheet.outputs, sheet.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _weights(model: bytes) -> dict[str, Floats]:
    return {one.name: numpy_helper.to_array(one) for one in onnx.load_from_string(model).graph.initializer}


def _draw_mel(sheet: Sheet, weights: Mapping[str, Floats]) -> str:
    """Log mel spectrum of 8 frames, scaled as the embedding wants it: float32 [1, 1, 8, 32].

    80 dB below a loud frame the published arithmetic leaves little but its own rounding, and the scores
    hear it. So the DFT is the published one, added up in the published order: one product, in which only the
    120 bins that a mel band looks at are computed, gives bit for bit what the two convolutions give.
    """
    bands = weights["1.melW"]
    used = np.flatnonzero(bands.any(axis=1))
    waves = np.concatenate([weights[f"0.stft.conv_{part}.weight"][used, 0] for part in ("real", "imag")])
    windows = sheet.takes("windows", (MEL_FRAMES, WINDOW))
    sheet.add("Gemm", [sheet.constant("waves", waves), windows], "spectrum", transB=1)
    sheet.add("Mul", ["spectrum", "spectrum"], "squares")
    half = sheet.constant("half", np.array([len(used), len(used)], np.int64))
    sheet.nodes.append(helper.make_node("Split", ["squares", half], ["real", "imaginary"], axis=0))
    sheet.add("Add", ["real", "imaginary"], "power")
    mel = sheet.add("Gemm", ["power", sheet.constant("bands", bands[used])], "mel", transA=1)
    sheet.add("Clip", [mel, sheet.constant("least_power", np.float32(1e-10))], "mel_clipped")
    sheet.add("Log", ["mel_clipped"], "mel_log")
    sheet.add("Mul", ["mel_log", sheet.constant("ten", np.float32(10.0))], "mel_ten_logs")
    sheet.add("Div", ["mel_ten_logs", sheet.constant("log_of_ten", np.float32(_LN_10))], "mel_db")
    sheet.add("ReduceMax", ["mel_db"], "loudest", keepdims=0)
    sheet.add("Sub", ["loudest", sheet.constant("range", np.float32(80.0))], "quietest")
    sheet.add("Max", ["mel_db", "quietest"], "mel_ranged")
    sheet.add("Div", ["mel_ranged", "ten"], "mel_bels")
    sheet.add("Add", ["mel_bels", sheet.constant("offset", np.float32(2.0))], "mel_scaled")
    shape = sheet.constant("mel_shape", np.array([1, 1, MEL_FRAMES, 32], np.int64))
    return sheet.add("Reshape", ["mel_scaled", shape], "mel_frames")


def _draw_embedding(sheet: Sheet, published: onnx.ModelProto, value: str, products_from: int) -> str:
    """The published network, layer by layer, with a memory of two frames wherever it is three tall.

    Its floor (a Max) is drawn after the pool that follows: both keep order, so nothing changes but the cost.
    """
    weights = {one.name: numpy_helper.to_array(one) for one in published.graph.initializer}
    floor = sheet.constant("floor", np.float32(_FLOOR))
    layers: Convolutions | Products = Convolutions(sheet, value, channels=1, frames=MEL_FRAMES, width=32)
    number, floor_due = 0, False
    for node in published.graph.node:
        known = {one.name: helper.get_attribute_value(one) for one in node.attribute}
        if node.op_type == "Conv":
            if floor_due:
                layers.value = sheet.add("Clip", [layers.value, floor], f"{layers.value}_floor")
                floor_due = False
            if number == products_from:
                layers = Products(sheet, layers)
            kernel = weights[node.input[1]]
            bias = weights[node.input[2]] if len(node.input) > 2 else np.zeros(len(kernel), np.float32)
            layers.convolve(f"layer{number:02}", kernel, bias)
            number += 1
        elif node.op_type == "LeakyRelu":
            layers.value = sheet.add("LeakyRelu", [layers.value], f"{layers.value}_leaky", alpha=_LEAK)
        elif node.op_type == "Max":
            floor_due = True
        elif node.op_type == "MaxPool":
            layers.pool(*known["strides"])
        elif node.op_type != "Reshape":
            raise ValueError(f"unexpected layer {node.op_type}")
    shape = sheet.constant("feature_shape", np.array([1, FEATURES], np.int64))
    return sheet.add("Reshape", [layers.value, shape], "feature")


def _draw_heads(sheet: Sheet, heads: Sequence[Head], feature: str) -> None:
    """Every head on the last embeddings; each looks back as far as it was trained to."""
    models = [onnx.load_from_string(head.model) for head in heads]
    spans = [model.graph.input[0].type.tensor_type.shape.dim[1].dim_value for model in models]
    longest = max(spans)
    history = sheet.remembers("features", (longest - 1, FEATURES), feature, axis=0)
    scores = []
    for head, model, span in zip(heads, models, spans, strict=True):
        own = f"{head.name}/"
        _rename(model.graph, own)
        window = history
        if span != longest:
            start = sheet.constant(f"{own}start", np.array([longest - span], np.int64))
            stop = sheet.constant(f"{own}stop", np.array([longest], np.int64))
            window = sheet.add("Slice", [history, start, stop], f"{own}window")
        shape = sheet.constant(f"{own}shape", np.array([1, span, FEATURES], np.int64))
        sheet.add("Reshape", [window, shape], model.graph.input[0].name)
        sheet.nodes.extend(model.graph.node)
        sheet.weights.extend(model.graph.initializer)
        picked = sheet.constant(f"{own}picked", np.array(head.outputs, np.int64))
        scores.append(sheet.add("Gather", [model.graph.output[0].name, picked], f"{own}scores", axis=1))
    total = sum(len(head.outputs) for head in heads)
    sheet.add("Concat", scores, sheet.gives("scores", (1, total)), axis=1)


def _rename(graph: onnx.GraphProto, prefix: str) -> None:
    """Put `prefix` before every name in `graph`, branches included, so that heads do not collide."""
    for one in (*graph.input, *graph.output, *graph.initializer):
        one.name = prefix + one.name
    for node in graph.node:
        node.name = prefix + (node.name or node.output[0])
        node.input[:] = [prefix + name if name else name for name in node.input]
        node.output[:] = [prefix + name for name in node.output]
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                _rename(attribute.g, prefix)
