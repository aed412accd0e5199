"""A second opinion on a wake: was it said as its owner says it, or is it what set it off before?

What the models heard in the last 1.28 s is 16 embeddings of 96 numbers. A verifier is one plane through that
space, which `earlid field teach` puts between the owner's calls and the owner's false wakes. It is asked
once, at the hop that would complete a wake, holds nothing of its own, and can only refuse.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from earlid.core.detector import Word

HOPS: Final = 16
FEATURES: Final = 96
SHAPE: Final = (HOPS, FEATURES)

Embeddings = npt.NDArray[np.float32]


class Remembering(Protocol):
    """An engine that can show what it made of the last hops."""

    def embeddings(self) -> Embeddings:
        """The last 16 embeddings, float32 of shape (16, 96), oldest first; only looked at, never kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Verifier:
    """One word's plane: `weights` float32 of shape (16, 96), and a `bias`, operating point and all."""

    word: str
    weights: Embeddings
    bias: float

    def __post_init__(self) -> None:
        if self.weights.shape != SHAPE or self.weights.dtype != np.float32:
            raise ValueError(f"a verifier's weights are float32 of shape {SHAPE}")
        if not (np.isfinite(self.weights).all() and math.isfinite(self.bias)):
            raise ValueError("a verifier's numbers are finite")

    def margin(self, embeddings: Embeddings) -> float:
        """How far on the side of the calls; 0 or more is a call."""
        return float(np.vdot(self.weights, embeddings)) + self.bias


def approving(
    words: Sequence[Word], verifiers: Sequence[Verifier], engine: Remembering
) -> Callable[[int], bool]:
    """Whether the word of that number may wake now, as far as `verifiers` say; one without any may always."""
    of = {number: one for number, word in enumerate(words) for one in verifiers if one.word == word.name}

    def approves(number: int) -> bool:
        return number not in of or of[number].margin(engine.embeddings()) >= 0.0

    return approves
