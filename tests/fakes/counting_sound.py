"""Sound in which every two neighbouring samples tell their own index, and in which no sample is zero."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from earlid.core.frame import Frame
from earlid.core.units import HOP, Samples

_BASE = 32_767


def counted(start: int, stop: int) -> Samples:
    """Samples [start, stop). Pair n is (1 + n mod 32767, -1 - n div 32767): the sign tells which is which."""
    index = np.arange(start, stop)
    low, high = index // 2 % _BASE + 1, -1 - index // 2 // _BASE
    return np.where(index % 2 == 0, low, high).astype(np.int16)


def counted_frame(start: int, epoch: int = 0) -> Frame:
    """The frame of counted sound that starts at sample `start`."""
    return Frame(start, epoch, counted(start, start + HOP))


def indices(sound: Samples) -> npt.NDArray[np.int64]:
    """The index that each sample of `sound` claims, int64; -1 for one that has no neighbour to tell it.

    Zeros stand for lost sound and claim nothing. Whether the claims agree is for the caller to say.
    """
    wide = sound.astype(np.int64)
    claims = np.full(len(wide), -1, np.int64)
    here, after = wide[:-1], wide[1:]
    rising = (here > 0) & (after < 0)  # an even index and the odd one that follows
    even = 2 * ((-1 - after) * _BASE + here - 1)
    falling = (here < 0) & (after > 0)  # an odd index and the even one that follows, a pair later
    pair = (-1 - here) * _BASE + (after - 2) % _BASE
    claims[:-1][rising] = even[rising]
    claims[1:][rising] = even[rising] + 1
    claims[:-1][falling] = 2 * pair[falling] + 1
    lonely = np.zeros(len(wide), bool)
    lonely[1:] = falling & (claims[1:] < 0)
    claims[lonely] = 2 * pair[lonely[1:]] + 2
    return claims
