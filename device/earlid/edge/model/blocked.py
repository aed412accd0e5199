"""Keeps a graph in the memory layout that this machine's convolutions want, from the first to the last.

ONNX Runtime's fast convolutions hold channels in blocks ("NCHWc"). Around every operator without a blocked
version it lays the values out plainly and back again. Two of those stand between all our layers: the floor,
which looks at each value alone and may as well look at blocked ones; and the memory of two frames, which is
put before the new ones along the height and needs no more than another view of the same blocks. So the graph
that ONNX Runtime optimised for this machine is taken and those detours are cut out of it. No value changes.

The operators belong to ONNX Runtime and to this machine: a graph made here is checked here against the plain
one, and is never used by another version or another processor.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import onnx
from onnx import helper, numpy_helper

_BLOCKED: Final = "com.microsoft.nchwc"
_PADDED_FROM: Final = 24
"""Channels of the first layer; blocks of 16 pad them to 32, blocks of 8 do not."""


def keep_blocked(optimised: bytes) -> bytes | None:
    """`optimised` without detours, or None where this machine has no blocked layout."""
    model = onnx.load_from_string(optimised)
    filters = {one.name: list(one.dims) for one in model.graph.initializer}
    first = next((node for node in model.graph.node if _is_blocked(node, "Conv")), None)
    if first is None:
        return None
    block = 8 if filters[first.input[1]][0] == _PADDED_FROM else 16
    sheet = _Sheet(model.graph, block, filters)
    for node in list(model.graph.node):
        sheet.look_at(node)
    sheet.finish()
    return bytes(model.SerializeToString())


def _is_blocked(node: onnx.NodeProto, kind: str) -> bool:
    return bool(node.domain == _BLOCKED and node.op_type == kind)


@dataclass
class _Sheet:
    """A graph while detours are cut out of it. `blocked` names the blocked twin of a plain value."""

    graph: onnx.GraphProto
    block: int
    filters: dict[str, list[int]]
    nodes: list[Any] = field(default_factory=list)
    blocked: dict[str, str] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)
    plain_channels: dict[str, int] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)

    def look_at(self, node: onnx.NodeProto) -> None:
        """Take over `node`, changed or not, or leave it out."""
        node.input[:] = [self.renamed.get(name, name) for name in node.input]
        source = self.blocked.get(node.input[-1] if node.op_type == "Concat" else next(iter(node.input), ""))
        if _is_blocked(node, "Conv"):
            self.channels[node.output[0]] = self.filters[node.input[1]][0]
        elif _is_blocked(node, "MaxPool"):
            self.channels[node.output[0]] = self.channels[node.input[0]]
        elif _is_blocked(node, "ReorderOutput"):
            self.blocked[node.output[0]] = node.input[0]
            self.plain_channels[node.input[0]] = helper.get_node_attr_value(node, "channels")
        elif source is not None and _is_blocked(node, "ReorderInput"):
            self.renamed[node.output[0]] = source
            return
        elif source is not None and node.op_type in {"Clip", "MaxPool"}:
            if node.op_type == "MaxPool":
                node.domain = _BLOCKED
            plain, blocked = node.output[0], f"{node.output[0]}/blocked"
            node.input[0], node.output[0] = source, blocked
            self.blocked[plain] = blocked
            self.channels[blocked] = self.channels[source]
            self.plain_channels[blocked] = self.plain_channels[source]
            self.gone.add(plain)
        elif source is not None and node.op_type == "Concat" and node.input[0].startswith("state_layer"):
            self._remember(node, source)
            return
        elif node.op_type == "Slice" and f"state_{_memory_of(node.output[0])}" in self._states():
            self._keep_end(node)
        else:
            self._lay_out(node)
        self.nodes.append(node)

    def _lay_out(self, node: onnx.NodeProto) -> None:
        """Give `node`, which knows no blocks, plain values."""
        for name in self.gone.intersection(node.input):
            source = self.blocked[name]
            back = helper.make_node("ReorderOutput", [source], [name], domain=_BLOCKED)
            back.attribute.append(helper.make_attribute("channels", self.plain_channels[source]))
            back.attribute.append(helper.make_attribute("channels_last", 0))
            self.nodes.append(back)
            self.gone.discard(name)

    def _states(self) -> dict[str, Any]:
        return {one.name: one for one in self.graph.input}

    def _remember(self, node: onnx.NodeProto, source: str) -> None:
        """Join memory and new frames as blocks: [channels / block, frames, width * block]."""
        state = self._states()[node.input[0]]
        width = state.type.tensor_type.shape.dim[3].dim_value
        channels, whole = self.channels[source], node.output[0]
        shape = [channels // self.block, 2, width * self.block]
        _reshape(state, shape)
        _reshape(next(one for one in self.graph.output if _memory_of(one.name) == state.name[6:]), shape)
        rows = self._constant(f"{whole}/rows", [shape[0], -1, shape[2]])
        frames = self._constant(f"{whole}/frames", [1, channels, -1, width])
        self.nodes += [
            helper.make_node("Reshape", [source, rows], [f"{whole}/new"]),
            helper.make_node("Concat", [state.name, f"{whole}/new"], [f"{whole}/blocks"], axis=1),
            helper.make_node("Reshape", [f"{whole}/blocks", frames], [f"{whole}/blocked"]),
        ]
        self.blocked[f"{whole}/blocks"] = f"{whole}/blocked"
        self.channels[f"{whole}/blocked"] = channels
        self.renamed[whole] = f"{whole}/blocks"

    def _keep_end(self, node: onnx.NodeProto) -> None:
        """The last two frames of what was joined are the next memory, along the axis it was joined on."""
        if node.input[0].endswith("/blocks"):
            node.input[3] = self._constant(f"{node.output[0]}/axis", [1])

    def _constant(self, name: str, value: list[int]) -> str:
        self.graph.initializer.append(numpy_helper.from_array(np.array(value, np.int64), name))
        return name

    def finish(self) -> None:
        """Leave out what nobody reads any more."""
        needed = {one.name for one in self.graph.output}
        kept = []
        for node in reversed(self.nodes):
            if needed.intersection(node.output):
                kept.append(node)
                needed.update(node.input)
        del self.graph.node[:], self.graph.value_info[:]
        self.graph.node.extend(reversed(kept))


def _memory_of(output: str) -> str:
    return output.removeprefix("next_")


def _reshape(value: Any, shape: list[int]) -> None:
    dims = value.type.tensor_type.shape.dim
    del dims[:]
    for size in shape:
        dims.add().dim_value = size
