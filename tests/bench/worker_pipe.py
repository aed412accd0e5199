"""The bench's half of the line protocol: a worker process that is asked one thing at a time."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import msgspec

from bench.environments import Unavailable

TESTS = Path(__file__).resolve().parents[1]


class Started(msgspec.Struct, frozen=True):
    """What a listener had cost when it gave its first score."""

    cpu_s: float
    hops: int
    threshold: float
    versions: dict[str, str]
    peak_kib: int
    threads: int
    wall_s: float = 0.0


class Heard(msgspec.Struct, frozen=True):
    """What hearing a recording cost, start left out, and the score after each hop, first hops included."""

    cpu_s: float
    audio_s: float
    scores: list[float | None]
    peak_kib: int
    maxrss_kib: int
    threads: int

    @property
    def ms_per_s(self) -> float:
        """Milliseconds of CPU, all threads together, for a second of sound."""
        return 1000 * self.cpu_s / self.audio_s


Answer = TypeVar("Answer", Started, Heard)


class Worker:
    """A peer's process; use it as a context, so that it ends with the bench."""

    def __init__(self, python: Path, worker: str, load: dict[str, object], log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log
        begun = time.monotonic()
        with log.open("wb") as told:
            self._process = subprocess.Popen(
                [str(python), "-m", f"bench.workers.{worker}"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=told,
                cwd=TESTS,
                env=os.environ | {"PYTHONPATH": str(TESTS), "PYTHONDONTWRITEBYTECODE": "1"},
            )
        started = self._ask({"do": "load", **load}, Started)
        self.started = msgspec.structs.replace(started, wall_s=time.monotonic() - begun)

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

    def _ask(self, order: dict[str, object], answer: type[Answer]) -> Answer:
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(msgspec.json.encode(order) + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            self.close()
            said = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise Unavailable(f"its process ended: {said[-1] if said else 'it gave no reason'}")
        return msgspec.json.decode(line, type=answer)
