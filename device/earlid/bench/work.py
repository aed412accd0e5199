"""Scores what was not scored yet: here, in as many processes as there are cores, or on a cluster.

Each piece of work says all that its result depends on, and each recording is heard from a cold start, so
that it makes no difference who does it, in which order, and how often it was interrupted.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from earlid.bench.conditions import Condition, Mixer
from earlid.bench.engines import Ear, Listener
from earlid.bench.store import packed
from earlid.core.units import HOP, samples
from earlid.edge.leash import PARENT, wear_leash
from earlid.edge.sound.recording import whole
from earlid.errors import DeviceLost, UsageError

AT_ONCE: Final = 32
"""Recordings in one job at the most."""
_WEIGHT: Final = 4_000_000
"""Bytes of recordings in one job: what is lost, at the most, when a run is interrupted."""
_FORMAT: Final = "traces 2"


@dataclass(frozen=True, slots=True)
class Unit:
    """One recording under one condition. `key` names its trace, `weight` is the file's size in bytes."""

    name: str
    path: Path
    how: Condition
    key: str
    weight: int


@dataclass(frozen=True, slots=True)
class Job:
    """Some recordings for one listener."""

    who: Listener
    mixer: Mixer
    channel: int
    units: tuple[Unit, ...]

    @property
    def weight(self) -> int:
        """How much work it is, in bytes of recordings."""
        return sum(unit.weight for unit in self.units)


@dataclass(frozen=True, slots=True)
class Scored:
    """What came of one unit: the `body` of its trace, or the trouble with its recording."""

    unit: Unit
    body: bytes | None
    trouble: str = ""


Scoring = Callable[[Iterable[Job]], Iterator[list[Scored]]]


def unit(name: str, path: Path, how: Condition, who: Listener, mixer: Mixer, channel: int) -> Unit:
    """The recording called `name` under `how`, with the key under which `who` keeps its trace."""
    facts = path.stat()
    marks = [_FORMAT, who.identity, *who.words, name, how.name, channel, mixer.lead_in, mixer.tail_s]
    marks += [facts.st_size, facts.st_mtime_ns]
    if how.snr_db is not None or how.rir:
        drawn_from = (mixer.noises if how.snr_db is not None else ()) + (mixer.rooms if how.rir else ())
        marks += [mixer.seed, *_facts_of(drawn_from)]
    key = hashlib.sha256("\n".join(map(str, marks)).encode()).hexdigest()
    return Unit(name, path, how, key, facts.st_size)


@lru_cache(maxsize=4)
def _facts_of(files: tuple[Path, ...]) -> tuple[str, ...]:
    return tuple(f"{file.name} {file.stat().st_size}" for file in files)


def jobs(who: Listener, mixer: Mixer, channel: int, units: Sequence[Unit]) -> Iterator[Job]:
    """`units` in pieces that share the work evenly and lose little where one is interrupted."""
    piece: list[Unit] = []
    for one in units:
        piece.append(one)
        if len(piece) == AT_ONCE or sum(each.weight for each in piece) >= _WEIGHT:
            yield Job(who, mixer, channel, tuple(piece))
            piece = []
    if piece:
        yield Job(who, mixer, channel, tuple(piece))


def score(job: Job) -> list[Scored]:
    """Hear all of `job` in this process; a recording that is not usable stops none of the rest."""
    ear = _ear(job.who)
    return [_score(ear, job, unit) for unit in job.units]


def here(work: Iterable[Job]) -> Iterator[list[Scored]]:
    """One after the other, in this process."""
    try:
        for job in work:
            yield score(job)
    finally:
        _leave()


def in_processes(count: int) -> Scoring:
    """In `count` processes, which end with this one, however it ends."""

    def scored(work: Iterable[Job]) -> Iterator[list[Scored]]:
        pool = ProcessPoolExecutor(
            count,
            multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(os.getpid(),),
        )
        waiting, open_ = iter(work), set[Future[list[Scored]]]()
        try:
            while True:
                while len(open_) < 3 * count and (job := next(waiting, None)):
                    open_.add(pool.submit(score, job))
                if not open_:
                    break
                done, open_ = wait(open_, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BrokenProcessPool as error:
            raise DeviceLost("a process that scores died; run again, what it scored is kept") from error
        finally:
            pool.shutdown(cancel_futures=True)

    return scored


_LOCAL: Final = threading.local()
"""The listeners of this thread: an engine is not for two at once."""


def _ear(who: Listener) -> Ear:
    ears: dict[Listener, Ear] = _LOCAL.__dict__.setdefault("ears", {})
    if who not in ears:
        _leave()  # one at a time: each has its memory, and a peer its process
        ears[who] = who.ear()
    return ears[who]


def _leave() -> None:
    ears: dict[Listener, Ear] = _LOCAL.__dict__.get("ears", {})
    while ears:
        ears.popitem()[1].close()


def _score(ear: Ear, job: Job, unit: Unit) -> Scored:
    try:
        sound = whole(unit.path, job.channel)
        stream = job.mixer.stream(sound, unit.name, unit.path, unit.how)
    except UsageError as error:
        return Scored(unit, None, str(error))
    trace = ear.hear(stream, job.mixer.lead_in)
    length = len(stream) - samples(job.mixer.tail_s) - job.mixer.lead_in * HOP
    return Scored(unit, packed(trace, stream, length))


def _begin(parent: int) -> None:
    """A process that scores: it ends with its parent, and leaves Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wear_leash({PARENT: str(parent)})
