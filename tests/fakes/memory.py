"""Looks for a sound in the memory of another process, as whoever takes that process apart would."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

EVERY: Final = 100
_TAG: Final = np.random.default_rng(20).integers(9_000, 30_000, 8) * np.array([1, -1, -1, 1, 1, -1, 1, -1])
_LINE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw.. \S+ \S+ \S+\s*(.*)")


def marked(count: int) -> npt.NDArray[np.int16]:
    """Noise in which every stretch of 107 samples holds the same eight."""
    sound = np.random.default_rng(21).integers(-8_000, 8_000, count, dtype=np.int16)
    for at in range(0, count - len(_TAG), EVERY):
        sound[at : at + len(_TAG)] = _TAG
    return sound


def needles() -> dict[str, bytes]:
    """The eight samples in every form in which this program or a library might hold them."""
    forms = {"int16": _TAG.astype("<i2")}
    for name, kind in (("float32", "<f4"), ("float64", "<f8")):
        for scale in (1.0, 32767.0, 32768.0):
            forms[f"{name}/{scale:.0f}"] = (_TAG / scale).astype(kind)
    return {name: each.tobytes() for name, each in forms.items()} | {
        f"{name} backwards": each[::-1].tobytes() for name, each in forms.items()
    }


def as_captured() -> dict[str, bytes]:
    """The eight samples as the microphone gives them: a fraction of the work, while sound goes on."""
    return {"int16": needles()["int16"]}


def found_in(pid: int, forms: Mapping[str, bytes]) -> Counter[tuple[str, str]]:
    """How often each of the `forms` lies in each kind of writable memory of process `pid`."""
    found: Counter[tuple[str, str]] = Counter()
    for name, piece in _memory(pid):
        for form, needle in forms.items():
            count = piece.count(needle)
            if count:
                found[name, form] += count
    return found


def _memory(pid: int) -> Iterator[tuple[str, bytes]]:
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            match = _LINE.match(line)
            if match is None:
                continue
            start, stop = int(match[1], 16), int(match[2], 16)
            with contextlib.suppress(OSError, ValueError, OverflowError):
                memory.seek(start)
                yield match[3].rpartition("/")[2] or "anonymous", memory.read(stop - start)
