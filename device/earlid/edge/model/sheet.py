"""An ONNX graph while it is being drawn: a line of code for each node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper, numpy_helper


@dataclass
class Sheet:
    """A graph while it is being drawn."""

    nodes: list[Any] = field(default_factory=list)
    weights: list[Any] = field(default_factory=list)
    inputs: list[Any] = field(default_factory=list)
    outputs: list[Any] = field(default_factory=list)

    def constant(self, name: str, value: npt.ArrayLike) -> str:
        """A value that never changes; its name."""
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """A node with one output, named after it; the output."""
        self.nodes.append(helper.make_node(kind, list(inputs), [output], name=output, **attributes))
        return output

    def takes(self, name: str, shape: Sequence[int]) -> str:
        """An input of the graph, float32."""
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)))
        return name

    def gives(self, name: str, shape: Sequence[int]) -> str:
        """An output of the graph, float32."""
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)))
        return name

    def remembers(self, name: str, shape: Sequence[int], fresh: str, axis: int) -> str:
        """Put `shape` of memory before `fresh` along `axis`, and keep as much of the end for next time."""
        state = self.takes(f"state_{name}", shape)
        whole = self.add("Concat", [state, fresh], f"{name}_whole", axis=axis)
        start = self.constant(f"{name}_start", np.array([-shape[axis]], np.int64))
        stop = self.constant(f"{name}_stop", np.array([np.iinfo(np.int64).max], np.int64))
        along = self.constant(f"{name}_axis", np.array([axis], np.int64))
        self.add("Slice", [whole, start, stop, along], self.gives(f"next_{name}", shape))
        return whole
