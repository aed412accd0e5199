"""Verifiers on disk: plain numbers, their shape, what they belong to and a hash, checked at each reading."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from earlid.core.verifier import SHAPE, Verifier
from earlid.edge.disk import Disk, NotOurs, RealDisk
from earlid.edge.model.manifest import backbone, manifests
from earlid.edge.schema import from_json, to_json
from earlid.edge.whole_file import read_file, replace_file
from earlid.errors import ConfigError

FORMAT: Final = 1
_LIMIT_BYTES: Final = 200_000


@dataclass(frozen=True, slots=True)
class Numbers:
    """A verifier as it is written down, and of how many examples it was made."""

    word: str
    models: dict[str, str]
    shape: tuple[int, ...]
    weights: tuple[float, ...]
    bias: float
    calls: int
    false_wakes: int


@dataclass(frozen=True, slots=True)
class _Whole:
    earlid_verifier: int
    sha256: str
    numbers: Numbers


class VerifierFiles:
    """The folder `taught` in `folder`, which is `state/field`: one JSON file a word, no sound in it."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self._field = folder
        self.folder: Final = folder / "taught"
        self._disk = disk or RealDisk()

    def path(self, word: str) -> Path:
        """Where the verifier of `word` lies."""
        return self.folder / f"{word}.json"

    def keep(self, verifier: Verifier, calls: int, false_wakes: int) -> None:
        """Keep `verifier`, made of so many examples. Once this returns, a power cut cannot lose it."""
        numbers = Numbers(
            verifier.word,
            _models_of(verifier.word),
            SHAPE,
            tuple(float(one) for one in verifier.weights.ravel()),
            verifier.bias,
            calls,
            false_wakes,
        )
        self._disk.make_folder(self.folder)
        replace_file(self._disk, self.path(verifier.word), _body_of(numbers))

    def read(self, word: str) -> Verifier:
        """The verifier of `word`; ConfigError unless it is there, whole, this word's and these models'.

        NotOurs where whoever asks may not look.
        """
        path = self.path(word)
        body = self._body(path)
        if body is None:
            raise ConfigError(
                f"{path} does not exist: run earlid field teach, or take {word} out of wake.verifiers"
            )
        try:
            whole = from_json(body, _Whole)
        except ValueError:
            raise _unusable(path, "is no verifier") from None
        numbers = whole.numbers
        if whole.earlid_verifier != FORMAT:
            raise _unusable(path, "is of another version of earlid")
        if _body_of(numbers) != body:
            raise _unusable(path, "is damaged or was altered")
        if numbers.word != word:
            raise _unusable(path, f"belongs to {numbers.word}, not {word}")
        if numbers.models != _models_of(word):
            raise _unusable(path, "was taught with other models")
        if numbers.shape != SHAPE or len(numbers.weights) != math.prod(SHAPE):
            raise _unusable(path, "has numbers of another shape")
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
            weights = np.array(numbers.weights, np.float32).reshape(SHAPE)
        if not (np.isfinite(weights).all() and math.isfinite(numbers.bias)):
            raise _unusable(path, "has numbers in it that are none")
        return Verifier(word, weights, numbers.bias)

    def read_all(self, words: Sequence[str]) -> tuple[Verifier, ...]:
        """The verifiers of `words`, in their order; ConfigError for the first that will not do."""
        return tuple(self.read(word) for word in words)

    def _body(self, path: Path) -> bytes | None:
        try:
            if not path.parent.exists():
                return None
        except PermissionError:
            raise NotOurs(f"{self._field} is not open to you: ask as root, or as its owner") from None
        return read_file(self._disk, path, _LIMIT_BYTES)


def _models_of(word: str) -> dict[str, str]:
    """SHA-256 of each network whose output a verifier of `word` stands on, by name."""
    shared = backbone()
    head = next((one for one in manifests().values() if word in one.words), None)
    if head is None:
        raise ConfigError(f"no wake word is called {word}; known are {', '.join(manifests())}")
    parts = (shared.melspectrogram, shared.embedding, head.part)
    return {part.name: part.sha256 for part in parts}


def _body_of(numbers: Numbers) -> bytes:
    digest = hashlib.sha256(to_json(numbers)).hexdigest()
    return to_json(_Whole(FORMAT, digest, numbers)) + b"\n"


def _unusable(path: Path, why: str) -> ConfigError:
    return ConfigError(f"{path} {why}: run earlid field teach again, or take its word out of wake.verifiers")
