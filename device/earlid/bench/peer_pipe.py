"""Our half of the line protocol: a listener's process that is asked one thing at a time."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Final, TypeVar

from earlid.bench.environments import Unavailable
from earlid.edge.schema import from_json, to_json

PEER: Final = Path(__file__).resolve().parent / "peer.py"
"""What a peer's Python runs."""


@dataclass(frozen=True, slots=True)
class Started:
    """What a listener had cost when it gave its first score."""

    cpu_s: float
    hops: int
    thresholds: list[float]
    versions: dict[str, str]
    peak_kib: int
    threads: int
    wall_s: float = 0.0

    @property
    def threshold(self) -> float:
        """That of its first word."""
        return self.thresholds[0]


@dataclass(frozen=True, slots=True)
class Heard:
    """What hearing a recording cost, start left out, and each word's score after each hop, from the first."""

    cpu_s: float
    audio_s: float
    scores: list[list[float | None]]
    peak_kib: int
    maxrss_kib: int
    threads: int

    @property
    def ms_per_s(self) -> float:
        """Milliseconds of CPU, all threads together, for a second of sound."""
        return 1000 * self.cpu_s / self.audio_s


Answer = TypeVar("Answer", Started, Heard)


class Worker:
    """A listener's process; use it as a context, so that it ends with whoever asks."""

    def __init__(
        self,
        command: Sequence[str],
        load: Mapping[str, object],
        log: Path,
        search: Path | None = None,
    ) -> None:
        """Start `command`, its modules being in `search`, and have it `load`; Unavailable if it cannot."""
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log
        env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(search or "")}
        begun = time.monotonic()
        with log.open("wb") as told:
            self._process = subprocess.Popen(
                list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told, cwd=search, env=env
            )
        started = self._ask({"do": "load", **load}, Started)
        self.started = replace(started, wall_s=time.monotonic() - begun)

    def run(self, file: Path, skip: int) -> Heard:
        """Hear `file` from a fresh state; the first `skip` hops are heard but not timed."""
        return self._ask({"do": "run", "file": str(file), "skip": skip}, Heard)

    def close(self) -> None:
        """End the process and wait for it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process.wait()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, order: Mapping[str, object], answer: type[Answer]) -> Answer:
        pipes = self._process.stdin, self._process.stdout
        if pipes[0] is None or pipes[1] is None:
            raise Unavailable("its process has no pipes")
        try:
            pipes[0].write(to_json(order) + b"\n")
            pipes[0].flush()
            line = pipes[1].readline()
        except BrokenPipeError:
            line = b""
        if not line:
            self.close()
            said = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise Unavailable(f"its process ended: {said[-1] if said else 'it gave no reason'}")
        return from_json(line, answer)
