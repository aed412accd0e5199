"""What the whole `earlid listen` process costs: started as a person starts it, measured from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.environments import Unavailable
from bench.recordings import Recording


@dataclass(frozen=True, slots=True)
class Listened:
    """One run over a file: CPU of all its threads from start to end, and what the process told."""

    audio_s: float
    cpu_s: float
    wakes: int
    kept_s: float


def listen_to(recording: Recording, word: str, models: Path) -> Listened:
    """Run `earlid listen` over the file of `recording`, as fast as it can."""
    with _home(word, models) as (folder, environ), (folder / "told").open("wb") as told:
        process = subprocess.Popen(
            _command(str(recording.file)), stdin=subprocess.DEVNULL, stdout=told, stderr=told, env=environ
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        ended = _ended(folder, process.returncode)
        return Listened(
            recording.seconds, used.ru_utime + used.ru_stime, ended["wakes"], ended["kept"] / 16_000
        )


@dataclass(frozen=True, slots=True)
class Grown:
    """Memory of the process while sound was poured into it: once a pass over the recording, and its peak."""

    rss_kib: tuple[int, ...]
    peak_kib: int


def pour(recording: Recording, times: int, word: str, models: Path) -> Grown:
    """Pour `recording` into `earlid listen --source -` again and again, and look at its memory after each."""
    with wave.open(str(recording.file), "rb") as sound:
        raw = sound.readframes(sound.getnframes())
    with _home(word, models) as (folder, environ), (folder / "told").open("wb") as told:
        process = subprocess.Popen(
            _command("-"), stdin=subprocess.PIPE, stdout=told, stderr=told, env=environ, bufsize=0
        )
        levels: list[int] = []
        peak = 0
        assert process.stdin
        with process.stdin:
            try:
                for _ in range(times):
                    rest = memoryview(raw)
                    while rest:
                        rest = rest[process.stdin.write(rest) :]
                    levels.append(_status(process.pid, "VmRSS"))
                    peak = _status(process.pid, "VmHWM")
            except (BrokenPipeError, ProcessLookupError):
                pass  # why it ended is asked below
        _ended(folder, process.wait())
        return Grown(tuple(levels), peak)


def _command(source: str) -> list[str]:
    return [sys.executable, "-m", "earlid", "listen", "--json", "--source", source]


@contextmanager
def _home(word: str, models: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    with TemporaryDirectory(dir=models.parent, prefix="home-") as name:
        folder = Path(name)
        config = folder / "config.toml"
        config.write_text(
            f"[wake]\nwords = [{json.dumps(word)}]\n[paths]\nstate = {json.dumps(str(folder / 'state'))}\n"
            f"runtime = {json.dumps(str(folder / 'run'))}\nmodels = {json.dumps(str(models))}\n",
            encoding="utf-8",
        )
        yield folder, os.environ | {"EARLID_CONFIG": str(config)}


def _ended(folder: Path, code: int) -> dict[str, int]:
    lines = (folder / "told").read_text(encoding="utf-8", errors="replace").splitlines()
    for line in reversed(lines):
        if code == 0 and line.startswith('{"event":"ended"'):
            ended: dict[str, int] = json.loads(line)
            return ended
    raise Unavailable(f"listen left with {code}: {lines[-1] if lines else 'it gave no reason'}")


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise ProcessLookupError(pid)
