"""A Dask cluster of one's own: a scheduler and workers, each a process, as on machines of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fakes.waiting import until

TESTS: Final = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the scheduler answers, its process, and those of its workers."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: tuple[subprocess.Popen[bytes], ...]


@contextmanager
def cluster(folder: Path, workers: int, *search: Path) -> Iterator[Cluster]:
    """A scheduler with so many workers, which end with the block; they look for modules in `search` first."""
    file = folder / "scheduler.json"
    common = ("--scheduler-file", str(file), "--no-dashboard")
    apart = ("--nthreads", "1", "--no-nanny", "--local-directory", str(folder))
    env = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (*search, TESTS)))}
    started: list[subprocess.Popen[bytes]] = []
    with (folder / "log.txt").open("wb") as log:

        def start(*words: str) -> None:
            command = [sys.executable, "-m", "dask", *words, *common]
            started.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=env))

        try:
            start("scheduler", "--host", "127.0.0.1", "--port", "0")
            until("no scheduler came up", lambda: _address(file) is not None)
            for _ in range(workers):
                start("worker", *apart)
            yield Cluster(_address(file) or "", started[0], tuple(started[1:]))
        finally:
            for process in started:
                process.kill()
                process.wait()


def slowly(number: int) -> tuple[int, int]:
    """The number, and who did it: work for a cluster."""
    time.sleep(0.05)
    return number, os.getpid()


def _address(file: Path) -> str | None:
    found = re.search(r'"address": "(tcp://[\d.:]+)"', file.read_text("utf-8")) if file.exists() else None
    return found[1] if found else None
