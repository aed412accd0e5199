"""Traces on disk, one file each: what was scored once is never scored again, whatever interrupted it.

A file is `traces/AA/KEY.npz` under the work folder, KEY a digest of all that its content depends on: the
recording (name, size, time of change), the condition, the listener, the mix. It holds the arrays `scores`,
`powers`, `levels` (dBFS of each hop), `lead_in`, `samples` and `margins` (empty where nothing was taught),
and is written whole or not at all.
"""

from __future__ import annotations

import io
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earlid.core.trace import Trace
from earlid.core.units import HOP, Samples, dbfs, seconds
from earlid.errors import DiskTrouble

Levels = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A trace, the level of each of its hops in dBFS, and how many samples the recording itself has."""

    trace: Trace
    levels: Levels
    samples: int

    @property
    def seconds(self) -> float:
        """How long the recording lasts, without what was put before and after it."""
        return seconds(self.samples)


def packed(trace: Trace, stream: Samples, samples: int) -> bytes:
    """What is kept of the `stream` that gave `trace`, the recording in it being `samples` long."""
    hops = stream[: len(trace.scores) * HOP].reshape(-1, HOP)
    body = io.BytesIO()
    np.savez(
        body,
        scores=trace.scores,
        powers=trace.powers,
        levels=np.array([dbfs(hop) for hop in hops], np.float32),
        lead_in=np.int64(trace.lead_in),
        samples=np.int64(samples),
        margins=np.zeros((0, 0), np.float32) if trace.margins is None else trace.margins,
    )
    return body.getvalue()


class TraceStore:
    """The traces under `folder`. Several runs may share it: each writes what is missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "traces"

    def has(self, key: str) -> bool:
        """Whether there is a trace of that key, complete as far as its last bytes tell."""
        return zipfile.is_zipfile(self._path(key))

    def keep(self, key: str, body: bytes) -> None:
        """Write `body` so that its name stands for all of it, or is not there; or DiskTrouble."""
        path = self._path(key)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(body)
            draft.replace(path)
        except OSError as error:
            why = (error.strerror or "unknown trouble").lower()
            raise DiskTrouble(
                f"cannot write {path}: {why}; make room or name another folder with --work"
            ) from error

    def load(self, key: str) -> Kept | None:
        """The trace of that key, or None where there is none or not all of one."""
        try:
            with np.load(self._path(key), allow_pickle=False) as arrays:
                margins = arrays["margins"] if arrays["margins"].size else None
                trace = Trace(arrays["scores"], arrays["powers"], int(arrays["lead_in"]), margins)
                return Kept(trace, arrays["levels"], int(arrays["samples"]))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.npz"
