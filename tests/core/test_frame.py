"""A frame is one whole hop, or it cannot be built."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from earlid.core.frame import Frame
from earlid.core.units import HOP


def test_a_frame_ends_one_hop_after_its_start() -> None:
    assert Frame(100, 0, np.zeros(HOP, np.int16)).stop == 100 + HOP


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(HOP - 1, np.int16),
        np.zeros(HOP + 1, np.int16),
        np.zeros((1, HOP), np.int16),
        np.zeros(HOP, np.float32),
        np.zeros(HOP, np.uint16),
    ],
    ids=["short", "long", "two dimensions", "float", "unsigned"],
)
def test_anything_but_a_hop_of_int16_is_refused(
    sound: np.ndarray[tuple[int, ...], np.dtype[np.int16]],
) -> None:
    with pytest.raises(ValueError, match="1280 int16 samples"):
        Frame(0, 0, sound)


@pytest.mark.parametrize(("start", "epoch"), [(-1, 0), (0, -1)])
def test_nothing_is_heard_before_the_beginning(start: int, epoch: int) -> None:
    with pytest.raises(ValueError, match="sample 0 or later"):
        Frame(start, epoch, np.zeros(HOP, np.int16))


def test_when_it_was_heard_cannot_be_changed_afterwards() -> None:
    frame = Frame(0, 3, np.zeros(HOP, np.int16))
    with pytest.raises(FrozenInstanceError):
        frame.epoch = 4  # type: ignore[misc]
