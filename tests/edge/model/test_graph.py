"""A streaming graph remembers exactly what the layers need, and is refused where the parts are strange."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest

from earlid.core.units import HOP
from earlid.edge.model.blocked import keep_blocked
from earlid.edge.model.engine import Engine, optimised
from earlid.edge.model.graph import Head, compose
from earlid.edge.model.manifest import backbone, manifests
from earlid.errors import ConfigError

NAMES = ("alexa", "timer")


@dataclass(frozen=True)
class Parts:
    mel: bytes
    embedding: bytes
    heads: tuple[Head, ...]


@pytest.fixture(scope="module")
def parts(models: Path) -> Parts:
    shared = backbone()
    heads = [manifests()[name] for name in NAMES]
    return Parts(
        (models / shared.melspectrogram.name).read_bytes(),
        (models / shared.embedding.name).read_bytes(),
        tuple(Head(one.name, (models / one.part.name).read_bytes(), one.outputs) for one in heads),
    )


@pytest.fixture(scope="module")
def graph(parts: Parts) -> onnx.GraphProto:
    return onnx.load_from_string(compose(parts.mel, parts.embedding, parts.heads)).graph


def shapes(values: list[onnx.ValueInfoProto]) -> dict[str, tuple[int, ...]]:
    return {one.name: tuple(dim.dim_value for dim in one.type.tensor_type.shape.dim) for one in values}


def test_every_memory_comes_out_in_the_shape_in_which_it_goes_in(graph: onnx.GraphProto) -> None:
    taken, given = shapes(list(graph.input)), shapes(list(graph.output))
    states = {name.removeprefix("state_"): shape for name, shape in taken.items() if "state_" in name}
    assert states
    assert states == {name.removeprefix("next_"): shape for name, shape in given.items() if "next_" in name}


def test_there_is_one_score_a_word_in_the_order_of_the_heads(graph: onnx.GraphProto) -> None:
    assert shapes(list(graph.output))["scores"] == (1, 7)


def test_the_same_parts_compose_to_the_same_bytes(parts: Parts) -> None:
    once, twice = (compose(parts.mel, parts.embedding, parts.heads) for _ in range(2))
    assert once == twice


def _other_layer(model: onnx.ModelProto) -> None:
    next(node for node in model.graph.node if node.op_type == "MaxPool").op_type = "AveragePool"


def _no_bands(model: onnx.ModelProto) -> None:
    next(one for one in model.graph.initializer if one.name == "1.melW").name = "bands"


def changed(model: bytes, change: Callable[[onnx.ModelProto], None]) -> bytes:
    loaded = onnx.load_from_string(model)
    change(loaded)
    return bytes(loaded.SerializeToString())


def test_an_embedding_with_a_layer_nobody_knows_is_refused(parts: Parts) -> None:
    with pytest.raises(ConfigError, match=r"AveragePool.*earlid models verify"):
        compose(parts.mel, changed(parts.embedding, _other_layer), parts.heads)


def test_a_melspectrogram_without_its_bands_is_refused(parts: Parts) -> None:
    with pytest.raises(ConfigError, match=r"melW.*earlid models verify"):
        compose(changed(parts.mel, _no_bands), parts.embedding, parts.heads)


@pytest.mark.parametrize("start", [11, 15])
def test_layers_drawn_as_products_give_the_same_scores(parts: Parts, start: int) -> None:
    known = [manifests()[name] for name in NAMES]
    plain = Engine(compose(parts.mel, parts.embedding, parts.heads), known)
    products = Engine(compose(parts.mel, parts.embedding, parts.heads, start), known)
    noise = np.random.default_rng(5).normal(0, 1_000, (60, HOP)).round().astype(np.int16)
    for hop in noise:
        np.testing.assert_allclose(products.step(hop), plain.step(hop), rtol=0, atol=1e-5)
    assert not np.isnan(plain.step(noise[0])).any()


def test_the_layout_of_this_machine_changes_no_score_at_all(parts: Parts) -> None:
    known = [manifests()[name] for name in NAMES]
    graph = compose(parts.mel, parts.embedding, parts.heads)
    blocked = keep_blocked(optimised(graph))
    if blocked is None:
        pytest.skip("this processor's convolutions have no layout of their own")
    plain, fitted = Engine(graph, known), Engine(blocked, known)
    for hop in np.random.default_rng(5).normal(0, 1_000, (60, HOP)).round().astype(np.int16):
        np.testing.assert_array_equal(fitted.step(hop), plain.step(hop))
