"""The embedding's layers, drawn in either of two ways that give the same numbers.

As convolutions, which ONNX Runtime does well where there is much of each channel. Or as matrix products over
rows, one a frame and place, which the narrow layers of the end like better, most of all on a Pi.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from earlid.edge.model.sheet import Sheet

Floats = npt.NDArray[np.float32]
_TALL: Final = 3
"""Frames, or places, that a layer looks at together."""


class Convolutions:
    """Layers whose value is float32 [1, channels, frames, width]."""

    value: str
    channels: int
    frames: int
    width: int

    def __init__(self, sheet: Sheet, value: str, channels: int, frames: int, width: int) -> None:
        self.value = value
        self.channels = channels
        self.frames = frames
        self.width = width
        self._sheet = sheet

    def convolve(self, name: str, kernel: Floats, bias: Floats) -> None:
        """Convolve with `kernel` [channels out, channels in, frames, width]: valid in time, padded aside."""
        value, tall = self.value, kernel.shape[2]
        if tall > 1:
            memory = (1, self.channels, tall - 1, self.width)
            value = self._sheet.remembers(name, memory, value, axis=2)
        parts = [
            value,
            self._sheet.constant(f"{name}_kernel", kernel),
            self._sheet.constant(f"{name}_bias", bias),
        ]
        aside = kernel.shape[3] // 2
        self.value = self._sheet.add(
            "Conv", parts, f"{name}_conv", kernel_shape=list(kernel.shape[2:]), pads=[0, aside, 0, aside]
        )
        self.channels = len(kernel)

    def pool(self, frames: int, width: int) -> None:
        """Keep the greatest of every `frames` by `width`."""
        size = [frames, width]
        self.value = self._sheet.add(
            "MaxPool", [self.value], f"{self.value}_pool", kernel_shape=size, strides=size
        )
        self.frames, self.width = self.frames // frames, self.width // width


class Products:
    """Layers whose value is float32 [frames * width, channels]: a row for each place of each frame."""

    value: str
    channels: int
    frames: int
    width: int

    def __init__(self, sheet: Sheet, before: Convolutions | Products) -> None:
        self.channels = before.channels
        self.frames = before.frames
        self.width = before.width
        self._sheet = sheet
        upright = sheet.add("Transpose", [before.value], f"{before.value}_upright", perm=[0, 2, 3, 1])
        self.value = self._shaped(upright, self.frames * self.width, self.channels)

    def _shaped(self, value: str, *shape: int) -> str:
        name = f"{value}_{'x'.join(map(str, shape))}"
        return self._sheet.add(
            "Reshape", [value, self._sheet.constant(f"{name}_shape", np.array(shape))], name
        )

    def convolve(self, name: str, kernel: Floats, bias: Floats) -> None:
        """As a convolution: the rows under each place of the kernel, side by side, times its weights."""
        in_time = kernel.shape[2] > 1
        if in_time:
            memory = ((_TALL - 1) * self.width, self.channels)
            table = self._sheet.remembers(name, memory, self.value, axis=0)
        else:
            nothing = self._sheet.constant(f"{name}_nothing", np.zeros((1, self.channels), np.float32))
            table = self._sheet.add("Concat", [self.value, nothing], f"{name}_padded", axis=0)
        rows = self._sheet.constant(f"{name}_rows", self._over_time() if in_time else self._aside())
        gathered = self._sheet.add("Gather", [table, rows], f"{name}_gathered", axis=0)
        window = self._shaped(gathered, self.frames * self.width, _TALL * self.channels)
        weights = kernel.reshape(*kernel.shape[:2], _TALL).transpose(2, 1, 0).reshape(-1, len(kernel))
        parts = [
            window,
            self._sheet.constant(f"{name}_weights", weights),
            self._sheet.constant(f"{name}_bias", bias),
        ]
        self.value = self._sheet.add("Gemm", parts, f"{name}_product")
        self.channels = len(kernel)

    def _over_time(self) -> npt.NDArray[np.int64]:
        """Rows of a place in three frames, the memory's two frames first: [frames * width, 3]."""
        first = np.arange(self.frames * self.width)[:, None]
        return first + np.arange(_TALL) * self.width

    def _aside(self) -> npt.NDArray[np.int64]:
        """Rows of three places in a frame, the row of zeros standing in beyond the edges."""
        place = np.arange(self.width) + np.arange(-1, 2)[:, None]
        inside = (place >= 0) & (place < self.width)
        frame = np.arange(self.frames)[:, None, None] * self.width
        rows = np.where(inside, frame + place, self.frames * self.width)
        return rows.transpose(0, 2, 1).reshape(-1, _TALL)

    def pool(self, frames: int, width: int) -> None:
        """Keep the greatest of every `frames` by `width`."""
        self.frames, self.width = self.frames // frames, self.width // width
        groups = self._shaped(self.value, self.frames, frames, self.width, width, self.channels)
        greatest = self._sheet.add("ReduceMax", [groups], f"{groups}_greatest", axes=[1, 3], keepdims=0)
        self.value = self._shaped(greatest, self.frames * self.width, self.channels)
