"""The worker's half of the line protocol; the same for every peer, so that only the peer differs.

One JSON object a line on stdin, one answer a line on stdout:

    {"do": "load", ...}                        build the listener, feed it until its first score
    {"do": "run", "file": WAV, "skip": HOPS}   hear a recording from a fresh state; time all but its start

Only the standard library and numpy, since this runs inside the peers' environments.
"""

from __future__ import annotations

import json
import math
import os
import resource
import sys
import time
import wave
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

import numpy as np

HOP = 1_280
FIRST_SCORE_WITHIN_HOPS = 200

Hop = Any  # int16 array of shape (1280,)
Order = dict[str, Any]


class Ear(Protocol):
    """A listener under measurement."""

    threshold: float

    def step(self, hop: Hop) -> float | None:
        """The first wake word's score after this hop, or nothing yet."""

    def reset(self) -> None:
        """Forget all sound heard."""


def serve(build: Callable[[Order], Ear], packages: tuple[str, ...]) -> None:
    """Answer orders until stdin closes. What libraries print goes to stderr and cannot reach the protocol."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    ear: Ear | None = None
    with answers:
        for line in sys.stdin:
            order: Order = json.loads(line)
            if ear is None:
                ear = build(order)
                answer = _first_score(ear, packages)
            else:
                answer = _run(ear, order["file"], order["skip"])
            print(json.dumps(answer | _resident()), file=answers, flush=True)


def _first_score(ear: Ear, packages: tuple[str, ...]) -> Order:
    hop = np.random.default_rng(1).integers(-30, 30, HOP).astype(np.int16)
    hops = 1
    while ear.step(hop) is None and hops < FIRST_SCORE_WITHIN_HOPS:
        hops += 1
    if hops == FIRST_SCORE_WITHIN_HOPS:
        raise SystemExit(f"no score within {FIRST_SCORE_WITHIN_HOPS} hops")
    return {
        "cpu_s": time.process_time(),
        "hops": hops,
        "threshold": ear.threshold,
        "versions": {name: metadata.version(name) for name in packages},
    }


def _run(ear: Ear, file: str, skip: int) -> Order:
    hops = _hops(file)
    ear.reset()
    scores = [ear.step(hop) for hop in hops[:skip]]
    step, keep = ear.step, scores.append
    begun = time.process_time()
    for hop in hops[skip:]:
        keep(step(hop))
    spent = time.process_time() - begun
    return {
        "cpu_s": spent,
        "audio_s": (len(hops) - skip) * HOP / 16_000,
        "scores": [None if score is None or math.isnan(score) else float(score) for score in scores],
    }


def _hops(file: str) -> list[Hop]:
    with wave.open(file, "rb") as sound:
        if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (16_000, 1, 2):
            raise SystemExit(f"{file} is not 16 kHz mono 16-bit")
        whole = np.frombuffer(sound.readframes(sound.getnframes()), dtype=np.int16)
    return list(whole[: len(whole) // HOP * HOP].reshape(-1, HOP))


def _resident() -> Order:
    return {
        "peak_kib": _status("VmHWM"),
        "maxrss_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "threads": _status("Threads"),
    }


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise SystemExit(f"/proc/self/status has no {name}: the bench needs Linux")
